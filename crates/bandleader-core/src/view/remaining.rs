//! How long a run will probably still take. Every face and every file says it by this one reckoning.

use crate::plan::Work;
use crate::run::{Run, TaskState};
use crate::{Millis, TaskId, Timestamp, estimate};

/// How long a run still takes if the plan's estimates are right: from the best order of what is left to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// The longest path through what is not over, or the work that is left shared among all slots, whichever is longer.
    pub least: Millis,
    /// What no order exceeds: the work shared among all m slots, and 1 - 1/m of the longest path (Graham 1969). Resources
    /// other than slots may still make it longer.
    pub most: Millis,
}

/// How long a run will probably still take. A task that runs longer than its estimate counts as about to end.
pub fn remaining(run: &Run, now: Timestamp) -> Remaining {
    let plan = run.plan();
    let lengths = estimate::lengths(plan);
    let (mut path, mut work) = (0, 0);
    // Where something was left out, the longest path through the plan is not the longest path that is left.
    let tails = (run.counts().skipped > 0).then(|| {
        let still = |(id, length): (TaskId, &Millis)| if run.task(id).state.is_over() { Millis(0) } else { *length };
        let still: Vec<Millis> = plan.ids().zip(&lengths).map(still).collect();
        estimate::tails(plan, &estimate::Dependents::of(plan), &still)
    });
    let tail = |id: TaskId| match &tails {
        Some(tails) => tails.get(id.index()).copied().unwrap_or_default(),
        None => run.tail(id),
    };
    for (id, length) in plan.ids().zip(lengths) {
        if run.task(id).state.is_over() {
            continue;
        }
        let left = left(run, id, length, now).0;
        path = path.max(tail(id).0.saturating_sub(length.0 - left));
        work += left;
    }
    let slots = slots(run);
    let least = path.max(work / slots);
    Remaining { least: Millis(least), most: Millis(least.max(work / slots + path - path / slots)) }
}

/// What is left of a single task of this expected length; nothing once it is over or overdue.
pub fn left(run: &Run, id: TaskId, length: Millis, now: Timestamp) -> Millis {
    match &run.task(id).state {
        TaskState::Running { since, .. } | TaskState::Reviewing { since, .. } => {
            Millis(length.0.saturating_sub(now.since(*since).0))
        }
        state if state.is_over() => Millis(0),
        _ => length,
    }
}

/// How many attempts may run at once, and no more than there is work for.
fn slots(run: &Run) -> u64 {
    let working = run
        .plan()
        .tasks
        .iter()
        .filter(|task| !matches!(task.work, Work::Join | Work::Milestone | Work::Left | Work::Decision { .. }))
        .count();
    u64::from(run.parallel()).min(working as u64).max(1)
}
