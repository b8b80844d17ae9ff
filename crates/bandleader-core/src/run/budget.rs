//! The wall time that a run may use, and what it has used of it.

use serde::{Deserialize, Serialize};

use super::{Run, Stage};
use crate::{Millis, Timestamp};

/// Wall time of the run while an engine ran it and it was not paused.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct TimeBudget {
    pub(super) limit: Option<Millis>,
    pub(super) used: Millis,
    pub(super) since: Option<Timestamp>,
    /// 0, 80 or 100: the last notice given.
    pub(super) noticed: u32,
}

impl Run {
    /// Wall time used while it was not paused and an engine ran it, and the limit.
    pub fn time_used(&self, now: Timestamp) -> (Millis, Option<Millis>) {
        let running = self.clock.since.map_or(Millis(0), |since| now.since(since));
        (Millis(self.clock.used.0 + running.0), self.clock.limit)
    }

    /// How much of the time limit a notice was given for: 0, 80 or 100 percent.
    pub(crate) fn time_noticed(&self) -> u32 {
        self.clock.noticed
    }

    pub(super) fn budget_wake(&self) -> Option<Timestamp> {
        if self.stage != Stage::Running {
            return None;
        }
        let (limit, since) = (self.clock.limit?, self.clock.since?);
        let share = match self.clock.noticed {
            0 => Millis(limit.0 * 8 / 10),
            80 => limit,
            _ => return None,
        };
        Some(since.plus(Millis(share.0.saturating_sub(self.clock.used.0))))
    }

    pub(super) fn stop_clock(&mut self, at: Timestamp) {
        if let Some(since) = self.clock.since.take() {
            self.clock.used.0 += at.since(since).0;
        }
    }
}
