//! OpenCode: `opencode run --format json`, and its server.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::{Ran, Stage};
use crate::talk::{SILENCE, Talk};

pub(crate) fn stage() -> Option<Stage> {
    let mut stage = Stage::new("opencode")?;
    let (program, file, (name, value)) = stage.tools();
    let model = json!({
        "tool_call": true, "limit": {"context": 128_000, "output": 8000},
        "cost": {"input": 3, "output": 15, "cache_read": 0.3}
    });
    let options = json!({"baseURL": format!("{}/v1", stage.server.url()), "apiKey": "dummy"});
    let config = json!({
        "autoupdate": false, "share": "disabled", "model": "mock/mock-1", "small_model": "mock/mock-1",
        "provider": {"mock": {"npm": "@ai-sdk/openai-compatible", "options": options, "models": {"mock-1": model}}},
        "mcp": {"orc": {"type": "local", "command": [program, file], "environment": {name: value}, "enabled": true}}
    });
    stage.set("OPENCODE_CONFIG_CONTENT", config.to_string());
    stage.set("OPENCODE_DISABLE_AUTOUPDATE", "1");
    stage.set("OPENCODE_DISABLE_MODELS_FETCH", "1");
    Some(stage)
}

fn run(stage: &Stage, scene: &str, prompt: &str) -> Ran {
    let ran = stage.run("opencode", &["run", "--pure", "--format", "json"], prompt);
    stage.record("opencode", scene, ran.exit, &ran.out);
    ran
}

fn finish(ran: &Ran) -> Vec<Value> {
    let events = ran.events().into_iter().filter(|event| event["type"] == "step_finish");
    events.map(|event| event["part"].clone()).collect()
}

#[test]
fn a_plain_answer() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "plain", "SCENE_PLAIN");
    let finish = finish(&ran).pop().unwrap_or_else(|| panic!("{ran:?}"));
    assert_eq!((ran.exit, &finish["reason"]), (0, &"stop".into()));
    let tokens = &finish["tokens"];
    assert_eq!([&tokens["input"], &tokens["cache"]["read"], &tokens["output"]], [1034, 200, 56]);
}

#[test]
fn a_file_written() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "write", "SCENE_WRITE");
    assert_eq!(std::fs::read_to_string(stage.work.join("hello.txt")).unwrap(), "hello\n", "{ran:?}");
    let input: u64 = finish(&ran).iter().map(|part| part["tokens"]["input"].as_u64().unwrap()).sum();
    assert_eq!((finish(&ran).len(), input), (2, 1100));
}

#[test]
fn a_report_to_a_server_of_tools() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "report", "SCENE_REPORT");
    assert_eq!((ran.exit, stage.reports()), (0, vec![json!({"status": "done"})]), "{ran:?}");
}

#[test]
fn a_limit() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "limited", "SCENE_LIMITED");
    let last = ran.last();
    assert_eq!(
        (ran.exit, &last["type"], &last["error"]["data"]["statusCode"]),
        (1, &"error".into(), &429.into()),
        "{ran:?}"
    );
}

#[test]
fn a_key_refused() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "denied", "SCENE_DENIED");
    let data = &ran.last()["error"]["data"];
    assert_eq!((ran.exit, &data["statusCode"], &data["isRetryable"]), (1, &401.into(), &false.into()), "{ran:?}");
}

/// Asks the server, which wants a name and a password (`opencode:pw`).
fn ask(address: &str, method: &str, target: &str, body: &Value) -> std::io::Result<Value> {
    let mut connection = TcpStream::connect(address)?;
    let patience = if target.ends_with("/health") { Duration::from_secs(2) } else { SILENCE };
    connection.set_read_timeout(Some(patience))?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    write!(
        connection,
        "{method} {target} HTTP/1.0\r\nhost: {address}\r\nauthorization: Basic b3BlbmNvZGU6cHc=\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut said = String::new();
    connection.read_to_string(&mut said)?;
    let (head, body) = said.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    assert!(!head.to_lowercase().contains("transfer-encoding"), "{head}");
    Ok(serde_json::from_str(body).unwrap_or_else(|_| Value::from(said.clone())))
}

#[test]
fn a_server_of_its_own() {
    let Some(mut stage) = stage() else { return };
    stage.set("OPENCODE_SERVER_PASSWORD", "pw");
    let mut talk = Talk::new(&stage, "opencode", &["serve", "--port", "0"]);
    let line = talk.line("listening on http://");
    let address = line.rsplit("http://").next().unwrap().trim().to_owned();
    // A question that comes while it boots may be accepted and never answered.
    let until = Instant::now() + SILENCE;
    while ask(&address, "GET", "/global/health", &Value::Null).is_err() {
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(50));
    }
    let directory = stage.work.display();
    let session = ask(&address, "POST", &format!("/session?directory={directory}"), &json!({})).unwrap();
    let id = session["id"].as_str().unwrap_or_else(|| panic!("{session}")).to_owned();
    let message = |text: &str| {
        let body = json!({"parts": [{"type": "text", "text": text}]});
        ask(&address, "POST", &format!("/session/{id}/message?directory={directory}"), &body).unwrap()
    };
    let written = message("SCENE_WRITE");
    assert_eq!(written["info"]["finish"], "stop", "{written}");
    assert_eq!(std::fs::read_to_string(stage.work.join("hello.txt")).unwrap(), "hello\n");
    let reported = message("SCENE_REPORT");
    assert_eq!(stage.reports(), [json!({"status": "done"})], "{reported}");
    // A question whose model hangs, and its end.
    let before = stage.server.log().len();
    let body = json!({"parts": [{"type": "text", "text": "SCENE_HANG"}]});
    ask(&address, "POST", &format!("/session/{id}/prompt_async?directory={directory}"), &body).unwrap();
    assert!(stage.server.wait_for(before + 1, SILENCE));
    let aborted = ask(&address, "POST", &format!("/session/{id}/abort?directory={directory}"), &json!({})).unwrap();
    let now = ask(&address, "GET", &format!("/session/{id}?directory={directory}"), &Value::Null).unwrap();
    talk.kill();
    let record = [session, written, reported, aborted, now].map(|said| format!("{said}\n")).concat();
    stage.record("opencode", "serve", 137, &record);
}
