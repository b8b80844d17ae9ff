//! Runs: seen in pages, waited for, steered; and who is no person only looks.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli_support::{Live, band, json, none_left, project};
use crate::client::{Client, Person};

/// A run whose first task works until `go` is there.
const WAITS: &str = "mission: Waits\nagents: { w: { command: ['true'] } }\ntasks:\n  - { id: a, run: 'while ! test -f go; do sleep 0.02; done' }\n  - { id: b, agent: w, task: 'Do it', needs: [a] }\n";

#[test]
fn a_large_run_is_read_in_pages() {
    let mut plan = String::from("mission: Many\nlimits: { parallel: 8 }\ntasks:\n");
    for number in 0..70 {
        let _ = writeln!(plan, "  - {{ id: t{number}, run: 'true' }}");
    }
    let folder = project(&plan);
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--plain"]).code, 0);
    let mut client = Client::with(folder.path(), Person::Absent);
    let verb = json(folder.path(), &["status", "--json"]);
    let (mut tasks, mut after) = (Vec::new(), json!(null));
    loop {
        let mut arguments = json!({ "limit": 30, "task_state": "all" });
        if !after.is_null() {
            arguments["after"] = after;
        }
        let status = client.good("run_status", arguments);
        assert_eq!((&status["counts"], &status["tasks_total"]), (&verb["counts"], &json!(70)));
        tasks.extend(status["tasks"].as_array().unwrap().clone());
        after = status["next"].clone();
        if after.is_null() {
            break;
        }
    }
    let lean = |task: &Value| {
        let mut task = task.clone();
        task.as_object_mut().unwrap().retain(|_, value| !value.is_null() && value != &json!([]));
        task
    };
    let told: Vec<Value> = verb["tasks"].as_array().unwrap().iter().map(lean).collect();
    assert_eq!(tasks, told, "the same as the verb's, without what is null");
    assert_eq!(client.good("run_status", json!({}))["tasks_total"], json!(0), "nothing is at work or in trouble");
    assert_eq!(client.good("run_status", json!({ "task_state": "failed, completed" }))["tasks_total"], json!(70));
    for (tool, arguments) in
        [("run_status", json!({ "task_state": "done" })), ("list_runs", json!({ "state": "done" }))]
    {
        let words = client.bad(tool, arguments);
        assert!(words.contains("no state `done`") && words.contains("the states are"), "{words}");
    }
    assert_eq!(client.good("list_runs", json!({ "state": "failed,succeeded" }))["total"], json!(1));

    let first = client.good("run_timeline", json!({ "limit": 5 }));
    let second = client.good("run_timeline", json!({ "limit": 1, "after": first["next"] }));
    let lines = band(folder.path(), &["timeline", "--json"]).out;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&first["events"][4], &second["events"][0]), (&lines[4], &lines[5]));
    assert_eq!(first["total"], json!(lines.len()));
    let newest = client.good("run_timeline", json!({ "newest_first": true, "limit": 2 }));
    assert_eq!(newest["events"], json!([lines[lines.len() - 1], lines[lines.len() - 2]]));

    let report = client.good("run_report", json!({}));
    assert!(report["text"].as_str().unwrap().contains("Many"), "{report}");
    let (mut text, mut offset) = (String::new(), json!(0));
    while !offset.is_null() {
        let piece = client.good("run_report", json!({ "format": "json", "offset": offset }));
        text.push_str(piece["text"].as_str().unwrap());
        offset = piece["next_offset"].clone();
    }
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["mission"], "Many");
    let words = client.bad("run_status", json!({ "run": "zzzz" }));
    assert!(words.contains("zzzz") && words.contains("list_runs"), "{words}");
    assert!(client.bad("run_status", json!({ "after": "x" })).contains("`next` of an earlier page"));
}

