//! What follows when agents have used what they may: a notice, then the end of what goes on at that expense.

use crate::{Event, JobId, Run, Step, StopHow, StopReason};

/// Notices that are due.
pub(super) fn crossed(run: &Run) -> impl Iterator<Item = Event> {
    run.crossed().map(|((scope, unit), percent)| Event::BudgetReached {
        scope: scope.clone(),
        unit: *unit,
        percent,
        limit: run.budget_limit(scope, *unit).unwrap_or_default(),
    })
}

/// Agents that go on at the expense of a budget that is used up are asked to end. Their attempts fail for that reason and are not
/// tried again; gates and undoings spend nothing and go on.
pub(super) fn stop(run: &Run) -> Vec<Event> {
    let at_work = run.jobs().iter().filter(|(id, job)| id.step == Step::Work && job.stop.is_none());
    let over = at_work.filter(|(id, _)| run.used_up(id.attempt.task).is_some());
    over.map(|(id, _): (&JobId, _)| Event::StopRequested { job: *id, why: StopReason::Budget, how: StopHow::Politely })
        .collect()
}
