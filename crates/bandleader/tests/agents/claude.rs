//! The driver for Claude Code, against scripts that speak its protocol.

use bandleader_core::Spending;
use bandleader_core::plan::FailureClass;
use bandleader_engine::agent::notes::Message;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::common::{Attended, Scene};

/// The greeting and the instruction, as far as a script must care.
pub(crate) const BEGIN: &str = r#"< "subtype":"initialize"
> {"type":"control_response","response":{"subtype":"success","request_id":"greeting","response":{"commands":[]}}}
< "type":"user"
> {"type":"system","subtype":"init","session_id":"s-1","model":"claude-opus-5-5","claude_code_version":"2.1.330","mcp_servers":[{"name":"band","status":"connected"}]}
"#;

/// A successful end.
pub(crate) const DONE: &str = r#"> {"type":"result","subtype":"success","is_error":false,"result":"All done.","permission_denials":[]}
all
"#;

/// With what the program does after the instruction.
pub(crate) fn scene(after: &str) -> Scene {
    Scene::new("claude", &format!("{BEGIN}{after}"))
}

/// What comes of that.
pub(crate) fn run(after: &str) -> Attended {
    scene(after).run()
}

#[test]
fn role_and_instruction_go_by_the_protocol_and_its_answer_comes_back() {
    let said = r#"> {"type":"assistant","message":{"id":"m1","model":"claude-opus-5-5","content":[{"type":"text","text":"I look."}]}}
"#;
    let scene = scene(&format!("{said}{DONE}")).with("role", json!("You are the keeper of the seal."));
    let scene = scene.with("effort", json!("high")).with("model", json!("opus")).with("max_turns", json!(7));
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "All done."), "{}", ended.errors);
    let seen = |start: &str| ended.seen.iter().filter(|line| line.starts_with(start)).cloned().collect::<Vec<_>>();
    let (arguments, heard) = (seen("arg "), seen("in "));
    assert!(!arguments.iter().any(|line| line.contains("keeper") || line.contains("specification")), "{arguments:?}");
    for argument in ["--effort=high", "--model=opus", "--max-turns=7", "--strict-mcp-config"] {
        assert!(arguments.contains(&format!("arg {argument}")), "{arguments:?}");
    }
    assert!(heard[0].contains(r#""appendSystemPrompt":"You are the keeper of the seal.""#), "{heard:?}");
    assert!(heard[1].contains("Write the specification."), "{heard:?}");
    assert_eq!(ended.report.session.as_deref(), Some("s-1"));
    assert_eq!(ended.report.version.as_deref(), Some("2.1.330"));
    assert!(ended.output.contains("I look.") && ended.output.contains("model claude-opus-5-5"), "{}", ended.output);
    let home = scene.notes().home();
    let servers: Value = serde_json::from_slice(&std::fs::read(home.join("mcp.json")).unwrap()).unwrap();
    assert_eq!(servers["mcpServers"]["band"]["alwaysLoad"], json!(true));
    let settings: Value = serde_json::from_slice(&std::fs::read(home.join("settings.json")).unwrap()).unwrap();
    assert_eq!(settings["disableAllHooks"], json!(true));
}

#[test]
fn its_conversation_has_a_name_before_it_has_said_anything() {
    let ended = Scene::new("claude", "exit 1\n").run();
    let name = ended.report.session.unwrap();
    assert!(ended.seen.contains(&format!("arg --session-id={name}")), "{:?}", ended.seen);
    assert_eq!(name.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
}

#[test]
fn a_greeting_that_is_refused_ends_it_with_the_reason() {
    let refused = r#"< "subtype":"initialize"
> {"type":"control_response","response":{"subtype":"error","request_id":"greeting","error":"the schema is none"}}
hang
"#;
    let failure = Scene::new("claude", refused).run().report.failure.unwrap();
    assert_eq!(failure.class, FailureClass::Start);
    assert!(failure.message.ends_with("the schema is none"), "{}", failure.message);
}

#[test]
fn a_conversation_that_it_does_not_know_is_begun_anew() {
    let missing = r#"> {"type":"result","subtype":"error_during_execution","is_error":true,"errors":["No conversation found with session ID: old"]}
! No conversation found with session ID: old
exit 1
"#;
    let script = format!("if --resume=old\n{missing}end\n{BEGIN}{DONE}");
    let ended = Scene::new("claude", &script).with("session", json!("old")).run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "All done."), "{}", ended.errors);
    assert!(ended.errors.contains("does not know the conversation"), "{}", ended.errors);
    assert!(ended.seen.iter().any(|line| line.starts_with("arg --session-id=")), "{:?}", ended.seen);
}

