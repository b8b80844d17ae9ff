//! A coding agent as the planner of `band plan`: told what it needs, told what is wrong, believed only when the plan checks.

use serde_json::{Value, json};

use crate::stage::{FOUR, Stage};

/// A plan whose second task needs what `needs` says.
fn plan(needs: &str) -> String {
    let tasks = json!([
        { "id": "api", "agent": "builder", "task": "Build it.", "input": "{{ inputs.brief }}", "expected_time": "30 minutes" },
        { "id": "try", "agent": "builder", "task": "Try it.", "needs": [needs], "expected_time": "10 minutes" },
    ]);
    let plan = json!({
        "mission": "Alerts", "inputs": { "brief": { "type": "text", "default": "Alerts for shops" } },
        "agents": { "builder": { "description": "Builds.", "instructions": "You build." } },
        "phases": [{ "id": "build", "title": "Build", "tasks": tasks }],
    });
    plan.to_string()
}

fn script() -> Value {
    json!([
        { "if": { "user": "plan::unknown-need", "tools": true }, "do": { "text": plan("api"), "usage": [2000, 300] } },
        { "if": { "user": "Alerts for shops", "tools": true }, "do": { "text": plan("apo"), "usage": [1000, 300] } },
        // Some ask for a title first, or who speaks next.
        { "do": { "text": "OK", "usage": [10, 1] } },
    ])
}

/// One program as the planner, corrected once.
fn plans_with(program: &str) {
    let Some(stage) = Stage::new(&[program], script()) else { return };
    let agent = stage.agent(program, &json!({}));
    let keys = agent.as_object().unwrap().iter().map(|(key, value)| format!("{key} = {value}\n"));
    let settings = format!("[agents.planner]\n{}", keys.collect::<String>());
    std::fs::write(stage.work().join("band.toml"), settings).unwrap();
    stage.git(&["add", "--all"]);
    stage.git(&["commit", "--quiet", "-m", "first"]);
    let told = stage.json(&["plan", "Alerts for shops", "--level", "2", "--json"]);
    let from = &told["from"];
    assert_eq!((&from["driver"], &from["asked"]), (&json!(program), &json!(2)), "{told:#}\n{}", stage.server.count());
    let text = told["plan"].as_str().unwrap();
    assert!(text.contains("level: 2\n") && text.contains("id: try") && !text.contains("apo"), "{text}");
    assert!(from["tokens"].as_u64().unwrap() >= 3_600, "{told:#}");
    // It only reads.
    assert_eq!(stage.git(&["status", "--porcelain"]), "");
}

#[test]
fn claude_code_plans() {
    plans_with(FOUR[0].0);
}

#[test]
fn codex_plans() {
    plans_with(FOUR[1].0);
}

#[test]
fn gemini_cli_plans() {
    plans_with(FOUR[2].0);
}

#[test]
fn opencode_plans() {
    plans_with(FOUR[3].0);
}
