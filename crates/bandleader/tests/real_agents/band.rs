//! Claude Code with `band mcp` among its servers, as `band install` puts it there: it checks a plan, starts it, waits for it, and
//! is refused an answer in its person's place.

use std::process::Command;

use model_server::ModelServer;
use serde_json::{Value, json};

use crate::stage::Stage;

pub(crate) const ASKS: &str = "mission: Two steps\ntasks:\n  - { id: a, run: 'echo done > said' }\n  - id: which\n    needs: [a]\n    decision:\n      question: Which one?\n      timeout: none\n      options: [{ id: A, name: one }, { id: B, name: two }]\n";

pub(crate) fn call(tool: &str, arguments: &Value) -> Value {
    json!([{ "mcp": { "server": "bandleader", "tool": tool, "args": arguments } }])
}

/// What the model of each scene says: a call at each turn, the last words at the end.
fn script(token: &str) -> Value {
    let turn = |scene: &str, turn: u64, calls: Value| json!({ "if": { "user": scene, "tools": true, "turn": turn }, "do": { "call": calls } });
    json!([
        turn("SCENE_LOOK", 0, call("check_plan", &json!({ "plan": "plan.yaml" }))),
        turn("SCENE_LOOK", 1, call("preview_run", &json!({ "plan": "plan.yaml" }))),
        { "if": { "user": "SCENE_LOOK", "tools": true }, "do": { "text": "Looked." } },
        turn("SCENE_MADE_UP", 0, call("start_run", &json!({ "token": token }))),
        { "if": { "user": "SCENE_MADE_UP", "tools": true }, "do": { "text": "Tried." } },
        turn("SCENE_ANSWER", 0, call("run_status", &json!({ "wait_seconds": 20, "wait_for": "decision" }))),
        turn("SCENE_ANSWER", 1, call("answer_decision", &json!({ "decision": 1, "suggest": "A" }))),
        { "if": { "user": "SCENE_ANSWER", "tools": true }, "do": { "text": "Asked." } }
    ])
}

/// Claude Code has the stage's server as its model.
pub(crate) fn for_claude(stage: &mut Stage) {
    stage.set("ANTHROPIC_BASE_URL", stage.server.url());
    stage.set("ANTHROPIC_API_KEY", "sk-dummy");
    stage.set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
}

pub(crate) fn band(stage: &Stage, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
    let output = command.args(arguments).current_dir(&stage.work).env("HOME", &stage.home).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What tools answered in a conversation, in order: their texts, and whether they refused.
fn results(events: &[Value]) -> Vec<(String, bool)> {
    let contents = events
        .iter()
        .filter(|event| event["type"] == "user")
        .filter_map(|event| event["message"]["content"].as_array());
    let results = contents.flatten().filter(|part| part["type"] == "tool_result");
    results
        .map(|part| {
            let text = match &part["content"] {
                Value::String(text) => text.clone(),
                parts => parts[0]["text"].as_str().unwrap_or_default().to_owned(),
            };
            (text, part["is_error"] == json!(true))
        })
        .collect()
}

#[test]
fn claude_code_looks_at_a_plan_and_cannot_start_or_answer_by_itself() {
    let Some(mut stage) = Stage::new("claude") else { return };
    stage.server = ModelServer::playing(script("made-up")).unwrap();
    for_claude(&mut stage);
    std::fs::write(stage.work.join("plan.yaml"), ASKS).unwrap();
    band(&stage, &["install", "claude-code", "--yes"]);
    let talk = |scene: &str| {
        let words =
            ["-p", "--output-format", "stream-json", "--verbose", "--mcp-config", ".mcp.json", "--strict-mcp-config"];
        let ran = stage.run("claude", &[&words[..], &["--allowedTools", "mcp__bandleader"]].concat(), scene);
        assert_eq!(ran.exit, 0, "{ran:?}");
        results(&ran.events())
    };
    let looked = talk("SCENE_LOOK");
    let [(checked, false), (preview, false)] = looked.as_slice() else { panic!("{looked:?}") };
    assert!(checked.contains("\"valid\":true"), "{checked}");
    let preview: Value = serde_json::from_str(preview).unwrap();
    assert_eq!((&preview["can_start"], preview["token"].is_string()), (&json!(true), true), "{preview}");
    let made_up = talk("SCENE_MADE_UP");
    assert!(matches!(made_up.as_slice(), [(words, true)] if words.contains("preview_run")), "{made_up:?}");
    assert!(!stage.work.join("said").exists(), "nothing was started");

    // A run that asks: the model waits for the question, and its program, which has no person now, cannot ask one.
    let id = band(&stage, &["run", "plan.yaml", "--detach"]);
    let answered = talk("SCENE_ANSWER");
    let [(status, false), (refused, true)] = answered.as_slice() else { panic!("{answered:?}") };
    assert!(status.contains("\"open_decisions\":[1]"), "{status}");
    assert!(refused.contains("question 1 stays open") && refused.contains("band decide"), "{refused}");
    band(&stage, &["decide", id.trim(), "1", "A"]);
    band(&stage, &["watch", id.trim(), "--plain"]);
    assert_eq!(std::fs::read_to_string(stage.work.join("said")).unwrap(), "done\n");
}
