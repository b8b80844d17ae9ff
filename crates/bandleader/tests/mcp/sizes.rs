//! What a large run says to a model: every result is of a size that one can read.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli_support::{none_left, project};
use crate::client::{Client, Person};

/// A result's text and its data are each about 32,000 bytes at most; a text to read is about 64,000.
const RESULT: usize = 40_000;
const TEXT: usize = 66_000;

const QUESTIONS: usize = 30;

/// 10,000 tasks, half of them in one chain, the other half side by side; and questions with long stories.
fn plan() -> String {
    let mut plan = String::from(
        "mission: Large\nlimits: { parallel: 2 }\nagents: { w: { command: ['true'] } }\ntasks:\n  - { id: last, agent: w, task: Look, needs: [c4999] }\n",
    );
    for number in 0..5_000 {
        let needs = if number == 0 { String::new() } else { format!(", needs: [c{}]", number - 1) };
        let _ = writeln!(plan, "  - {{ id: c{number}, run: 'true'{needs} }}");
        let _ = writeln!(plan, "  - {{ id: f{number}, run: 'echo a command of some length, number {number}' }}");
    }
    let story = "A long story. ".repeat(200);
    for number in 0..QUESTIONS {
        let options = "[{ id: A }, { id: B }]";
        let _ = writeln!(
            plan,
            "  - {{ id: d{number}, decision: {{ question: Which?, details: '{story}', timeout: none, options: {options} }} }}"
        );
    }
    plan
}

#[test]
fn ten_thousand_tasks_are_read_in_pieces_that_a_model_can_read() {
    let folder = project(&plan());
    let mut client = Client::with(folder.path(), Person::Absent);
    let good = |client: &mut Client, tool: &str, arguments: Value| {
        let data = client.good(tool, arguments);
        let size = data.to_string().len();
        assert!(size < RESULT, "{tool}: {size} bytes");
        data
    };
    let checked = good(&mut client, "check_plan", json!({ "plan": "plan.yaml" }));
    assert_eq!(checked["valid"], json!(true), "{}", checked["diagnostics"]);
    assert_eq!(
        (&checked["plan"]["tasks"], &checked["plan"]["critical_path_total"]),
        (&json!(10_001 + QUESTIONS), &json!(5_001))
    );
    let preview = good(&mut client, "preview_run", json!({ "plan": "plan.yaml" }));
    let started = good(&mut client, "start_run", json!({ "token": preview["token"] }));
    while client.good("run_status", json!({ "wait_seconds": 20 }))["open_decisions"].as_array().map(Vec::len)
        != Some(QUESTIONS)
    {}
    good(&mut client, "pause_run", json!({}));
    for _ in 0..8 {
        good(&mut client, "tell_task", json!({ "task": "last", "text": "x".repeat(1_900) }));
    }
    let mut status = good(&mut client, "run_status", json!({}));
    while status["cut"]["messages"] != json!(8) {
        status = good(&mut client, "run_status", json!({ "wait_seconds": 20, "after_seq": status["seq"] }));
    }
    assert_eq!(status["messages"].as_array().map(Vec::len), Some(3), "the last ones");
    let shown = status["tasks_total"].as_u64().unwrap();
    assert!(shown < QUESTIONS as u64 + 10, "only what is at work or waits for people: {shown}");
    assert_eq!(status["critical_path"][0].as_str().map(|path| &path[..1]), Some("c"), "what is next of it");
    assert_eq!(status["open_decisions"].as_array().map(Vec::len), Some(QUESTIONS));
    assert!(status["decisions"].as_array().unwrap().len() < QUESTIONS, "{}", status["cut"]);
    assert_eq!(status["cut"]["decisions"], json!(QUESTIONS));
    let all = good(&mut client, "run_status", json!({ "task_state": "all", "limit": 1_000 }));
    assert!(all["tasks"].as_array().unwrap().len() > 80 && all["next"].is_string(), "{}", all["next"]);
    good(&mut client, "run_timeline", json!({ "limit": 1_000 }));
    good(&mut client, "run_timeline", json!({ "limit": 1_000, "newest_first": true }));
    good(&mut client, "run_report", json!({}));
    good(&mut client, "run_report", json!({ "format": "json" }));
    let open = good(&mut client, "list_decisions", json!({}));
    assert_eq!((&open["total"], open["next"].is_string()), (&json!(QUESTIONS), true));
    for name in ["plan", "report", "timeline"] {
        let uri = format!("band://runs/{}/{name}", started["run"].as_str().unwrap());
        let read = client.request("resources/read", json!({ "uri": uri }));
        let text = read["result"]["contents"][0]["text"].as_str().unwrap_or_else(|| panic!("{read}"));
        assert!(text.len() < TEXT, "{name}: {} bytes", text.len());
    }
    good(&mut client, "cancel_run", json!({ "now": true }));
    assert_eq!(client.ended()["state"], "cancelled");
    none_left(folder.path());
}
