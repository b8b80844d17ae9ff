//! A request in the words that all four languages share. The rules look at nothing else.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A language that agents speak with their models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// Anthropic messages: `POST /v1/messages`.
    #[default]
    Anthropic,
    /// OpenAI responses: `POST /v1/responses`.
    Responses,
    /// OpenAI chat completions, and all that speak like it: `POST /v1/chat/completions`.
    Chat,
    /// Gemini: `POST /v1beta/models/NAME:generateContent` and `:streamGenerateContent`.
    Gemini,
}

/// What was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) api: Api,
    pub(crate) model: String,
    pub(crate) system: String,
    /// The person's last message.
    pub(crate) user: String,
    /// What tools answered since then.
    pub(crate) results: String,
    /// How often the model has answered since then.
    pub(crate) turn: u64,
    /// Names of the tools that are offered; `namespace.name` where there is a namespace.
    pub(crate) offered: Vec<String>,
    /// Whether the answer is to be a stream.
    pub(crate) stream: bool,
}

/// Everything that is text in a value, however deep: parts of messages, results of tools.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let parts: Vec<String> = parts.iter().map(text).filter(|part| !part.is_empty()).collect();
            parts.join("\n")
        }
        Value::Object(part) => {
            let inside =
                ["text", "content", "output", "response", "result", "error"].iter().find_map(|key| part.get(*key));
            inside.map(text).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The text of some messages, each on lines of its own.
pub(crate) fn texts<'a>(messages: impl Iterator<Item = &'a Value>) -> String {
    messages.map(text).filter(|part| !part.is_empty()).collect::<Vec<String>>().join("\n")
}

/// The list at a key, or none.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text at a key, or none.
pub(crate) fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// From the last message that is a person's own to the end.
pub(crate) fn since_person(messages: &[Value], is_person: impl Fn(&Value) -> bool) -> &[Value] {
    let last = messages.iter().rposition(is_person).unwrap_or(0);
    messages.get(last..).unwrap_or_default()
}
