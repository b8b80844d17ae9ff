//! OpenAI responses: <https://platform.openai.com/docs/api-reference/responses-streaming>, as Codex asks and listens, with the
//! forms of calls that only Codex has: of a server's tool (`namespace`), of a tool that takes text, of the search for tools.

#![expect(
    clippy::indexing_slicing,
    reason = "keys of JSON objects that are made here: a missing key is added or null, never a panic"
)]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Reply, named, pieces};
use crate::answer::{Problem, Stop};
use crate::asked::{Api, Asked, list, since_person, text, texts, word};
use crate::call::{Made, What};

/// How the id of a search begins that the script did not ask for.
const FIRST: &str = "call-first";

pub(super) fn read(body: &Value) -> Asked {
    let alone = [json!({"role": "user", "content": body.get("input").and_then(Value::as_str).unwrap_or_default()})];
    let input = body.get("input").and_then(Value::as_array).map_or(alone.as_slice(), Vec::as_slice);
    let recent = since_person(input, |item| word(item, "role") == "user");
    let is_told = |item: &&Value| ["developer", "system"].contains(&word(item, "role"));
    let is_result = |item: &&Value| word(item, "type").ends_with("_output");
    let mut offered = names(list(body, "tools"));
    for found in input.iter().filter(|item| word(item, "type") == "tool_search_output") {
        offered.extend(names(list(found, "tools")));
    }
    let instructions = std::iter::once(word(body, "instructions").to_owned());
    let told = instructions.chain(input.iter().filter(is_told).map(text));
    Asked {
        api: Api::Responses,
        model: word(body, "model").to_owned(),
        system: told.filter(|part| !part.is_empty()).collect::<Vec<String>>().join("\n"),
        user: recent.first().map(text).unwrap_or_default(),
        results: texts(recent.iter().filter(is_result)),
        turn: turns(recent),
        offered,
        stream: body.get("stream") == Some(&Value::Bool(true)),
    }
}

/// How many answers these items come from. Items of one answer follow each other, or their calls bear the same number; between
/// two answers there is a result.
fn turns(items: &[Value]) -> u64 {
    let mut seen = BTreeSet::new();
    let (mut turns, mut within) = (0, false);
    for item in items {
        let kind = word(item, "type");
        if kind.ends_with("_call") {
            let id = word(item, "call_id");
            let number = id.rsplit_once('_').map_or(id, |(number, _)| number);
            let known = !seen.insert(number);
            turns += u64::from(!known && !within && !id.starts_with(FIRST));
            within = true;
        } else if word(item, "role") == "assistant" {
            turns += u64::from(!within);
            within = true;
        } else if kind != "reasoning" {
            within = false;
        }
    }
    turns
}

fn names(tools: &[Value]) -> Vec<String> {
    let name = |tool: &Value| match word(tool, "name") {
        "" => word(tool, "type").to_owned(),
        name => name.to_owned(),
    };
    let names = |tool: &Value| match word(tool, "type") {
        "namespace" => {
            let inside = |inner: &Value| format!("{}.{}", name(tool), name(inner));
            list(tool, "tools").iter().map(inside).collect()
        }
        _ => vec![name(tool)],
    };
    tools.iter().flat_map(names).collect()
}

fn item(reply: &Reply, place: usize, call: &Made) -> Value {
    let ids = |of: &str| (reply.call_id(of, place), reply.call_id("call", place));
    match &call.what {
        What::Function(_) => {
            let (id, call_id) = ids("fc");
            let mut item = json!({
                "type": "function_call", "id": id, "call_id": call_id, "name": call.name,
                "arguments": call.args().to_string(), "status": "completed"
            });
            if let Some(namespace) = &call.namespace {
                item["namespace"] = namespace.as_str().into();
            }
            item
        }
        What::Custom(input) => {
            let (id, call_id) = ids("ctc");
            json!({
                "type": "custom_tool_call", "id": id, "call_id": call_id, "name": call.name, "input": input,
                "status": "completed"
            })
        }
        What::Search(_) | What::SearchFirst(_) => {
            let asked_for = matches!(call.what, What::Search(_));
            let call_id = reply.call_id(if asked_for { "call" } else { FIRST }, place);
            json!({
                "type": "tool_search_call", "id": reply.call_id("tsc", place), "call_id": call_id,
                "execution": "client", "arguments": call.args(), "status": "completed"
            })
        }
    }
}

