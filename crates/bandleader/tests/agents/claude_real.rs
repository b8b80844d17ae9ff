//! The driver for Claude Code with the real program, as `.ci/agents` installs it, against a scripted model. Where the program is
//! not there these tests say so and check nothing.

use std::time::Duration;

use bandleader_core::plan::FailureClass;
use bandleader_engine::agent::notes::Message;
use model_server::ModelServer;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::common::{Attended, Scene};
use crate::installed;

/// A generous while for a program of 400 MB on a busy machine. Nothing waits for it to pass.
const LONG: Duration = Duration::from_mins(2);

/// The instruction that every scene gives.
const TASK: &str = "Write the specification";

/// A model with this script, and an attempt that asks it.
fn scene(rules: Value) -> Option<(ModelServer, Scene)> {
    let program = installed::program("claude")?;
    let server = ModelServer::playing(rules).unwrap();
    let scene = Scene::new("claude", "").with("command", json!([program]));
    let scene = scene.with("endpoint", json!({ "base_url": server.url() })).env("ANTHROPIC_API_KEY", "sk-not-a-key");
    Some((server, scene))
}

/// What the model server counted is what the attempt says it used.
fn agrees(server: &ModelServer, ended: &Attended) {
    let (total, spent) = (&server.count()["total"], ended.report.spending);
    assert_eq!(total["unmatched"], json!(0), "{:?}\n{}", server.log(), ended.errors);
    let counted = [&total["input"], &total["output"], &total["cached"], &total["answered"]].map(Value::as_u64);
    assert_eq!([spent.input, spent.output, spent.cached, spent.turns].map(Some), counted, "{}", ended.output);
    assert!(spent.cost.is_some(), "{spent:?}");
}

#[test]
fn it_works_in_its_role_knows_the_project_and_runs_no_hooks() {
    let Some((server, scene)) = scene(json!([
        {"if": {"user": TASK, "system": "keeper of the seal", "turn": 0}, "do": {"text": "I write.",
            "call": [{"tool": {"name": "Write", "args": {"file_path": "spec.md", "content": "# It"}}}], "usage": [1000, 40, 100]}},
        {"if": {"user": "TABS_NOT_SPACES", "turn": 1}, "do": {"text": "Written.", "usage": [1200, 9, 900]}},
    ])) else {
        return;
    };
    let project = scene.project();
    std::fs::create_dir(project.join(".claude")).unwrap();
    std::fs::write(project.join("CLAUDE.md"), "TABS_NOT_SPACES, please.\n").unwrap();
    let hook = json!([{ "matcher": "*", "hooks": [{ "type": "command", "command": "touch hooked" }] }]);
    let settings = json!({ "hooks": { "PreToolUse": hook.clone(), "SessionStart": hook } });
    std::fs::write(project.join(".claude/settings.json"), settings.to_string()).unwrap();
    let scene = scene.with("role", json!("You are the keeper of the seal."));
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "Written."), "{}", ended.errors);
    assert_eq!(std::fs::read_to_string(project.join("spec.md")).ok().as_deref(), Some("# It"), "{}", ended.output);
    assert!(!project.join("hooked").exists(), "a hook ran");
    assert!(ended.report.denied.is_empty(), "{:?}", ended.report.denied);
    assert!(ended.report.version.is_some() && ended.report.model.is_some() && ended.report.session.is_some());
    agrees(&server, &ended);
}

