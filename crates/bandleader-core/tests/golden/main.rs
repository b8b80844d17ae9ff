//! Stored events never change their form: each variant, and each form that its parts can take, has a golden file.
//!
//! A golden file is never edited. A changed form is a new version of the event, with an upcast and a file of its own.

use std::collections::BTreeSet;

use bandleader_core::{AttemptId, By, Event, TaskId};

/// A golden file: its name, its text, and the event that it holds.
type Golden = (&'static str, &'static str, Event);

/// Golden files by name, with their events.
macro_rules! golden {
    ($($name:literal => $event:expr,)*) => {
        vec![$(($name, include_str!(concat!($name, ".json")), $event),)*]
    };
}

mod agents;
mod attempts;
mod decisions;
mod hooks;
mod merges;
mod runs;
mod tasks;
mod variants;

use agents::of_agents;
use attempts::of_an_attempt;
use decisions::of_decisions;
use hooks::of_hooks;
use merges::of_merges;
use runs::of_the_run;
use tasks::of_a_task;
use variants::{VARIANTS, place};

const TASK: TaskId = TaskId(3);
const ATTEMPT: AttemptId = AttemptId { task: TASK, number: 2 };

fn person() -> By {
    By::Person { name: "ada".into() }
}

fn all() -> Vec<Golden> {
    [of_the_run(), of_a_task(), of_an_attempt(), of_agents(), of_merges(), of_decisions(), of_hooks()].concat()
}

#[test]
fn an_event_is_stored_as_it_always_was() {
    for (name, file, event) in all() {
        assert_eq!(serde_json::to_string_pretty(&event).unwrap(), file.trim_end(), "{name}");
    }
}

#[test]
fn what_was_stored_is_understood() {
    for (name, file, event) in all() {
        assert_eq!(serde_json::from_str::<Event>(file).unwrap(), event, "{name}");
    }
}

#[test]
fn the_stored_type_is_the_name_of_the_event() {
    for (name, file, event) in all() {
        let stored: serde_json::Value = serde_json::from_str(file).unwrap();
        assert_eq!(stored["type"], event.name(), "{name}");
        assert_eq!(name.split('.').next(), Some(event.name()));
    }
}

#[test]
fn a_field_that_nobody_knows_is_refused() {
    let text = r#"{"type":"task_completed","task":3,"praise":"well done"}"#;
    assert!(serde_json::from_str::<Event>(text).is_err());
}

#[test]
fn every_variant_has_a_golden_file() {
    let covered: BTreeSet<usize> = all().iter().map(|(_, _, event)| place(event)).collect();
    assert_eq!(covered, (0..VARIANTS).collect());
}
