//! Anthropic messages: <https://docs.anthropic.com/en/api/messages> and `messages-streaming`, as Claude Code asks and listens.

#![expect(
    clippy::indexing_slicing,
    reason = "keys of JSON objects that are made here: a missing key is added or null, never a panic"
)]

use serde_json::{Value, json};

use super::{Reply, named, pieces};
use crate::answer::{Problem, Stop, Usage};
use crate::asked::{Api, Asked, list, since_person, text, texts, word};

pub(super) fn read(body: &Value) -> Asked {
    let messages = list(body, "messages");
    let role = |message: &Value, role: &str| word(message, "role") == role;
    let is_result = |part: &&Value| word(part, "type") == "tool_result";
    let results = |message: &Value| texts(list(message, "content").iter().filter(is_result));
    let is_person =
        |message: &Value| role(message, "user") && !list(message, "content").iter().any(|part| is_result(&part));
    let recent = since_person(messages, is_person);
    let system = body.get("system").map(text).into_iter();
    let system = system.chain(messages.iter().filter(|message| role(message, "system")).map(text));
    Asked {
        api: Api::Anthropic,
        model: word(body, "model").to_owned(),
        system: system.filter(|part| !part.is_empty()).collect::<Vec<String>>().join("\n"),
        user: recent.first().map(text).unwrap_or_default(),
        results: recent.iter().map(results).collect::<Vec<String>>().join("\n"),
        turn: recent.iter().filter(|message| role(message, "assistant")).count() as u64,
        offered: list(body, "tools").iter().map(|tool| word(tool, "name").to_owned()).collect(),
        stream: body.get("stream") == Some(&Value::Bool(true)),
    }
}

fn usage(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input - usage.cached, "cache_read_input_tokens": usage.cached,
        "cache_creation_input_tokens": 0, "output_tokens": usage.output
    })
}

fn stop(reply: &Reply) -> &'static str {
    match reply.stop {
        Stop::End if reply.calls.is_empty() => "end_turn",
        Stop::End => "tool_use",
        Stop::Length => "max_tokens",
        Stop::Refusal => "refusal",
    }
}

pub(super) fn whole(reply: &Reply) -> Value {
    let mut content = Vec::new();
    if !reply.thinking.is_empty() {
        content.push(json!({"type": "thinking", "thinking": reply.thinking, "signature": reply.id("sig")}));
    }
    if !reply.text.is_empty() {
        content.push(json!({"type": "text", "text": reply.text}));
    }
    for (place, call) in reply.calls.iter().enumerate() {
        let id = reply.call_id("toolu", place);
        content.push(json!({"type": "tool_use", "id": id, "name": call.name, "input": call.args()}));
    }
    json!({
        "id": reply.id("msg"), "type": "message", "role": "assistant", "model": reply.model, "content": content,
        "stop_reason": stop(reply), "stop_sequence": null, "usage": usage(reply.usage)
    })
}

pub(super) fn stream(reply: &Reply) -> Vec<String> {
    let whole = whole(reply);
    let mut begun = whole.clone();
    begun["content"] = json!([]);
    begun["stop_reason"] = Value::Null;
    begun["usage"]["output_tokens"] = 1.into();
    let mut frames = vec![
        named("message_start", &json!({"type": "message_start", "message": begun})),
        named("ping", &json!({"type": "ping"})),
    ];
    for (index, block) in list(&whole, "content").iter().enumerate() {
        let mut empty = block.clone();
        let deltas: Vec<Value> = match word(block, "type") {
            "text" => {
                empty["text"] = "".into();
                let pieces = pieces(reply.text, reply.piece).into_iter();
                pieces.map(|piece| json!({"type": "text_delta", "text": piece})).collect()
            }
            "thinking" => {
                (empty["thinking"], empty["signature"]) = ("".into(), "".into());
                let pieces = pieces(reply.thinking, reply.piece).into_iter();
                let pieces = pieces.map(|piece| json!({"type": "thinking_delta", "thinking": piece}));
                pieces.chain([json!({"type": "signature_delta", "signature": block["signature"]})]).collect()
            }
            _ => {
                empty["input"] = json!({});
                let input = block["input"].to_string();
                let delta = |piece: &str| json!({"type": "input_json_delta", "partial_json": piece});
                // The first piece of real streams is empty.
                std::iter::once("").chain(pieces(&input, 4 * reply.piece)).map(delta).collect()
            }
        };
        let start = json!({"type": "content_block_start", "index": index, "content_block": empty});
        frames.push(named("content_block_start", &start));
        for delta in deltas {
            let delta = json!({"type": "content_block_delta", "index": index, "delta": delta});
            frames.push(named("content_block_delta", &delta));
        }
        frames.push(named("content_block_stop", &json!({"type": "content_block_stop", "index": index})));
    }
    if let Some(problem) = reply.error {
        frames.push(named("error", &refusal(529, problem)));
        return frames;
    }
    let delta = json!({"stop_reason": whole["stop_reason"], "stop_sequence": null});
    frames.push(named("message_delta", &json!({"type": "message_delta", "delta": delta, "usage": whole["usage"]})));
    frames.push(named("message_stop", &json!({"type": "message_stop"})));
    frames
}

pub(super) fn refusal(status: u16, problem: &Problem) -> Value {
    let usual = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    let kind = if problem.kind.is_empty() { usual } else { &problem.kind };
    json!({"type": "error", "error": {"type": kind, "message": problem.message}, "request_id": null})
}