#[test]
fn what_it_may_not_do_is_refused_and_said() {
    let calls = json!([
        {"tool": {"name": "Write", "args": {"file_path": "spec.md", "content": "# It"}}},
        {"tool": {"name": "Bash", "args": {"command": "python3 -c 'open(\"made\",\"w\")'", "description": "make it"}}},
    ]);
    let rules = json!([
        {"if": {"turn": 0}, "do": {"call": calls, "usage": [1000, 40, 0]}},
        {"do": {"text": "Not done.", "usage": [1100, 9, 0]}},
    ]);
    for (permissions, denied, files) in [
        ("read-only", json!(["Write", "Bash"]), [false, false]),
        ("edit", json!(["Bash"]), [true, false]),
        ("full", json!([]), [true, true]),
    ] {
        let Some((server, scene)) = scene(rules.clone()) else { return };
        let scene = scene.with("permissions", json!(permissions));
        let (project, ended) = (scene.project(), scene.run());
        assert_eq!(ended.code, Some(0), "{permissions}: {}", ended.errors);
        // Where the program has its sandbox, a command may run in it.
        if permissions != "edit" || json!(ended.report.denied) == denied {
            assert_eq!(json!(ended.report.denied), denied, "{permissions}: {}", ended.output);
            assert_eq!(["spec.md", "made"].map(|name| project.join(name).exists()), files, "{permissions}");
        }
        agrees(&server, &ended);
    }
}

#[test]
fn what_sub_agents_use_is_counted_and_what_they_say_is_not_its_own() {
    let Some((server, scene)) = scene(json!([
        {"if": {"user": "SUBWORK", "turn": 0}, "do": {"text": "I am the other.",
            "call": [{"tool": {"name": "Read", "args": {"file_path": "CLAUDE.md"}}}], "usage": [300, 7, 0]}},
        {"if": {"user": "SUBWORK"}, "do": {"text": "I found it.", "usage": [400, 8, 0]}},
        {"if": {"turn": 0, "user": TASK}, "do": {"text": "I send one.",
            "call": [{"tool": {"name": "Task", "args": {"description": "d", "prompt": "SUBWORK now", "subagent_type": "general-purpose"}}}],
            "usage": [1000, 40, 100]}},
        {"do": {"text": "It came back.", "usage": [1100, 12, 0]}},
    ])) else {
        return;
    };
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "It came back."), "{}", ended.errors);
    assert!(!ended.output.contains("I am the other"), "{}", ended.output);
    assert!(server.count()["total"]["requests"].as_u64() >= Some(4), "{}", server.count());
    agrees(&server, &ended);
}

#[test]
fn refusals_of_the_provider_have_their_class_and_their_end() {
    let refused = |status: u16, kind: &str, wait: &str| json!([{ "do": { "status": status, "error": { "type": kind, "message": "no" }, "headers": { "retry-after": wait } } }]);
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let Some((server, scene)) = scene(refused(429, "rate_limit_error", "3600")) else { return };
    let failure = scene.run().report.failure.unwrap();
    assert_eq!(failure.class, FailureClass::RateLimit, "{}", failure.message);
    assert!(u128::from(failure.until.unwrap().0) >= before + 3_600_000);
    assert_eq!(server.count()["total"]["requests"], json!(1));
    for (status, kind, class) in [
        (529, "overloaded_error", FailureClass::Overloaded),
        (401, "authentication_error", FailureClass::Auth),
        (400, "invalid_request_error", FailureClass::Invalid),
    ] {
        let Some((server, scene)) = self::scene(refused(status, kind, "0")) else { return };
        let failure = scene.run().report.failure.unwrap();
        assert_eq!(failure.class, class, "{status}: {}", failure.message);
        // A request that is called wrong it tries in other shapes; that is its own affair.
        let tries = server.count()["total"]["requests"].as_u64();
        assert!(status == 400 || tries <= Some(2), "{status}: {tries:?}");
    }
}

