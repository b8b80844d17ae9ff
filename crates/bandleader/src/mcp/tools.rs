//! The tools: what each is for, as agents read it, what it takes, and what it does.

use bandleader_core::view::when::date_and_time;
use bandleader_core::{Heard, Millis, Severity};
use bandleader_engine::agent::TOOLS;
use bandleader_engine::agent::speaker::{Fact, Speaker};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Asked, words_of};
use crate::error::with_causes;

/// Characters of one text at most; larger things are files.
const LONGEST: usize = 2_000;

/// Facts that one call shows at most.
const MOST_FACTS: usize = 200;

/// One tool.
pub(super) struct Description {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    pub(super) schema: Value,
}

/// Whether there is such a tool.
pub(super) fn is_known(name: &str) -> bool {
    TOOLS.contains(&name)
}

/// All of them, in the order in which they are shown.
pub(super) fn all() -> Vec<Description> {
    TOOLS.into_iter().map(describe).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "it is made for this call alone")]
fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

fn text(what: &str) -> Value {
    json!({ "type": "string", "maxLength": LONGEST, "description": what })
}

#[expect(clippy::too_many_lines, reason = "a table of texts")]
fn describe(name: &'static str) -> Description {
    let (text, schema) = match name {
        "report_progress" => (
            "Say how far you are. Call it when you begin something new, and at least every few minutes of long work.",
            object(
                &[],
                json!({
                    "percent": { "type": "number", "minimum": 0, "maximum": 100, "description": "Of your whole task" },
                    "doing": text("What you do now, in a few words"),
                }),
            ),
        ),
        "record_insight" => (
            "Record a finding that people or other agents should know: a fact about the code, a risk, a surprise. One or two sentences.",
            object(&["text"], json!({ "text": text("The finding") })),
        ),
        "record_decision" => (
            "Record a choice that you made yourself within your task, so that others can follow it later. For choices that are \
             not yours to make, use ask.",
            object(
                &["question", "choice", "because"],
                json!({
                    "question": text("What was to be chosen"),
                    "choice": text("What you chose"),
                    "because": text("Why"),
                    "alternatives": { "type": "array", "items": text("What else there was"), "maxItems": 20 },
                }),
            ),
        ),
        "raise_blocker" => (
            "Say that something stands in your way. Go on with whatever it does not stop. The same name again replaces what you said before.",
            object(
                &["name", "text"],
                json!({
                    "name": text("A short name, by which you resolve it later"),
                    "severity": { "type": "string", "enum": ["low", "medium", "high", "critical"],
                        "description": "low: you go on otherwise; critical: you can do nothing until it is gone" },
                    "text": text("What stands in the way"),
                    "needs": text("What would help"),
                }),
            ),
        ),
        "resolve_blocker" => (
            "Say that a blocker which you raised is gone.",
            object(&["name", "how"], json!({ "name": text("Its name"), "how": text("What helped") })),
        ),
        "submit_deliverable" => (
            "Say that you made something that was to be made. Files are looked at when your task ends; this tells people what they are.",
            object(
                &["text"],
                json!({
                    "path": text("Its path, relative to the folder that you work in"),
                    "text": text("What it is"),
                }),
            ),
        ),
        "get_context" => (
            "Read facts that other tasks of this plan left for you with put_context: all of them, or one by its key.",
            object(&[], json!({ "key": text("Only this one") })),
        ),
        "put_context" => (
            "Leave a fact for other tasks of this plan, such as the address of a service or the name of a branch. The latest word of a key counts.",
            object(
                &["key", "value"],
                json!({
                    "key": text("A short name"),
                    "value": text("What is so"),
                    "ttl_seconds": { "type": "integer", "minimum": 1, "description": "It holds so long; for good if left out" },
                }),
            ),
        ),
        _ => (
            "Ask the people behind this plan to decide something that is not yours to decide. Give at least two options and say \
             which you recommend: when nobody answers in time, that one is taken. Waits for the answer for a while; if it is \
             still open then, call ask again with the very same question, or go on with other work first.",
            ask_schema(),
        ),
    };
    Description { name, text, schema }
}

