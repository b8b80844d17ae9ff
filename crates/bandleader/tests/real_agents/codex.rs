//! Codex: `codex exec --json`, and its server for programs, `codex app-server`.

use std::fs;

use serde_json::{Value, json};

use crate::stage::{Ran, Stage};
use crate::talk::{SILENCE, Talk};

pub(crate) fn stage(program: &str) -> Option<Stage> {
    let mut stage = Stage::new(program)?;
    stage.set("MOCK_KEY", "dummy");
    let (program, file, (name, value)) = stage.tools();
    let url = stage.server.url();
    let config = format!(
        "model = 'gpt-5.5-codex'\nmodel_provider = 'mock'\n\
         [model_providers.mock]\nname = 'mock'\nbase_url = '{url}/v1'\nenv_key = 'MOCK_KEY'\nwire_api = 'responses'\n\
         request_max_retries = 1\nstream_max_retries = 1\nstream_idle_timeout_ms = 20000\n\
         [mcp_servers.orc]\ncommand = '{program}'\nargs = ['{file}']\nrequired = true\n\
         default_tools_approval_mode = 'approve'\nenv = {{ {name} = '{value}' }}\n"
    );
    let folder = stage.home.join(".codex");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("config.toml"), config).unwrap();
    Some(stage)
}

fn run(stage: &Stage, scene: &str, prompt: &str) -> Ran {
    let ran = stage.run("codex", &["exec", "--json", "--sandbox", "danger-full-access", "-"], prompt);
    stage.record("codex", scene, ran.exit, &ran.out);
    ran
}

fn said(ran: &Ran) -> String {
    let events = ran.events();
    let text = |event: &Value| {
        (event["item"]["type"] == "agent_message").then(|| event["item"]["text"].as_str().unwrap().to_owned())
    };
    events.iter().rev().find_map(text).unwrap_or_else(|| panic!("{ran:?}"))
}

#[test]
fn a_plain_answer() {
    let Some(stage) = stage("codex") else { return };
    let ran = run(&stage, "plain", "SCENE_PLAIN");
    assert_eq!((ran.exit, said(&ran).as_str()), (0, "All is well."));
    let usage = &ran.last()["usage"];
    let usage = ["input_tokens", "cached_input_tokens", "output_tokens"].map(|key| &usage[key]);
    assert_eq!((&ran.last()["type"], usage), (&"turn.completed".into(), [&1234.into(), &200.into(), &56.into()]));
}

#[test]
fn a_file_written() {
    let Some(stage) = stage("codex") else { return };
    let ran = run(&stage, "write", "SCENE_WRITE");
    assert_eq!(fs::read_to_string(stage.work.join("hello.txt")).unwrap(), "hello\n", "{ran:?}");
    assert_eq!(ran.last()["usage"]["input_tokens"], 2100);
}

#[test]
fn a_limit() {
    let Some(stage) = stage("codex") else { return };
    let ran = run(&stage, "limited", "SCENE_LIMITED");
    let last = ran.last();
    assert_eq!((ran.exit, &last["type"]), (1, &"turn.failed".into()), "{ran:?}");
    assert!(last["error"]["message"].as_str().unwrap().contains("429"), "{last}");
}

#[test]
fn other_ends() {
    let Some(stage) = stage("codex") else { return };
    for (scene, prompt, words) in [
        ("denied", "SCENE_DENIED", "unexpected status 401"),
        ("busy", "SCENE_BUSY", "unexpected status 529"),
        ("too-long", "SCENE_TOO_LONG", "ran out of room"),
        ("cut", "SCENE_CUT", "stream disconnected before completion"),
    ] {
        let ran = run(&stage, scene, prompt);
        let last = ran.last();
        assert_eq!((ran.exit, &last["type"]), (1, &"turn.failed".into()), "{ran:?}");
        assert!(last["error"]["message"].as_str().unwrap().contains(words), "{last}");
    }
}

#[test]
fn a_report_to_a_server_of_tools() {
    let Some(stage) = stage("codex") else { return };
    let ran = run(&stage, "report", "SCENE_REPORT");
    assert_eq!((ran.exit, stage.reports()), (0, vec![json!({"status": "done"})]), "{ran:?}");
    assert_eq!(said(&ran), "Reported.");
    assert_eq!(ran.last()["usage"]["input_tokens"].as_u64(), stage.server.count()["total"]["input"].as_u64());
}

#[test]
fn a_server_for_programs() {
    let Some(stage) = stage("codex") else { return };
    let mut talk = Talk::new(&stage, "codex", &["app-server"]);
    let allow = |_: &Value| json!({"decision": "accept"});
    let (begun, _) = talk.ask("initialize", &json!({"clientInfo": {"name": "test", "version": "1"}}), allow);
    assert!(begun["result"].is_object(), "{begun}");
    talk.say(&json!({"method": "initialized"}));
    let start = json!({"cwd": stage.work, "sandbox": "danger-full-access", "approvalPolicy": "never"});
    let (started, _) = talk.ask("thread/start", &start, allow);
    let thread = started["result"]["thread"]["id"].clone();
    let turn = |talk: &mut Talk, text: &str| {
        let input = json!([{"type": "text", "text": text}]);
        let (begun, mut heard) = talk.ask("turn/start", &json!({"threadId": thread, "input": input}), allow);
        (begun["result"]["turn"]["id"].clone(), std::mem::take(&mut heard))
    };
    let completed = |talk: &mut Talk| loop {
        let message = talk.hear().unwrap();
        if message["method"] == "turn/completed" {
            return message["params"]["turn"].clone();
        }
    };
    turn(&mut talk, "SCENE_WRITE");
    assert_eq!(completed(&mut talk)["status"], "completed");
    assert_eq!(fs::read_to_string(stage.work.join("hello.txt")).unwrap(), "hello\n");
    turn(&mut talk, "SCENE_LIMITED");
    let limited = completed(&mut talk);
    assert_eq!(limited["status"], "failed", "{limited}");
    let before = stage.server.log().len();
    let (hanging, _) = turn(&mut talk, "SCENE_HANG");
    assert!(stage.server.wait_for(before + 1, SILENCE));
    talk.ask("turn/interrupt", &json!({"threadId": thread, "turnId": hanging}), allow);
    let exit = talk.close();
    assert!(talk.record.contains(r#""status":"interrupted""#), "{}", talk.record);
    stage.record("codex", "app-server", exit, &talk.record);
    assert_eq!(exit, 0);
}
