//! Every job that the supervisors of this run ever had, and what is known of each.
//!
//! Called by `desk`. Invariant: a job is live at most once, and its first end stands.

use std::collections::BTreeMap;

use bandleader_core::JobId;

use super::crew::WorkerId;
use super::journal::History;
use crate::link::{Ended, LiveJob};

/// What is known of one.
pub(super) enum State {
    /// It runs.
    Live { worker: WorkerId, live: LiveJob },
    /// It ran, and the engine has not committed that.
    Ended(Ended),
    /// It ran, and the engine knows. Its end is only on disk now, so that memory does not grow with the run.
    Acknowledged,
}

/// All of them.
#[derive(Default)]
pub(super) struct Jobs {
    states: BTreeMap<JobId, State>,
    live: usize,
}

impl Jobs {
    /// From the time before this supervisor.
    pub(super) fn from_history(history: History) -> Jobs {
        let state = |(job, past): (JobId, super::journal::Past)| match past.ended {
            Some(ended) if !past.acknowledged => Some((job, State::Ended(ended))),
            Some(_) => Some((job, State::Acknowledged)),
            None => None,
        };
        Jobs { states: history.jobs.into_iter().filter_map(state).collect(), live: 0 }
    }

    pub(super) fn find(&self, job: JobId) -> Option<&State> {
        self.states.get(&job)
    }

    pub(super) fn has_live(&self) -> bool {
        self.live > 0
    }

    /// It was given to a worker.
    pub(super) fn begin(&mut self, worker: WorkerId, live: LiveJob) {
        self.live += 1;
        self.states.insert(live.job, State::Live { worker, live });
    }

    /// Its process is there.
    pub(super) fn spawned(&mut self, spawned: &LiveJob) {
        if let Some(State::Live { live, .. }) = self.states.get_mut(&spawned.job) {
            live.clone_from(spawned);
        }
    }

    /// It is over.
    pub(super) fn end(&mut self, ended: Ended) {
        if let Some(State::Live { .. }) = self.states.insert(ended.job, State::Ended(ended)) {
            self.live -= 1;
        }
    }

    /// The engine has committed its end. Whether that is new.
    pub(super) fn acknowledge(&mut self, job: JobId) -> bool {
        let is_new = matches!(self.states.get(&job), Some(State::Ended(_)));
        if is_new {
            self.states.insert(job, State::Acknowledged);
        }
        is_new
    }

    /// Those that run.
    pub(super) fn live(&self) -> impl Iterator<Item = &LiveJob> {
        self.states.values().filter_map(|state| match state {
            State::Live { live, .. } => Some(live),
            State::Ended(_) | State::Acknowledged => None,
        })
    }

    /// Those whose end is not acknowledged.
    pub(super) fn ended(&self) -> impl Iterator<Item = &Ended> {
        self.states.values().filter_map(|state| match state {
            State::Ended(ended) => Some(ended),
            State::Live { .. } | State::Acknowledged => None,
        })
    }
}
