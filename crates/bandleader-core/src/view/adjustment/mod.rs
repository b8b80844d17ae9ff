//! What a change of a run's course would bring about, before anybody says yes to it: worked out by the very core that would do it.

mod back;
mod level;
mod order;

use serde::Serialize;

use super::remaining::{Remaining, remaining};
use crate::plan::{Mode, Plan};
use crate::run::{Run, TaskState};
use crate::{By, Change, Command, Event, Input, Millis, Rejected, SkipReason, TaskId, Timestamp, decide};

/// What would be otherwise. Tasks are named by their paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// The run has ended, and would be taken up again.
    pub reopens: bool,
    /// Would not run any more, and why.
    pub skipped: Vec<Skipped>,
    /// Would go on without something that they need and that is left out.
    pub without: Vec<Without>,
    /// Would be done after all.
    pub back: Vec<BroughtBack>,
    /// Would have another place among those that have not begun.
    pub moved: Vec<Moved>,
    /// The level: what it was, what it would be.
    pub level: Option<(u8, u8)>,
    /// Who is asked what with that level: how it was, how it would be.
    pub mode: Option<(Mode, Mode)>,
    /// Further tries of tasks that have not started and of which the plan says nothing: how many it was, how many it would be.
    pub retries: Option<(u32, u32)>,
    /// Gates of tasks that have not started, which that level adds or leaves out.
    pub gates: Vec<GateChange>,
    /// Tasks of that level which this run cannot have: what they would do was not kept when it was made.
    pub not_added: Vec<String>,
    /// How many tasks may run at once: what it was, what it would be.
    pub parallel: Option<(u32, u32)>,
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

/// Why a task would not run, or would after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// People named it.
    Asked,
    /// It is not part of the level; or it is part of it, and so comes back.
    Level,
    /// It follows from the others.
    Follows,
}

/// A task that would be done after all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BroughtBack {
    /// Which.
    pub task: String,
    /// Why it comes back: it was named, or it is part of the level.
    pub why: Why,
    /// What it still waits for.
    pub waits_for: Vec<String>,
    /// What needs it and has gone on without it: that is not done anew.
    pub gone_on: Vec<String>,
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

/// A gate that counts, or does not count any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GateChange {
    /// Of which task.
    pub task: String,
    /// What it is called.
    pub gate: String,
    /// Whether it would be checked.
    pub checked: bool,
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
        reopens: run.is_over(),
        skipped: skipped(plan, &all),
        without: without(run, &then),
        back: back::brought_back(run, &then, &all),
        moved: order::moved(run, &then, &all),
        not_added: level.map(|(_, level)| back::not_added(&then, level)).unwrap_or_default(),
        mode: Some((run.mode(), then.mode())).filter(|(was, is)| was != is),
        retries: level.and_then(|_| level::retries(run, &then)),
        gates: level.map(|_| level::gates(run, &then)).unwrap_or_default(),
        level,
        parallel: change.parallel.map(|parallel| (run.parallel(), parallel)),
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
        Event::TaskSkipped { task, reason, .. } if plan.task(*task).is_real() => {
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

fn limits(run: &Run, events: &[Event]) -> Vec<Raised> {
    let one = |event: &Event| match event {
        Event::BudgetRaised { scope, unit, limit, .. } => Some(Raised {
            of: scope.words(run.plan()),
            from: crate::view::amount(*unit, run.budget_limit(scope, *unit).unwrap_or_default()),
            to: crate::view::amount(*unit, *limit),
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
