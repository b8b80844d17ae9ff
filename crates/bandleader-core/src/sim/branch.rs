//! A run's branch, as git would have it: what is merged onto it, and what of that is there.
//!
//! Worked out without the rng, so that histories without it stay what they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::{AgentReport, AttemptId, Event, Exit, JobId, Landing, Merging, Run, Step, Timestamp, Verdict, WorkLeft};

/// The branch of a simulated run.
#[derive(Debug, Default)]
pub(super) struct Branch {
    tip: String,
    /// Attempts whose work is on it.
    landed: BTreeSet<AttemptId>,
    /// What the processes that were to put it there have seen.
    seen: BTreeMap<JobId, bool>,
}

impl Branch {
    /// Tasks with an odd number work in a worktree; each third attempt of them changes nothing.
    pub(super) fn work_left(&self, attempt: AttemptId) -> Option<AgentReport> {
        let number = attempt.task.0 + attempt.number;
        if attempt.task.0.is_multiple_of(2) {
            return None;
        }
        let base = if number.is_multiple_of(4) { "older".to_owned() } else { self.tip.clone() };
        let commit = if number.is_multiple_of(3) { base.clone() } else { work(attempt) };
        let work = WorkLeft { branch: format!("band/sim/task/{}", attempt.task.0), base, commit, files: 1 };
        Some(AgentReport { driver: "command".into(), work: Some(work), ..AgentReport::default() })
    }

    /// What a merge would make of it now.
    pub(super) fn merge(&self, attempt: AttemptId, round: u32, exit: &Exit) -> Merging {
        let onto = self.tip.clone();
        match exit {
            Exit::Code { code: 0 } if self.landed.contains(&attempt) => Merging::Merged { commit: onto.clone(), onto },
            Exit::Code { code: 0 } => Merging::Merged { commit: format!("{}+{round}", work(attempt)), onto },
            Exit::Code { code: 1 } => {
                let (files, advice) = (vec!["a.txt".into()], "merge it by hand".into());
                Merging::Clashes { files, tasks: Vec::new(), onto, advice }
            }
            _ => Merging::Failed { message: "no space left".into() },
        }
    }

    /// A process that puts work on it did so, unless somebody moved it.
    pub(super) fn ended(&mut self, run: &Run, job: JobId, now: Timestamp, seed: u64) {
        let (Step::Land(_), Some((_, commit, onto))) = (job.step, run.merged()) else { return };
        if (now.0 + seed).is_multiple_of(5) {
            self.tip = format!("moved at {}", now.0);
        }
        let is_there = commit == self.tip || onto == self.tip;
        if is_there && commit != onto {
            assert!(self.landed.insert(job.attempt), "seed {seed}: {job} lands twice");
        }
        if is_there {
            self.tip = commit.to_owned();
        }
        self.seen.insert(job, is_there);
    }

    /// What that process says; none when nobody heard it.
    pub(super) fn land(&self, job: JobId, exit: &Exit) -> Option<Landing> {
        match (self.seen.get(&job), exit) {
            (None, _) | (Some(_), Exit::Signal { .. }) => None,
            (Some(true), _) => Some(Landing::Landed { commit: self.tip.clone() }),
            (Some(false), Exit::Code { code: 0 }) => Some(Landing::Moved { message: self.tip.clone() }),
            (Some(false), _) => Some(Landing::Failed { message: "no space left".into() }),
        }
    }

    /// What is said to have landed has, and nothing with work is done before.
    pub(super) fn agrees(&self, run: &Run, event: &Event, seed: u64) {
        match event {
            Event::WorkLanded { attempt, verdict: Verdict::Passed, .. } => {
                assert!(self.landed.contains(attempt), "seed {seed}: {attempt:?} has not landed");
            }
            Event::TaskCompleted { task } if run.needs_merge(*task) => {
                let attempt = AttemptId { task: *task, number: run.task(*task).attempts };
                assert!(self.landed.contains(&attempt), "seed {seed}: {attempt:?} is done and has not landed");
            }
            _ => (),
        }
    }
}

fn work(attempt: AttemptId) -> String {
    format!("w{}.{}", attempt.task.0, attempt.number)
}