fn ask_schema() -> Value {
    let option = json!({
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": text("A, B, C …"),
            "name": text("In a few words"),
            "details": text("For those who want to know more"),
        },
        "additionalProperties": { "type": ["string", "number", "boolean"],
            "description": "Anything that the options are compared by: cost, effort, risk …" },
    });
    object(
        &["question", "options"],
        json!({
            "question": text("The question, in a sentence or two"),
            "options": { "type": "array", "minItems": 2, "maxItems": 12, "items": option },
            "recommend": text("The id of the option that you would take"),
            "kind": { "type": "string", "enum": ["general", "database", "security", "cost", "api-design"] },
            "weight": { "type": "string", "enum": ["urgent", "confirmation", "standard", "critical"],
                "description": "How much hangs on it; it sets the time that people get" },
            "irreversible": { "type": "boolean", "description": "It cannot be taken back, so silence never decides it" },
            "on_silence": { "type": "string", "enum": ["recommend", "fail", "park", "escalate"] },
            "wait_seconds": { "type": "integer", "minimum": 0, "maximum": 600, "description": "How long this call waits; 45 if left out" },
            "patience_seconds": { "type": "integer", "minimum": 1,
                "description": "People get no more time than this, if it is less than what the plan gives them" },
        }),
    )
}

#[derive(Deserialize)]
struct ProgressSaid {
    percent: Option<f64>,
    doing: Option<String>,
}

#[derive(Deserialize)]
struct InsightSaid {
    text: String,
}

#[derive(Deserialize)]
struct ChoiceSaid {
    question: String,
    choice: String,
    because: String,
    #[serde(default)]
    alternatives: Vec<String>,
}

#[derive(Deserialize)]
struct BlockerSaid {
    name: String,
    #[serde(default)]
    severity: Severity,
    text: String,
    needs: Option<String>,
}

#[derive(Deserialize)]
struct UnblockedSaid {
    name: String,
    how: String,
}

#[derive(Deserialize)]
struct DeliverableSaid {
    path: Option<String>,
    text: String,
}

#[derive(Deserialize)]
struct ContextAsked {
    key: Option<String>,
}

#[derive(Deserialize)]
struct ContextSaid {
    key: String,
    value: String,
    ttl_seconds: Option<u64>,
}

/// Does what the tool is for; what the agent reads of it.
///
/// # Errors
/// In words for the agent.
pub(super) fn call(speaker: &Speaker, name: &str, arguments: Value) -> Result<String, String> {
    let heard = match name {
        "report_progress" => return progress(speaker, &read(arguments)?),
        "get_context" => return context(speaker, read(arguments)?),
        "ask" => {
            let asked: Asked = read(arguments)?;
            fits("question", &asked.question)?;
            return asked.put(speaker).map(|answer| words_of(&answer)).map_err(|error| with_causes(&error));
        }
        "record_insight" => {
            let InsightSaid { text } = read(arguments)?;
            Heard::Insight { text }
        }
        "record_decision" => {
            let ChoiceSaid { question, choice, because, alternatives } = read(arguments)?;
            Heard::Choice { question, choice, because, alternatives }
        }
        "raise_blocker" => {
            let BlockerSaid { name, severity, text, needs } = read(arguments)?;
            Heard::Blocker { name, severity, text, needs }
        }
        "resolve_blocker" => {
            let UnblockedSaid { name, how } = read(arguments)?;
            Heard::Unblocked { name, how }
        }
        "submit_deliverable" => {
            let DeliverableSaid { path, text } = read(arguments)?;
            Heard::Deliverable { path, text }
        }
        "put_context" => {
            let ContextSaid { key, value, ttl_seconds } = read(arguments)?;
            let ttl = ttl_seconds.map(|seconds| Millis(seconds.saturating_mul(1_000)));
            Heard::Context { key, value, ttl }
        }
        other => return Err(format!("there is no tool `{other}`")),
    };
    know(speaker, heard)
}

