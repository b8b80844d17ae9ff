//! The driver for agents that speak the Agent Client Protocol, with scripts in place of the program.

use std::fs;

use bandleader_core::plan::FailureClass;
use bandleader_engine::agent::notes::Message;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::common::{Attended, Scene};

/// Waits for a request and answers it.
pub(crate) fn answers(method: &str, result: &Value) -> String {
    format!("< \"id\":([0-9]+),\"method\":\"{method}\"\n> {{\"jsonrpc\":\"2.0\",\"id\":$1,\"result\":{result}}}\n")
}

/// Waits for a request and refuses it.
pub(crate) fn refuses(method: &str, error: &Value) -> String {
    format!("< \"id\":([0-9]+),\"method\":\"{method}\"\n> {{\"jsonrpc\":\"2.0\",\"id\":$1,\"error\":{error}}}\n")
}

/// Lets us know something.
pub(crate) fn update(update: &Value) -> String {
    let params = json!({"sessionId": "s1", "update": update});
    format!("> {}\n", json!({"jsonrpc": "2.0", "method": "session/update", "params": params}))
}

/// Says something.
pub(crate) fn says(text: &str) -> String {
    update(&json!({"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": text}}))
}

/// Greets, and says what it can.
pub(crate) fn greets(capabilities: &Value) -> String {
    let agent = json!({"name": "odd-agent", "version": "7.1"});
    answers("initialize", &json!({"protocolVersion": 1, "agentInfo": agent, "agentCapabilities": capabilities}))
}

/// Greets, and opens a session.
pub(crate) fn opens() -> String {
    greets(&json!({})) + &answers("session/new", &json!({"sessionId": "s1"}))
}

/// The prompt was heard; its id is `$1` from here on.
pub(crate) const HEARS: &str = "< \"id\":([0-9]+),\"method\":\"session/prompt\"\n";

/// Ends its turn.
pub(crate) fn ends(reason: &str) -> String {
    format!("> {{\"jsonrpc\":\"2.0\",\"id\":$1,\"result\":{{\"stopReason\":\"{reason}\"}}}}\n")
}

/// With this script.
pub(crate) fn scene(script: &str) -> Scene {
    Scene::new("acp", script)
}

/// Why it failed.
pub(crate) fn failure(ended: Attended) -> (FailureClass, String) {
    let errors = ended.errors;
    let failure = ended.report.failure.unwrap_or_else(|| panic!("it did not fail: {errors}"));
    (failure.class, failure.message)
}

/// What the agent heard.
pub(crate) fn heard(ended: &Attended) -> Vec<Value> {
    ended.seen.iter().filter_map(|line| serde_json::from_str(line.strip_prefix("in ")?).ok()).collect()
}

/// The parameters of these requests.
pub(crate) fn asked(ended: &Attended, method: &str) -> Vec<Value> {
    heard(ended)
        .into_iter()
        .filter(|message| message["method"] == method)
        .map(|message| message["params"].clone())
        .collect()
}

#[test]
fn a_turn_from_greeting_to_answer() {
    let call = json!({"sessionUpdate": "tool_call", "toolCallId": "c", "title": "Read a.rs", "name": "read", "kind": "read",
        "status": "in_progress", "rawInput": {"path": "a.rs"}});
    let over = json!({"sessionUpdate": "tool_call_update", "toolCallId": "c", "status": "completed"});
    let plan = json!({"sessionUpdate": "plan", "entries": [{"content": "look", "status": "in_progress"}]});
    let cost =
        json!({"sessionUpdate": "usage_update", "used": 1, "size": 2, "cost": {"amount": 0.002, "currency": "USD"}});
    let script = [
        opens(),
        HEARS.into(),
        update(&plan),
        says("I look."),
        update(&call),
        update(&over),
        says("It is "),
        says("done."),
    ];
    let last = "> {\"jsonrpc\":\"2.0\",\"id\":$1,\"result\":{\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":6,\"cachedReadTokens\":4,\"outputTokens\":2}}}\n";
    let ended = scene(&(script.concat() + &update(&cost) + last + "all\n")).run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "It is done."), "{}", ended.errors);
    assert_eq!((ended.report.session.as_deref(), ended.report.version.as_deref()), (Some("s1"), Some("7.1")));
    let spent = ended.report.spending;
    assert_eq!((spent.input, spent.cached, spent.output, spent.cost, spent.turns), (10, 4, 2, Some(2_000), 2));
    assert!(ended.output.contains("☐ 0 of 1 done: look\nI look.\n→ read: a.rs\nIt is done.\n"), "{}", ended.output);
    let new = &asked(&ended, "session/new")[0];
    let server = &new["mcpServers"][0];
    assert_eq!((&server["name"], &server["args"][0]), (&json!("band"), &json!("mcp")));
    assert!(server["env"].as_array().unwrap().contains(&json!({"name": "BAND_TASK_ID", "value": "build.api"})));
    assert!(new["cwd"].as_str().unwrap().ends_with("/project"));
    assert_eq!(asked(&ended, "session/prompt")[0]["prompt"][0]["text"], "Write the specification.");
    assert!(!ended.seen.iter().any(|line| line.starts_with("arg ")), "{:?}", ended.seen);
}

