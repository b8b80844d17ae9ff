//! How many tasks of a run are in which state.

use serde::{Deserialize, Serialize};

use super::TaskState;

/// How many tasks are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// All tasks of the plan.
    pub total: u32,
    /// Something that they need is not over.
    pub pending: u32,
    /// They may start, now or after a pause.
    pub ready: u32,
    /// A process runs.
    pub running: u32,
    /// Gates decide.
    pub reviewing: u32,
    /// They wait for a person.
    pub blocked: u32,
    /// Proven done.
    pub completed: u32,
    /// No try was left.
    pub failed: u32,
    /// They did not run.
    pub skipped: u32,
    /// Called off.
    pub cancelled: u32,
    /// Done, then undone.
    pub compensated: u32,
}

impl Counts {
    pub(super) fn fresh(total: usize) -> Counts {
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        Counts { total, pending: total, ..Counts::default() }
    }

    /// The count that a task in this state is part of.
    pub(super) fn of(&mut self, state: &TaskState) -> &mut u32 {
        match state {
            TaskState::Pending => &mut self.pending,
            TaskState::Ready { .. } | TaskState::BackingOff { .. } => &mut self.ready,
            TaskState::Running { .. } => &mut self.running,
            TaskState::Reviewing { .. } => &mut self.reviewing,
            TaskState::Blocked { .. } => &mut self.blocked,
            TaskState::Completed { .. } => &mut self.completed,
            TaskState::Failing | TaskState::Failed { .. } => &mut self.failed,
            TaskState::Skipped { .. } => &mut self.skipped,
            TaskState::Cancelled { .. } => &mut self.cancelled,
            TaskState::Compensated { .. } => &mut self.compensated,
        }
    }

    /// Tasks that are over, however they ended.
    pub fn over(&self) -> u32 {
        self.completed + self.failed + self.skipped + self.cancelled + self.compensated
    }
}
