//! Tasks that count as something else than they came to: taken as done, tried again, put right by hand, done anew.
//!
//! Pure; part of `apply`.

use super::apply::Misfit;
use super::{Run, TaskState};
use crate::plan::Work;
use crate::{SkipReason, TaskId};

impl Run {
    pub(super) fn accept(&mut self, task: TaskId, because: &str) -> Result<(), Misfit> {
        self.expect(task, |state| matches!(state, TaskState::Failed { .. } | TaskState::Blocked { .. }))?;
        self.set_state(task, TaskState::Completed { at: self.last.at });
        self.task_mut(task).past_mut().accepted = Some(because.into());
        self.overrides += 1;
        Ok(())
    }

    /// The next attempt takes what is in its worktree.
    pub(super) fn resolve(&mut self, task: TaskId) -> Result<(), Misfit> {
        self.expect(task, |state| matches!(state, TaskState::Failed { .. } | TaskState::Blocked { .. }))?;
        self.reset(task)?;
        self.task_mut(task).past_mut().resolved = true;
        Ok(())
    }

    pub(super) fn reset(&mut self, task: TaskId) -> Result<(), Misfit> {
        self.expect(task, |state| {
            matches!(
                state,
                TaskState::Failed { .. }
                    | TaskState::Blocked { .. }
                    | TaskState::Cancelled { .. }
                    | TaskState::Compensated { .. }
                    | TaskState::Skipped {
                        reason: SkipReason::Upstream { .. }
                            | SkipReason::BadCondition { .. }
                            | SkipReason::Budget { .. },
                        ..
                    }
            )
        })?;
        self.start_over(task);
        Ok(())
    }

    /// What it did counts no longer: another has changed that it hangs on.
    pub(super) fn reopen(&mut self, task: TaskId) -> Result<(), Misfit> {
        let is_left = self.plan.tasks.get(task.index()).is_some_and(|task| task.work == Work::Left);
        self.expect(task, |state| {
            // Pending: it was ready, until what it needs was reopened a moment ago.
            let waits = matches!(
                state,
                TaskState::Blocked { .. } | TaskState::Ready { .. } | TaskState::BackingOff { .. } | TaskState::Pending
            );
            !is_left && (waits || state.is_over())
        })?;
        if self.task(task).past().accepted.is_some() {
            self.task_mut(task).past_mut().accepted = None;
            self.overrides = self.overrides.saturating_sub(1);
        }
        self.undoable.retain(|other| *other != task);
        self.start_over(task);
        Ok(())
    }

    pub(super) fn start_over(&mut self, task: TaskId) {
        let past = self.task_mut(task).past_mut();
        (past.failures, past.losses, past.troubles, past.agent, past.session) = (0, 0, 0, None, None);
        (past.resolved, past.reached) = (false, None);
        self.take_back_acceptance(task);
        if self.plan.task(task).question().is_some() {
            // What was chosen before is not handed on again: it is asked anew.
            self.task_mut(task).past_mut().report = None;
        }
        self.set_state(task, TaskState::Pending);
        self.reconsider(task);
    }
}
