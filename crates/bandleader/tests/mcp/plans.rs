//! Plans: checked, proposed, previewed, and what was previewed is what starts.

use serde_json::json;

use crate::cli_support::{empty, json, none_left, project};
use crate::client::{Client, Person};

const PLAN: &str = "mission: Two steps\ntasks:\n  - { id: a, run: 'echo first > said', expected_time: 2m }\n  - { id: b, run: 'echo second >> said', needs: [a], expected_time: 3m }\n";

#[test]
fn each_tool_says_what_it_does_to_the_world() {
    let folder = empty();
    let mut client = Client::with(folder.path(), Person::Absent);
    let listed = client.request("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(
        names.join(" "),
        "check_plan propose_plan proposal_status cancel_proposal preview_run start_run list_runs run_status run_timeline run_report list_decisions \
         answer_decision tell_task pause_run resume_run cancel_run"
    );
    for tool in tools {
        let name = tool["name"].as_str().unwrap();
        let looks =
            "check_plan proposal_status preview_run list_runs run_status run_timeline run_report list_decisions";
        let looks: Vec<&str> = looks.split(' ').collect();
        let ends = ["cancel_proposal", "start_run", "answer_decision", "cancel_run"];
        let hints = &tool["annotations"];
        assert_eq!(hints["readOnlyHint"], json!(looks.contains(&name)), "{name}");
        assert_eq!(hints["destructiveHint"], json!(ends.contains(&name)), "{name}");
        assert_eq!(hints["openWorldHint"], json!(["propose_plan", "start_run"].contains(&name)), "{name}");
        assert!(tool["title"].is_string() && tool["outputSchema"]["type"] == "object", "{name}");
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn a_plan_with_mistakes_is_told_of_all_of_them_and_cannot_start() {
    let folder = empty();
    let mut client = Client::with(folder.path(), Person::Absent);
    let wrong = "mission: m\ntasks:\n  - { id: a, run: 'true', needs: [nobody] }\n  - { id: b, rum: 'true' }\n";
    let said = client.good("check_plan", json!({ "text": wrong }));
    assert_eq!((&said["valid"], said["diagnostics_total"].as_u64().unwrap() > 1), (&json!(false), true), "{said}");
    assert_eq!((&said["diagnostics"][0]["place"]["line"], &said["plan"]), (&json!(3), &json!(null)), "{said}");
    let preview = client.good("preview_run", json!({ "text": wrong }));
    assert_eq!((&preview["can_start"], &preview["token"]), (&json!(false), &json!(null)));
    for arguments in [json!({}), json!({ "plan": "-" }), json!({ "plan": "a.yaml", "text": "mission: m" })] {
        assert!(client.bad("check_plan", arguments).contains("either `plan`"), "stdin is the protocol's");
    }
    assert!(client.bad("check_plan", json!({ "plan": "nowhere.yaml" })).contains("nowhere.yaml"));
    assert!(client.bad("check_plan", json!({ "text": PLAN, "level": 9 })).contains("1 to 5"));
    assert!(client.bad("check_plan", json!({ "txt": PLAN })).contains("unknown field `txt`"));
    assert!(client.bad("start_run", json!({ "token": "made-up" })).contains("preview_run"));
    let unknown = client.request("tools/call", json!({ "name": "run_shell", "arguments": {} }));
    assert!(unknown["error"]["message"].as_str().unwrap().contains("there is no tool `run_shell`"), "{unknown}");
    assert!(!folder.path().join(".band").exists(), "nothing was made by looking");
}

#[test]
fn what_was_previewed_is_what_starts_and_only_once() {
    let folder = project(PLAN);
    let mut client = Client::with(folder.path(), Person::Absent);
    let preview = client.good("preview_run", json!({ "plan": "plan.yaml" }));
    assert_eq!(preview["plan"]["critical_path"], json!(["a", "b"]), "{preview}");
    assert_eq!((&preview["plan"]["makespan_ms"], &preview["can_start"]), (&json!(300_000), &json!(true)));
    assert_eq!(preview["commands"], json!(["echo first > said", "echo second >> said"]));
    // Who shows one thing and starts another finds the first one started.
    std::fs::write(folder.path().join("plan.yaml"), PLAN.replace("first", "evil")).unwrap();
    let started = client.good("start_run", json!({ "token": preview["token"] }));
    let again = client.good("start_run", json!({ "token": preview["token"] }));
    assert_eq!((&started["started_before"], &again["started_before"]), (&json!(false), &json!(true)));
    assert_eq!(started["run"], again["run"]);
    let status = client.ended();
    assert_eq!((&status["state"], &status["id"]), (&json!("succeeded"), &started["run"]), "{status}");
    assert_eq!(std::fs::read_to_string(folder.path().join("said")).unwrap(), "first\nsecond\n");
    assert_eq!(client.good("list_runs", json!({}))["total"], json!(1));
    none_left(folder.path());
}

#[test]
fn inputs_are_given_or_said_to_be_missing() {
    let folder = project(
        "mission: m\ninputs: { who: { type: text } }\ntasks:\n  - { id: a, run: 'echo \"$WHO\" > said', env: { WHO: '{{ inputs.who }}' } }\n",
    );
    let mut client = Client::with(folder.path(), Person::Absent);
    let preview = client.good("preview_run", json!({ "plan": "plan.yaml" }));
    assert_eq!(
        (&preview["can_start"], &preview["inputs"][0]["is_missing"]),
        (&json!(false), &json!(true)),
        "{preview}"
    );
    let preview = client.good("preview_run", json!({ "plan": "plan.yaml", "inputs": { "who": "ada" } }));
    client.good("start_run", json!({ "token": preview["token"] }));
    assert_eq!(client.ended()["state"], "succeeded");
    assert_eq!(std::fs::read_to_string(folder.path().join("said")).unwrap(), "ada\n");
}

#[test]
fn a_proposal_is_a_plan_that_checks_and_overwrites_nothing() {
    let folder = empty();
    let mut client = Client::with(folder.path(), Person::Absent);
    let wish = json!({ "request": "Fix the crash on login", "level": 2, "save_as": "fix.yaml" });
    let proposal = client.good("propose_plan", wish.clone());
    let text = std::fs::read_to_string(folder.path().join("fix.yaml")).unwrap();
    assert_eq!((proposal["plan"].as_str().unwrap(), &proposal["level"]), (text.as_str(), &json!(2)));
    assert_eq!(client.good("check_plan", json!({ "plan": "fix.yaml" }))["valid"], json!(true));
    assert!(client.bad("propose_plan", wish).contains("nothing is overwritten"));
    for place in ["../fix.yaml", "/tmp/fix.yaml", "fix.sh", ""] {
        let words = client.bad("propose_plan", json!({ "request": "Fix it", "save_as": place }));
        assert!(words.contains("within the project"), "{place}: {words}");
    }
    assert!(client.bad("propose_plan", json!({ "request": " " })).contains("what is wanted"));
    assert!(
        client.bad("propose_plan", json!({ "request": "x", "template": "poem" })).contains("built-in templates are")
    );
    assert_eq!(json(folder.path(), &["check", "fix.yaml", "--json"]).as_array().map(Vec::is_empty), Some(true));
}
