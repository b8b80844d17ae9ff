//! What a change of a run's course would bring about, before anybody says yes to it: worked out by the very core that would do it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::remaining::{Remaining, remaining};
use crate::plan::{Plan, Work};
use crate::run::{Run, TaskState};
use crate::{By, Change, Command, Event, Input, Millis, Rejected, SkipReason, TaskId, Timestamp, decide};

/// What would be otherwise. Tasks are named by their paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// Would not run any more, and why.
    pub skipped: Vec<Skipped>,
    /// Would go on without something that they need and that is left out.
    pub without: Vec<Without>,
    /// Would have another place among those that have not begun.
    pub moved: Vec<Moved>,
    /// The level: what it was, what it would be.
    pub level: Option<(u8, u8)>,
    /// Tasks of that level which this run does not have any more: another level has left them out.
    pub not_added: Vec<String>,
    /// Limits: of what, what they were, what they would be.
    pub limits: Vec<Raised>,
    /// Agents that would be told something.
    pub told: Vec<Told>,
    /// Would start at once.
    pub starts: Vec<String>,
    /// How long the run takes from now on, without and with the change, in milliseconds.
    pub remaining: (Span, Span),
}

/// A task that would not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Which.
    pub task: String,
    /// Why: it was named, the level leaves it out, or something that it needs did not succeed.
    pub why: Why,
}

/// Why a task would not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// People named it.
    Asked,
    /// It is not part of the level.
    Level,
    /// It follows from the others.
    Follows,
}

/// A task that would go on without something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Without {
    /// Which.
    pub task: String,
    /// What it needs and would not have.
    pub needs: Vec<String>,
    /// Its texts look at what it needs: it may fail for want of it.
    pub reads_it: bool,
}

/// A task in another place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Which.
    pub task: String,
    /// Its place among those that have not begun and are to be done, from 1.
    pub from: usize,
    /// Its place then.
    pub to: usize,
    /// What it still waits for, wherever it stands.
    pub waits_for: Vec<String>,
}

/// A limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Raised {
    /// Of what, in words.
    pub of: String,
    /// What it was, in words.
    pub from: String,
    /// What it would be, in words.
    pub to: String,
}

/// Words to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its task.
    pub task: String,
    /// The words.
    pub text: String,
}

/// From the best order of what is left to the worst, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// See [`Remaining`].
    pub least: Millis,
    /// See [`Remaining`].
    pub most: Millis,
}

/// Rounds of ticks after which nothing new can follow: the core's own bound is the size of the plan.
const ROUNDS: usize = 10_000;

/// What `change` would bring about in `run` at `now`. Nothing is changed.
///
/// # Errors
/// All reasons why it cannot be done.
pub fn adjustment(run: &Run, change: &Change, by: &By, now: Timestamp) -> Result<Adjustment, Rejected> {
    let command = Command::Adjust { change: change.clone() };
    let events = decide(run, Input::Asked { command, by: by.clone() }, now)?;
    let mut then = run.clone();
    let mut all = Vec::new();
    let mut next = events;
    for _ in 0..ROUNDS {
        for event in next {
            let recorded = event.clone().record(then.last_seq(), now);
            then.apply(&recorded).map_err(|error| Rejected(error.to_string()))?;
            all.push(event);
        }
        next = decide(&then, Input::Tick, now)?;
        if next.is_empty() {
            break;
        }
    }
    let plan = run.plan();
    let path = |task: &TaskId| plan.task(*task).path.clone();
    let of = |pick: &dyn Fn(&Event) -> Option<String>| all.iter().filter_map(pick).collect::<Vec<_>>();
    let level = change.level.map(|level| (run.level(), level));
    Ok(Adjustment {
        skipped: skipped(plan, &all),
        without: without(run, &then),
        moved: moved(run, &then, &all),
        not_added: level.map(|(_, level)| not_added(&then, level)).unwrap_or_default(),
        level,
        limits: limits(run, &all),
        told: told(plan, &all),
        starts: of(&|event| match event {
            Event::AttemptStarted { attempt, .. } => Some(path(&attempt.task)),
            _ => None,
        }),
        remaining: (span(remaining(run, now)), span(remaining(&then, now))),
    })
}

fn span(remaining: Remaining) -> Span {
    Span { least: remaining.least, most: remaining.most }
}

fn skipped(plan: &Plan, events: &[Event]) -> Vec<Skipped> {
    let one = |event: &Event| match event {
        Event::TaskSkipped { task, reason } if plan.task(*task).is_real() => {
            let why = match reason {
                SkipReason::Asked { .. } => Why::Asked,
                SkipReason::Level => Why::Level,
                _ => Why::Follows,
            };
            Some(Skipped { task: plan.task(*task).path.clone(), why })
        }
        _ => None,
    };
    events.iter().filter_map(one).collect()
}