#[test]
fn a_conversation_goes_on_where_it_was_and_one_that_is_lost_begins_anew() {
    let Some((server, scene)) = scene(json!([
        {"if": {"user": "lost"}, "do": {"text": "Anew.", "usage": [10, 1, 0]}},
        {"if": {"user": "once more"}, "do": {"text": "Again.", "usage": [20, 2, 0]}},
        {"do": {"text": "First.", "usage": [40, 4, 0]}},
    ])) else {
        return;
    };
    let first = scene.run();
    let scene = scene.with("session", json!(first.report.session)).with("instruction", json!("once more"));
    let again = scene.run();
    assert_eq!((again.code, again.answer.as_str()), (Some(0), "Again."), "{}", again.errors);
    assert_eq!(again.report.session, first.report.session);
    assert_eq!(again.report.spending.input, 20, "only what this attempt used");
    assert!(again.report.spending.cost < first.report.spending.cost, "{:?}", again.report.spending);
    assert_eq!(server.log().last().unwrap()["user"].as_str().map(|words| words.contains("once more")), Some(true));
    let unknown = json!("99999999-2222-4333-8444-555555555555");
    let lost = scene.with("session", unknown).with("instruction", json!("lost")).run();
    assert_eq!((lost.code, lost.answer.as_str()), (Some(0), "Anew."), "{}", lost.errors);
    assert!(lost.errors.contains("does not know the conversation"), "{}", lost.errors);
}

#[test]
fn an_answer_by_schema_comes_as_json() {
    let Some((server, scene)) = scene(json!([
        {"if": {"turn": 0, "offers": "StructuredOutput"}, "do": {"usage": [10, 1, 0],
            "call": [{"tool": {"name": "StructuredOutput", "args": {"verdict": "pass"}}}]}},
        {"do": {"text": "Done.", "usage": [20, 2, 0]}},
    ])) else {
        return;
    };
    let schema =
        json!({ "type": "object", "properties": { "verdict": { "type": "string" } }, "required": ["verdict"] });
    let ended = scene.with("schema", schema).run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), r#"{"verdict":"pass"}"#), "{}", ended.errors);
    agrees(&server, &ended);
}

#[test]
fn turns_end_and_a_message_is_heard() {
    let call = json!([{ "shell": "echo on" }]);
    let rules = json!([
        {"if": {"user": "use tabs"}, "do": {"text": "With tabs.", "usage": [30, 3, 0]}},
        {"do": {"call": call, "usage": [10, 1, 0]}},
    ]);
    let Some((server, endless)) = scene(rules) else { return };
    let ended = endless.with("max_turns", json!(2)).run();
    assert_eq!(ended.report.failure.as_ref().unwrap().class, FailureClass::MaxTurns);
    agrees(&server, &ended);
    let Some((server, told)) = scene(json!([
        {"if": {"user": "use tabs"}, "do": {"text": "With tabs.", "usage": [30, 3, 0]}},
        {"if": {"turn": 0}, "do": {"text": "I begin.", "first_ms": 1500, "usage": [10, 1, 0]}},
    ])) else {
        return;
    };
    told.notes().leave_messages(&[Message { id: 7, text: "use tabs".into() }]).unwrap();
    let ended = told.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "With tabs."), "{}", ended.errors);
    assert!(ended.output.contains("« message 7 has reached it"), "{}", ended.output);
    agrees(&server, &ended);
}

#[test]
fn it_stops_in_the_middle_of_an_answer_that_hangs() {
    let Some((server, scene)) = scene(json!([
        {"if": {"turn": 0}, "do": {"text": "I look.", "call": [{"shell": "echo on"}], "usage": [10, 1, 0]}},
        {"do": {"text": "lorem ipsum dolor sit amet", "hang_after": 1, "usage": [1000, 12, 0]}},
    ])) else {
        return;
    };
    let child = scene.start();
    assert!(server.wait_for(2, LONG));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let ended = scene.end(child);
    assert_eq!(ended.report.failure.as_ref().unwrap().class, FailureClass::Cancelled, "{}", ended.errors);
    assert_eq!(ended.report.spending.output, 1, "what was answered to its end: {:?}", ended.report.spending);
}

#[test]
fn a_provider_that_is_not_there_is_a_matter_of_the_network() {
    let Some((server, scene)) = scene(json!([])) else { return };
    drop(server);
    let failure = scene.run().report.failure.unwrap();
    assert_eq!(failure.class, FailureClass::Network, "{}", failure.message);
}
