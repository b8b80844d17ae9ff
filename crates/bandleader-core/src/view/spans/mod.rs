//! A run as spans, the way tracing systems see work: the run, its phases, its tasks and their attempts, one within the other.
//!
//! Pure, and made of the past alone: whoever makes them twice gets the same, with the same keys. What goes on has no span yet.
//! A task that a person has tried again after its end has its span once more, and longer.

pub mod names;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::markdown::short;
use super::past::{Attempt, Outcome, Phase};
use super::when::seconds;
use super::{History, spent};
use crate::{RunEnd, RunId, Spending, TaskId, Timestamp, Verdict};

/// Longer texts are cut: the log has them whole.
const LONGEST: usize = 200;

/// One piece of work that is over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Span {
    /// What it is, unique within its run and the same whenever it is made: `run`, `phase/build`, `task/build.api`, `task/build.api#2`.
    pub key: String,
    /// The key of the span that it is part of; none for the run.
    pub parent: Option<String>,
    /// For people; few different ones. May hold hostile text.
    pub name: String,
    /// When it began.
    pub start: Timestamp,
    /// When it was over.
    pub end: Timestamp,
    /// By the names of `names`: texts, whole numbers, numbers. May hold hostile text.
    pub attributes: Vec<(&'static str, Value)>,
    /// What happened within it, with its time; of the run alone. May hold hostile text.
    pub events: Vec<(Timestamp, String)>,
    /// Why it is a failure, if it is one. May hold hostile text.
    pub error: Option<String>,
}

/// All that is over of a run, attempts before their tasks, tasks before their phases, the run last.
pub fn spans(id: &RunId, history: &History) -> Vec<Span> {
    let mut spans: Vec<Span> = history.attempts().iter().filter_map(|one| attempt(history, one)).collect();
    let mut sums: BTreeMap<TaskId, Sum> = BTreeMap::new();
    for attempt in history.attempts() {
        let first = Sum { started: attempt.started, used: Spending::default() };
        let sum = sums.entry(attempt.id.task).or_insert(first);
        sum.used = sum.used.plus(attempt.spending);
    }
    spans.extend(sums.into_iter().filter_map(|(task, sum)| whole_task(history, task, &sum)));
    spans.extend(history.phases().iter().filter_map(|phase| whole_phase(history, phase)));
    spans.extend(whole_run(id, history));
    spans
}

/// Of all attempts at a task.
struct Sum {
    started: Timestamp,
    used: Spending,
}

fn path(history: &History, task: TaskId) -> String {
    short(&history.plan().task(task).path, LONGEST)
}

fn task_key(history: &History, task: TaskId) -> String {
    format!("task/{}", history.plan().task(task).path)
}

fn phase_key(history: &History, phase: &Phase) -> String {
    format!("phase/{}", history.plan().group(phase.group).path)
}

fn attempt(history: &History, attempt: &Attempt) -> Option<Span> {
    let end = attempt.ended?;
    let task = attempt.id.task;
    let parent = task_key(history, task);
    let agent = short(&attempt.agent, LONGEST);
    let (state, error) = match &attempt.outcome {
        Outcome::Live => return None,
        Outcome::Completed => ("completed", None),
        Outcome::Failed { class, message } => ("failed", Some((json!(class), short(message, LONGEST)))),
    };
    let mut attributes = vec![
        (names::TASK, json!(path(history, task))),
        (names::ATTEMPT, json!(attempt.id.number)),
        (names::STATE, json!(state)),
        (names::WAITED, json!(seconds(attempt.started.since(attempt.ready)))),
    ];
    if let Some(usage) = &attempt.usage {
        attributes.push((names::PROCESSOR, json!(seconds(usage.cpu))));
    }
    let count = |verdict| attempt.gates.iter().filter(|gate| gate.verdict == verdict).count();
    if !attempt.gates.is_empty() {
        attributes.push((names::GATES_PASSED, json!(count(Verdict::Passed))));
        attributes.push((names::GATES_REFUSED, json!(count(Verdict::Refused))));
    }
    let name = match &attempt.ran {
        None => "command".to_owned(),
        Some(ran) => {
            attributes.push((names::GEN_AI_OPERATION, json!(names::OPERATION_AGENT)));
            attributes.push((names::GEN_AI_AGENT, json!(agent)));
            attributes.push((names::DRIVER, json!(ran.driver)));
            attributes.extend(names::provider(&ran.driver).map(|provider| (names::GEN_AI_PROVIDER, json!(provider))));
            attributes.extend(ran.model.as_ref().map(|model| (names::GEN_AI_MODEL, json!(short(model, LONGEST)))));
            format!("{} {agent}", names::OPERATION_AGENT)
        }
    };
    spending(&mut attributes, attempt.spending);
    let error = error.map(|(class, message)| {
        attributes.push((names::ERROR_TYPE, class));
        message
    });
    let key = format!("{parent}#{}", attempt.id.number);
    Some(Span { key, parent: Some(parent), name, start: attempt.started, end, attributes, events: Vec::new(), error })
}

