//! The contract with the program: what it was recorded to say means what it meant. The recordings lie outside the project; where
//! they are not, these tests say so and check nothing.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bandleader_core::plan::FailureClass;
use bandleader_core::{Spending, Timestamp};
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;

use super::hear::{Heard, Listener};
use super::outcome;
use super::rules::Rules;
use crate::agent::assignment::{AgentAssignment, DriverName, example};
use crate::agent::driver::{Events, Outcome, Told};
use crate::agent::event::{AgentEvent, TodoState};

const NOW: Timestamp = Timestamp(1_000_000);

/// What was understood of some lines.
struct Played {
    outcome: Option<Outcome>,
    spent: Spending,
    events: Vec<AgentEvent>,
}

impl Played {
    fn denied(&self) -> Vec<&str> {
        let denied = self.events.iter().filter_map(|event| match event {
            AgentEvent::Denied { tool } => Some(tool.as_str()),
            _ => None,
        });
        denied.collect()
    }

    fn told(&self, wanted: impl Fn(&AgentEvent) -> bool) -> bool {
        self.events.iter().any(wanted)
    }
}

fn assignment(with: &Value) -> AgentAssignment {
    example(DriverName::Claude, with)
}

fn play(text: &str) -> Played {
    // Whoever recorded it said yes to everything.
    let rules = Rules::of(&assignment(&json!({ "permissions": "full" })), "orc");
    let (sender, mut told) = unbounded_channel();
    let mut listener = Listener::new(&rules, "orc".into(), Events(sender));
    let mut last = None;
    for line in text.lines().filter(|line| !line.starts_with(">>> ")) {
        let heard = listener.hear(line.strip_prefix("<<< ").unwrap_or(line), NOW);
        if let Heard::Result(result) = heard {
            last = Some(outcome::of_result(&result, &listener.hints, NOW));
        }
    }
    let spent = listener.figures.total();
    drop(listener);
    let mut events = Vec::new();
    while let Ok(Told::Event(event)) = told.try_recv() {
        events.push(event);
    }
    Played { outcome: last, spent, events }
}

/// A folder that lies beside the project or above it.
fn shared(inside: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared").join(inside));
    let found = above.into_iter().find(|folder| folder.is_dir());
    if found.is_none() {
        // Past the capture of the test's output, so that it is seen.
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no shared/{inside}; nothing was checked");
    }
    found
}

/// `said`, or the class; tokens in and out, millionths of a dollar; what was denied.
type Expected = (&'static str, Result<&'static str, FailureClass>, [u64; 3], &'static [&'static str]);

const PONG: Result<&str, FailureClass> = Ok("PONG from mock");
const REVIEWER: Result<&str, FailureClass> = Ok("I am the reviewer (system prompt matched)");
const WRITTEN: Result<&str, FailureClass> = Ok("Done: hello.txt written.");
const CALLED: Result<&str, FailureClass> = Ok("MCP tool called ok");
const CUT: Result<&str, FailureClass> =
    Ok("this stream will be cut in the middle of the answer, sorry about that, really");

