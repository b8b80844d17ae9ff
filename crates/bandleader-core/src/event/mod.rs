//! What happened, in the past tense. The log of these is the only truth; everything else is folded from it.
//!
//! Events are stored with a sequence number and a time beside them (`Recorded`). A stored variant is never edited: a
//! new shape is a new version with an upcast, and each has a golden file (`tests/golden`).

mod agent;
mod parts;

use serde::{Deserialize, Serialize};

pub use agent::{AgentFailure, AgentReport, Spending, WorkLeft};
pub use parts::{By, Delivered, Exit, Report, RunEnd, SkipReason, StopHow, StopReason, Usage, Verdict};

use crate::plan::FailureClass;
use crate::{AttemptId, JobId, Millis, TaskId, Timestamp};

/// A fact about one run. Each variant says which state it is legal in and where it leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The first event of every run: a plan was frozen. Nothing -> running.
    RunCreated {
        /// Content hash of the frozen plan, under which it is kept as a blob.
        plan: String,
        /// What it is for.
        mission: String,
        /// Where jitter comes from.
        seed: u64,
    },
    /// An engine took the run over; processes of earlier epochs are adopted or lost. Any state but ended.
    EngineBooted {
        /// Counts engines of this run, from 1.
        epoch: u32,
        /// Its process id, for people.
        pid: u32,
    },
    /// No new attempt starts until `RunResumed`. Running -> paused.
    RunPaused {
        /// Who asked.
        by: By,
    },
    /// Attempts start again. Paused -> running.
    RunResumed {
        /// Who asked.
        by: By,
    },
    /// What runs is stopped, what waits is cancelled. Running or paused -> cancelling.
    RunCancelled {
        /// Who asked.
        by: By,
        /// How the processes are stopped.
        how: StopHow,
    },
    /// A share of the wall time is used up. 80 is a notice; at 100 nothing new starts.
    TimeBudgetReached {
        /// 80 or 100.
        percent: u32,
        /// The limit it is a share of.
        limit: Millis,
    },
    /// The limit was raised by a person; dispatch goes on.
    TimeLimitRaised {
        /// The new limit.
        limit: Millis,
        /// Who.
        by: By,
    },
    /// Nothing is left to do. Any -> ended.
    RunEnded {
        /// How.
        state: RunEnd,
    },
    /// A person took up an ended run again, by retrying tasks of it. Ended -> running.
    RunReopened {
        /// Who.
        by: By,
    },
    /// Its needs are over and its condition holds, or its pause before another try is over. Pending or backing off -> ready.
    TaskReady {
        /// Which.
        task: TaskId,
    },
    /// It will not run. Pending or ready -> skipped.
    TaskSkipped {
        /// Which.
        task: TaskId,
        /// Why.
        reason: SkipReason,
    },
    /// Intent to run, committed before anything is started. Ready -> running.
    AttemptStarted {
        /// Which try.
        attempt: AttemptId,
        /// The agent, when it is another than the task names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
    },
    /// The engine wants this process gone; it keeps its resources until it is. Running or reviewing -> the same, stopping.
    StopRequested {
        /// Which process.
        job: JobId,
        /// Why.
        why: StopReason,
        /// How.
        how: StopHow,
    },
    /// It has been silent for a while. A notice; the state stays.
    StallNoticed {
        /// Which.
        attempt: AttemptId,
        /// For how long.
        silent: Millis,
    },
    /// The work's process ended and well so: the task is under review. Running -> reviewing.
    AttemptSucceeded {
        /// Which.
        attempt: AttemptId,
        /// What was seen.
        report: Report,
    },
    /// The attempt is over without success. Running or reviewing -> ready to be judged: see the event that follows it in the same
    /// commit (`RetryScheduled`, `TaskFailed`, `TaskBlocked` or `TaskCancelled`).
    AttemptFailed {
        /// Which.
        attempt: AttemptId,
        /// What sort of failure.
        class: FailureClass,
        /// For people.
        message: String,
        /// What was seen of the work's process; none when a gate failed (`GateEnded` has it) or it was lost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<Report>,
    },
    /// A gate's process ended. Reviewing -> reviewing.
    GateEnded {
        /// Of which attempt.
        attempt: AttemptId,
        /// Index into `Task::gates`.
        gate: u32,
        /// Whether the task may go on.
        verdict: Verdict,
        /// For people: the number found, the bound, the exit.
        message: String,
        /// What the process used.
        usage: Usage,
    },
    /// Another try comes. Running or reviewing -> backing off.
    RetryScheduled {
        /// Which.
        task: TaskId,
        /// Not before.
        at: Timestamp,
        /// The agent of the further tries, when it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
    },
    /// Proven done. Reviewing -> completed; or a group's end whose members are over: pending -> completed.
    TaskCompleted {
        /// Which.
        task: TaskId,
    },
    /// No try is left. Running or reviewing -> failed.
    TaskFailed {
        /// Which.
        task: TaskId,
        /// The last failure's sort.
        class: FailureClass,
    },
    /// It waits for a person. Running or reviewing -> blocked.
    TaskBlocked {
        /// Which.
        task: TaskId,
        /// Why, for people.
        why: String,
    },
    /// It was called off. Any state that is not over -> cancelled.
    TaskCancelled {
        /// Which.
        task: TaskId,
    },
    /// A person wants it tried again. Failed, blocked, cancelled or skipped for a failure -> pending.
    TaskReset {
        /// Which.
        task: TaskId,
        /// Who asked.
        by: By,
    },
    /// A person takes the work as done although it was not proven: an override, remembered for ever. Failed or blocked -> completed.
    TaskAccepted {
        /// Which.
        task: TaskId,
        /// Who.
        by: By,
        /// Why, in that person's words.
        because: String,
    },
    /// A failed task asked for everything to be undone. Running -> compensating.
    CompensationStarted {
        /// The task whose failure asked for it.
        task: TaskId,
    },
    /// The undoing of a completed task begins. Completed -> the same, undoing.
    UndoStarted {
        /// The attempt that is undone.
        attempt: AttemptId,
    },
    /// The undoing ended. Undoing -> compensated, or completed still when it failed.
    UndoEnded {
        /// The attempt that was to be undone.
        attempt: AttemptId,
        /// Whether it worked.
        verdict: Verdict,
        /// For people.
        message: String,
    },
}

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// From 1, without gaps.
    pub seq: u64,
    /// When the engine decided it.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

