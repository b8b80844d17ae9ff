//! What was made and how good it was: deliverables, gates, failures.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::{Deliverable, FailureClass};
use crate::run::{Run, TaskState};
use crate::view::{History, Outcome};
use crate::{Millis, Timestamp, Verdict};

/// One deliverable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Made {
    /// The task that promised it.
    pub task: String,
    /// The path or glob; or words, if it has no path or was not found.
    pub what: String,
    /// Whether it was found; none for what is only described.
    pub found: Option<Found>,
    /// Whether its task is proven done.
    pub proven: bool,
}

/// What was found of a deliverable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Files.
    pub files: u32,
    /// Their size together.
    pub bytes: u64,
}

/// How the gates went, over all attempts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Quality {
    /// Gates that passed.
    pub passed: u32,
    /// Gates that refused.
    pub refused: u32,
    /// Tasks that completed at their first attempt.
    pub first_time: u32,
    /// Tasks that completed at all, by an attempt.
    pub completed: u32,
    /// Each gate.
    pub gates: Vec<GateRow>,
}

/// One gate of one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateRow {
    /// Its task.
    pub task: String,
    /// Its name.
    pub gate: String,
    /// Its last word.
    pub verdict: Verdict,
    /// The number found, the bound, the exit.
    pub message: String,
    /// How often it refused before.
    pub refused_before: u32,
    /// How long it took, the last time.
    pub took: Millis,
}

/// One attempt that failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failure {
    /// Its task.
    pub task: String,
    /// Who did it.
    pub agent: String,
    /// Which attempt.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// What sort of failure.
    pub class: FailureClass,
    /// Its last words.
    pub message: String,
    /// How long it had worked.
    pub lost: Millis,
    /// Whether a later attempt completed the task.
    pub recovered: bool,
}

impl Quality {
    pub(super) fn of(history: &History) -> Quality {
        let plan = history.plan();
        let mut quality = Quality::default();
        let mut gates: BTreeMap<(u32, u32), GateRow> = BTreeMap::new();
        for attempt in history.attempts() {
            if attempt.outcome == Outcome::Completed {
                quality.completed += 1;
                quality.first_time += u32::from(attempt.id.number == 1);
            }
            let task = plan.task(attempt.id.task);
            for seen in &attempt.gates {
                let refused_before = match gates.get(&(attempt.id.task.0, seen.gate)) {
                    Some(row) => row.refused_before + u32::from(row.verdict == Verdict::Refused),
                    None => 0,
                };
                match seen.verdict {
                    Verdict::Passed => quality.passed += 1,
                    Verdict::Refused => quality.refused += 1,
                }
                let name = task.gates.get(seen.gate as usize).map_or("?", |gate| &gate.name);
                let row = GateRow {
                    task: task.path.clone(),
                    gate: name.to_owned(),
                    verdict: seen.verdict,
                    message: seen.message.clone(),
                    refused_before,
                    took: seen.took,
                };
                gates.insert((attempt.id.task.0, seen.gate), row);
            }
        }
        quality.gates = gates.into_values().collect();
        quality
    }
}

/// Every promised thing, in plan order.
pub(super) fn made(run: &Run) -> Vec<Made> {
    let plan = run.plan();
    let mut all = Vec::new();
    for id in plan.ids() {
        let (task, task_run) = (plan.task(id), run.task(id));
        let proven = matches!(task_run.state, TaskState::Completed { .. });
        let delivered = task_run.past().report.as_ref().map(|report| report.delivered.as_slice()).unwrap_or_default();
        // What tasks left for each other in the state folder is nobody's deliverable.
        for one in delivered.iter().filter(|one| !one.path.starts_with(".band/")) {
            let found = Some(Found { files: one.files, bytes: one.bytes });
            all.push(Made { task: task.path.clone(), what: one.path.clone(), found, proven });
        }
        let missing = task_run.past().report.as_ref().map(|report| report.missing.as_slice()).unwrap_or_default();
        let none = Some(Found { files: 0, bytes: 0 });
        for words in missing {
            all.push(Made { task: task.path.clone(), what: words.clone(), found: none, proven });
        }
        for promised in task.deliverables.iter() {
            match promised {
                Deliverable::Described(words) => {
                    all.push(Made { task: task.path.clone(), what: words.clone(), found: None, proven });
                }
                // Looked-for ones are listed above, with their templates filled in.
                Deliverable::Path(path) if delivered.is_empty() && missing.is_empty() => {
                    all.push(Made { task: task.path.clone(), what: format!("`{path}`"), found: none, proven });
                }
                Deliverable::Path(_) => {}
            }
        }
    }
    all
}

/// Failed attempts, oldest first.
pub(super) fn failures(run: &Run, history: &History) -> Vec<Failure> {
    let failure = |attempt: &crate::view::Attempt| match &attempt.outcome {
        Outcome::Failed { class, message } => Some(Failure {
            task: run.plan().task(attempt.id.task).path.clone(),
            agent: attempt.agent.clone(),
            attempt: attempt.id.number,
            at: attempt.ended.unwrap_or(attempt.started),
            class: *class,
            message: message.clone(),
            lost: attempt.took(attempt.started),
            recovered: matches!(run.task(attempt.id.task).state, TaskState::Completed { .. }),
        }),
        _ => None,
    };
    let mut failures: Vec<Failure> = history.attempts().iter().filter_map(failure).collect();
    failures.sort_by_key(|failure| failure.at);
    failures
}
