//! What real agents said over the protocol, read again: recordings in `tests/samples/*/acp.jsonl`, and those beside the project where they are.

use std::path::{Path, PathBuf};

use bandleader_core::Spending;
use serde_json::Value;

use super::refusal::Refusal;
use super::updates::Updates;
use crate::agent::event::AgentEvent;

/// What came of one prompt.
#[derive(Debug)]
struct Turn {
    /// The answer, or a class.
    ended: String,
    used: Spending,
    /// What was done in it, in short.
    told: Vec<String>,
}

/// Messages in both directions: `true` for those that the agent sent.
fn messages(text: &str) -> Vec<(bool, Value)> {
    let message = |line: &str| {
        if let Some(line) = line.strip_prefix("<<< ") {
            return Some((true, serde_json::from_str(line).ok()?));
        }
        if let Some(line) = line.strip_prefix(">>> ") {
            return Some((false, serde_json::from_str(line).ok()?));
        }
        let line: Value = serde_json::from_str(line).ok()?;
        line.get("from").map(|message| (true, message.clone())).or_else(|| Some((false, line.get("to")?.clone())))
    };
    text.lines().filter_map(message).collect()
}

/// Hears a conversation again, prompt by prompt. Each turn's figures are its own.
fn turns(text: &str) -> Vec<Turn> {
    let (mut heard, mut turns) = (Updates::of("orc"), Vec::new());
    let (mut prompt, mut told, mut before) = (None, Vec::new(), Spending::default());
    for (from_agent, message) in messages(text) {
        let params = &message["params"];
        let events = match (from_agent, message["method"].as_str()) {
            (false, Some("session/prompt")) => {
                prompt = Some(message["id"].clone());
                heard.turn_begins();
                Vec::new()
            }
            (true, Some("session/update")) => heard.update(&params["update"]),
            (true, Some("session/request_permission")) => heard.call_asked_about(&params["toolCall"]),
            (true, None) if prompt.as_ref() == Some(&message["id"]) => {
                let reply =
                    message.get("error").map_or_else(|| Ok(&message["result"]), |error| Err(Refusal::of(error)));
                let events = heard.turn_ends(reply.as_ref().ok().copied());
                told.extend(events.iter().filter_map(short));
                let hidden = reply.as_ref().ok().and_then(|reply| heard.hidden_failure(reply));
                let ended = match (&reply, hidden) {
                    (Err(refusal), _) => format!("{:?}", refusal.class()),
                    (_, Some(refusal)) => format!("{:?}", refusal.class()),
                    (Ok(reply), None) if reply["stopReason"] == "end_turn" => heard.answer(),
                    (Ok(reply), None) => reply["stopReason"].as_str().unwrap_or_default().to_owned(),
                };
                let used = used_in(&events).unwrap_or(before);
                turns.push(Turn { ended, used: used.since(before), told: std::mem::take(&mut told) });
                (before, prompt) = (used, None);
                Vec::new()
            }
            _ => Vec::new(),
        };
        told.extend(events.iter().filter_map(short));
    }
    turns
}

fn used_in(events: &[AgentEvent]) -> Option<Spending> {
    events.iter().rev().find_map(|event| match event {
        AgentEvent::Used { spending, .. } => Some(*spending),
        _ => None,
    })
}

fn short(event: &AgentEvent) -> Option<String> {
    Some(match event {
        AgentEvent::Said { text } => format!("says {text}"),
        AgentEvent::ToolBegan { name, .. } => format!("begins {name}"),
        AgentEvent::ToolEnded { ok, .. } => format!("ended {ok}"),
        AgentEvent::Todo { items } => format!("{} to do", items.len()),
        AgentEvent::Retrying { class, .. } => format!("retries {class:?}"),
        AgentEvent::Connected { ok } => format!("connected {ok}"),
        _ => return None,
    })
}

fn recorded(agent: &str) -> Vec<Turn> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(agent).join("acp.jsonl");
    turns(&std::fs::read_to_string(file).unwrap())
}

#[test]
fn every_agents_turns_are_understood() {
    for (agent, limited) in [
        ("gemini", "RateLimit"),
        ("opencode", "RateLimit"),
        ("claude-agent-acp", "RateLimit"),
        ("codex-acp", "RateLimit"),
    ] {
        let turns = recorded(agent);
        let ended: Vec<&str> = turns.iter().map(|turn| turn.ended.as_str()).collect();
        assert_eq!(ended, ["Written.", "Reported.", limited, "cancelled"], "{agent}");
        for turn in turns.iter().take(2) {
            let began = turn.told.iter().filter(|told| told.starts_with("begins ")).count();
            let ended = turn.told.iter().filter(|told| *told == "ended true").count();
            assert!(began >= 1 && began == ended, "{agent}: {turn:?}");
            assert_eq!(turn.used.turns, 2, "{agent}: {turn:?}");
        }
    }
}