#[test]
fn a_name_that_is_taken_is_left_to_the_program() {
    let taken = "if --session-id=\n! Error: Session ID x is already in use.\nexit 1\nend\n";
    let ended = Scene::new("claude", &format!("{taken}{BEGIN}{DONE}")).run();
    assert_eq!((ended.code, ended.report.session.as_deref()), (Some(0), Some("s-1")), "{}", ended.errors);
}

#[test]
fn permissions_are_ours_to_give() {
    let ask = |tool: &str| {
        format!(
            r#"> {{"type":"control_request","request_id":"q","request":{{"subtype":"can_use_tool","tool_name":"{tool}","tool_use_id":"t-{tool}","input":{{"a":1}}}}}}
< "behavior":"(\w+)"
! $1 {tool}
"#
        )
    };
    let check = |permissions: &str, tool: &str, expected: &str| {
        let asked = scene(&format!("{}{DONE}", ask(tool))).with("permissions", json!(permissions));
        let ended = asked.with("tools", json!({ "deny": ["Grep"] })).run();
        assert!(ended.errors.contains(&format!("{expected} {tool}")), "{permissions} {tool}: {}", ended.errors);
        let denied = if expected == "deny" { vec![tool.to_owned()] } else { Vec::new() };
        assert_eq!(ended.report.denied, denied, "{permissions} {tool}");
    };
    check("read-only", "Read", "allow");
    check("read-only", "Write", "deny");
    check("edit", "Bash", "deny");
    check("edit", "mcp__band__ask", "allow");
    check("full", "Bash", "allow");
    check("full", "AskUserQuestion", "deny");
    check("full", "Grep", "deny");
}

#[test]
fn a_question_of_a_kind_that_nobody_knows_is_answered_too() {
    let asked = r#"> {"type":"control_request","request_id":"q9","request":{"subtype":"elicitation"}}
< "subtype":"error","request_id":"q9"
"#;
    assert_eq!(run(&format!("{asked}{DONE}")).code, Some(0));
}

#[test]
fn figures_are_counted_once_and_the_result_has_the_last_word() {
    let message = |id: &str, parent: &str, output: u32| {
        format!(
            r#"> {{"type":"assistant","parent_tool_use_id":{parent},"message":{{"id":"{id}","model":"m","content":[{{"type":"text","text":"{id} speaks"}}],"usage":{{"input_tokens":10,"cache_read_input_tokens":90,"cache_creation_input_tokens":900,"output_tokens":{output}}}}}}}
"#
        )
    };
    let heard = format!("{}{}{}", message("a", "null", 1), message("a", "null", 7), message("b", "\"t1\"", 5));
    let cut = run(&format!("{heard}exit 1\n"));
    // The program did not get to its own figure: the table of prices has one.
    let spent = Spending { input: 2_000, cached: 180, output: 12, cost: Some(7_556), turns: 2 };
    assert_eq!(cut.report.spending, spent);
    assert!(!cut.output.contains("b speaks"), "a sub-agent's words are not its own: {}", cut.output);
    let result = json!({ "type": "result", "subtype": "success", "result": "x", "total_cost_usd": 9.0,
        "usage": { "input_tokens": 10, "output_tokens": 7 },
        "model_usage_since_last_result": { "m": { "inputTokens": 30, "cacheReadInputTokens": 180, "outputTokens": 20, "costUSD": 0.25 } } });
    let ended = run(&format!("{heard}> {result}\nall\n"));
    let spent = Spending { input: 210, cached: 180, output: 20, cost: Some(250_000), turns: 2 };
    assert_eq!(ended.report.spending, spent);
}

