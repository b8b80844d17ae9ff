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
        "propose_plan" => object(
            &["plan", "answers", "problems"],
            json!({
                "plan": text(), "answers": { "type": "object" }, "problems": list(), "kind": text(), "level": whole(),
                "file": or_null("string"), "left_out": list(), "outlook": or_null("object"),
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
            &["id", "state", "seq", "over", "open_decisions", "tasks", "next"],
            json!({
                "id": text(), "mission": text(), "state": text(), "seq": whole(), "over": flag(), "counts": { "type": "object" },
                "open_decisions": { "type": "array", "items": whole() }, "tasks": list(), "tasks_total": whole(),
                "next": or_null("string"), "blockers": list(), "decisions": list(), "messages": list(),
                "critical_path": or_null("array"), "finish": or_null("array"),
                "cut": { "type": "object", "description": "Lists of which only the end is here, with their lengths" },
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

fn or_null(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}
