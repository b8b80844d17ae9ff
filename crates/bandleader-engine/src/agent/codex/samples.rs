//! Recordings of real Codex programs, read as the driver reads them: every outcome is what it was.
//!
//! Those of the project lie beside its tests; where the collection beside the project is there, all of that is read too.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bandleader_core::plan::FailureClass;
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;

use super::super::driver::{Events, Told};
use super::super::event::AgentEvent;
use super::conversation::{Conversation, End};

/// Reads a recording; what is understood of it in the end, and what was told.
fn heard(text: &str) -> (Conversation, Vec<AgentEvent>) {
    let (sender, mut receiver) = unbounded_channel();
    let mut talk = Conversation::new(Events(sender), "orc");
    for line in text.lines() {
        let line = serde_json::from_str::<Value>(line.strip_prefix("<<< ").unwrap_or(line)).unwrap_or_default();
        let line = if line["from"].is_object() { line["from"].clone() } else { line };
        if let Some(thread) = line["result"]["thread"]["id"].as_str() {
            talk.thread = thread.into();
        }
        if let Some(turn) = line["result"]["turn"]["id"].as_str() {
            (talk.turn, talk.ended) = (turn.into(), None);
        }
        match line["method"].as_str() {
            Some(method) => talk.notified(method, &line["params"]),
            None => talk.printed(&line),
        }
    }
    let mut told = Vec::new();
    while let Ok(Told::Event(event)) = receiver.try_recv() {
        told.push(event);
    }
    (talk, told)
}

fn folders() -> Vec<(PathBuf, &'static str, &'static str)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = here.ancestors().map(|folder| folder.join("shared/agents/samples")).find(|folder| folder.is_dir());
    let all = [(Some(here.join("tests/samples/codex")), "", "jsonl"), (beside, "codex-", "out")];
    let there = all.into_iter().filter_map(|(folder, prefix, ending)| Some((folder?, prefix, ending)));
    there.filter(|(folder, ..)| folder.is_dir()).collect()
}

/// What a recording ends with: words, or a class of failure, or nothing at all.
fn ending(talk: &Conversation) -> String {
    match &talk.ended {
        Some(End::Completed) => "completed".into(),
        Some(End::Interrupted) => "interrupted".into(),
        Some(End::Failed(failure)) => format!("{:?}", failure.class),
        None => "nothing".into(),
    }
}

/// The outcome of each scene, by its name. Whatever is not named completed.
fn expected(scene: &str) -> &'static str {
    match scene {
        "429" | "limited" => "RateLimit",
        "500" | "529" | "busy" => "Overloaded",
        "401" | "nokey" | "denied" => "Auth",
        "too-long" => "ContextOverflow",
        "400" => "Invalid",
        "CUT" | "CUTMS" | "HANG" | "cut" => "Network",
        "appserver" | "app-server" => "interrupted",
        _ if scene.contains("SIG") => "nothing",
        _ => "completed",
    }
}

#[test]
fn every_recording_ends_as_it_did() {
    let folders = folders();
    if folders.len() < 2 {
        // Past the capture of the test runner: who reads the log must see that these were not tried.
        let _ = writeln!(std::io::stderr(), "CODEX RECORDINGS SKIPPED: {} of 2 collections are there", folders.len());
    }
    let mut wrong = Vec::new();
    for (folder, prefix, suffix) in folders {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let scene = name.strip_prefix(prefix).and_then(|name| name.strip_suffix(&format!(".{suffix}")));
            let Some(scene) = scene else { continue };
            let text = fs::read_to_string(&path).unwrap();
            let (talk, told) = heard(&text);
            let ending = ending(&talk);
            if ending != expected(scene) {
                wrong.push(format!("{scene}: {ending} and not {} ({:?})", expected(scene), talk.ended));
            }
            let total = told.iter().rev().find_map(|event| match event {
                AgentEvent::Used { spending, .. } => Some(*spending),
                _ => None,
            });
            if ending == "completed"
                && text.contains("\"usage\"")
                && !text.contains("\"output_tokens\":0,")
                && total.is_none_or(|total| total.output == 0)
            {
                wrong.push(format!("{scene}: no figures"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_server_is_understood_as_it_spoke() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/codex/app-server.jsonl");
    let (talk, told) = heard(&fs::read_to_string(file).unwrap());
    let spent = talk.usage.spent();
    assert_eq!((spent.input, spent.cached, spent.output, spent.turns), (2_100, 1_000, 52, 2));
    assert!(told.contains(&AgentEvent::Connected { ok: true }));
    assert!(told.contains(&AgentEvent::Said { text: "Written.".into() }));
    let ran =
        |event: &AgentEvent| matches!(event, AgentEvent::ToolBegan { detail, .. } if detail.contains("hello.txt"));
    assert_eq!(told.iter().filter(|event| ran(event)).count(), 1);
    let retried = |event: &AgentEvent| matches!(event, AgentEvent::Retrying { class: FailureClass::RateLimit, .. });
    assert!(told.iter().any(retried), "{told:?}");
}

#[test]
fn a_line_that_is_anything_at_all_does_no_harm() {
    let hostile = [
        "",
        "{",
        "[]",
        "null",
        "7",
        "\"x\"",
        r#"{"type":7}"#,
        r#"{"type":"item.completed"}"#,
        r#"{"type":"item.completed","item":{"type":"command_execution","status":[],"exit_code":"x"}}"#,
        r#"{"type":"turn.completed","usage":"lots"}"#,
        r#"{"method":"turn/completed","params":[]}"#,
        r#"{"method":"thread/tokenUsage/updated","params":{"threadId":"t","tokenUsage":{"total":{"inputTokens":-1}}}}"#,
        r#"{"method":"account/rateLimits/updated","params":{"rateLimits":{"primary":{"usedPercent":1e300,"resetsAt":1e300}}}}"#,
        r#"{"method":"error","params":{"willRetry":true,"error":7}}"#,
    ];
    heard(&hostile.join("\n"));
    let (talk, _) = heard(r#"{"type":"turn.failed","error":{}}"#);
    let Some(End::Failed(failure)) = talk.ended else { panic!("{:?}", talk.ended) };
    assert_eq!(failure.class, FailureClass::Exit);
}
