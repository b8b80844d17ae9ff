//! The driver for Gemini CLI, with scripts in place of the program.

use std::fs;
use std::path::PathBuf;

use bandleader_core::plan::FailureClass;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::common::{Attended, Scene};

const INIT: &str = r#"> {"type":"init","session_id":"s1","model":"gemini-2.5-pro"}"#;
const DONE: &str = r#"> {"type":"result","status":"success","stats":{"total_tokens":12,"input_tokens":10,"output_tokens":2,"cached":4}}"#;

fn said(text: &str) -> String {
    let message = json!({"type": "message", "role": "assistant", "content": text, "delta": true});
    format!("> {message}")
}

fn scene(steps: &[&str]) -> Scene {
    Scene::new("gemini", &format!("all\n{INIT}\n{}\n", steps.join("\n")))
}

fn failure(ended: Attended) -> (FailureClass, String) {
    let failure = ended.report.failure.unwrap();
    (failure.class, failure.message)
}

fn arguments(ended: &Attended) -> Vec<&str> {
    ended.seen.iter().filter_map(|line| line.strip_prefix("arg ")).collect()
}

fn variable(ended: &Attended, name: &str) -> Option<String> {
    ended
        .seen
        .iter()
        .find_map(|line| Some(line.strip_prefix("env ")?.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

/// The private home of the attempt, and what is in one of its files.
fn home(scene: &Scene) -> PathBuf {
    scene.notes().home()
}

fn settings(scene: &Scene) -> Value {
    serde_json::from_slice(&fs::read(home(scene).join(".gemini/settings.json")).unwrap()).unwrap()
}

/// The user's own folder.
fn theirs(scene: &Scene) -> PathBuf {
    let folder = scene.project().with_file_name(".gemini");
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn its_last_words_are_what_it_said_after_its_last_tool() {
    let steps = [
        said("I look."),
        r#"> {"type":"tool_use","tool_name":"read_file","tool_id":"t","parameters":{"file_path":"a.rs"}}"#.into(),
        r#"> {"type":"tool_result","tool_id":"t","status":"success","output":"x"}"#.into(),
        said("It is "),
        said("done."),
        DONE.into(),
    ];
    let ended = scene(&steps.each_ref().map(String::as_str)).run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "It is done."), "{}", ended.errors);
    let report = &ended.report;
    assert_eq!((report.session.as_deref(), report.model.as_deref()), (Some("s1"), Some("gemini-2.5-pro")));
    let spent = report.spending;
    assert_eq!((spent.input, spent.cached, spent.output, spent.cost, spent.turns), (10, 4, 2, None, 2));
    assert!(ended.output.contains("I look.\n→ read_file: a.rs\nIt is done.\n"), "{}", ended.output);
}

#[test]
fn nothing_of_what_is_wanted_is_in_its_arguments() {
    let scene = scene(&[DONE]).with("role", json!("You are a reviewer.")).with("permissions", json!("read-only"));
    let ended = scene.with("model", json!("gemini-3-pro")).run();
    let arguments = arguments(&ended);
    assert_eq!(
        arguments[..6],
        ["--output-format", "stream-json", "--approval-mode", "default", "--model", "gemini-3-pro"]
    );
    assert!(!arguments.iter().any(|argument| argument.contains("reviewer") || argument.contains("specification")));
    assert!(ended.seen.contains(&"in Write the specification.".to_owned()), "{:?}", ended.seen);
    assert_eq!(variable(&ended, "GEMINI_CLI_NO_RELAUNCH").as_deref(), Some("true"));
    assert_eq!(variable(&ended, "GEMINI_CLI_TRUST_WORKSPACE").as_deref(), Some("true"));
}

#[test]
fn a_model_is_always_named() {
    let ended = scene(&[DONE]).run();
    assert!(arguments(&ended).windows(2).any(|pair| pair == ["--model", "gemini-2.5-pro"]));
    let scene = scene(&[DONE]);
    fs::write(theirs(&scene).join("settings.json"), r#"{"model": {"name": "gemini-3-flash"}}"#).unwrap();
    assert!(arguments(&scene.run()).contains(&"gemini-3-flash"));
}

#[test]
fn its_home_is_the_users_with_settings_role_and_tools_of_ours() {
    let scene = scene(&[DONE]).with("role", json!("You are a reviewer.")).with("max_turns", json!(5));
    let theirs = theirs(&scene);
    for (name, text) in [
        ("settings.json", "{ // chosen\n\"security\":{\"auth\":{\"selectedType\":\"oauth-personal\"}}}"),
        ("oauth_creds.json", "{\"token\":1}"),
        ("GEMINI.md", "Use tabs."),
        ("projects.json", "{}"),
    ] {
        fs::write(theirs.join(name), text).unwrap();
    }
    let scene = scene.env("GEMINI_API_KEY", "k");
    let ended = scene.run();
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert_eq!(variable(&ended, "GEMINI_CLI_HOME").as_deref(), home(&scene).to_str());
    let settings = settings(&scene);
    assert_eq!(settings["security"]["auth"]["selectedType"], "oauth-personal", "what the user chose stays");
    assert_eq!((&settings["general"]["maxAttempts"], &settings["model"]["maxSessionTurns"]), (&json!(1), &json!(5)));
    let server = &settings["mcpServers"]["band"];
    assert_eq!((&server["trust"], &server["args"][0]), (&json!(true), &json!("mcp")));
    assert_eq!(server["env"]["BAND_TASK_ID"], "build.api");
    let ours = home(&scene).join(".gemini");
    assert_eq!(fs::read_link(ours.join("oauth_creds.json")).unwrap(), theirs.join("oauth_creds.json"));
    assert_eq!(fs::read_link(ours.join("tmp")).unwrap(), theirs.join("tmp"));
    assert_eq!(fs::read_to_string(ours.join("GEMINI.md")).unwrap(), "Use tabs.\n\nYou are a reviewer.\n");
    assert_eq!(fs::read_to_string(theirs.join("GEMINI.md")).unwrap(), "Use tabs.");
    assert!(!ours.join("projects.json").exists());
}

#[test]
fn a_key_alone_is_a_login() {
    let scene = scene(&[DONE]).env("GEMINI_API_KEY", "k");
    scene.run();
    assert_eq!(settings(&scene)["security"]["auth"]["selectedType"], "gemini-api-key");
}

#[test]
fn settings_that_nobody_can_read_are_said_before_it_starts() {
    let scene = scene(&[DONE]);
    fs::write(theirs(&scene).join("settings.json"), "{").unwrap();
    let (class, message) = failure(scene.run());
    assert_eq!(class, FailureClass::Start);
    assert!(message.contains(".gemini/settings.json` is not an object of JSON"), "{message}");
}

#[test]
fn failures_are_known_by_the_result_then_by_the_exit_code() {
    let result = |kind: &str, message: &str| {
        let error = json!({"type": kind, "message": message});
        format!("> {}", json!({"type": "result", "status": "error", "error": error}))
    };
    let in_json = r#"[API Error: {"error":{"code":429,"message":"retry in 30s"}}]"#;
    for (steps, class, words) in [
        (vec![result("unknown", "[API Error: no]"), "exit 173".into()], FailureClass::RateLimit, "no"),
        (vec![result("unknown", in_json), "exit 1".into()], FailureClass::RateLimit, "retry in 30s (429)"),
        (vec![result("unknown", "[API Error: no]"), "exit 145".into()], FailureClass::Auth, "no"),
        (vec![result("unknown", "[API Error: no]"), "exit 17".into()], FailureClass::Overloaded, "no"),
        (vec![result("FatalTurnLimitedError", "enough"), "exit 53".into()], FailureClass::MaxTurns, "enough"),
        (vec!["exit 0".into()], FailureClass::Crash, "it ended without a result"),
        (
            vec!["! Please set an Auth method".into(), "exit 41".into()],
            FailureClass::Auth,
            "it cannot log in: Please set an Auth method",
        ),
        (vec!["exit 144".into()], FailureClass::Exit, "exit code 144"),
        (vec!["exit 55".into()], FailureClass::Start, "it does not trust the folder"),
        (vec!["! boom".into(), "exit 3".into()], FailureClass::Exit, "exit code 3: boom"),
    ] {
        let ended = scene(&steps.iter().map(String::as_str).collect::<Vec<_>>()).run();
        assert_eq!(ended.code, Some(1));
        let (known, message) = failure(ended);
        assert!(known == class && message.starts_with(words), "{steps:?}: {known:?} {message}");
    }
}

#[test]
fn a_limit_says_until_when_if_the_provider_did() {
    let error = json!({"type": "unknown", "message": "[API Error: slow down, retry in 30s]"});
    let result = format!("> {}", json!({"type": "result", "status": "error", "error": error}));
    let retrying = "! Attempt 1 failed with status 429. Retrying with backoff... _ApiError: x";
    let ended = scene(&[retrying, &result, "exit 173"]).run();
    assert!(ended.output.contains("! tries again: Attempt 1 failed with status 429"), "{}", ended.output);
    assert!(ended.report.failure.unwrap().until.is_some());
}

#[test]
fn a_session_is_taken_up_or_begun_anew() {
    let taken_up = scene(&[DONE]).with("session", json!("s1")).run();
    assert!(arguments(&taken_up).contains(&"--resume=s1"), "{:?}", taken_up.seen);
    let unknown = format!(
        "if --resume\n! Error resuming session: Invalid session identifier\nexit 42\nend\nall\n{INIT}\n{DONE}\n"
    );
    let ended = Scene::new("gemini", &unknown).with("session", json!("gone")).run();
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(ended.errors.contains("it does not know the session `gone` any more"), "{}", ended.errors);
}

#[test]
fn tools_that_it_may_not_have_are_hidden_and_told() {
    let denied = [
        r#"> {"type":"tool_use","tool_name":"run_shell_command","tool_id":"t","parameters":{"command":"ls"}}"#,
        r#"> {"type":"tool_result","tool_id":"t","status":"error","error":{"type":"tool_not_registered","message":"not found"}}"#,
        DONE,
    ];
    let scene = scene(&denied).with("tools", json!({"allow": ["Read", "Bash"], "deny": ["web_fetch"]}));
    let ended = scene.run();
    assert_eq!((ended.code, ended.report.denied), (Some(0), vec!["run_shell_command".to_owned()]));
    let policy = fs::read_to_string(home(&scene).join("policy.toml")).unwrap();
    assert!(policy.contains("toolName = \"run_shell_command\"\ndecision = \"deny\"\npriority = 800"), "{policy}");
    assert!(policy.contains("mcpName = \"band\"\ntoolName = \"*\"\ndecision = \"allow\"\npriority = 999"), "{policy}");
    assert!(policy.contains("toolName = \"*\"\ndecision = \"deny\"\npriority = 100"), "{policy}");
}

#[test]
fn a_schema_is_asked_for_in_words_and_the_answer_is_json() {
    let answer = said("```json\n{\"verdict\": \"pass\"}\n```");
    let ended = scene(&[&answer, DONE]).with("schema", json!({"type": "object"})).run();
    assert_eq!(ended.answer, r#"{"verdict":"pass"}"#);
    assert!(ended.seen.iter().any(|line| line.contains("JSON Schema")), "{:?}", ended.seen);
}

#[test]
fn more_calls_than_it_may_make_end_it() {
    let call = |id: &str| {
        let begun = json!({"type": "tool_use", "tool_name": "x", "tool_id": id, "parameters": {}});
        let ended = json!({"type": "tool_result", "tool_id": id, "status": "success"});
        format!("> {begun}\n> {ended}")
    };
    let ended = scene(&[&call("1"), &call("2"), &call("3"), "hang"]).with("max_turns", json!(2)).run();
    assert_eq!(failure(ended).0, FailureClass::MaxTurns);
}

#[test]
fn stopped_it_is_cancelled_even_if_it_is_deaf() {
    for last in ["hang", "deaf\n> x\nhang"] {
        let scene = scene(&[&said("at work\n\n"), last]);
        let child = scene.start();
        while scene.notes().activity().is_none_or(|activity| activity.doing != "at work") {
            std::thread::yield_now();
        }
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert_eq!(failure(scene.end(child)).0, FailureClass::Cancelled, "{last}");
    }
}

#[test]
fn what_is_left_holding_its_output_does_not_hold_us() {
    let scene = Scene::new("gemini", "").with("command", json!(["sh", "-c", "sleep 5 & exit 3", "gemini"]));
    assert_eq!(failure(scene.run()), (FailureClass::Exit, "exit code 3".into()));
}
