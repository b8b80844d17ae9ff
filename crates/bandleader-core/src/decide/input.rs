//! What reaches a run: whatever it decides, it decides on one of these.

use super::{Command, IntoBranch, Landing, Merging, Said};
use crate::{AttemptId, By, Exit, JobId, Millis, Report, Usage};

/// Something that reaches a run.
#[derive(Clone, Debug)]
pub enum Input {
    /// A new engine owns the log.
    Boot {
        /// One more than the last engine's.
        epoch: u32,
        /// Its process id.
        pid: u32,
    },
    /// Time passed, or something was committed: look for work.
    Tick,
    /// A task's own process ended, and its deliverables and outputs were looked at.
    WorkEnded {
        /// Which.
        attempt: AttemptId,
        /// What was seen.
        report: Report,
    },
    /// A gate's process ended.
    GateEnded {
        /// Of which attempt.
        attempt: AttemptId,
        /// Index into `Task::gates`.
        gate: u32,
        /// How it ended.
        exit: Exit,
        /// What it used.
        usage: Usage,
        /// The number found in its output, if the gate looks for one.
        number: Option<f64>,
    },
    /// A gate's process on merged work ended.
    MergedGateEnded {
        /// Of which attempt.
        attempt: AttemptId,
        /// As in `Step::MergedGate`.
        index: u32,
        /// How it ended.
        exit: Exit,
        /// What it used.
        usage: Usage,
        /// The number found in its output, if the gate looks for one.
        number: Option<f64>,
    },
    /// An attempt's work was merged with that of others, or could not be.
    Merged {
        /// Whose.
        attempt: AttemptId,
        /// As in `Step::Merge`.
        round: u32,
        /// What came of it.
        came: Merging,
    },
    /// The merged work was put on the run's branch, or could not be.
    Landed {
        /// Whose.
        attempt: AttemptId,
        /// As in `Step::Land`.
        round: u32,
        /// What came of it.
        came: Landing,
    },
    /// The run's branch was merged into one of a person's, or could not be.
    MergedInto {
        /// As in `Step::Into`.
        round: u32,
        /// What came of it.
        came: IntoBranch,
    },
    /// The undoing of a task ended.
    UndoEnded {
        /// Of which attempt.
        attempt: AttemptId,
        /// How it ended.
        exit: Exit,
    },
    /// The process of this job is gone and nobody saw how it ended.
    Lost {
        /// Which.
        job: JobId,
    },
    /// No output and no processor time for this long.
    Silent {
        /// Which.
        attempt: AttemptId,
        /// How long.
        silent: Millis,
    },
    /// An agent, or the attendant that runs it, says something of its own accord.
    Said {
        /// Whose.
        attempt: AttemptId,
        /// What.
        said: Said,
    },
    /// Somebody asked for something.
    Asked {
        /// What.
        command: Command,
        /// Who.
        by: By,
    },
}
