//! What the real program printed, read again: recordings in `tests/samples/gemini`, and those beside the project where they are.

use std::path::{Path, PathBuf};

use bandleader_core::plan::{FailureClass, Permissions};
use bandleader_core::{Spending, Timestamp};
use serde_json::Value;

use super::hearing::Hearing;
use super::outcome::{Ended, exit, of};
use super::policy::Policy;
use crate::agent::assignment::ToolRules;
use crate::agent::driver::Outcome;
use crate::agent::event::AgentEvent;

struct Heard {
    ended: Ended,
    events: Vec<AgentEvent>,
    used: Spending,
}

/// Hears a run of the program again.
fn heard(out: &str, err: &str, code: i32) -> Heard {
    let mut hearing = Hearing::new(&Policy::of(Permissions::Edit, &ToolRules::default(), "orc"));
    let mut events: Vec<AgentEvent> = out.lines().flat_map(|line| hearing.line(line)).collect();
    events.extend(err.lines().filter_map(Hearing::murmur));
    let used = events.iter().rev().find_map(|event| match event {
        AgentEvent::Used { spending, .. } => Some(*spending),
        _ => None,
    });
    Heard { ended: of(hearing, Some(exit(code)), err, Timestamp(0)), events, used: used.unwrap_or_default() }
}

fn recorded(scene: &str) -> Heard {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/gemini");
    let outcomes: Value = serde_json::from_slice(&std::fs::read(folder.join("outcomes.json")).unwrap()).unwrap();
    let code = outcomes[scene]["exit"].as_i64().unwrap();
    heard(&std::fs::read_to_string(folder.join(format!("{scene}.jsonl"))).unwrap(), "", i32::try_from(code).unwrap())
}

/// A class, or the answer of who was done.
fn summary(ended: &Ended) -> String {
    match ended {
        Ended::NoSuchSession => "no such session".into(),
        Ended::With(Outcome { answer: Ok(answer) }) => answer.text.clone(),
        Ended::With(Outcome { answer: Err(failure) }) => format!("{:?}: {}", failure.class, failure.message),
    }
}

#[test]
fn recordings_of_today_are_understood() {
    for (scene, expected) in [
        ("plain", "All is well."),
        ("write", "Written."),
        ("report", "Reported."),
        ("limited", "RateLimit: slow down. Please wait and try again later."),
        ("denied", "Auth: no such key (401)"),
        ("busy", "Overloaded: Overloaded (529)"),
        ("too-long", "ContextOverflow: prompt is too long: 250000 tokens > 200000 maximum (400)"),
        ("cut", "Network: terminated"),
    ] {
        let ended = summary(&recorded(scene).ended);
        assert!(ended.starts_with(expected), "{scene}: {ended}");
    }
}

#[test]
fn every_recording_has_its_figures_and_its_session() {
    let used = |scene| {
        let spent = recorded(scene).used;
        (spent.input, spent.cached, spent.output, spent.turns)
    };
    assert_eq!(used("plain"), (1_234, 200, 56, 1));
    assert_eq!(used("write"), (2_100, 1_000, 52, 2));
    assert_eq!(used("report"), (2_100, 0, 52, 2));
    assert_eq!(used("limited"), (0, 0, 0, 0));
    for scene in ["plain", "limited", "cut"] {
        let events = recorded(scene).events;
        let started =
            events.iter().any(|event| matches!(event, AgentEvent::Started { session: Some(_), model: Some(_), .. }));
        assert!(started, "{scene}: {events:?}");
    }
}

#[test]
fn what_it_does_is_told_in_order() {
    let told = |event: &AgentEvent| match event {
        AgentEvent::Said { text } => Some(format!("says {text}")),
        AgentEvent::ToolBegan { name, detail, .. } => Some(format!("{name} {detail}")),
        AgentEvent::ToolEnded { ok, .. } => Some(format!("ended {ok}")),
        _ => None,
    };
    let events: Vec<String> = recorded("write").events.iter().filter_map(told).collect();
    assert_eq!(events, ["says I write it.", "write_file hello.txt", "ended true", "says Written."]);
}

/// Where recordings lie beside the project: in a folder `shared` above it.
fn beside(start: &Path) -> Option<PathBuf> {
    start.ancestors().map(|folder| folder.join("shared/agents/samples")).find(|folder| folder.is_dir())
}

#[test]
fn recordings_beside_the_project_are_understood() {
    let Some(folder) = beside(Path::new(env!("CARGO_MANIFEST_DIR"))) else {
        eprintln!("SKIPPED: no recordings beside the project (shared/agents/samples)");
        return;
    };
    for (scene, code, expected) in [
        ("gemini-pong", 0, "PONG from minimock"),
        ("gemini-mcp", 0, "MCP tool called ok"),
        ("gemini-write", 0, "Done: hello.txt written."),
        ("gemini-write-denied", 0, "Done: hello.txt written."),
        ("gemini-400", 144, "ContextOverflow"),
        ("gemini-401", 145, "Auth"),
        ("gemini-429", 173, "RateLimit"),
        ("gemini-500", 244, "Overloaded"),
        ("gemini-503", 247, "Overloaded"),
        ("gemini-BAD", 1, "Network"),
        ("gemini-CUT", 1, "Network"),
        ("gemini-maxturns", 53, "MaxTurns"),
        ("gemini-tool-SIGTERM", 0, "Crash: it ended without a result"),
        ("gemini-api-SIGINT", 0, "Crash: it ended without a result"),
        ("gemini-resmissing", 42, "no such session"),
        ("gemini-s2", 0, "second turn answer"),
    ] {
        let read = |end: &str| std::fs::read_to_string(folder.join(format!("{scene}.{end}"))).unwrap_or_default();
        let ended = summary(&heard(&read("out"), &read("err"), code).ended);
        assert!(ended.starts_with(expected), "{scene}: {ended}");
    }
    let mut read = 0;
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("gemini-") {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
            for code in [0, 1, 144] {
                heard(&text, &text, code);
            }
            read += 1;
        }
    }
    assert!(read > 50, "{read}");
}

#[test]
fn retries_are_told_as_they_happen() {
    let heard = heard("", "Attempt 1 failed with status 429. Retrying with backoff... _ApiError: {}\n    at x\n", 173);
    let retrying = |event: &AgentEvent| matches!(event, AgentEvent::Retrying { class: FailureClass::RateLimit, .. });
    assert!(heard.events.iter().any(retrying), "{:?}", heard.events);
}

#[test]
fn whatever_it_prints_does_no_harm() {
    let odd = [
        "",
        "null",
        "[]",
        "7",
        "\"x\"",
        "{",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"init"}"#,
        r#"{"type":"message","role":"assistant"}"#,
        r#"{"type":"tool_use","tool_id":[],"parameters":"x"}"#,
        r#"{"type":"tool_result","error":7}"#,
        r#"{"type":"result","status":[],"stats":{"input_tokens":-1,"models":[]}}"#,
        "\u{1b}[31mred",
    ];
    for line in odd {
        heard(line, line, 0);
    }
    let ended = heard(&format!("{}\n", odd.join("\n")), "", 0).ended;
    assert_eq!(summary(&ended), "Network: it failed and did not say why");
}
