//! The states that tasks, jobs and runs can be in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::snapshot::{self, StoredReason, StoredUsage};
use crate::plan::FailureClass;
use crate::{JobId, Millis, Report, SkipReason, StopHow, StopReason, Timestamp, Usage, Verdict};

/// What a task is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TaskState {
    /// Something that it needs is not over.
    Pending,
    /// It may start as soon as its resources are free.
    Ready {
        /// Since when.
        since: Timestamp,
        /// How many attempts of the run had started by then: its age in the queue.
        starts: u64,
    },
    /// Another try comes after a pause.
    BackingOff {
        /// When.
        until: Timestamp,
    },
    /// Its process runs.
    Running {
        /// Which try.
        attempt: u32,
        /// Since when.
        since: Timestamp,
    },
    /// Its work said done; its gates decide.
    Reviewing {
        /// Which try.
        attempt: u32,
        /// The next gate to end; all have when it equals their number.
        gate: u32,
        /// Since when.
        since: Timestamp,
    },
    /// Its attempt failed; what follows is decided by the next event of the same commit.
    Failing,
    /// It waits for a person.
    Blocked {
        /// Why.
        why: String,
        /// Since when.
        since: Timestamp,
    },
    /// Proven done.
    Completed {
        /// When.
        at: Timestamp,
    },
    /// No try was left.
    Failed {
        /// The last failure's sort.
        class: FailureClass,
        /// When.
        at: Timestamp,
    },
    /// It did not run.
    Skipped {
        /// Why.
        #[serde(with = "StoredReason")]
        reason: SkipReason,
        /// When.
        at: Timestamp,
    },
    /// It was called off.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// It was done, then undone.
    Compensated {
        /// When.
        at: Timestamp,
    },
}

impl TaskState {
    /// All words that `name` has.
    pub const NAMES: [&'static str; 10] = [
        "pending",
        "ready",
        "running",
        "reviewing",
        "blocked",
        "completed",
        "failed",
        "skipped",
        "cancelled",
        "compensated",
    ];

    /// The SPEC's word for it.
    pub fn name(&self) -> &'static str {
        match self {
            TaskState::Pending => "pending",
            TaskState::Ready { .. } | TaskState::BackingOff { .. } => "ready",
            TaskState::Running { .. } => "running",
            TaskState::Reviewing { .. } => "reviewing",
            TaskState::Blocked { .. } => "blocked",
            TaskState::Completed { .. } => "completed",
            TaskState::Failing | TaskState::Failed { .. } => "failed",
            TaskState::Skipped { .. } => "skipped",
            TaskState::Cancelled { .. } => "cancelled",
            TaskState::Compensated { .. } => "compensated",
        }
    }

    /// When it was over, if it is.
    pub fn over_at(&self) -> Option<Timestamp> {
        match self {
            TaskState::Completed { at }
            | TaskState::Failed { at, .. }
            | TaskState::Skipped { at, .. }
            | TaskState::Cancelled { at }
            | TaskState::Compensated { at } => Some(*at),
            _ => None,
        }
    }

    /// Whether nothing further will happen to it by itself.
    pub fn is_over(&self) -> bool {
        self.over_at().is_some()
    }
}

/// A task's state. Small, because a plan may have many tasks that only wait, and each fold of a run has one for each.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskRun {
    /// What it is doing.
    pub state: TaskState,
    /// Attempts started, ever.
    pub attempts: u32,
    pub(crate) needs: NeedCounts,
    /// None until there is something to remember.
    past: Option<Box<Past>>,
}

/// What is remembered of a task's attempts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Past {
    /// Failures that count against `Retry::limit`.
    pub(crate) failures: u32,
    /// Attempts lost with their supervisor or machine.
    pub(crate) losses: u32,
    /// The agent that took over (`retry-with`).
    pub agent: Option<Box<str>>,
    /// When its first attempt started.
    pub started: Option<Timestamp>,
    /// When its latest attempt started.
    pub attempt_started: Option<Timestamp>,
    /// Wall time over all attempts and their gates.
    pub spent: Millis,
    /// What was seen of the latest attempt that ended.
    #[serde(with = "snapshot::report")]
    pub report: Option<Box<Report>>,
    /// Gates of the latest attempt.
    pub gates: Vec<GateResult>,
    /// The latest failure.
    pub failure: Option<Box<(FailureClass, String)>>,
    /// A person took it as done although it was not proven, and said why.
    pub accepted: Option<Box<str>>,
    /// Silent for this long by the latest notice of this attempt.
    pub silent: Option<Millis>,
    /// The conversation with the latest attempt's agent, as far as it is known.
    pub session: Option<String>,
    /// Troubles of its provider since an attempt last ended otherwise.
    pub(crate) troubles: u32,
    /// A person has put its work right by hand: the next attempt takes it as it is.
    pub resolved: bool,
    /// The commit of the run's branch with which its work came there.
    pub landed: Option<Box<str>>,
    /// When everything before it was over, where it is a milestone.
    pub reached: Option<Timestamp>,
}