#[test]
fn texts_of_runs_can_be_read() {
    let folder = project("mission: Text\ntasks:\n  - { id: a, run: 'true' }\n");
    let mut client = Client::with(folder.path(), Person::Absent);
    let listed = client.request("resources/list", json!({}));
    assert_eq!(listed["result"]["resources"].as_array().unwrap().len(), 1, "no run yet: {listed}");
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--plain"]).code, 0);
    let listed = client.request("resources/list", json!({}));
    let resources = listed["result"]["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 4);
    for resource in resources {
        let read = client.request("resources/read", json!({ "uri": resource["uri"] }));
        let content = &read["result"]["contents"][0];
        assert_eq!((&content["uri"], &content["mimeType"]), (&resource["uri"], &resource["mimeType"]), "{read}");
        assert!(content["text"].as_str().unwrap().len() > 100, "{read}");
    }
    let families = client.request("resources/templates/list", json!({}));
    assert_eq!(families["result"]["resourceTemplates"][0]["uriTemplate"], "band://runs/{run}/plan");
    for uri in ["band://runs/zzzz/plan", "file:///etc/passwd", "band://runs/../../x/plan", "band://runs/x/../../plan"] {
        let read = client.request("resources/read", json!({ "uri": uri }));
        assert!(read["error"]["message"].is_string(), "{uri}: {read}");
    }
}

#[test]
fn a_run_is_told_paused_taken_up_and_cancelled() {
    let folder = project(WAITS);
    let mut client = Client::with(folder.path(), Person::Absent);
    let preview = client.good("preview_run", json!({ "plan": "plan.yaml" }));
    client.good("start_run", json!({ "token": preview["token"] }));
    let mut seq = json!(0);
    loop {
        let status = client.good("run_status", json!({ "wait_seconds": 20, "after_seq": seq }));
        seq = status["seq"].clone();
        if status["counts"]["running"] == json!(1) {
            break;
        }
    }
    // Nothing is new: the wait ends at its limit, and not before somebody could wait in vain.
    let same = client.good("run_status", json!({ "wait_seconds": 1, "after_seq": seq }));
    assert_eq!(same["over"], json!(false));
    client.good("tell_task", json!({ "task": "b", "text": "mind the gap" }));
    assert!(client.bad("tell_task", json!({ "task": "nobody", "text": "x" })).contains("nobody"));
    client.good("pause_run", json!({}));
    let paused = |status: &Value| status["state"] == "paused";
    while !paused(&client.good("run_status", json!({ "wait_seconds": 20, "after_seq": seq }))) {}
    assert_eq!(client.good("pause_run", json!({}))["state"], "paused", "again is the same");
    client.good("resume_run", json!({}));
    while paused(&client.good("run_status", json!({ "wait_seconds": 20 }))) {}
    let messages = client.good("run_status", json!({}))["messages"].clone();
    assert_eq!(messages[0]["text"], "mind the gap");
    client.good("cancel_run", json!({}));
    assert_eq!(client.ended()["state"], "cancelled");
    assert_eq!(client.good("cancel_run", json!({}))["over"], json!(true), "again is the same");
    assert!(client.bad("resume_run", json!({})).contains("has ended"));
    none_left(folder.path());
}

#[test]
fn a_run_that_nobody_drives_is_taken_up() {
    let folder = project(WAITS);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("started");
    drop(run);
    let mut client = Client::with(folder.path(), Person::Absent);
    assert_eq!(
        client.good("run_status", json!({ "wait_seconds": 50 }))["state"],
        "interrupted",
        "nobody is waited for"
    );
    assert_eq!(client.good("resume_run", json!({}))["engine"], json!(true));
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(client.ended()["state"], "succeeded");
    none_left(folder.path());
}

#[test]
fn within_a_task_of_a_run_nothing_is_changed() {
    let folder = project(WAITS);
    let mut client =
        Client::in_environment(folder.path(), &[("BAND_JOB", "0.1")], Person::Gives(json!({ "option": "A" })));
    let preview = client.good("preview_run", json!({ "plan": "plan.yaml" }));
    for (tool, arguments) in [
        ("start_run", json!({ "token": preview["token"] })),
        ("propose_plan", json!({ "request": "x" })),
        ("answer_decision", json!({ "decision": 1 })),
        ("tell_task", json!({ "task": "a", "text": "x" })),
        ("pause_run", json!({})),
        ("resume_run", json!({})),
        ("cancel_run", json!({})),
    ] {
        assert!(client.bad(tool, arguments).contains("only people change runs"), "{tool}");
    }
    assert!(!folder.path().join(".band/runs").exists());
}

#[test]
fn what_breaks_the_protocol_does_not_break_the_server() {
    let folder = project(WAITS);
    let mut client = Client::with(folder.path(), Person::Absent);
    client.line(&json!("{ this is no request"));
    client.line(&json!({ "jsonrpc": "2.0", "method": "notifications/elicitation/response", "params": {} }));
    client.line(&json!("x".repeat(5 << 20)));
    assert_eq!(client.good("list_runs", json!({ "limit": 1 }))["runs"], json!([]));
    assert_eq!(client.end(), 0);
}
