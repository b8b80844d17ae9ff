//! What is asked of runs over HTTP: once, whatever is sent twice, and written down.

use serde_json::{Value, json};

use crate::stage::{Server, band, json as json_of, project, wait_for};

/// Waits for a file, then asks.
const PLAN: &str = "mission: m
inputs: {name: {default: nobody}}
tasks:
  - {id: wait, run: 'while [ ! -e go ]; do sleep 0.05; done; echo $NAME', env: {NAME: '{{ inputs.name }}'}}
  - id: ask
    needs: [wait]
    decision: {question: 'Go?', options: [{id: A, name: Yes}, {id: B, name: No}], timeout: 10m}
  - {id: last, needs: [ask], run: echo end}
";

fn started(server: &Server, body: &str) -> String {
    let answer = server.post("/api/v1/runs", body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["run"].as_str().unwrap().to_owned()
}

fn state(server: &Server, run: &str, wanted: &str) {
    wait_for(wanted, || (server.get(&format!("/api/v1/runs/{run}")).json()["state"] == wanted).then_some(()));
}

fn audit(project: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(project.join(".band/serve/audit.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_run_is_steered_to_its_end_and_every_write_stands_in_the_record() {
    let folder = project(PLAN);
    let place = folder.path();
    let server = Server::start(place, &[]);
    let run = started(&server, r#"{"plan": "plan.yaml", "inputs": {"name": "somebody"}, "parallel": 2}"#);
    let path = |end: &str| format!("/api/v1/runs/{run}/{end}");
    let told = server.post(&path("tell"), r#"{"task": "wait", "text": "hello"}"#);
    assert_eq!((told.status, told.problem().as_str()), (409, "rejected"), "a script hears nothing");
    assert_eq!(server.post(&path("pause"), "").status, 202);
    state(&server, &run, "paused");
    assert_eq!(server.post(&path("resume"), "{}").status, 202);
    state(&server, &run, "running");
    std::fs::write(place.join("go"), "").unwrap();
    state(&server, &run, "waiting");
    assert_eq!(server.post(&path("decisions/1/hold"), "").status, 202);
    wait_for("the hold", || {
        let asked = server.get(&path("decisions")).json();
        (!asked["decisions"][0]["held"].is_null()).then_some(())
    });
    let release = server.ask("DELETE", &path("decisions/1/hold"), &[], "");
    assert_eq!(release.status, 202, "{}", release.text());
    assert_eq!(server.post(&path("decisions/1/answer"), r#"{"option": "nonsense"}"#).problem(), "rejected");
    assert_eq!(server.post(&path("decisions/9/answer"), r#"{"option": "A"}"#).problem(), "rejected");
    assert_eq!(server.post(&path("decisions/1/answer"), r#"{"option": "A", "because": "why not"}"#).status, 202);
    state(&server, &run, "succeeded");
    let log = server.get(&path("tasks/wait/log")).json();
    assert_eq!(log["chunks"][0]["text"], "somebody\n");
    assert_eq!(server.post(&path("resume"), "{}").problem(), "rejected");
    assert_eq!(server.post(&path("merge"), r#"{"into": "main"}"#).status, 422);
    let lines = audit(place);
    let paths: Vec<&str> = lines.iter().map(|line| line["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 11, "{paths:?}");
    assert_eq!(lines[0]["what"]["run"], run.as_str());
    let answer = lines.iter().find(|line| line["what"]["commands"][0]["because"] == "why not");
    let answer = answer.unwrap_or_else(|| panic!("{lines:#?}"));
    assert_eq!((&answer["role"], &answer["by"], &answer["status"]), (&json!("operator"), &json!("token"), &json!(202)));
    assert!(answer["from"].as_str().unwrap().starts_with("127.0.0.1:"));
    let text = std::fs::read_to_string(place.join(".band/serve/audit.jsonl")).unwrap();
    assert!(!text.contains(&server.operator));
}

#[test]
fn what_is_sent_twice_happens_once() {
    let folder = project(PLAN);
    let place = folder.path();
    let server = Server::start(place, &[]);
    let with = |server: &Server, path: &str, key: &str, body: &str| {
        server.ask("POST", path, &[("content-type", "application/json"), ("idempotency-key", key)], body)
    };
    let begin = r#"{"plan": "plan.yaml"}"#;
    let first = with(&server, "/api/v1/runs", "k1", begin).json();
    let again = with(&server, "/api/v1/runs", "k1", begin).json();
    assert_eq!((&again["run"], &again["repeated"]), (&first["run"], &json!(true)));
    assert_eq!(with(&server, "/api/v1/runs", "k1", r#"{"plan": "review"}"#).problem(), "key-used");
    let run = first["run"].as_str().unwrap();
    let cancel = format!("/api/v1/runs/{run}/cancel");
    let words = r#"{"tasks": ["last"]}"#;
    assert_eq!(with(&server, &cancel, "k2", words).json()["repeated"], false);
    assert_eq!(with(&server, &cancel, "k2", words).json()["repeated"], true);
    assert_eq!(with(&server, &cancel, "k2", r#"{"tasks": ["ask"]}"#).problem(), "key-used");
    assert_eq!(with(&server, &cancel, "a b", words).problem(), "bad-request");
    // A server that was started again knows them still.
    drop(server);
    let server = Server::start(place, &[]);
    assert_eq!(with(&server, &cancel, "k2", words).json()["repeated"], true);
    assert_eq!(with(&server, "/api/v1/runs", "k1", begin).json()["run"], first["run"]);
    assert_eq!(json_of(place, &["list", "--json"]).as_array().unwrap().len(), 1);
    let mut stream = server.follow(&format!("/api/v1/runs/{run}/events"), None);
    let told = stream.until(|event| event.kind == "task_cancelled");
    assert_eq!(told.last().unwrap().data["event"]["task"], 2);
    assert_eq!(server.post(&format!("/api/v1/runs/{run}/cancel"), r#"{"now": true}"#).status, 202);
    state(&server, run, "cancelled");
}

#[test]
fn a_run_that_another_process_owns_is_steered_too_and_one_without_an_engine_gets_one() {
    let folder = project(PLAN);
    let place = folder.path();
    let run = band(place, &["run", "plan.yaml", "--detach"]).trim().to_owned();
    let server = Server::start(place, &[]);
    let owner = |server: &Server| server.get(&format!("/api/v1/runs/{run}")).json()["owner"].as_u64();
    let driver = owner(&server).unwrap();
    let cancelled = server.post(&format!("/api/v1/runs/{run}/cancel"), r#"{"tasks": ["last"]}"#);
    assert_eq!((cancelled.status, cancelled.json()["engine"].as_u64()), (202, Some(driver)));
    // Its engine is killed; the attempt goes on.
    let pid = rustix::process::Pid::from_raw(i32::try_from(driver).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    state(&server, &run, "interrupted");
    assert_eq!(server.post(&format!("/api/v1/runs/{run}/decisions/1/hold"), "").problem(), "no-engine");
    let resumed = server.post(&format!("/api/v1/runs/{run}/resume"), "{}");
    assert_eq!((resumed.status, &resumed.json()["started"]), (202, &json!(true)), "{}", resumed.text());
    assert!(owner(&server).is_some_and(|pid| pid != driver));
    // It does not end with the server that started it.
    assert_eq!(server.terminate(), Some(0));
    std::fs::write(place.join("go"), "").unwrap();
    wait_for("the question", || {
        let inbox = json_of(place, &["inbox", "--json"]);
        (inbox[0]["question"]["text"] == "Go?").then_some(())
    });
    band(place, &["cancel", &run, "--now"]);
}

#[test]
fn a_plan_that_cannot_run_starts_nothing() {
    let folder = project("mission: m\ninputs: {who: {}}\ntasks: [{id: a, run: echo, needs: [b]}]\n");
    let server = Server::start(folder.path(), &[]);
    let refused = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#);
    assert_eq!((refused.status, refused.problem().as_str()), (422, "invalid-plan"));
    let problems = refused.json()["problems"].clone();
    assert!(problems.as_array().unwrap().iter().any(|one| one["code"] == "plan::unknown-need"), "{problems}");
    assert_eq!(problems[0]["place"]["file"], "plan.yaml");
    assert_eq!(server.post("/api/v1/runs", r#"{"plan": "none"}"#).status, 422);
    assert_eq!(server.post("/api/v1/runs", "{}").problem(), "bad-request");
    assert_eq!(server.get("/api/v1/runs").json()["total"], 0);
    let inline = server.post("/api/v1/runs", r#"{"text": "mission: m\ntasks: [{id: a, run: 'true'}]"}"#);
    let run = inline.json()["run"].as_str().unwrap().to_owned();
    state(&server, &run, "succeeded");
}