impl Event {
    /// The variant's stored name (`attempt_started`).
    pub fn name(&self) -> &'static str {
        match self {
            Event::RunCreated { .. } => "run_created",
            Event::EngineBooted { .. } => "engine_booted",
            Event::RunPaused { .. } => "run_paused",
            Event::RunResumed { .. } => "run_resumed",
            Event::RunCancelled { .. } => "run_cancelled",
            Event::TimeBudgetReached { .. } => "time_budget_reached",
            Event::TimeLimitRaised { .. } => "time_limit_raised",
            Event::RunEnded { .. } => "run_ended",
            Event::RunReopened { .. } => "run_reopened",
            Event::TaskReady { .. } => "task_ready",
            Event::TaskSkipped { .. } => "task_skipped",
            Event::AttemptStarted { .. } => "attempt_started",
            Event::StopRequested { .. } => "stop_requested",
            Event::StallNoticed { .. } => "stall_noticed",
            Event::AttemptSucceeded { .. } => "attempt_succeeded",
            Event::AttemptFailed { .. } => "attempt_failed",
            Event::GateEnded { .. } => "gate_ended",
            Event::RetryScheduled { .. } => "retry_scheduled",
            Event::TaskCompleted { .. } => "task_completed",
            Event::TaskFailed { .. } => "task_failed",
            Event::TaskBlocked { .. } => "task_blocked",
            Event::TaskCancelled { .. } => "task_cancelled",
            Event::TaskReset { .. } => "task_reset",
            Event::TaskAccepted { .. } => "task_accepted",
            Event::CompensationStarted { .. } => "compensation_started",
            Event::UndoStarted { .. } => "undo_started",
            Event::UndoEnded { .. } => "undo_ended",
        }
    }
}