/// The past of a task that was never tried.
static NO_PAST: Past = Past {
    failures: 0,
    losses: 0,
    agent: None,
    started: None,
    attempt_started: None,
    spent: Millis(0),
    report: None,
    gates: Vec::new(),
    failure: None,
    accepted: None,
    silent: None,
    session: None,
    troubles: 0,
    resolved: false,
    landed: None,
    reached: None,
};

/// How the needs of a task stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NeedCounts {
    /// Not over yet.
    pub(crate) unmet: u32,
    /// Completed.
    pub(crate) good: u32,
    /// Failed, cancelled or skipped for a failure.
    pub(crate) bad: u32,
}

/// How a gate ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateResult {
    /// Pass or not.
    pub verdict: Verdict,
    /// For people.
    pub message: String,
    /// What the process used.
    #[serde(with = "StoredUsage")]
    pub usage: Usage,
}

impl TaskRun {
    pub(super) fn fresh(needs: usize) -> TaskRun {
        let unmet = u32::try_from(needs).unwrap_or(u32::MAX);
        TaskRun {
            state: TaskState::Pending,
            attempts: 0,
            needs: NeedCounts { unmet, ..NeedCounts::default() },
            past: None,
        }
    }

    /// What is remembered of its attempts.
    pub fn past(&self) -> &Past {
        self.past.as_deref().unwrap_or(&NO_PAST)
    }

    pub(super) fn past_mut(&mut self) -> &mut Past {
        self.past.get_or_insert_with(|| Box::new(NO_PAST.clone()))
    }
}

/// A process that should be alive, or on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Since when it is wanted.
    pub since: Timestamp,
    /// Set when it should go: why and how.
    pub stop: Option<(StopReason, StopHow)>,
}

/// What should be true of the world: a view of the run's state.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Every process that should be alive, or on its way out.
    pub jobs: &'a BTreeMap<JobId, Job>,
    /// When to look again if nothing happens before.
    pub wake_at: Option<Timestamp>,
}

/// A run's state as people know it (SPEC section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Something runs or can run.
    Running,
    /// Only people can bring it on.
    Waiting,
    /// Nothing new starts until it is resumed.
    Paused,
    /// All that had to be done is done.
    Succeeded,
    /// The same, with something accepted that a gate had refused.
    SucceededWithOverrides,
    /// A task failed.
    Failed,
    /// Called off.
    Cancelled,
    /// A limit was reached.
    OverBudget,
    /// A provider's limit is waited for.
    RateLimited,
}

impl RunState {
    /// Names of those in which a run has ended. Only people could take it up again.
    pub const ENDED: [&'static str; 5] = [
        RunState::Succeeded.name(),
        RunState::SucceededWithOverrides.name(),
        RunState::Failed.name(),
        RunState::Cancelled.name(),
        RunState::OverBudget.name(),
    ];

    /// The SPEC's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Waiting => "waiting",
            RunState::Paused => "paused",
            RunState::Succeeded => "succeeded",
            RunState::SucceededWithOverrides => "succeeded_with_overrides",
            RunState::Failed => "failed",
            RunState::Cancelled => "cancelled",
            RunState::OverBudget => "over_budget",
            RunState::RateLimited => "rate_limited",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_was_never_tried_is_small_and_its_past_is_empty() {
        assert!(size_of::<TaskRun>() <= 64, "{} bytes", size_of::<TaskRun>());
        let task = TaskRun::fresh(1);
        assert!(task.past().started.is_none() && task.past().gates.is_empty() && task.past().spent == Millis(0));
    }
}
