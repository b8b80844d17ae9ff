//! What should be true of the world now, and when to look again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Job, Run, Wanted};
use crate::{JobId, StopHow, StopReason, TaskId, Timestamp};

/// Something that time alone brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Timer {
    /// The pause before another try is over.
    Backoff(TaskId),
    /// The process has run for as long as it may.
    Timeout(JobId),
    /// A provider takes requests again: a resource that stands for an account.
    Account(u32),
    /// Nobody has answered.
    Decision(u32),
}

impl Run {
    pub(crate) fn due(&self, now: Timestamp) -> impl Iterator<Item = Timer> {
        self.timers.iter().take_while(move |(at, _)| *at <= now).map(|(_, timer)| *timer)
    }

    /// What should be true of the world now. The shell makes it so; the same call after a crash, on the replayed state, says
    /// the same.
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted { jobs: &self.jobs, wake_at: self.wake_at() }
    }

    /// Every process that should be alive now, or on its way out: see `Job::stop`.
    pub fn jobs(&self) -> &BTreeMap<JobId, Job> {
        &self.jobs
    }

    /// When to look again if nothing happens before: always in the future once `decide(Tick)` had its say at `now`.
    pub fn wake_at(&self) -> Option<Timestamp> {
        // What was still to come when it ended comes when it is taken up again; only a process that merges its branch is waited for.
        let merges = self.merging_into().is_some();
        if self.is_over() && !merges {
            return None;
        }
        let counts = |timer: &Timer| !merges || matches!(timer, Timer::Timeout(_));
        let timer = self.timers.iter().find(|(_, timer)| counts(timer)).map(|(at, _)| *at);
        let budget = self.budget_wake();
        timer.into_iter().chain(budget).min()
    }

    /// Whether this job is being stopped, and why.
    pub fn stopping(&self, job: JobId) -> Option<(StopReason, StopHow)> {
        self.jobs.get(&job)?.stop
    }
}