#[test]
fn each_way_to_stop_is_told_apart() {
    for (reason, class) in [
        ("cancelled", FailureClass::Cancelled),
        ("max_turn_requests", FailureClass::MaxTurns),
        ("max_tokens", FailureClass::ContextOverflow),
        ("refusal", FailureClass::Invalid),
    ] {
        let ended = scene(&(opens() + HEARS + &says("half") + &ends(reason))).run();
        assert_eq!(failure(ended).0, class, "{reason}");
    }
    let odd = scene(&(opens() + HEARS + &says("all") + &ends("a_new_one"))).run();
    assert_eq!((odd.code, odd.answer.as_str()), (Some(0), "all"));
}

#[test]
fn refusals_are_told_apart() {
    for (error, class) in [
        (json!({"code": 429, "message": "slow down, retry in 30s"}), FailureClass::RateLimit),
        (
            json!({"code": -32603, "message": "Internal error", "data": {"errorKind": "overloaded"}}),
            FailureClass::Overloaded,
        ),
        (json!({"code": -32603, "message": "Internal error: invalid api key"}), FailureClass::Auth),
    ] {
        let ended = scene(&(opens() + &refuses("session/prompt", &error) + "all\n")).run();
        let until = ended.report.failure.as_ref().unwrap().until;
        assert_eq!(failure(ended).0, class, "{error}");
        assert_eq!(until.is_some(), class == FailureClass::RateLimit);
    }
}

#[test]
fn what_it_asks_is_answered_by_our_rules() {
    let ask = |id: u64, call: Value| {
        let options = json!([{"optionId": "yes", "kind": "allow_once"}, {"optionId": "no", "kind": "reject_once"}]);
        let params = json!({"sessionId": "s1", "toolCall": call, "options": options});
        let request = json!({"jsonrpc": "2.0", "id": id, "method": "session/request_permission", "params": params});
        format!("> {request}\n< \"id\":{id},\"(?:result|error)\"\n")
    };
    let other = |id: u64, method: &str, params: Value| {
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        format!("> {request}\n< \"id\":{id},\"(?:result|error)\"\n")
    };
    let write = |path: &str| json!({"sessionId": "s1", "path": path, "content": "hi"});
    let project = "$HOME/project/new.txt";
    let prompt_id = "< \"id\":([0-9]+),\"method\":\"session/prompt\"\n";
    let script = [
        opens(),
        prompt_id.into(),
        ask(100, json!({"toolCallId": "a", "title": "Edit a.rs", "kind": "edit", "locations": [{"path": "a.rs"}]})),
        ask(101, json!({"toolCallId": "b", "title": "cargo test", "kind": "execute"})),
        ask(102, json!({"toolCallId": "c", "title": "ask (band MCP Server)", "kind": "other"})),
        other(103, "fs/write_text_file", write(project)),
        other(104, "fs/write_text_file", write("/etc/bandleader-must-not-be-here")),
        other(105, "terminal/create", json!({"command": "ls"})),
        other(106, "never/heard_of", json!({})),
        "> {\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{\"stopReason\":\"end_turn\"}}\n".into(),
        "> {\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"stopReason\":\"end_turn\"}}\n".into(),
    ];
    let scene = scene(&script.concat());
    let ended = scene.run();
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    let answer =
        |id: u64| heard(&ended).into_iter().find(|message| message["id"] == id && message["method"].is_null()).unwrap();
    let chosen = |id: u64| answer(id)["result"]["outcome"]["optionId"].clone();
    assert_eq!([chosen(100), chosen(101), chosen(102)], ["yes", "no", "yes"]);
    assert_eq!(ended.report.denied, ["cargo test"]);
    assert_eq!(fs::read_to_string(scene.project().join("new.txt")).unwrap(), "hi");
    assert!(answer(104)["error"]["message"].as_str().unwrap().contains("may not be written"));
    assert_eq!(
        (answer(105)["error"]["code"].as_i64(), answer(106)["error"]["code"].as_i64()),
        (Some(-32601), Some(-32601))
    );
}

