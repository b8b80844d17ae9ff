//! What is no question to a model: the server's own pages, and what agents ask beside.

use serde_json::{Value, json};

use crate::http::Request;
use crate::rules::Rule;
use crate::tally::Tally;

/// What a page does.
pub(crate) enum Page {
    /// It says this, with this status.
    Says(u16, Value),
    /// Other rules are to be played.
    Plays(Vec<Rule>),
    /// Answers that are held under this name are to go.
    Releases(String),
}

/// The page that was asked for.
pub(crate) fn own(request: &Request, body: Value, tally: &Tally) -> Page {
    let path = request.path();
    if let (true, Some(name)) = (request.method == "PUT", path.strip_prefix("/_release/")) {
        return Page::Releases(name.to_owned());
    }
    // Four bytes a token, as a rule of thumb.
    let tokens = request.body.len() / 4;
    let (status, said) = match (request.method.as_str(), path) {
        ("GET", "/_count") => (200, tally.count()),
        ("GET", "/_log") => (200, tally.log().into()),
        ("PUT", "/_rules") => match serde_json::from_value(body) {
            Ok(rules) => return Page::Plays(rules),
            Err(error) => (400, json!({"error": {"message": error.to_string()}})),
        },
        ("GET" | "HEAD", "/health" | "/") => (200, json!({"status": "ok"})),
        ("GET", "/v1/models") => (200, models()),
        ("GET", "/v1beta/models") => (200, gemini_models()),
        ("POST", _) if path.ends_with("/count_tokens") => (200, json!({"input_tokens": tokens})),
        ("POST", _) if path.ends_with(":countTokens") => (200, json!({"totalTokens": tokens})),
        _ => (404, json!({"error": {"message": format!("nothing is at {} {path}", request.method)}})),
    };
    Page::Says(status, said)
}

/// Any name of a model is taken; these are for those who ask.
const MODELS: [&str; 4] = ["mock-1", "claude-opus-5-5", "gpt-5.5-codex", "gemini-2.5-pro"];

fn models() -> Value {
    let model = |name: &&str| {
        json!({
            "id": name, "object": "model", "created": 1_700_000_000, "owned_by": "script",
            "type": "model", "display_name": name, "created_at": "2023-11-14T22:13:20Z"
        })
    };
    json!({"object": "list", "data": MODELS.iter().map(model).collect::<Vec<Value>>(), "has_more": false})
}

fn gemini_models() -> Value {
    let model = |name: &&str| {
        let methods = ["generateContent", "streamGenerateContent", "countTokens"];
        json!({"name": format!("models/{name}"), "displayName": name, "supportedGenerationMethods": methods})
    };
    json!({"models": MODELS.iter().map(model).collect::<Vec<Value>>()})
}
