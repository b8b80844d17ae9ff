//! OpenAI chat completions: <https://platform.openai.com/docs/api-reference/chat>, which local servers and OpenCode speak too.

#![expect(
    clippy::indexing_slicing,
    reason = "keys of JSON objects that are made here: a missing key is added or null, never a panic"
)]

use serde_json::{Value, json};

use super::{Reply, data, pieces};
use crate::answer::{Problem, Stop};
use crate::asked::{Api, Asked, list, since_person, text, texts, word};

pub(super) fn read(body: &Value) -> Asked {
    let messages = list(body, "messages");
    let recent = since_person(messages, |message| word(message, "role") == "user");
    let is = |roles: &'static [&str]| move |message: &&Value| roles.contains(&word(message, "role"));
    let name = |tool: &Value| word(tool.get("function").unwrap_or(tool), "name").to_owned();
    Asked {
        api: Api::Chat,
        model: word(body, "model").to_owned(),
        system: texts(messages.iter().filter(is(&["system", "developer"]))),
        user: recent.first().filter(|message| is(&["user"])(message)).map(text).unwrap_or_default(),
        results: texts(recent.iter().filter(is(&["tool"]))),
        turn: recent.iter().filter(is(&["assistant"])).count() as u64,
        offered: list(body, "tools").iter().map(name).collect(),
        stream: body.get("stream") == Some(&Value::Bool(true)),
    }
}

fn usage(reply: &Reply) -> Value {
    let usage = reply.usage;
    json!({
        "prompt_tokens": usage.input, "completion_tokens": usage.output, "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached}
    })
}

fn finish(reply: &Reply) -> &'static str {
    match reply.stop {
        Stop::End if reply.calls.is_empty() => "stop",
        Stop::End => "tool_calls",
        Stop::Length => "length",
        Stop::Refusal => "content_filter",
    }
}

fn calls(reply: &Reply) -> Vec<Value> {
    let call = |(index, call): (usize, &crate::call::Made)| {
        let function = json!({"name": call.name, "arguments": call.args().to_string()});
        json!({"index": index, "id": reply.call_id("call", index), "type": "function", "function": function})
    };
    reply.calls.iter().enumerate().map(call).collect()
}

pub(super) fn whole(reply: &Reply) -> Value {
    let mut message = json!({"role": "assistant", "content": reply.text});
    if !reply.thinking.is_empty() {
        message["reasoning_content"] = reply.thinking.into();
    }
    let mut calls = calls(reply);
    for call in calls.iter_mut().filter_map(Value::as_object_mut) {
        call.shift_remove("index");
    }
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    json!({
        "id": reply.id("chatcmpl"), "object": "chat.completion", "created": 1_700_000_000, "model": reply.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish(reply), "logprobs": null}],
        "usage": usage(reply)
    })
}

pub(super) fn stream(reply: &Reply) -> Vec<String> {
    let chunk = |choices: Value, usage: Value| {
        data(&json!({
            "id": reply.id("chatcmpl"), "object": "chat.completion.chunk", "created": 1_700_000_000,
            "model": reply.model, "choices": choices, "usage": usage
        }))
    };
    let delta = |delta: Value, finish: Option<&str>| {
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": finish}]), Value::Null)
    };
    let mut frames = vec![delta(json!({"role": "assistant", "content": ""}), None)];
    for piece in pieces(reply.thinking, reply.piece) {
        frames.push(delta(json!({"reasoning_content": piece}), None));
    }
    for piece in pieces(reply.text, reply.piece) {
        frames.push(delta(json!({"content": piece}), None));
    }
    for mut call in calls(reply) {
        // The name comes first and the arguments after it, as from real servers.
        let arguments = word(&call["function"], "arguments").to_owned();
        let index = call["index"].clone();
        call["function"]["arguments"] = "".into();
        frames.push(delta(json!({"tool_calls": [call]}), None));
        for piece in pieces(&arguments, 4 * reply.piece) {
            let piece = json!({"index": index, "function": {"arguments": piece}});
            frames.push(delta(json!({"tool_calls": [piece]}), None));
        }
    }
    if let Some(problem) = reply.error {
        frames.push(data(&refusal(500, problem)));
        return frames;
    }
    frames.push(delta(json!({}), Some(finish(reply))));
    frames.push(chunk(json!([]), usage(reply)));
    frames.push("data: [DONE]\n\n".to_owned());
    frames
}

pub(super) fn refusal(status: u16, problem: &Problem) -> Value {
    let usual = match status {
        429 => "rate_limit_error",
        500..=599 => "server_error",
        _ => "invalid_request_error",
    };
    let kind = if problem.kind.is_empty() { usual } else { &problem.kind };
    json!({"error": {"message": problem.message, "type": kind, "param": null, "code": problem.code}})
}