/// Makes something known that was checked for length; what to answer.
///
/// # Errors
/// In words for whoever said it.
pub(crate) fn know(speaker: &Speaker, heard: Heard) -> Result<String, String> {
    for (what, words) in texts(&heard) {
        fits(what, words)?;
    }
    speaker.know(heard).map_err(|error| with_causes(&error))?;
    Ok("Recorded.".into())
}

fn texts(heard: &Heard) -> Vec<(&'static str, &str)> {
    match heard {
        Heard::Insight { text } | Heard::Deliverable { text, .. } => vec![("text", text)],
        Heard::Choice { question, choice, because, .. } => {
            vec![("question", question), ("choice", choice), ("because", because)]
        }
        Heard::Blocker { name, text, .. } => vec![("name", name), ("text", text)],
        Heard::Unblocked { name, how } => vec![("name", name), ("how", how)],
        Heard::Context { key, value, .. } => vec![("key", key), ("value", value)],
    }
}

fn fits(what: &str, text: &str) -> Result<(), String> {
    match text.chars().count() {
        _ if text.trim().is_empty() => Err(format!("`{what}` is empty")),
        length if length > LONGEST => {
            Err(format!("`{what}` has {length} characters; {LONGEST} are allowed: write a file and name it"))
        }
        _ => Ok(()),
    }
}

fn read<T: DeserializeOwned>(arguments: Value) -> Result<T, String> {
    serde_json::from_value(arguments).map_err(|error| format!("the arguments do not fit: {error}"))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100 before")]
fn progress(speaker: &Speaker, said: &ProgressSaid) -> Result<String, String> {
    let percent = said.percent.map(|percent| percent.clamp(0.0, 100.0) as u8);
    if percent.is_none() && said.doing.as_deref().is_none_or(|words| words.trim().is_empty()) {
        return Err("give `percent`, `doing` or both".into());
    }
    speaker.progress(percent, said.doing.as_deref()).map_err(|error| with_causes(&error))?;
    Ok("Seen.".into())
}

fn context(speaker: &Speaker, asked: ContextAsked) -> Result<String, String> {
    let facts = speaker.context().map_err(|error| with_causes(&error))?;
    if let Some(key) = asked.key {
        return match facts.get(&key) {
            Some(fact) => Ok(line(&key, fact)),
            None if facts.is_empty() => Err(format!("no fact `{key}` was left; there are none yet")),
            None => {
                let known: Vec<&str> = facts.keys().take(30).map(String::as_str).collect();
                Err(format!("no fact `{key}` was left; there are {}", known.join(", ")))
            }
        };
    }
    if facts.is_empty() {
        return Ok("No facts were left yet.".into());
    }
    let lines: Vec<String> = facts.iter().take(MOST_FACTS).map(|(key, fact)| line(key, fact)).collect();
    let more = facts.len().saturating_sub(MOST_FACTS);
    let more = if more > 0 { format!("\nand {more} more; ask for them by their key") } else { String::new() };
    Ok(format!("{}{more}", lines.join("\n")))
}

fn line(key: &str, fact: &Fact) -> String {
    let until = fact.until.map(|until| format!(", holds until {}", date_and_time(until))).unwrap_or_default();
    format!("{key} = {} (by {} at {}{until})", fact.value, fact.by, date_and_time(fact.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_says_what_it_is_for_and_takes_an_object() {
        let mut texts = std::collections::BTreeSet::new();
        for tool in all() {
            assert!(tool.text.len() > 30 && texts.insert(tool.text), "{}", tool.name);
            assert_eq!(tool.schema["type"], "object", "{}", tool.name);
            for required in tool.schema["required"].as_array().unwrap() {
                assert!(
                    tool.schema["properties"].get(required.as_str().unwrap()).is_some(),
                    "{}: {required}",
                    tool.name
                );
            }
        }
    }
}
