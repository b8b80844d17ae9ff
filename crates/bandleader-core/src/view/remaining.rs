//! How long a run will probably still take.

use crate::plan::{Plan, Work};
use crate::run::{Run, TaskState};
use crate::{Millis, Timestamp, estimate};

/// At least the longest path through what is not over, and at least the work that is left shared among all slots. By the plan's
/// estimates; a task that runs longer than its estimate counts as about to end.
pub fn remaining(run: &Run, now: Timestamp) -> Millis {
    let plan = run.plan();
    let lengths = estimate::lengths(plan);
    let (mut path, mut work) = (0, 0);
    for (id, length) in plan.ids().zip(lengths) {
        let task = run.task(id);
        let done = match &task.state {
            state if state.is_over() => continue,
            TaskState::Running { since, .. } | TaskState::Reviewing { since, .. } => now.since(*since).0.min(length.0),
            _ => 0,
        };
        path = path.max(run.tail(id).0.saturating_sub(done));
        work += length.0 - done;
    }
    Millis(path.max(work / slots(plan)))
}

/// How many attempts may run at once, and no more than there is work for.
fn slots(plan: &Plan) -> u64 {
    let working = plan.tasks.iter().filter(|task| !matches!(task.work, Work::Join | Work::Left)).count();
    u64::from(plan.limits.parallel).min(working as u64).max(1)
}
