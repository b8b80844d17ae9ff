//! The tools, over the protocol.

use serde_json::{Value, json};

use crate::cli_support::{band, json};
use crate::client::{Client, Stage, run_folder};

fn events(project: &std::path::Path) -> Vec<Value> {
    let said = band(project, &["timeline", "--json"]);
    said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'a>(events: &'a [Value], name: &str) -> &'a Value {
    events.iter().find(|event| event["event"] == name).unwrap_or_else(|| panic!("no `{name}` in {events:#?}"))
}

#[test]
fn each_tool_is_listed_and_does_what_it_says() {
    let stage = Stage::begin("");
    let mut client = Client::greet(stage.path());
    let listed = client.request("tools/list", json!({}));
    let names: Vec<&str> =
        listed["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, bandleader_engine::agent::TOOLS);
    assert!(run_folder(stage.path()).join("jobs/0.1.agent/connected").exists());

    client.good("report_progress", json!({ "percent": 42.5, "doing": "the \u{1b}[31mparser" }));
    client.good("record_insight", json!({ "text": "the index is built twice" }));
    let choice =
        json!({ "question": "which queue", "choice": "redis", "because": "it is there", "alternatives": ["nats"] });
    client.good("record_decision", choice);
    client.good(
        "raise_blocker",
        json!({ "name": "staging", "severity": "high", "text": "no answer", "needs": "a restart" }),
    );
    client.good("raise_blocker", json!({ "name": "quota", "text": "nearly used up" }));
    client.good("resolve_blocker", json!({ "name": "quota", "how": "raised" }));
    client.good("submit_deliverable", json!({ "path": "docs/api.yaml", "text": "the API" }));
    assert_eq!(client.good("get_context", json!({})), "No facts were left yet.");
    client.good("put_context", json!({ "key": "url", "value": "http://localhost:1", "ttl_seconds": 3600 }));
    wait_for(|| client_context(stage.path()).contains("url"));
    let fact = client.good("get_context", json!({ "key": "url" }));
    assert!(fact.starts_with("url = http://localhost:1 (by a at "), "{fact}");
    assert!(client.call("get_context", json!({ "key": "none" })).1);

    let status = json(stage.path(), &["status", "--json"]);
    let task = &status["tasks"][0];
    assert_eq!((task["activity"]["percent"].clone(), status["blockers"].as_array().unwrap().len()), (json!(42), 1));
    assert_eq!(status["blockers"][0]["needs"], "a restart");
    let shown = band(stage.path(), &["status"]).out;
    assert!(shown.contains("42 % · the \\e[31mparser"), "{shown}");
    assert!(shown.contains("staging (high): no answer"), "{shown}");
    assert_eq!(client.end(), 0);

    let (text, folder) = stage.end();
    for words in ["insight", "the index is built twice", "redis (which queue): it is there", "docs/api.yaml: the API"] {
        assert!(text.contains(words), "{words} is missing in\n{text}");
    }
    let events = events(folder.path());
    assert_eq!(of(&events, "insight")["insight"], "the index is built twice");
    assert_eq!(of(&events, "decision")["rationale"], "it is there");
    assert_eq!(of(&events, "blocker")["description"], "no answer");
    assert_eq!(of(&events, "blocker_resolved")["how"], "raised");
    assert_eq!(of(&events, "deliverable")["path"], "docs/api.yaml");
    let report = band(folder.path(), &["report"]).out;
    for words in ["## Insights", "the index is built twice", "a chose redis, not nats", "the API, as `a` says"] {
        assert!(report.contains(words), "{words} is missing in\n{report}");
    }
    let plan = std::fs::read_to_string(run_folder(folder.path()).join("orchestration-plan.md")).unwrap();
    assert!(plan.contains("## Insights") && plan.contains("a chose redis"), "{plan}");
}

fn client_context(project: &std::path::Path) -> String {
    let output = crate::client::of_task(project).args(["report", "context"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Until it is so: facts are there as soon as the engine has taken them in.
pub(crate) fn wait_for(so: impl Fn() -> bool) {
    while !so() {
        std::thread::yield_now();
    }
}

#[test]
fn what_does_not_fit_is_answered_in_words_and_the_connection_stays() {
    let stage = Stage::begin("");
    let mut client = Client::greet(stage.path());
    let unknown = client.request("tools/call", json!({ "name": "delete_everything", "arguments": {} }));
    assert!(
        unknown["error"]["message"].as_str().unwrap().contains("there is no tool `delete_everything`"),
        "{unknown}"
    );
    client.line("{ this is not JSON");
    client.line(&"x".repeat(3 << 20));
    let refused = |client: &mut Client, tool: &str, arguments: Value, words: &str| {
        let (text, failed) = client.call(tool, arguments);
        assert!(failed && text.contains(words), "{text}");
    };
    refused(&mut client, "record_insight", json!({}), "missing field `text`");
    refused(&mut client, "record_insight", json!({ "text": 3 }), "the arguments do not fit");
    refused(&mut client, "record_insight", json!({ "text": " " }), "`text` is empty");
    refused(&mut client, "record_insight", json!({ "text": "x".repeat(2_001) }), "2000 are allowed");
    refused(
        &mut client,
        "raise_blocker",
        json!({ "name": "x", "text": "y", "severity": "doom" }),
        "unknown variant `doom`",
    );
    refused(&mut client, "report_progress", json!({}), "give `percent`");
    let lone = json!({ "question": "Which?", "options": [{ "id": "A", "name": "one" }] });
    refused(&mut client, "ask", lone, "two options");
    let alternatives = vec!["y".repeat(1_900); 3];
    let too_much = json!({ "question": "q", "choice": "c", "because": "b", "alternatives": alternatives });
    refused(&mut client, "record_decision", too_much, "longer than");
    client.good("record_insight", json!({ "text": "still here" }));
    drop(client);
    stage.end();
}

#[test]
fn an_attempt_that_is_over_is_not_heard_any_more() {
    let stage = Stage::begin("");
    let (_, folder) = stage.end();
    let mut client = Client::greet(folder.path());
    let (text, failed) = client.call("record_insight", json!({ "text": "late" }));
    assert!(failed && text.contains("attempt 1 at `a` is over"), "{text}");
    assert_eq!(client.end(), 0);
    let nobody = band(folder.path(), &["mcp", "--attempt"]);
    assert_eq!((nobody.code, nobody.out.as_str()), (2, ""));
    assert!(nobody.err.contains("`BAND_DIR` is not set"), "{}", nobody.err);
}
