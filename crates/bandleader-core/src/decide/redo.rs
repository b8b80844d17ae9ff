//! What hangs on a task and would be done anew if it were changed: everything behind it that has begun or is over.

use std::collections::BTreeSet;

use super::Rejected;
use crate::run::TaskState;
use crate::{JobId, Run, SkipReason, Step, TaskId};

/// What a change asks for.
#[derive(Debug, Default)]
pub(super) struct Redone {
    /// Processes that run on what is changed.
    pub(super) stops: Vec<JobId>,
    /// Nodes that are over, ends of groups too.
    pub(super) tasks: Vec<TaskId>,
}

/// What would be done anew.
///
/// # Errors
/// Work of one of them is just being judged or merged.
pub(super) fn redone(run: &Run, root: TaskId) -> Result<Redone, Rejected> {
    let mut found = Redone::default();
    for id in behind(run, root) {
        match &run.task(id).state {
            TaskState::Running { attempt, .. } => {
                let job = JobId { attempt: crate::AttemptId { task: id, number: *attempt }, step: Step::Work };
                if run.stopping(job).is_none() {
                    found.stops.push(job);
                }
            }
            TaskState::Reviewing { .. } => {
                let path = &run.plan().task(id).path;
                return Err(Rejected::because(format!("`{path}` is being reviewed; try again when that is over")));
            }
            TaskState::Pending | TaskState::Failing | TaskState::Compensated { .. } => (),
            // One that may start was let through by conditions that may not hold any more.
            TaskState::Ready { .. }
            | TaskState::BackingOff { .. }
            | TaskState::Completed { .. }
            | TaskState::Failed { .. }
            | TaskState::Skipped { .. }
            | TaskState::Cancelled { .. }
            | TaskState::Blocked { .. } => found.tasks.push(id),
        }
    }
    Ok(found)
}

/// All nodes behind `root`, without those that people or the level leave out: these stay out.
pub(super) fn behind(run: &Run, root: TaskId) -> BTreeSet<TaskId> {
    let mut seen = BTreeSet::new();
    let mut queue = vec![root];
    while let Some(task) = queue.pop() {
        for next in run.dependents(task) {
            if seen.insert(*next) {
                queue.push(*next);
            }
        }
    }
    seen.retain(|id| !is_left_out(run, *id));
    seen
}

/// Whether people or a level have left it out.
pub(super) fn is_left_out(run: &Run, task: TaskId) -> bool {
    let state = &run.task(task).state;
    matches!(state, TaskState::Skipped { reason: SkipReason::Level | SkipReason::Asked { .. }, .. })
}

impl Run {
    /// Tasks that a correction of a decision would do anew: those behind it that run or are over. Empty for questions that are no tasks.
    pub fn hangs_on(&self, decision: u32) -> Vec<TaskId> {
        let Some(crate::Asker::Task { task }) = self.decisions().get(&decision).map(|known| &known.asker) else {
            return Vec::new();
        };
        let has_begun = |id: &TaskId| {
            let state = &self.task(*id).state;
            let waits = matches!(state, TaskState::Pending | TaskState::Ready { .. } | TaskState::BackingOff { .. });
            self.plan().task(*id).is_real() && !waits
        };
        behind(self, *task).into_iter().filter(has_begun).collect()
    }
}
