//! The tools as agents read them: what each is for, and what it takes.

use bandleader_engine::agent::TOOLS;
use serde_json::{Value, json};

use super::tools::LONGEST;
use crate::mcp::toolbox::{Description, object};

/// All of them, in the order in which they are shown.
pub(super) fn all() -> Vec<Description> {
    TOOLS.into_iter().map(describe).collect()
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
    Description { name, title: None, text, schema, output: None, effect: None }
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
