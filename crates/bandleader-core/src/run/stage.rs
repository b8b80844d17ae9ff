//! Where a run stands as a whole.

use serde::{Deserialize, Serialize};

use super::{Run, RunState};
use crate::{BudgetScope, RunEnd};

/// Where a run stands as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// `RunCreated` has not been applied yet.
    Unborn,
    Running,
    Paused,
    Cancelling,
    Compensating,
    /// It has ended so, and its branch is being merged into one of a person's.
    Merging(RunEnd),
    Ended(RunEnd),
}

impl Run {
    /// The state as people know it.
    pub fn state(&self) -> RunState {
        match self.stage {
            Stage::Ended(RunEnd::Succeeded) => RunState::Succeeded,
            Stage::Ended(RunEnd::SucceededWithOverrides) => RunState::SucceededWithOverrides,
            Stage::Ended(RunEnd::Failed) => RunState::Failed,
            Stage::Ended(RunEnd::Cancelled) => RunState::Cancelled,
            Stage::Ended(RunEnd::OverBudget) => RunState::OverBudget,
            Stage::Paused => RunState::Paused,
            _ if self.is_waiting() => RunState::Waiting,
            _ if self.is_rate_limited() => RunState::RateLimited,
            _ => RunState::Running,
        }
    }

    /// Whether only people can bring it on.
    fn is_waiting(&self) -> bool {
        self.stage == Stage::Running
            && (self.counts.blocked > 0 || !self.talk.open.is_empty())
            && self.jobs.is_empty()
            && (self.ready.is_empty() || !self.dispatches())
            && self.unjudged.is_empty()
            && self.timers.len() == self.talk.deadlines()
    }

    /// Whether only time brings it on, because its providers take no more. The state after a tick: what could start has.
    fn is_rate_limited(&self) -> bool {
        self.stage == Stage::Running
            && self.jobs.is_empty()
            && self.unjudged.is_empty()
            && self.closed_resources().next().is_some()
    }

    /// Whether new attempts may start.
    pub(crate) fn dispatches(&self) -> bool {
        self.stage == Stage::Running && self.clock.noticed < 100 && !self.is_used_up(&BudgetScope::Run)
    }

    pub(crate) fn is_cancelling(&self) -> bool {
        self.stage == Stage::Cancelling
    }

    pub(crate) fn is_compensating(&self) -> bool {
        self.stage == Stage::Compensating
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.stage == Stage::Paused
    }

    pub(crate) fn is_unborn(&self) -> bool {
        self.stage == Stage::Unborn
    }

    /// Whether nothing follows any more: it has ended, and its branch is not being merged.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Ended(_))
    }

    /// How the run ends if nothing is left to do.
    pub(crate) fn verdict(&self) -> RunEnd {
        match (self.unsound, self.overrides) {
            (0, 0) => RunEnd::Succeeded,
            (0, _) => RunEnd::SucceededWithOverrides,
            _ => RunEnd::Failed,
        }
    }
}
