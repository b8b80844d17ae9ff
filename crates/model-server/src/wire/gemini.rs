//! Gemini: <https://ai.google.dev/api/generate-content>, as Gemini CLI asks and listens.

use serde_json::{Value, json};

use super::{Reply, data, pieces};
use crate::answer::{Problem, Stop};
use crate::asked::{Api, Asked, list, since_person, text, texts, word};

pub(super) fn read(path: &str, body: &Value) -> Asked {
    let contents = list(body, "contents");
    let role = |content: &&Value, role: &str| word(content, "role") == role;
    let parts = |content: &Value| list(content, "parts").to_vec();
    let has_text = |content: &Value| list(content, "parts").iter().any(|part| part.get("text").is_some());
    let recent = since_person(contents, |content| role(&content, "user") && has_text(content));
    let results: Vec<Value> =
        recent.iter().flat_map(parts).filter_map(|part| part.get("functionResponse").cloned()).collect();
    let functions = list(body, "tools").iter().flat_map(|tool| list(tool, "functionDeclarations"));
    let model = path.rsplit('/').next().and_then(|last| last.split(':').next()).unwrap_or_default();
    Asked {
        api: Api::Gemini,
        model: model.to_owned(),
        system: body.get("systemInstruction").map(|told| texts(list(told, "parts").iter())).unwrap_or_default(),
        user: recent.first().map(|content| texts(list(content, "parts").iter())).unwrap_or_default(),
        results: results.iter().map(text).collect::<Vec<String>>().join("\n"),
        turn: recent.iter().filter(|content| role(content, "model")).count() as u64,
        offered: functions.map(|function| word(function, "name").to_owned()).collect(),
        stream: path.ends_with(":streamGenerateContent"),
    }
}

fn said(reply: &Reply, parts: &[Value], finish: Option<&str>) -> Value {
    let usage = reply.usage;
    let candidate = match finish {
        Some(finish) => json!({"index": 0, "content": {"role": "model", "parts": parts}, "finishReason": finish}),
        None => json!({"index": 0, "content": {"role": "model", "parts": parts}}),
    };
    json!({
        "candidates": [candidate], "modelVersion": reply.model, "responseId": reply.id("resp"),
        "usageMetadata": {
            "promptTokenCount": usage.input, "candidatesTokenCount": usage.output,
            "totalTokenCount": usage.input + usage.output, "cachedContentTokenCount": usage.cached
        }
    })
}

fn finish(reply: &Reply) -> &'static str {
    match reply.stop {
        Stop::End => "STOP",
        Stop::Length => "MAX_TOKENS",
        Stop::Refusal => "SAFETY",
    }
}

fn calls(reply: &Reply) -> impl Iterator<Item = Value> {
    reply.calls.iter().map(|call| json!({"functionCall": {"name": call.name, "args": call.args()}}))
}

fn thought(text: &str) -> Value {
    json!({"text": text, "thought": true})
}

pub(super) fn whole(reply: &Reply) -> Value {
    let thinking = (!reply.thinking.is_empty()).then(|| thought(reply.thinking));
    let text = (!reply.text.is_empty()).then(|| json!({"text": reply.text}));
    let parts: Vec<Value> = thinking.into_iter().chain(text).chain(calls(reply)).collect();
    said(reply, &parts, Some(finish(reply)))
}

pub(super) fn stream(reply: &Reply) -> Vec<String> {
    let one = |part: Value| data(&said(reply, &[part], None));
    let mut frames: Vec<String> =
        pieces(reply.thinking, reply.piece).into_iter().map(|piece| one(thought(piece))).collect();
    frames.extend(pieces(reply.text, reply.piece).into_iter().map(|piece| one(json!({"text": piece}))));
    if let Some(problem) = reply.error {
        frames.push(data(&refusal(500, problem)));
        return frames;
    }
    let calls: Vec<Value> = calls(reply).collect();
    if !calls.is_empty() {
        frames.push(data(&said(reply, &calls, None)));
    }
    frames.push(data(&said(reply, &[json!({"text": ""})], Some(finish(reply)))));
    frames
}

pub(super) fn refusal(status: u16, problem: &Problem) -> Value {
    let usual = match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 | 529 => "UNAVAILABLE",
        _ => "INTERNAL",
    };
    let kind = if problem.kind.is_empty() { usual } else { &problem.kind };
    json!({"error": {"code": status, "message": problem.message, "status": kind}})
}