fn spending(attributes: &mut Vec<(&'static str, Value)>, spending: Spending) {
    if spending.is_nothing() {
        return;
    }
    attributes.push((names::GEN_AI_INPUT, json!(spending.input)));
    attributes.push((names::GEN_AI_CACHED, json!(spending.cached)));
    attributes.push((names::GEN_AI_OUTPUT, json!(spending.output)));
    let cost = spent::Spent::of(spending, false).cost_usd;
    attributes.extend(cost.map(|cost| (names::COST, json!(cost))));
}

/// Of tasks that were tried: what was skipped took no time.
fn whole_task(history: &History, task: TaskId, sum: &Sum) -> Option<Span> {
    let state = history.over(task)?;
    let latest = history.latest(task)?;
    let end = latest.ended?;
    let parent = history.phase(task).map_or_else(|| "run".to_owned(), |phase| phase_key(history, phase));
    let name = format!("task {}", path(history, task));
    let mut attributes = vec![(names::TASK, json!(path(history, task))), (names::STATE, json!(state))];
    spending(&mut attributes, sum.used);
    let error = match &latest.outcome {
        Outcome::Failed { class, message } if state == "failed" => {
            attributes.push((names::ERROR_TYPE, json!(class)));
            Some(short(message, LONGEST))
        }
        _ => None,
    };
    let key = task_key(history, task);
    Some(Span { key, parent: Some(parent), name, start: sum.started, end, attributes, events: Vec::new(), error })
}

fn whole_phase(history: &History, phase: &Phase) -> Option<Span> {
    let (start, end) = (phase.started?, phase.ended?);
    let group = history.plan().group(phase.group);
    let attributes = vec![(names::PHASE, json!(short(&group.path, LONGEST))), (names::STATE, json!(phase.status))];
    let error = (phase.status == "failed").then(|| "a task of it failed".to_owned());
    let name = format!("phase {}", short(&group.path, LONGEST));
    let key = phase_key(history, phase);
    Some(Span { key, parent: Some("run".into()), name, start, end, attributes, events: Vec::new(), error })
}

fn whole_run(id: &RunId, history: &History) -> Option<Span> {
    let (end, state) = history.ended()?;
    let plan = history.plan();
    let word = json!(state);
    let mut attributes = vec![
        (names::GEN_AI_OPERATION, json!(names::OPERATION_WORKFLOW)),
        (names::GEN_AI_WORKFLOW, json!(short(&plan.mission, LONGEST))),
        (names::RUN, json!(id)),
        (names::LEVEL, json!(plan.level)),
        (names::STATE, word.clone()),
    ];
    let used = history.attempts().iter().fold(Spending::default(), |sum, attempt| sum.plus(attempt.spending));
    spending(&mut attributes, used);
    let is_success = matches!(state, RunEnd::Succeeded | RunEnd::SucceededWithOverrides);
    let error = (!is_success).then(|| word.as_str().unwrap_or_default().replace('_', " "));
    Some(Span {
        key: "run".into(),
        parent: None,
        name: names::OPERATION_WORKFLOW.into(),
        start: history.created(),
        end,
        attributes,
        events: history.notes().iter().map(|note| (note.at, short(&note.text, LONGEST))).collect(),
        error,
    })
}