#[test]
fn it_stops_a_conversation_that_calls_its_model_too_often() {
    let call = |id: &str| format!(r#"> {{"type":"assistant","message":{{"id":"{id}","model":"m","content":[]}}}}"#);
    let script = format!("{}\n{}\n{}\n< interrupt\nhang\n", call("a"), call("a"), call("b"));
    let ended = scene(&script).with("max_turns", json!(1)).run();
    assert_eq!(ended.report.failure.unwrap().class, FailureClass::MaxTurns);
}

#[test]
fn lists_and_tools_are_shown() {
    let used = r#"> {"type":"assistant","message":{"id":"a","model":"m","content":[{"type":"tool_use","id":"1","name":"TodoWrite","input":{"todos":[{"content":"read","status":"completed"},{"content":"write","status":"in_progress"}]}},{"type":"tool_use","id":"2","name":"Bash","input":{"command":"make"}},{"type":"tool_use","id":"3","name":"TaskCreate","input":{"subject":"ship"}}]}}
> {"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"2","is_error":true,"content":"no rule"},{"type":"tool_result","tool_use_id":"3","content":"ok"}]},"tool_use_result":{"task":{"id":"1"}}}
"#;
    let scene = scene(&format!("{used}{DONE}"));
    let ended = scene.run();
    for line in ["☐ 1 of 2 done: write", "→ Bash: make", "✗ it failed: no rule", "☐ 1 of 3 done: write"] {
        assert!(ended.output.contains(line), "{line}: {}", ended.output);
    }
    assert_eq!(scene.notes().activity().unwrap().todo.len(), 3);
}

#[test]
fn a_message_reaches_it_while_it_works_and_is_told_when_the_model_has_read_it() {
    let script = r#"< "uuid":"([^"]+)".*use tabs
> {"type":"result","subtype":"success","is_error":false,"result":"With spaces."}
> {"type":"system","subtype":"init","session_id":"s-1"}
> {"type":"user","isReplay":true,"uuid":"$1","message":{"content":[]}}
> {"type":"result","subtype":"success","is_error":false,"result":"With tabs."}
all
"#;
    let scene = scene(script);
    scene.notes().leave_messages(&[Message { id: 4, text: "use tabs".into() }]).unwrap();
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "With tabs."), "{}", ended.errors);
    assert!(ended.output.contains("« message 4 has reached it"), "{}", ended.output);
}

#[test]
fn sub_agents_that_are_still_at_work_are_waited_for() {
    let script = r#"> {"type":"system","subtype":"background_tasks_changed","tasks":[{"task_type":"local_agent"}]}
> {"type":"result","subtype":"success","is_error":false,"result":"I wait."}
> {"type":"control_request","request_id":"q","request":{"subtype":"can_use_tool","tool_name":"Read","input":{}}}
< "behavior":"allow"
> {"type":"system","subtype":"background_tasks_changed","tasks":[]}
> {"type":"system","subtype":"init"}
"#;
    let ended = run(&format!("{script}{DONE}"));
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "All done."), "{}", ended.errors);
}

#[test]
fn asked_to_stop_it_interrupts_the_turn_first() {
    let script = "> not json\n< interrupt\n> {\"type\":\"result\",\"subtype\":\"error_during_execution\",\"is_error\":true}\nall\nexit 1\n";
    let scene = scene(script);
    let child = scene.start();
    while scene.notes().activity().is_none_or(|activity| activity.model.is_none()) {
        std::thread::yield_now();
    }
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let ended = scene.end(child);
    let failure = ended.report.failure.unwrap();
    assert_eq!((failure.class, failure.message.as_str()), (FailureClass::Cancelled, "it was stopped"));
    assert!(ended.errors.contains("not json"), "{}", ended.errors);
    assert!(ended.seen.iter().any(|line| line.contains(r#""subtype":"interrupt""#)), "{:?}", ended.seen);
}

#[test]
fn a_structured_answer_is_the_answer() {
    let result = r#"> {"type":"result","subtype":"success","is_error":false,"result":"{}","structured_output":{"verdict":"pass"}}
all
"#;
    let ended = scene(result).with("schema", json!({ "type": "object" })).run();
    assert_eq!(ended.answer, r#"{"verdict":"pass"}"#);
    assert!(ended.seen.iter().any(|line| line.contains(r#""jsonSchema":{"type":"object"}"#)), "{:?}", ended.seen);
}

#[test]
fn names_of_tools_are_arguments_to_flags_and_never_flags() {
    let tools =
        json!({ "allow": ["Read", "Bash(git *)", "--dangerously-skip-permissions"], "deny": ["WebFetch", "Bash(("] });
    let ended = scene(DONE).with("tools", tools).run();
    let arguments: Vec<&str> = ended.seen.iter().filter_map(|line| line.strip_prefix("arg ")).collect();
    assert!(arguments.contains(&"--tools=Read,Bash"), "{arguments:?}");
    assert!(arguments.contains(&"--allowedTools=Bash(git *)"), "{arguments:?}");
    let denied = arguments.iter().find(|argument| argument.starts_with("--disallowedTools=")).unwrap();
    assert!(denied.ends_with(",WebFetch"), "{denied}");
    assert!(!arguments.iter().any(|argument| argument.contains("dangerously")), "{arguments:?}");
}
