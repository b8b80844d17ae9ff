//! What the tools do.

use bandleader_core::view::when::date_and_time;
use bandleader_core::{Heard, Millis, Severity};
use bandleader_engine::agent::speaker::{Fact, Speaker};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Asked, words_of};
use crate::error::with_causes;

/// Characters of one text at most; larger things are files.
pub(super) const LONGEST: usize = 2_000;

/// Facts that one call shows at most.
const MOST_FACTS: usize = 200;

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
