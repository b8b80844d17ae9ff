//! The driver for Codex where there is no app-server: `codex exec --json`.

use bandleader_core::Spending;
use bandleader_core::plan::FailureClass;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::common::{Attended, Scene, scripted_agent};

/// Knows no app-server, and no session either.
const OLD: &str = r#"
case "$2" in app-server) echo "error: unrecognized subcommand 'app-server'" >&2; exit 2;; esac
case "$*" in *" resume "*) echo "Error: thread/resume failed: no rollout found for thread id t-0" >&2; exit 1;; esac
exec "$0" "$@"
"#;

const DONE: &str = r#"all
> {"type":"thread.started","thread_id":"t-1"}
> {"type":"turn.started"}
> {"type":"item.started","item":{"id":"i0","type":"command_execution","command":"/bin/bash -lc 'ls'","status":"in_progress"}}
> {"type":"item.completed","item":{"id":"i0","type":"command_execution","command":"/bin/bash -lc 'ls'","exit_code":0,"status":"completed"}}
> {"type":"item.completed","item":{"id":"i1","type":"agent_message","text":"Written."}}
> {"type":"turn.completed","usage":{"input_tokens":2100,"cached_input_tokens":1000,"output_tokens":52}}
"#;

fn scene(script: &str) -> Scene {
    let scene = Scene::new("codex", script);
    let file = scene.project().with_file_name("script");
    scene.with("command", json!(["sh", "-c", OLD, scripted_agent(), file]))
}

fn check(script: &str, class: FailureClass, words: &str) -> Attended {
    let ended = scene(script).run();
    let failure = ended.report.failure.clone().unwrap_or_else(|| panic!("{}", ended.errors));
    assert!(failure.class == class && failure.message.contains(words), "{failure:?}");
    ended
}

#[test]
fn it_is_used_where_there_is_no_app_server() {
    let ended = scene(DONE).with("role", json!("You are an architect.")).run();
    assert!(ended.errors.contains("codex app-server is of no use here"), "{}", ended.errors);
    assert_eq!((ended.answer.as_str(), ended.report.session.as_deref()), ("Written.", Some("t-1")), "{}", ended.errors);
    let figures = Spending { input: 2_100, cached: 1_000, output: 52, turns: 2, cost: None };
    assert_eq!(ended.report.spending, figures);
    assert!(ended.output.contains("→ shell: ls\n"), "{}", ended.output);
    let arguments: String = ended.seen.iter().filter(|line| line.starts_with("arg ")).cloned().collect();
    for text in ["exec", "--skip-git-repo-check", "sandbox_mode=\"workspace-write\"", "mcp_servers.band={"] {
        assert!(arguments.contains(text), "{text} in {arguments}");
    }
    assert!(!arguments.contains("architect") && !arguments.contains("specification"), "{arguments}");
    let read = ended.seen.iter().find(|line| line.starts_with("in ")).unwrap();
    assert!(read.starts_with("in You are an architect.\\n\\nWrite the specification."), "{read}");
}

#[test]
fn a_session_that_it_does_not_know_is_begun_anew() {
    let ended = scene(DONE).with("session", json!("t-0")).run();
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(ended.errors.contains("`t-0` is not known to codex"), "{}", ended.errors);
}

#[test]
fn how_it_ends_is_understood() {
    let failed = |words: &str| {
        format!(
            "> {{\"type\":\"turn.started\"}}\n> {}\nexit 1\n",
            json!({ "type": "turn.failed", "error": { "message": words } })
        )
    };
    check(&failed("exceeded retry limit, last status: 429 Too Many Requests"), FailureClass::RateLimit, "429");
    check(&failed("unexpected status 529 <unknown status code>"), FailureClass::Overloaded, "529");
    check(&failed("stream disconnected before completion: x"), FailureClass::Network, "disconnected");
    check("exit 0\n", FailureClass::Exit, "without saying");
    check("exit 7\n", FailureClass::Exit, "exit code 7");
    check("! Not inside a trusted directory\nexit 1\n", FailureClass::Start, "trusted");
    check("! Error: something new\nexit 1\n", FailureClass::Exit, "something new");
    let retried = "> {\"type\":\"error\",\"message\":\"Reconnecting... 1/5 (unexpected status 503)\"}\nexit 1\n";
    let ended = check(retried, FailureClass::Exit, "exit code 1");
    assert!(ended.output.contains("! tries again"), "{}", ended.output);
}

#[test]
fn its_calls_of_the_model_are_counted() {
    let looping = DONE.replace("> {\"type\":\"turn.completed\"", "hang\n# ");
    let ended = scene(&looping).with("max_turns", json!(1)).run();
    assert_eq!(ended.report.failure.unwrap().class, FailureClass::MaxTurns);
}

#[test]
fn told_to_stop_it_ends() {
    let scene =
        scene("> {\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\",\"text\":\"at work\"}}\nhang\n");
    let child = scene.start();
    let pid = Pid::from_child(&child);
    while scene.notes().activity().is_none_or(|activity| activity.doing != "at work") {
        std::thread::yield_now();
    }
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(scene.end(child).report.failure.unwrap().class, FailureClass::Cancelled);
}
