//! What is still to come of a run: the critical path from here, when it may be finished, what starts next.

use bandleader_core::view::{left, remaining};
use bandleader_core::{Millis, Run, RunState, TaskId, TaskState, Timestamp, estimate};

/// The future, as far as estimates tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outlook {
    /// The longest path of what is left, first task first.
    pub critical: Vec<TaskId>,
    /// The earliest and the latest end that the estimates allow; none where no task has one.
    pub finish: Option<(Timestamp, Timestamp)>,
    /// Tasks that wait for nothing but room, or for what runs now; the most urgent first.
    pub next: Vec<TaskId>,
}

/// Works it out for a run that has not ended. `lengths` are `estimate::lengths` of its plan.
pub(crate) fn outlook(run: &Run, lengths: &[Millis], now: Timestamp) -> Outlook {
    let plan = run.plan();
    let length = |id: TaskId| lengths.get(id.index()).copied().unwrap_or_default();
    let own = |id: TaskId| left(run, id, length(id), now);
    // From here to the end through `id`: what is left of itself, and the longest path behind it.
    let tail = |id: TaskId| Millis(own(id).0 + run.tail(id).0.saturating_sub(length(id).0));
    let open = || plan.ids().filter(|id| !run.task(*id).state.is_over());
    let first = open().filter(|id| plan.task(*id).needs.iter().all(|need| run.task(*need).state.is_over()));
    let mut critical = Vec::new();
    let mut at = first.rev().max_by_key(|id| tail(*id));
    while let Some(id) = at {
        if plan.task(id).is_real() {
            critical.push(id);
        }
        let behind = run.dependents(id).iter().copied().filter(|next| !run.task(*next).state.is_over());
        at = behind.rev().max_by_key(|next| run.tail(*next));
    }
    let known = plan.tasks.iter().any(|task| task.estimate.is_some());
    let moving = run.state() == RunState::Running && known;
    let finish = moving.then(|| remaining(run, now)).map(|still| (now.plus(still.least), now.plus(still.most)));
    Outlook { critical, finish, next: next(run) }
}

fn next(run: &Run) -> Vec<TaskId> {
    let plan = run.plan();
    let mut next: Vec<TaskId> = run.ready().into_iter().filter(|id| plan.task(*id).is_real()).collect();
    if !next.is_empty() {
        return next;
    }
    let soon = |need: &TaskId| {
        let state = &run.task(*need).state;
        state.is_over() || matches!(state, TaskState::Running { .. } | TaskState::Reviewing { .. })
    };
    // The end of a group is as near as its members are.
    let near = |need: &TaskId| {
        let task = plan.task(*need);
        soon(need) || (!task.is_real() && task.needs.iter().all(soon))
    };
    let waits = plan.ids().filter(|id| plan.task(*id).is_real() && matches!(run.task(*id).state, TaskState::Pending));
    next.extend(waits.filter(|id| plan.task(*id).needs.iter().all(near)));
    next.sort_by_key(|id| std::cmp::Reverse(run.tail(*id)));
    next
}

/// The expected lengths of a run's tasks, worked out once.
pub(crate) fn lengths(run: &Run) -> Vec<Millis> {
    estimate::lengths(run.plan())
}