#[test]
fn figures_are_the_providers() {
    let used = |agent| {
        let turn = recorded(agent).swap_remove(0);
        (turn.used.input, turn.used.cached, turn.used.output)
    };
    assert_eq!(used("claude-agent-acp"), (2_100, 1_000, 52));
    assert_eq!(used("codex-acp"), (2_100, 1_000, 52));
    assert_eq!(used("gemini"), (2_100, 0, 52), "it does not say what came from a cache");
    assert_eq!(used("opencode"), (1_100, 1_000, 12), "the last call alone");
    assert!(recorded("opencode").swap_remove(0).used.cost.is_some());
}

#[test]
fn a_server_of_ours_that_does_not_start_is_told() {
    assert!(recorded("codex-acp").swap_remove(0).told.contains(&"connected false".to_owned()));
}

#[test]
fn a_failure_in_disguise_is_one() {
    let turn = recorded("codex-acp").swap_remove(2);
    assert_eq!(turn.ended, "RateLimit");
    assert!(turn.told.contains(&"retries RateLimit".to_owned()), "{turn:?}");
}

#[test]
fn a_failure_that_is_only_said_is_one() {
    let mut heard = Updates::of("orc");
    heard.turn_begins();
    let broken = serde_json::json!({"codex": {"threadStatus": {"type": "systemError"}}});
    heard.update(&serde_json::json!({"sessionUpdate": "session_info_update", "_meta": broken}));
    let words = "exceeded retry limit, last status: 429 Too Many Requests\n\n";
    heard.update(&serde_json::json!({"sessionUpdate": "agent_message_chunk", "content": {"text": words}}));
    let refusal = heard.hidden_failure(&serde_json::json!({"stopReason": "end_turn", "usage": null})).unwrap();
    assert_eq!(refusal.class(), bandleader_core::plan::FailureClass::RateLimit);
    assert_eq!(refusal.message, words.trim());
    assert_eq!(heard.hidden_failure(&serde_json::json!({"usage": {"inputTokens": 1}})), None);
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
    let ended = |name: &str| {
        let text = std::fs::read_to_string(folder.join(format!("{name}.out"))).unwrap();
        turns(&text).into_iter().map(|turn| turn.ended).collect::<Vec<_>>()
    };
    assert_eq!(ended("acp-claude"), ["Done: hello.txt written.", "MCP tool called ok", "cancelled"]);
    assert_eq!(ended("acp-claude-reject"), ["Done: hello.txt written."]);
    assert_eq!(ended("acp-codex-429"), ["RateLimit"]);
    assert_eq!(ended("acp-gemini-429"), ["RateLimit"]);
    assert_eq!(ended("acp-opencode-401"), ["Auth"]);
    let opencode = ["PONG from minimock", "Done: hello.txt written.", "MCP tool called ok", "CATCHALL", "cancelled"];
    assert_eq!(ended("acp-opencode"), opencode);
    let text = std::fs::read_to_string(folder.join("acp-opencode.out")).unwrap();
    let planned = turns(&text).swap_remove(3);
    assert!(planned.told.contains(&"2 to do".to_owned()), "{planned:?}");
    assert!(ended("acp-codex").len() >= 3 && ended("acp-codex-full").len() >= 2);
}

#[test]
fn whatever_is_said_does_no_harm() {
    let mut heard = Updates::of("orc");
    let odd = [
        "null",
        "7",
        "[]",
        "{}",
        r#"{"sessionUpdate":7}"#,
        r#"{"sessionUpdate":"agent_message_chunk"}"#,
        r#"{"sessionUpdate":"agent_message_chunk","content":{"type":"image","data":"x"},"messageId":3}"#,
        r#"{"sessionUpdate":"tool_call"}"#,
        r#"{"sessionUpdate":"tool_call","toolCallId":"a","rawInput":"x","locations":{},"status":9}"#,
        r#"{"sessionUpdate":"tool_call_update","toolCallId":"b","status":"failed","content":[7],"rawOutput":[[]]}"#,
        r#"{"sessionUpdate":"tool_call_update","toolCallId":"b","status":"failed"}"#,
        r#"{"sessionUpdate":"plan","entries":"x"}"#,
        r#"{"sessionUpdate":"usage_update","cost":{"amount":-1}}"#,
        r#"{"sessionUpdate":"usage_update","cost":{"amount":1e300}}"#,
        r#"{"sessionUpdate":"session_info_update","_meta":{"codex":{"error":7,"threadStatus":[]}}}"#,
        r#"{"sessionUpdate":"session_info_update","_meta":{"codex":{"error":{"codexErrorInfo":"odd"}}}}"#,
        r#"{"sessionUpdate":"never_heard_of"}"#,
    ];
    let mut ends = 0;
    for line in odd {
        let update: Value = serde_json::from_str(line).unwrap();
        let events = heard.update(&update);
        ends += events.iter().filter(|event| matches!(event, AgentEvent::ToolEnded { .. })).count();
        heard.call_asked_about(&update);
        heard.hidden_failure(&update);
    }
    assert_eq!(ends, 1, "a call ends once");
    heard.turn_ends(None);
}
