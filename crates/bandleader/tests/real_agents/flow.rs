//! A run from beginning to end through each program that people have, which knows `band mcp` because `band install` told it: the plan is
//! checked, previewed and started, its question is seen and not answered, it is cancelled, and its end is waited for.

use std::fs;

use serde_json::{Value, json};

use crate::band::{ASKS, band, call, for_claude};
use crate::stage::{Ran, Stage};
use crate::{codex, gemini, opencode};

/// What the model calls, one after the other.
fn script() -> Value {
    let run = json!({ "wait_seconds": 45, "wait_for": "decision" });
    let steps = [
        ("check_plan", json!({ "plan": "plan.yaml" })),
        ("preview_run", json!({ "plan": "plan.yaml" })),
        ("start_run", json!({ "token": "{token}" })),
        ("run_status", run),
        ("list_decisions", json!({})),
        ("answer_decision", json!({ "decision": 1, "suggest": "A" })),
        ("cancel_run", json!({})),
        ("run_status", json!({ "wait_seconds": 45, "wait_for": "end" })),
    ];
    let rules = (0..).zip(steps).map(|(turn, (tool, arguments))| {
        let mut answer = json!({ "call": call(tool, &arguments) });
        if tool == "start_run" {
            answer["take"] = json!({ "token": "token\\W+([0-9a-f]{64})" });
        }
        json!({ "if": { "user": "SCENE_FLOW", "tools": true, "turn": turn }, "do": answer })
    });
    let mut rules: Vec<Value> = rules.collect();
    rules.push(json!({ "if": { "user": "SCENE_FLOW", "tools": true }, "do": { "text": "All is done." } }));
    rules.into()
}

/// Plays it, and looks what became of it. `client` is the name that `band install` knows the program by.
fn flows(stage: &Stage, client: &str, talk: impl FnOnce(&Stage) -> Ran) {
    stage.server.play(serde_json::from_value(script()).unwrap());
    fs::write(stage.work.join("plan.yaml"), ASKS).unwrap();
    band(stage, &["install", client, "--yes"]);
    let ran = talk(stage);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(ran.out.contains("All is done."), "{ran:?}");
    // What a program asks before its servers have come up is refused, and it asks again; a search for a tool counts to its step.
    let count = stage.server.count();
    for step in 0..=8 {
        assert!(count["rule"][step.to_string()]["answered"].as_u64() >= Some(1), "step {step}: {count}\n{ran:?}");
    }
    // What the model was told, whatever the program made of it.
    let log = stage.server.log();
    let last = log.iter().rev().map(Value::to_string).find(|asked| asked.contains("SCENE_FLOW")).unwrap();
    for words in ["valid", "can_start", "started_before", "open_decisions", "Which one?", "question 1 stays open"] {
        assert!(last.contains(words), "{client}: `{words}` is missing in {last}");
    }
    let status: Value = serde_json::from_str(&band(stage, &["status", "--json"])).unwrap();
    assert_eq!(status["state"], "cancelled", "{status}");
    assert_eq!(status["decisions"][0]["taken"]["option"], Value::Null, "nobody answered: {status}");
    assert_eq!(fs::read_to_string(stage.work.join("said")).unwrap(), "done\n");
    let runs: Value = serde_json::from_str(&band(stage, &["list", "--json"])).unwrap();
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
}

/// What the program itself says of its servers.
fn knows(stage: &Stage, program: &str, arguments: &[&str], words: &str) {
    let ran = stage.run(program, arguments, "");
    let line = ran
        .out
        .lines()
        .chain(ran.err.lines())
        .find(|line| line.contains("bandleader"))
        .unwrap_or_else(|| panic!("{ran:?}"));
    assert!(ran.exit == 0 && line.to_lowercase().contains(words), "{words}: {ran:?}");
}

#[test]
fn claude_code_runs_a_plan() {
    let Some(mut stage) = Stage::new("claude") else { return };
    for_claude(&mut stage);
    flows(&stage, "claude-code", |stage| {
        let words = ["-p", "--output-format", "stream-json", "--verbose", "--mcp-config", ".mcp.json"];
        let allowed = ["--strict-mcp-config", "--allowedTools", "mcp__bandleader"];
        stage.run("claude", &[&words[..], &allowed].concat(), "SCENE_FLOW")
    });
    // A project's server waits for its person's yes; one's own is spoken to.
    knows(&stage, "claude", &["mcp", "list"], "pending approval");
    band(&stage, &["install", "claude-code", "--user", "--yes"]);
    fs::remove_file(stage.work.join(".mcp.json")).unwrap();
    knows(&stage, "claude", &["mcp", "list"], "connected");
}

#[test]
fn codex_runs_a_plan() {
    let Some(stage) = codex::stage("codex") else { return };
    flows(&stage, "codex", |stage| {
        // The person's yes to its tools, once for all.
        let config = stage.home.join(".codex/config.toml");
        let text = fs::read_to_string(&config).unwrap();
        let head = "[mcp_servers.bandleader]\n";
        assert!(text.contains(head), "{text}");
        fs::write(&config, text.replace(head, &format!("{head}default_tools_approval_mode = 'approve'\n"))).unwrap();
        stage.run("codex", &["exec", "--json", "--sandbox", "danger-full-access", "-"], "SCENE_FLOW")
    });
    knows(&stage, "codex", &["mcp", "list"], "enabled");
}

#[test]
fn gemini_cli_runs_a_plan() {
    let Some(stage) = gemini::stage() else { return };
    flows(&stage, "gemini", |stage| {
        let words = ["-m", "gemini-2.5-pro", "--output-format", "stream-json", "--approval-mode", "yolo"];
        stage.run("gemini", &words, "SCENE_FLOW")
    });
    knows(&stage, "gemini", &["mcp", "list"], "connected");
}

#[test]
fn opencode_runs_a_plan() {
    let Some(stage) = opencode::stage() else { return };
    flows(&stage, "opencode", |stage| stage.run("opencode", &["run", "--pure", "--format", "json"], "SCENE_FLOW"));
    knows(&stage, "opencode", &["mcp", "list", "--pure"], "connected");
}
