//! Who printed after whom: every attempt and every undoing of one, in the order in which they began.
//!
//! A fold of the run's events, which only ever grows at its end: its places are what cursors count by.

use std::collections::BTreeMap;
use std::sync::Arc;

use bandleader_core::{AttemptId, Event, JobId, Plan, Recorded, Run, Step, TaskState, Timestamp};

use crate::engine::{EngineError, Follower};

/// How many events are read from the log at a time.
const PAGE: usize = 2_000;

/// What one attempt prints, or its undoing: the output of its processes, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Track {
    /// Of which attempt.
    pub(super) attempt: AttemptId,
    /// Not the attempt, but the undoing of it.
    pub(super) undoes: bool,
    /// When it began. None of its processes started before.
    pub(super) began: Timestamp,
    /// When it was over; none while it is not. All that it printed came before.
    pub(super) ended: Option<Timestamp>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Tracks {
    all: Vec<Track>,
    latest: BTreeMap<u32, usize>,
    seq: u64,
}

impl Tracks {
    /// Reads what of the log is not folded in yet, as far as this follower has come.
    ///
    /// # Errors
    /// The log is damaged.
    pub fn catch_up(&mut self, follower: &Follower) -> Result<(), EngineError> {
        let until = follower.run().last_seq();
        while self.seq < until {
            let page = follower.page(self.seq, PAGE)?;
            if page.is_empty() {
                return Ok(());
            }
            page.iter().filter(|recorded| recorded.seq <= until).for_each(|recorded| self.note(recorded));
        }
        Ok(())
    }

    /// Folds one event in.
    pub fn note(&mut self, recorded: &Recorded) {
        self.seq = recorded.seq;
        match &recorded.event {
            Event::AttemptStarted { attempt, .. } => self.begin(*attempt, false, recorded.at),
            Event::UndoStarted { attempt } => self.begin(*attempt, true, recorded.at),
            Event::UndoEnded { attempt, .. } | Event::AttemptFailed { attempt, .. } => {
                self.end(attempt.task.0, recorded.at);
            }
            Event::TaskCompleted { task }
            | Event::TaskFailed { task, .. }
            | Event::TaskBlocked { task, .. }
            | Event::TaskCancelled { task } => self.end(task.0, recorded.at),
            _ => (),
        }
    }

    fn begin(&mut self, attempt: AttemptId, undoes: bool, began: Timestamp) {
        self.latest.insert(attempt.task.0, self.all.len());
        self.all.push(Track { attempt, undoes, began, ended: None });
    }

    fn end(&mut self, task: u32, at: Timestamp) {
        if let Some(track) = self.latest.get(&task).and_then(|place| self.all.get_mut(*place)) {
            track.ended.get_or_insert(at);
        }
    }
}

/// What is to be known of a run before its output is read: what a process printed before it ended is there by then.
#[derive(Clone, Debug)]
pub struct Scene {
    pub(super) plan: Arc<Plan>,
    /// Tracks that the reader did not know, and how many it knew.
    fresh: Vec<Track>,
    known: usize,
    pub(super) is_over: bool,
    jobs: Vec<JobId>,
    attempts: Vec<AttemptId>,
}

impl Scene {
    /// As the run is now, for a reader that knows so many of its tracks.
    pub fn of(run: &Run, tracks: &Tracks, known: usize) -> Scene {
        let jobs: Vec<JobId> = run.jobs().keys().copied().collect();
        let reviewed = run.plan().ids().filter_map(|task| match run.task(task).state {
            TaskState::Reviewing { attempt, .. } => Some(AttemptId { task, number: attempt }),
            _ => None,
        });
        let mut attempts: Vec<AttemptId> = jobs.iter().map(|job| job.attempt).chain(reviewed).collect();
        attempts.sort_unstable();
        attempts.dedup();
        let fresh = tracks.all.get(known..).unwrap_or_default().to_vec();
        Scene { plan: Arc::clone(run.plan()), fresh, known, is_over: run.is_over(), jobs, attempts }
    }

    #[cfg(test)]
    pub(super) fn made_up(plan: &Arc<Plan>, tracks: &[Track], known: usize, jobs: Vec<JobId>, is_over: bool) -> Scene {
        let mut attempts: Vec<AttemptId> = jobs.iter().map(|job| job.attempt).collect();
        attempts.sort_unstable();
        Scene { plan: Arc::clone(plan), fresh: tracks[known..].to_vec(), known, is_over, jobs, attempts }
    }

    /// Tracks behind the first so many; nothing if some of them are not here.
    pub(super) fn after(&self, known: usize) -> &[Track] {
        let passed = known.checked_sub(self.known);
        passed.and_then(|passed| self.fresh.get(passed..)).unwrap_or_default()
    }

    /// Whether it may still print.
    pub(super) fn has(&self, job: JobId) -> bool {
        self.jobs.binary_search(&job).is_ok()
    }

    /// Whether another process of it may begin.
    pub(super) fn goes_on(&self, track: &Track) -> bool {
        if track.undoes {
            return self.has(JobId { attempt: track.attempt, step: Step::Undo });
        }
        let undone = JobId { attempt: track.attempt, step: Step::Undo };
        self.attempts.binary_search(&track.attempt).is_ok() && !self.has(undone)
    }
}

/// How often work is merged at most, as the core has it.
const ROUNDS: u32 = 10;

/// All processes that a track may have had, in the order in which they run.
pub(super) fn jobs_of(plan: &Plan, track: &Track) -> Vec<JobId> {
    let task = track.attempt.task;
    let job = |step| JobId { attempt: track.attempt, step };
    if track.undoes {
        return vec![job(Step::Undo)];
    }
    let gates = u32::try_from(plan.task(task).gates.len()).unwrap_or(0);
    let rounds = if plan.has_worktree(task) { ROUNDS } else { 0 };
    let merges = (0..rounds).flat_map(|round| {
        let again = (0..gates).map(move |gate| Step::MergedGate(round * gates + gate));
        std::iter::once(Step::Merge(round)).chain(again).chain(std::iter::once(Step::Land(round)))
    });
    let steps = std::iter::once(Step::Work).chain((0..gates).map(Step::Gate)).chain(merges);
    steps.map(job).collect()
}
