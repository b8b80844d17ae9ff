//! What follows when agents have used what they may: a notice, then the end of what goes on at that expense.

use super::about_budget;
use super::people::open;
use crate::{BudgetScope, BudgetUnit, Event, JobId, Run, Step, StopHow, StopReason, Timestamp};

/// Notices that are due.
pub(super) fn crossed(run: &Run) -> impl Iterator<Item = Event> {
    run.crossed().map(|((scope, unit), percent)| Event::BudgetReached {
        scope: scope.clone(),
        unit: *unit,
        percent,
        limit: run.budget_limit(scope, *unit).unwrap_or_default(),
    })
}

/// A notice, and where everything is used that may be, the question how it shall go on. Until that is answered nothing new starts at
/// its expense, and agents at work are asked to end: a limit holds also while nobody looks.
pub(super) fn asked(run: &Run, reached: Event, decision: u32, now: Timestamp) -> Vec<Event> {
    let (scope, unit, limit) = match &reached {
        Event::BudgetReached { scope, unit, percent: 100, limit } => (scope, *unit, *limit),
        Event::TimeBudgetReached { percent: 100, limit } => (&BudgetScope::Run, BudgetUnit::Time, limit.0),
        _ => return vec![reached],
    };
    let asked = about_budget::asking(run, scope, unit, limit).map(|asking| open(run, decision, asking, now));
    std::iter::once(reached).chain(asked.into_iter().flatten()).collect()
}

/// Agents that go on at the expense of a budget that is used up are asked to end. Their attempts fail for that reason and are not
/// tried again; gates and undoings spend nothing and go on.
pub(super) fn stop(run: &Run) -> Vec<Event> {
    let at_work = run.jobs().iter().filter(|(id, job)| id.step == Step::Work && job.stop.is_none());
    let over = at_work.filter(|(id, _)| run.spent_out(id.attempt.task).is_some());
    over.map(|(id, _): (&JobId, _)| Event::StopRequested { job: *id, why: StopReason::Budget, how: StopHow::Politely })
        .collect()
}
