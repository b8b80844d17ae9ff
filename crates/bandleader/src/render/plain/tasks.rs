//! Facts about what becomes of tasks, and why.

use std::borrow::Cow;

use bandleader_core::{BudgetScope, By, Event, Recorded, Run, SkipReason, TaskId, TaskState};

use super::{Fact, Tone, named, talk};
use crate::render::heard;
use crate::render::text::clean;
use crate::render::words::{brief, is_conflict, why_blocked};

/// What becomes of tasks.
pub(super) fn task_fact(run: &Run, recorded: &Recorded) -> Option<Fact> {
    let plan = run.plan();
    let named = |id, tone, word, detail| named(run, id, tone, word, detail);
    let spent = |id: TaskId| brief(run.task(id).past().spent);
    match &recorded.event {
        Event::RetryScheduled { task, at, agent } => {
            let by = agent.as_ref().map_or(String::new(), |agent| format!(" by {}", clean(agent)));
            let pause = brief(at.since(recorded.at));
            named(*task, Tone::Alert, "retry", format!("again{by} in {pause}: {}", why(run, *task)))
        }
        Event::MilestoneReached { task } => {
            let milestone = plan.milestone(*task)?;
            let (id, title) = (clean(&milestone.id), clean(&milestone.title));
            let detail = if id == title { String::new() } else { title.into_owned() };
            Some(Fact { tone: Tone::Good, word: "milestone", about: id.into_owned(), detail })
        }
        Event::TaskCompleted { task } => {
            named(*task, Tone::Good, "completed", spent(*task) + &used(run, *task) + &lost(run, *task))
        }
        Event::TaskFailed { task, class } => {
            let why = why(run, *task);
            let why = if why.is_empty() { format!("{class:?}").to_lowercase() } else { why };
            named(*task, Tone::Bad, "failed", why)
        }
        Event::TaskBlocked { task, why } => {
            let more = if is_conflict(run, *task) { "; `band status` has the ways out" } else { "" };
            named(*task, Tone::Alert, "blocked", format!("{}{more}", why_blocked(run, *task, why)))
        }
        Event::TaskSkipped { task, reason, .. } => {
            let why = match reason {
                SkipReason::Condition => "its condition is false".into(),
                SkipReason::Level => format!("not part of level {}", run.level_without(*task)),
                SkipReason::Asked(left) => {
                    let because = &left.because;
                    let because = if because.is_empty() { String::new() } else { format!(": {}", clean(because)) };
                    format!("left out by {}{because}", talk::who(&left.by))
                }
                SkipReason::Upstream { need } => because(run, *need),
                SkipReason::Budget { scope } => format!("the budget of {} is used up", clean(&scope.words(plan))),
                SkipReason::BadCondition { message } => format!("its condition fails: {}", clean(message)),
            };
            named(*task, Tone::Usual, "skipped", why)
        }
        Event::TaskCancelled { task } => named(*task, Tone::Alert, "cancelled", String::new()),
        Event::TaskAccepted { task, by, because } => {
            named(*task, Tone::Alert, "accepted", format!("by {}: {}", who(by), clean(because)))
        }
        Event::WorkAccepted { task, by, because } => {
            let detail = format!("by {}: {}; its work is merged without its gates", who(by), clean(because));
            named(*task, Tone::Alert, "accepted", detail)
        }
        Event::TaskResolved { task, .. } => named(*task, Tone::Usual, "resolved", "by hand, in its worktree".into()),
        Event::TaskReset { task, .. } => named(*task, Tone::Usual, "reset", "to be tried again".into()),
        Event::CompensationStarted { task } => {
            named(*task, Tone::Alert, "undoing", "its failure undoes what was done".into())
        }
        _ => None,
    }
}

fn who(by: &By) -> Cow<'_, str> {
    match by {
        By::Person { name } => clean(name),
        By::Engine => "the engine".into(),
    }
}

/// What its agents used.
fn used(run: &Run, id: TaskId) -> String {
    let words = heard::usage(run, &BudgetScope::Task { task: id }, run.spent_on(id));
    words.map(|words| format!(", {words}")).unwrap_or_default()
}

/// That not all of its output was kept, if so.
fn lost(run: &Run, id: TaskId) -> String {
    let why = run.task(id).past().report.as_ref().and_then(|report| report.output_lost.as_deref());
    why.map(|why| format!(", {}", clean(why))).unwrap_or_default()
}

/// What the latest failure of a task said.
fn why(run: &Run, id: TaskId) -> String {
    run.task(id).past().failure.as_ref().map(|failure| clean(&failure.1).into_owned()).unwrap_or_default()
}

/// The failure at the root of a skipped need, followed through groups and skipped tasks.
fn because(run: &Run, need: TaskId) -> String {
    let plan = run.plan();
    let mut at = need;
    for _ in 0..plan.tasks.len() {
        let deeper = match &run.task(at).state {
            TaskState::Skipped { reason: SkipReason::Upstream { need }, .. } => Some(*need),
            _ if !plan.task(at).is_real() => {
                let failed = |need: &&TaskId| {
                    matches!(run.task(**need).state, TaskState::Failed { .. } | TaskState::Cancelled { .. })
                };
                plan.task(at).needs.iter().find(failed).copied()
            }
            _ => None,
        };
        match deeper {
            Some(need) => at = need,
            None => break,
        }
    }
    let path = match plan.task(at).ends_group() {
        Some(group) => &plan.group(group).path,
        None => &plan.task(at).path,
    };
    format!("because of {}", clean(path))
}