pub(super) fn whole(reply: &Reply) -> Value {
    let mut output = Vec::new();
    if !reply.thinking.is_empty() {
        let summary = json!([{"type": "summary_text", "text": reply.thinking}]);
        output.push(json!({"type": "reasoning", "id": reply.id("rs"), "summary": summary}));
    }
    if !reply.text.is_empty() {
        let content = json!([{"type": "output_text", "text": reply.text, "annotations": []}]);
        output.push(json!({
            "type": "message", "id": reply.id("msg"), "role": "assistant", "status": "completed", "content": content
        }));
    }
    output.extend(reply.calls.iter().enumerate().map(|(place, call)| item(reply, place, call)));
    let usage = reply.usage;
    let incomplete = match reply.stop {
        Stop::End => Value::Null,
        Stop::Length => json!({"reason": "max_output_tokens"}),
        Stop::Refusal => json!({"reason": "content_filter"}),
    };
    json!({
        "id": reply.id("resp"), "object": "response", "created_at": 1_700_000_000, "model": reply.model,
        "status": if incomplete.is_null() { "completed" } else { "incomplete" }, "incomplete_details": incomplete,
        "error": null, "output": output,
        "usage": {
            "input_tokens": usage.input, "input_tokens_details": {"cached_tokens": usage.cached},
            "output_tokens": usage.output, "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage.input + usage.output
        }
    })
}

pub(super) fn stream(reply: &Reply) -> Vec<String> {
    let whole = whole(reply);
    let mut begun = whole.clone();
    (begun["status"], begun["output"], begun["usage"]) = ("in_progress".into(), json!([]), Value::Null);
    let mut events =
        vec![("response.created", json!({"response": begun})), ("response.in_progress", json!({"response": begun}))];
    for (index, item) in list(&whole, "output").iter().enumerate() {
        let mut empty = item.clone();
        let is_message = word(item, "type") == "message";
        if is_message {
            (empty["content"], empty["status"]) = (json!([]), "in_progress".into());
        } else if empty.get("status").is_some() {
            empty["status"] = "in_progress".into();
        }
        events.push(("response.output_item.added", json!({"output_index": index, "item": empty})));
        if is_message {
            let part = json!({"item_id": item["id"], "output_index": index, "content_index": 0});
            let with = |key: &str, value: Value| {
                let mut part = part.clone();
                part[key] = value;
                part
            };
            let empty = json!({"type": "output_text", "text": "", "annotations": []});
            events.push(("response.content_part.added", with("part", empty)));
            for piece in pieces(reply.text, reply.piece) {
                events.push(("response.output_text.delta", with("delta", piece.into())));
            }
            events.push(("response.output_text.done", with("text", reply.text.into())));
            events.push(("response.content_part.done", with("part", item["content"][0].clone())));
        }
        events.push(("response.output_item.done", json!({"output_index": index, "item": item})));
    }
    events.push(match (reply.error, reply.stop) {
        (Some(problem), _) => ("response.failed", json!({"response": failed(begun, problem)})),
        (None, Stop::End) => ("response.completed", json!({"response": whole})),
        (None, Stop::Length | Stop::Refusal) => ("response.incomplete", json!({"response": whole})),
    });
    let numbered = |(number, (name, mut body)): (usize, (&str, Value))| {
        (body["type"], body["sequence_number"]) = (name.into(), number.into());
        named(name, &body)
    };
    events.into_iter().enumerate().map(numbered).collect()
}

fn failed(mut response: Value, problem: &Problem) -> Value {
    let code = problem.code.as_deref().unwrap_or("server_error");
    response["status"] = "failed".into();
    response["error"] = json!({"code": code, "message": problem.message});
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_the_script_did_not_ask_for_is_no_turn() {
        let call = |kind: &str, id: &str| json!({"type": kind, "call_id": id});
        let message = |role: &str| json!({"type": "message", "role": role});
        let check = |items: &[Value], expected: u64| assert_eq!(turns(items), expected, "{items:?}");
        let search = call("tool_search_call", "call-first_000000000001_0");
        let found = call("tool_search_output", "call-first_000000000001_0");
        check(&[message("user"), search.clone(), found.clone()], 0);
        let asked = call("function_call", "call_000000000002_0");
        let result = call("function_call_output", "call_000000000002_0");
        check(&[message("user"), search, found, message("assistant"), asked.clone(), result.clone()], 1);
        // Two calls of one answer, each followed by its result, are one turn.
        let other = call("custom_tool_call", "call_000000000002_1");
        check(&[message("user"), asked.clone(), result.clone(), other, result.clone()], 1);
        let next = call("function_call", "call_000000000003_0");
        check(&[asked, result.clone(), next, result, message("assistant")], 3);
    }
}