/// Tasks that are still to be done, with needs that were still to be done and are left out now.
fn without(run: &Run, then: &Run) -> Vec<Without> {
    let plan = run.plan();
    let is_new = |need: &TaskId| {
        let is_left_out = |run: &Run| matches!(run.task(*need).state, TaskState::Skipped { .. });
        is_left_out(then) && !is_left_out(run)
    };
    let goes_on = |id: &TaskId| plan.task(*id).is_real() && !then.task(*id).state.is_over();
    let one = |id: TaskId| {
        let task = plan.task(id);
        let needs: Vec<String> =
            task.needs.iter().filter(|need| is_new(need)).map(|need| plan.task(*need).path.clone()).collect();
        let reads_it = task.need_names.values().any(is_new);
        (!needs.is_empty()).then(|| Without { task: task.path.clone(), needs, reads_it })
    };
    plan.ids().filter(goes_on).filter_map(one).collect()
}

/// Tasks that have not begun, in the order in which they would start if all of them could.
fn order(run: &Run) -> Vec<TaskId> {
    let waits = |state: &TaskState| {
        matches!(state, TaskState::Pending | TaskState::Ready { .. } | TaskState::BackingOff { .. })
    };
    let works = |id: &TaskId| {
        !matches!(run.plan().task(*id).work, Work::Join | Work::Left | Work::Decision { .. })
            && waits(&run.task(*id).state)
    };
    let mut tasks: Vec<TaskId> = run.plan().ids().filter(works).collect();
    tasks.sort_by_key(|id| run.rank(*id));
    tasks
}

fn moved(run: &Run, then: &Run, events: &[Event]) -> Vec<Moved> {
    let plan = run.plan();
    let named: BTreeSet<TaskId> = events
        .iter()
        .filter_map(|event| match event {
            Event::TaskMoved { task, .. } => Some(*task),
            _ => None,
        })
        .collect();
    // Places are counted among what has not begun before the change, without what it leaves out.
    let before: Vec<TaskId> = order(run).into_iter().filter(|id| !is_left_out(then, *id)).collect();
    let mut after = before.clone();
    after.sort_by_key(|id| then.rank(*id));
    let place = |tasks: &[TaskId], id: TaskId| tasks.iter().position(|other| *other == id).map(|place| place + 1);
    let one = |id: &TaskId| {
        let waits_for = open_needs(then, *id).iter().map(|need| plan.task(*need).path.clone()).collect();
        let (from, to) = (place(&before, *id)?, place(&after, *id)?);
        Some(Moved { task: plan.task(*id).path.clone(), from, to, waits_for })
    };
    let mut moved: Vec<Moved> = after.iter().filter(|id| named.contains(id)).filter_map(one).collect();
    moved.sort_by_key(|one| one.to);
    moved
}

/// What a task still waits for, seen through the ends of groups.
fn open_needs(run: &Run, task: TaskId) -> BTreeSet<TaskId> {
    let plan = run.plan();
    let (mut found, mut behind) = (BTreeSet::new(), vec![task]);
    while let Some(id) = behind.pop() {
        for need in plan.task(id).needs.iter().filter(|need| !run.task(**need).state.is_over()) {
            if plan.task(*need).is_real() {
                found.insert(*need);
            } else {
                behind.push(*need);
            }
        }
    }
    found
}

fn is_left_out(run: &Run, id: TaskId) -> bool {
    matches!(run.task(id).state, TaskState::Skipped { .. })
}

fn not_added(run: &Run, level: u8) -> Vec<String> {
    let plan = run.plan();
    let is_left = |id: &TaskId| {
        plan.task(*id).levels.contains(level)
            && matches!(run.task(*id).state, TaskState::Skipped { reason: SkipReason::Level, .. })
    };
    plan.ids().filter(is_left).map(|id| plan.task(id).path.clone()).collect()
}

fn limits(run: &Run, events: &[Event]) -> Vec<Raised> {
    let one = |event: &Event| match event {
        Event::BudgetRaised { scope, unit, limit, .. } => Some(Raised {
            of: scope.words(run.plan()),
            from: super::amount(*unit, run.budget_limit(scope, *unit).unwrap_or_default()),
            to: super::amount(*unit, *limit),
        }),
        Event::TimeLimitRaised { limit, .. } => Some(Raised {
            of: "the run".into(),
            from: run.time_used(run.last_at()).1.unwrap_or_default().to_string(),
            to: limit.to_string(),
        }),
        _ => None,
    };
    events.iter().filter_map(one).collect()
}

fn told(plan: &Plan, events: &[Event]) -> Vec<Told> {
    let one = |event: &Event| match event {
        Event::MessageSent { task, text, .. } => Some(Told { task: plan.task(*task).path.clone(), text: text.clone() }),
        _ => None,
    };
    events.iter().filter_map(one).collect()
}
