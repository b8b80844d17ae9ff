//! Gemini CLI: `gemini --output-format stream-json`.

use std::fs;

use serde_json::json;

use crate::stage::{Ran, Stage};

pub(crate) fn stage() -> Option<Stage> {
    let mut stage = Stage::new("gemini")?;
    stage.set("GEMINI_API_KEY", "dummy");
    stage.set("GOOGLE_GEMINI_BASE_URL", stage.server.url());
    stage.set("GEMINI_CLI_TRUST_WORKSPACE", "true");
    stage.set("GEMINI_CLI_HOME", stage.home.display().to_string());
    stage.set("GEMINI_CLI_NO_RELAUNCH", "true");
    let (program, file, (name, value)) = stage.tools();
    let server = json!({"command": program, "args": [file], "env": {name: value}, "trust": true});
    let settings = json!({
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "general": {"maxAttempts": 2, "enableAutoUpdate": false},
        "model": {"name": "gemini-2.5-pro"}, "privacy": {"usageStatisticsEnabled": false},
        "mcpServers": {"orc": server}
    });
    let folder = stage.home.join(".gemini");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("settings.json"), settings.to_string()).unwrap();
    Some(stage)
}

fn run(stage: &Stage, scene: &str, prompt: &str) -> Ran {
    let words = ["-m", "gemini-2.5-pro", "--output-format", "stream-json", "--approval-mode", "yolo"];
    let ran = stage.run("gemini", &words, prompt);
    stage.record("gemini", scene, ran.exit, &ran.out);
    ran
}

#[test]
fn a_plain_answer() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "plain", "SCENE_PLAIN");
    let last = ran.last();
    assert_eq!((ran.exit, &last["type"], &last["status"]), (0, &"result".into(), &"success".into()), "{ran:?}");
    let stats = ["input_tokens", "cached", "output_tokens"].map(|key| &last["stats"][key]);
    assert_eq!(stats, [1234, 200, 56]);
    assert!(ran.out.contains("well."));
}

#[test]
fn a_file_written() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "write", "SCENE_WRITE");
    assert_eq!(fs::read_to_string(stage.work.join("hello.txt")).unwrap(), "hello\n", "{ran:?}");
    assert_eq!((ran.exit, &ran.last()["stats"]["tool_calls"]), (0, &1.into()));
}

#[test]
fn a_limit() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "limited", "SCENE_LIMITED");
    // The low byte of 429.
    assert_eq!((ran.exit, &ran.last()["status"]), (173, &"error".into()), "{ran:?}");
}

#[test]
fn other_ends() {
    let Some(stage) = stage() else { return };
    // The low byte of the status; what has none is 1.
    for (scene, prompt, exit) in [
        ("denied", "SCENE_DENIED", 145),
        ("busy", "SCENE_BUSY", 17),
        ("too-long", "SCENE_TOO_LONG", 144),
        ("cut", "SCENE_CUT", 1),
    ] {
        let ran = run(&stage, scene, prompt);
        assert_eq!((ran.exit, &ran.last()["status"]), (exit, &"error".into()), "{ran:?}");
    }
}

#[test]
fn a_report_to_a_server_of_tools() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "report", "SCENE_REPORT");
    assert_eq!((ran.exit, stage.reports()), (0, vec![json!({"status": "done"})]), "{ran:?}");
}
