//! What the tools answer, as JSON Schemas. They name what callers rely on; the verbs' own JSON may have more beside it.

use serde_json::{Value, json};

use crate::mcp::toolbox::object;

/// Of one tool.
pub(super) fn of(tool: &str) -> Value {
    match tool {
        "check_plan" => checked(&[], json!({})),
        "preview_run" => checked(
            &["can_start", "token"],
            json!({ "token": or_null("string"), "token_holds_seconds": or_null("integer"), "level_changes": strings() }),
        ),
        "propose_plan" | "proposal_status" | "cancel_proposal" => object(
            &["state", "proposal"],
            json!({
                "state": { "type": "string", "enum": ["done", "working", "stopping", "cancelled"] },
                "proposal": described(or_null("string"), "Of a planner's plan: what proposal_status and cancel_proposal take"),
                "planner": text(), "seconds": whole(), "doing": text(), "remarks": strings(),
                "plan": described(text(), "When it is done: the plan as YAML"), "answers": { "type": "object" },
                "problems": list(), "kind": text(), "level": whole(), "from": { "type": "object" },
                "file": or_null("string"), "not_saved": text(), "left_out": list(), "outlook": or_null("object"),
            }),
        ),
        "start_run" => object(
            &["run", "mission", "started_before"],
            json!({ "run": text(), "mission": text(), "overview": text(), "notes": strings(), "started_before": flag() }),
        ),
        "list_runs" => paged("runs"),
        "run_timeline" => paged("events"),
        "list_decisions" => paged("decisions"),
        "run_status" => object(
            &["id", "state", "seq", "over", "open_decisions", "counts", "tasks", "tasks_total", "next"],
            json!({
                "id": text(), "mission": text(), "state": text(), "seq": whole(), "over": flag(),
                "counts": described(json!({ "type": "object" }), "Tasks by state"),
                "open_decisions": { "type": "array", "items": whole() },
                "tasks": described(list(), "Without what is null"), "tasks_total": whole(), "next": or_null("string"),
                "blockers": list(), "decisions": described(list(), "Those that are open"), "messages": list(),
                "critical_path": described(strings(), "What is left of it"),
                "coming": described(strings(), "Tasks that come next"),
                "finish": described(strings(), "When it is expected to end: at the earliest, at the latest"),
                "cut": described(json!({ "type": "object" }), "Lists of which only a part is here, with their lengths"),
            }),
        ),
        "run_report" => object(
            &["run", "format", "text", "next_offset", "total"],
            json!({ "run": text(), "format": text(), "text": text(), "next_offset": or_null("integer"), "total": whole() }),
        ),
        "answer_decision" => object(
            &["run", "decision", "taken", "waits_for_engine"],
            json!({
                "run": text(), "decision": whole(), "question": { "type": "object" }, "taken": or_null("object"),
                "waits_for_engine": flag(),
            }),
        ),
        _ => object(
            &["run", "state", "over", "seq", "engine"],
            json!({ "run": text(), "state": text(), "over": flag(), "seq": whole(), "engine": flag(), "running": whole() }),
        ),
    }
}

/// The result of a check, and more.
fn checked(more_required: &[&str], more: Value) -> Value {
    let mut properties = json!({
        "valid": flag(), "can_start": flag(), "diagnostics": list(), "diagnostics_total": whole(), "inputs": list(),
        "driver": or_null("string"), "lacking": strings(), "plan": or_null("object"), "overview": text(), "commands": strings(),
        "commands_total": whole(),
    });
    if let (Value::Object(properties), Value::Object(more)) = (&mut properties, more) {
        properties.extend(more);
    }
    let required: Vec<&str> =
        ["valid", "diagnostics", "lacking", "plan"].iter().chain(more_required).copied().collect();
    object(&required, properties)
}

fn paged(name: &str) -> Value {
    let mut properties = json!({ "next": or_null("string"), "total": whole(), "run": text() });
    if let Value::Object(properties) = &mut properties {
        properties.insert(name.to_owned(), list());
    }
    object(&[name, "next", "total"], properties)
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn whole() -> Value {
    json!({ "type": "integer" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn list() -> Value {
    json!({ "type": "array", "items": { "type": "object" } })
}

fn strings() -> Value {
    json!({ "type": "array", "items": text() })
}

/// Two branches, because not every client knows a list of types.
fn or_null(kind: &str) -> Value {
    json!({ "anyOf": [{ "type": kind }, { "type": "null" }] })
}

fn described(mut schema: Value, words: &str) -> Value {
    if let Value::Object(fields) = &mut schema {
        fields.insert("description".into(), words.into());
    }
    schema
}
