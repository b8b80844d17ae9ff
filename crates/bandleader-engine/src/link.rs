//! What an engine and a supervisor say to each other: one JSON value a line, over a unix socket in the run's folder.
//!
//! The engine asks, the supervisor does and reports. Every request may be repeated without harm, and every report may
//! arrive twice: after a re-attachment, `Welcome` says all that is still open. Closing the connection is detaching.

use std::fmt;
use std::path::PathBuf;

use bandleader_core::{Exit, JobId, Millis, RunId, StopHow, Timestamp, Usage};
use serde::{Deserialize, Serialize};

/// Version of this language. Both sides must speak the same one.
pub const PROTOCOL: u32 = 1;

/// The first line on a connection.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// `PROTOCOL`.
    pub protocol: u32,
    /// The run that the supervisor must be of.
    pub run: RunId,
    /// Which engine of the run speaks. The highest wins: it takes the place of a lower or equal one, and lower ones are refused.
    pub epoch: u32,
    /// Values that are masked in the output of jobs that start from now on.
    pub secrets: Vec<String>,
    /// Environment that every job gets, under what its assignment adds. Sent once, so that assignments stay small.
    pub env: Vec<(String, String)>,
}

impl Hello {
    /// A greeting without secrets and with an empty environment.
    pub fn new(run: RunId, epoch: u32) -> Hello {
        Hello { protocol: PROTOCOL, run, epoch, secrets: Vec::new(), env: Vec::new() }
    }
}

/// Shows neither secrets nor environment.
impl fmt::Debug for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hello(run {}, epoch {}, {} secrets)", self.run, self.epoch, self.secrets.len())
    }
}

/// What an engine says. Tagged from outside, because that needs no buffering of the long ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ToSupervisor {
    /// Comes first.
    Hello(Hello),
    /// Run this. A job that is known already is left alone, and its state is reported again.
    Start(Assignment),
    /// End this. For a job that has ended, its end is reported again.
    Stop {
        /// Which.
        job: JobId,
        /// How. `AtOnce` after `Politely` shortens the grace.
        how: StopHow,
    },
    /// The end of this job is committed; it need not be reported again.
    Acknowledge {
        /// Which.
        job: JobId,
    },
}

/// What a supervisor says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FromSupervisor {
    /// Answers `Hello`.
    Welcome {
        /// The supervisor's process id.
        pid: u32,
        /// Jobs that are alive.
        live: Vec<LiveJob>,
        /// Ends that were not acknowledged yet, also those from before this supervisor. A job whose supervisor died
        /// before its end was seen is among them as `Exit::Unseen`, and nothing of it is left.
        ended: Vec<Ended>,
    },
    /// The connection is refused and ends: a newer engine is there, or this is the supervisor of another run.
    Refused {
        /// Why, for people.
        message: String,
    },
    /// The process is there. Not said of a job that ends within its first milliseconds.
    Spawned(LiveJob),
    /// The process is over, and nothing of it is left.
    Ended(Ended),
    /// No output and no processor time for half of the stall time, then for all of it, and again after each further half: an
    /// engine that was not there for the first hears a later one.
    Silent {
        /// Which.
        job: JobId,
        /// For how long.
        silent: Millis,
    },
    /// Asked to stop a job that this run's supervisors never had.
    Unknown {
        /// Which.
        job: JobId,
    },
    /// Never sent: the client says it to its engine when the connection is lost. Attach again.
    #[serde(skip)]
    Gone,
}

/// One process to run.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The name under which everything about it is kept.
    pub job: JobId,
    /// Program first. One without a slash is looked for in the `PATH` of the job's own environment.
    pub argv: Vec<String>,
    /// With `Hello::env` the whole environment. `BAND_RUN` and `BAND_JOB` are added by the supervisor.
    pub env: Vec<(String, String)>,
    /// What it reads from its standard input; nothing when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// Where it starts.
    pub directory: PathBuf,
    /// From TERM to KILL.
    pub grace: Millis,
    /// Quiet for this long is reported as `Silent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<Millis>,
    /// Bytes of output that are kept.
    pub output_limit: u64,
    /// TERM goes to the leader alone, which then ends the others in its own way. KILL goes to all that is left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub attended: bool,
}

/// The usual `Assignment::output_limit`.
pub const OUTPUT_LIMIT: u64 = 64 << 20;

/// Shows no environment and no input: both may hold secrets.
impl fmt::Debug for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assignment({}, {:?})", self.job, self.argv)
    }
}

/// A process that is alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveJob {
    /// Which.
    pub job: JobId,
    /// Its leader, which is also the number of its process group. 0 while it is being started.
    pub pid: u32,
    /// Since when.
    pub started: Timestamp,
}

/// A process that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// Which.
    pub job: JobId,
    /// How.
    pub exit: Exit,
    /// What it used.
    pub usage: Usage,
    /// Bytes of its output that went over the limit and were left out of the middle.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// Why its output is not kept whole: a full disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_error: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