const RECORDED: [Expected; 46] = [
    ("claude-400", Err(FailureClass::ContextOverflow), [0, 0, 0], &[]),
    ("claude-401", Err(FailureClass::Auth), [0, 0, 0], &[]),
    ("claude-429", Err(FailureClass::RateLimit), [0, 0, 0], &[]),
    ("claude-500", Err(FailureClass::Overloaded), [0, 0, 0], &[]),
    ("claude-529", Err(FailureClass::Overloaded), [0, 0, 0], &[]),
    ("claude-CUT", CUT, [0, 4, 80], &[]),
    ("claude-CUTMS", CUT, [0, 4, 80], &[]),
    ("claude-authtoken", PONG, [1_234, 56, 6_056], &[]),
    ("claude-badjson", Ok("CATCHALL"), [1_100, 50, 5_400], &[]),
    ("claude-bare", PONG, [1_234, 56, 6_056], &[]),
    ("claude-budget", Err(FailureClass::Budget), [3_000, 120, 14_400], &[]),
    ("claude-bypass-sbx", WRITTEN, [2_100, 52, 9_440], &[]),
    ("claude-chaos", Err(FailureClass::Network), [0, 0, 0], &[]),
    ("claude-disallowed", Ok("CATCHALL"), [0, 0, 0], &[]),
    ("claude-dontask", WRITTEN, [2_100, 52, 9_440], &["Write"]),
    ("claude-env", Ok("CATCHALL"), [200, 20, 1_200], &[]),
    ("claude-fork", REVIEWER, [1_000, 40, 4_800], &[]),
    ("claude-hdr", PONG, [1_234, 56, 1_514], &[]),
    ("claude-iso", Ok("PONG from minimock"), [1_234, 56, 5_296], &[]),
    ("claude-iso2", Ok("PONG from minimock"), [1_234, 56, 5_296], &[]),
    ("claude-json", Ok(r#"{"verdict":"pass","score":7}"#), [1_000, 40, 4_800], &[]),
    ("claude-maxturns", Err(FailureClass::MaxTurns), [2_000, 80, 9_600], &[]),
    ("claude-mcp", CALLED, [2_000, 80, 9_600], &[]),
    ("claude-mcp-alwaysload", CALLED, [2_000, 80, 9_600], &[]),
    ("claude-mcp-broken", PONG, [1_234, 56, 6_056], &[]),
    ("claude-mcp-denied", CALLED, [2_000, 80, 9_600], &["mcp__orc__report"]),
    ("claude-nochaos", PONG, [1_234, 56, 6_056], &[]),
    ("claude-nokey", Err(FailureClass::Auth), [0, 0, 0], &[]),
    ("claude-once429-a", Ok("recovered after 429"), [0, 0, 0], &[]),
    ("claude-once429-b", Ok("recovered after 429"), [0, 0, 0], &[]),
    ("claude-oneshot", PONG, [1_234, 56, 6_056], &[]),
    ("claude-partial", PONG, [1_234, 56, 6_056], &[]),
    ("claude-pong", PONG, [1_234, 56, 6_056], &[]),
    ("claude-ppt", WRITTEN, [2_100, 52, 9_440], &[]),
    ("claude-refused", Err(FailureClass::Network), [0, 0, 0], &[]),
    ("claude-resume", REVIEWER, [1_000, 40, 4_800], &[]),
    ("claude-resume-othercwd", REVIEWER, [1_000, 40, 4_800], &[]),
    ("claude-sdkmcp", CALLED, [2_000, 80, 9_600], &[]),
    // Three turns in one process, of which the second was interrupted.
    ("claude-streamin", PONG, [3_334, 108, 15_496], &[]),
    ("claude-sys", REVIEWER, [1_000, 40, 4_800], &[]),
    ("claude-tool-SIGINT", Err(FailureClass::Cancelled), [1_000, 40, 4_800], &[]),
    ("claude-tools", PONG, [1_234, 56, 6_056], &[]),
    ("claude-write", WRITTEN, [2_100, 52, 9_440], &[]),
    ("claude-write-denied", WRITTEN, [2_100, 52, 9_440], &["Write"]),
    ("claude197-pong", PONG, [1_234, 56, 7_570], &[]),
    ("claude197-r2", PONG, [1_234, 56, 7_570], &[]),
];

/// Ended by signals, or of no use without the process: no result, or one that begins a new conversation.
const WITHOUT: [&str; 6] = [
    "claude-api-SIGINT",
    "claude-api-SIGTERM",
    "claude-hang",
    "claude-tool-SIGKILL",
    "claude-tool-SIGTERM",
    "claude197-r1",
];

#[test]
fn every_recording_means_what_it_meant() {
    let Some(folder) = shared("agents/samples") else { return };
    let mut left: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("claude"))
        .filter_map(|name| name.strip_suffix(".out").map(str::to_owned))
        .collect();
    for (name, expected, [input, output, cost], denied) in RECORDED {
        let played = play(&std::fs::read_to_string(folder.join(name).with_extension("out")).unwrap());
        left.retain(|other| other != name);
        let ended = played.outcome.as_ref().unwrap_or_else(|| panic!("{name}: no result"));
        let ended = ended.answer.as_ref().map(|answer| answer.text.as_str()).map_err(|failure| failure.class);
        assert_eq!(ended, expected, "{name}");
        let spent = played.spent;
        assert_eq!([spent.input, spent.output, spent.cost.unwrap_or(0)], [input, output, cost], "{name}");
        assert_eq!(played.denied(), denied, "{name}");
    }
    left.retain(|name| !WITHOUT.contains(&name.as_str()) && name != "claude-resume-missing");
    assert_eq!(left, [""; 0], "recordings that no line above speaks of");
}

#[test]
fn a_recording_without_a_result_is_no_success_and_its_figures_count() {
    let Some(folder) = shared("agents/samples") else { return };
    for name in WITHOUT.iter().filter(|name| !name.contains("197")) {
        let played = play(&std::fs::read_to_string(folder.join(name).with_extension("out")).unwrap());
        assert_eq!(played.outcome, None, "{name}");
        assert_eq!(played.spent.input, if name.contains("tool-SIG") { 1_000 } else { 0 }, "{name}");
    }
}

#[test]
fn a_retry_and_the_failure_after_it_say_for_how_long_the_provider_wants_peace() {
    let Some(folder) = shared("agents/samples") else { return };
    let played = play(&std::fs::read_to_string(folder.join("claude-429.out")).unwrap());
    let until = Some(Timestamp(NOW.0 + 1_060));
    assert!(played.told(|event| matches!(event, AgentEvent::Limited { until: told, .. } if *told == until)));
    assert!(played.told(|event| matches!(event, AgentEvent::Retrying { class: FailureClass::RateLimit, .. })));
    assert_eq!(played.outcome.unwrap().answer.unwrap_err().until, until);
}

#[test]
fn whether_our_tools_are_there_is_said_once() {
    let Some(folder) = shared("agents/samples") else { return };
    for (name, expected) in [("claude-mcp-alwaysload", true), ("claude-mcp-broken", false)] {
        let played = play(&std::fs::read_to_string(folder.join(name).with_extension("out")).unwrap());
        let said = played.events.iter().filter(|event| matches!(event, AgentEvent::Connected { .. }));
        assert_eq!(said.collect::<Vec<_>>(), [&AgentEvent::Connected { ok: expected }], "{name}");
    }
}

#[test]
fn lists_of_transcripts_are_understood() {
    let Some(folder) = shared("data/agent-stream") else { return };
    let played = play(&std::fs::read_to_string(folder.join("transcript_todowrite_examples.jsonl")).unwrap());
    let lists = played.events.iter().filter_map(|event| match event {
        AgentEvent::Todo { items } => Some(items),
        _ => None,
    });
    let lists: Vec<_> = lists.collect();
    assert_eq!(lists.first().unwrap().len(), 5);
    assert!(lists.first().unwrap().iter().all(|item| item.state == TodoState::Open));
    assert!(lists.iter().any(|list| list.iter().any(|item| item.state == TodoState::Done)));
}

#[test]
fn a_limit_that_is_used_up_is_told_with_its_end() {
    let Some(folder) = shared("data/agent-stream") else { return };
    let played = play(&std::fs::read_to_string(folder.join("sdk_python_0.2.184_messages.jsonl")).unwrap());
    let limits = played.events.iter().filter_map(|event| match event {
        AgentEvent::Limited { until, message } => Some((*until, message.as_str())),
        _ => None,
    });
    let seen: Vec<_> = limits.collect();
    assert!(seen.contains(&(Some(Timestamp(1_700_003_600_000)), "the limit is used up: seven day")), "{seen:?}");
}

/// Each value of each line, one after the other, becomes something else.
#[test]
fn no_line_with_a_value_of_another_type_stops_it() {
    let mut lines = Vec::new();
    for (folder, ending) in [("agents/samples", "out"), ("data/agent-stream", "jsonl")] {
        let Some(folder) = shared(folder) else { return };
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|found| found == ending) {
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                lines.extend(text.lines().filter(|line| line.len() < 1_500).map(str::to_owned));
            }
        }
    }
    let odd = [Value::Null, json!(-1), json!(1e300), json!("x"), json!([[]]), json!({"type": 3}), json!(true)];
    let rules = Rules::of(&assignment(&json!({})), "orc");
    let (sender, told) = unbounded_channel();
    drop(told);
    let mut listener = Listener::new(&rules, "orc".into(), Events(sender));
    let mut turned = 0;
    for line in &lines {
        listener.hear(line, NOW);
        let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
        let mut places = Vec::new();
        walk(&value, String::new(), &mut places);
        for (number, place) in places.iter().enumerate() {
            let mut other = value.clone();
            if let Some(found) = other.pointer_mut(place) {
                *found = odd[number % odd.len()].clone();
                if let Heard::Result(result) = listener.hear(&other.to_string(), NOW) {
                    outcome::of_result(&result, &listener.hints, NOW);
                }
                turned += 1;
            }
        }
    }
    assert!(turned > 1_000, "{turned}");
}

fn walk(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| walk(value, format!("{place}/{key}"), places));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| walk(value, format!("{place}/{at}"), places));
        }
        _ => {}
    }
    places.push(place);
}
