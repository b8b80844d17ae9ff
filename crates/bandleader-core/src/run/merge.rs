//! Work that is merged: one attempt's at a time, in the order in which their gates let them pass.
//!
//! Pure; part of `apply`. The first in the queue has a process (`Step::Merge`, `Step::MergedGate` or `Step::Land`) at all times; the
//! others are under review without one. Whoever leaves its review leaves the queue, and the next one begins.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::apply::Misfit;
use super::{Run, TaskState};
use crate::{AttemptId, JobId, Millis, Report, Step, TaskId, Verdict, WorkLeft};

/// How long git may take to merge, or to move a branch: it works on files of one machine.
pub(crate) const MERGE_TIMEOUT: Millis = Millis(10 * 60_000);

/// The queue, and where its first stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Merges {
    queue: VecDeque<TaskId>,
    /// Which try of the first one this is, from 0.
    round: u32,
    /// What the first one's work became, and on what, once it is merged.
    merged: Option<(String, String)>,
    /// It is on the run's branch.
    landed: bool,
}

impl Merges {
    /// Every task in it.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &TaskId> {
        self.queue.iter()
    }
}

impl Report {
    /// The work that is to be merged; none where nothing was changed, or where it was done in a shared folder.
    pub fn work(&self) -> Option<&WorkLeft> {
        self.agent.as_ref()?.work.as_ref().filter(|work| work.commit != work.base)
    }
}

impl Run {
    /// Whether the latest attempt of a task has work that must be on the run's branch before the task is done.
    pub(crate) fn needs_merge(&self, task: TaskId) -> bool {
        self.task(task).past().report.as_ref().is_some_and(|report| report.work().is_some())
    }

    /// The try at merging, from 0, of the one whose work is being merged.
    pub(crate) fn merging(&self) -> Option<(TaskId, u32)> {
        self.merges.queue.front().map(|task| (*task, self.merges.round))
    }

    /// Whether a task is under review without a process, because the work of others is merged before its own.
    pub fn waits_to_merge(&self, task: TaskId) -> bool {
        self.waiting_to_merge().any(|waiting| waiting == task)
    }

    /// All of those.
    pub(crate) fn waiting_to_merge(&self) -> impl Iterator<Item = TaskId> {
        self.merges.queue.iter().skip(1).copied()
    }

    /// What is being merged became this commit, and was merged onto the other.
    pub fn merged(&self) -> Option<(TaskId, &str, &str)> {
        let (commit, onto) = self.merges.merged.as_ref()?;
        Some((*self.merges.queue.front()?, commit, onto))
    }

    /// Whether nothing but its own word keeps the task from being done.
    pub(super) fn has_landed(&self, task: TaskId) -> bool {
        !self.needs_merge(task) || (self.merges.landed && self.merges.queue.front() == Some(&task))
    }

    /// Its gates let it pass.
    pub(super) fn queue_to_merge(&mut self, task: TaskId) {
        self.merges.queue.push_back(task);
        if self.merges.queue.len() == 1 {
            self.begin_merge(0);
        }
    }

    /// It is no longer under review.
    pub(super) fn leave_merges(&mut self, task: TaskId) {
        let was_first = self.merges.queue.front() == Some(&task);
        self.merges.queue.retain(|other| *other != task);
        if was_first {
            self.begin_merge(0);
        }
    }

    /// The first one, from the beginning.
    fn begin_merge(&mut self, round: u32) {
        (self.merges.round, self.merges.merged, self.merges.landed) = (round, None, false);
        if let Some(attempt) = self.first_to_merge() {
            self.begin_job(JobId { attempt, step: Step::Merge(round) }, Some(MERGE_TIMEOUT));
        }
    }

    fn first_to_merge(&self) -> Option<AttemptId> {
        let task = *self.merges.queue.front()?;
        Some(AttemptId { task, number: self.task(task).attempts })
    }

    /// The step of this gate now: merged work has its gates a second time.
    pub(super) fn gate_step(&self, task: TaskId, gate: u32) -> Step {
        match self.merging() {
            Some((first, round)) if first == task => {
                Step::MergedGate(round * u32::try_from(self.plan.task(task).gates.len()).unwrap_or(u32::MAX) + gate)
            }
            _ => Step::Gate(gate),
        }
    }

    pub(super) fn work_merged(
        &mut self,
        attempt: AttemptId,
        verdict: Verdict,
        merged: Option<(&str, &str)>,
    ) -> Result<(), Misfit> {
        let round = self.expect_first(attempt)?;
        self.end_job(JobId { attempt, step: Step::Merge(round) })?;
        if verdict == Verdict::Refused {
            return Ok(());
        }
        let (commit, onto) = merged.ok_or_else(|| "it names no commit".to_owned())?;
        self.merges.merged = Some((commit.to_owned(), onto.to_owned()));
        let base = self.task(attempt.task).past().report.as_ref().and_then(|report| report.work());
        // Gates have seen this very tree if nothing came between, and there is nothing to see if all of it was there already.
        let is_seen = commit == onto || base.is_some_and(|work| work.base == onto);
        if is_seen || self.gates_ahead(attempt.task) == 0 {
            self.begin_landing(attempt);
            return Ok(());
        }
        let TaskState::Reviewing { since, .. } = self.task(attempt.task).state else {
            return Err("its task is not under review".into());
        };
        let task = self.task_mut(attempt.task);
        task.state = TaskState::Reviewing { attempt: attempt.number, gate: 0, since };
        task.past_mut().gates.clear();
        self.begin_gate(attempt, 0);
        Ok(())
    }

    pub(super) fn begin_landing(&mut self, attempt: AttemptId) {
        let step = Step::Land(self.merges.round);
        self.begin_job(JobId { attempt, step }, Some(MERGE_TIMEOUT));
    }

    pub(super) fn work_landed(&mut self, attempt: AttemptId, verdict: Verdict) -> Result<(), Misfit> {
        let round = self.expect_first(attempt)?;
        if verdict == Verdict::Passed {
            self.end_job(JobId { attempt, step: Step::Land(round) })?;
            self.merges.landed = true;
            let commit = self.merges.merged.as_ref().map(|(commit, _)| commit.as_str().into());
            self.task_mut(attempt.task).past_mut().landed = commit;
            return Ok(());
        }
        let alive: Vec<JobId> = self.jobs.keys().copied().filter(|job| job.attempt == attempt).collect();
        for job in alive {
            self.end_job(job)?;
        }
        self.begin_merge(round + 1);
        Ok(())
    }

    /// The round of the attempt that is being merged.
    fn expect_first(&self, attempt: AttemptId) -> Result<u32, Misfit> {
        self.known(attempt.task)?;
        match self.merging() {
            Some((task, round)) if task == attempt.task && self.first_to_merge() == Some(attempt) => Ok(round),
            _ => Err(format!("attempt {} of task {} is not being merged", attempt.number, attempt.task.0)),
        }
    }
}