#[test]
fn what_people_say_is_its_next_turn() {
    let again = HEARS.to_owned() + &says("second") + &ends("end_turn");
    let scene = scene(&(opens() + HEARS + &says("first") + &ends("end_turn") + &again));
    scene.notes().leave_messages(&[Message { id: 4, text: "use tabs".into() }]).unwrap();
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "second"), "{}", ended.errors);
    let prompts = asked(&ended, "session/prompt");
    let texts: Vec<&Value> = prompts.iter().map(|prompt| &prompt["prompt"][0]["text"]).collect();
    assert_eq!(texts, ["Write the specification.", "use tabs"]);
    assert!(ended.output.contains("« message 4 has reached it"), "{}", ended.output);
}

#[test]
fn stopped_it_is_asked_to_end_its_turn_first() {
    let last = "< \"method\":\"session/cancel\"\n> {\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"stopReason\":\"cancelled\",\"usage\":{\"inputTokens\":5,\"outputTokens\":1}}}\nall\n";
    for (last, used) in [(last, 6), ("deaf\nhang\n", 0)] {
        let scene = scene(&(opens() + HEARS + &says("at work\n\n") + last));
        let child = scene.start();
        while scene.notes().activity().is_none_or(|activity| activity.doing != "at work") {
            std::thread::yield_now();
        }
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        let ended = scene.end(child);
        assert_eq!(ended.report.spending.tokens(), used, "{}", ended.errors);
        assert_eq!(failure(ended).0, FailureClass::Cancelled);
    }
}

#[test]
fn more_calls_than_it_may_make_end_it() {
    let call = |id: &str| {
        let call =
            |sort: &str, status: &str| json!({"sessionUpdate": sort, "toolCallId": id, "title": "x", "status": status});
        update(&call("tool_call", "in_progress")) + &update(&call("tool_call_update", "completed"))
    };
    let script = opens()
        + HEARS
        + &call("1")
        + &call("2")
        + &call("3")
        + "< \"method\":\"session/cancel\"\n"
        + &ends("cancelled")
        + "all\n";
    let ended = scene(&script).with("max_turns", json!(2)).run();
    assert_eq!(failure(ended), (FailureClass::MaxTurns, "it used up its 2 calls of the model".into()));
}

#[test]
fn what_is_no_agent_is_said_in_words() {
    let gone = failure(scene("! not logged in\nexit 1\n").run());
    assert_eq!(gone.0, FailureClass::Auth);
    assert!(gone.1.contains("before it answered `initialize` (exit code 1): not logged in"), "{}", gone.1);
    let late = failure(scene(&(opens() + HEARS + &says("half") + "exit 0\n")).run());
    assert_eq!(late.0, FailureClass::Crash);
    let other = answers("initialize", &json!({"protocolVersion": 3})) + "all\n";
    assert_eq!(failure(scene(&other).run()).0, FailureClass::Start);
    let none = scene("").with("command", json!([])).run();
    assert!(failure(none).1.contains("the command is empty"));
}

#[test]
fn odd_lines_are_passed_over() {
    let odd = "> hello\n> []\n> [1]\n> null\n> {}\n> {\"id\":99,\"result\":1}\n> {\"method\":7}\n> {\"jsonrpc\":\"2.0\",\"method\":\"session/update\"}\n> \n";
    let batch = "> [{\"id\":\"3\",\"result\":{\"stopReason\":\"end_turn\"}}]\n";
    let ended = scene(&(format!("{odd}{}", opens()) + HEARS + odd + &says("fine") + batch + "all\n")).run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "fine"), "{}", ended.errors);
}
