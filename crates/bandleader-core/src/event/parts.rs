//! What events tell of: who asked, why something was stopped or skipped, how a process ended and what it used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AgentReport, BudgetScope};
use crate::plan::Value;
use crate::{Millis, TaskId, Timestamp};

/// Who caused something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case", deny_unknown_fields)]
pub enum By {
    /// A person, by name, through some face of ours.
    Person {
        /// The account's name.
        name: String,
    },
    /// The engine itself: a rule.
    Engine,
}

/// How a process is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopHow {
    /// TERM, a grace, then KILL.
    Politely,
    /// KILL at once.
    AtOnce,
}

/// Why the engine stops a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Its `timeout` is over.
    Timeout,
    /// It was silent for its `stall` time.
    Stall,
    /// The run or the task was cancelled.
    Cancelled,
    /// A person wants another try.
    Retried,
    /// What it may spend is used up.
    Budget,
}

/// When those who need a skipped task go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Onward {
    /// As soon as it is skipped.
    #[default]
    AtOnce,
    /// When everything is over that it would have waited for: to leave something out is not to overtake what comes before it.
    AfterItsNeeds,
}

impl Onward {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(super) fn is_at_once(&self) -> bool {
        *self == Onward::AtOnce
    }
}

/// Why a task did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case", deny_unknown_fields)]
pub enum SkipReason {
    /// Its `when` was false. What needs it goes on.
    Condition,
    /// It is not part of this level. What needs it goes on.
    Level,
    /// Something that it needs failed, or was itself skipped for a failure. What needs it is skipped too.
    Upstream {
        /// The need.
        need: TaskId,
    },
    /// A person left it out. Not a failure: what needs it goes on without it.
    Asked(Box<LeftOut>),
    /// A budget that it would count against is used up. Counts as a failure.
    Budget {
        /// Which.
        scope: BudgetScope,
    },
    /// Its condition could not be worked out. Counts as a failure.
    BadCondition {
        /// What the expression engine said.
        message: String,
    },
}

impl SkipReason {
    /// Whether it is no failure: those who need the task go on without it.
    pub(crate) fn is_allowed(&self) -> bool {
        matches!(self, SkipReason::Condition | SkipReason::Level | SkipReason::Asked { .. })
    }
}

/// Who left a task out, and why. In a box, because every task of a run has room for its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Who.
    pub by: By,
    /// Why, in that person's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
}

/// Pass or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Good.
    Passed,
    /// Not good.
    Refused,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEnd {
    /// All that had to be done is done.
    Succeeded,
    /// The same, but a person accepted something that a gate refused.
    SucceededWithOverrides,
    /// A task failed.
    Failed,
    /// A person called it off.
    Cancelled,
    /// A limit of the run was reached before everything was done.
    OverBudget,
}

/// What was seen of a process that ended, after its deliverables and outputs were looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// How the process ended.
    pub exit: Exit,
    /// What it used.
    pub usage: Usage,
    /// Named values that it handed on. Together under 3 KB: larger things are files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, Value>,
    /// Deliverables that were found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivered: Vec<Delivered>,
    /// Promised things that were not there, in words. Not empty means that the attempt failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Why not all that it printed could be kept (the disk was full), if so. The work itself is not hurt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_lost: Option<String>,
    /// What came of it as an agent's attempt; none for plain commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Box<AgentReport>>,
}

/// How a process ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum Exit {
    /// By itself, with this code.
    Code {
        /// 0 is success.
        code: i32,
    },
    /// By a signal.
    Signal {
        /// Its number.
        signal: i32,
    },
    /// It never started.
    NotStarted {
        /// Why.
        message: String,
    },
    /// Nobody saw its end: its supervisor or the machine went down.
    #[default]
    Unseen,
}

/// What a process used, children that it waited for included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// When the process started.
    pub started: Timestamp,
    /// When it was seen to have ended.
    pub ended: Timestamp,
    /// Processor time, user and system.
    pub cpu: Millis,
    /// The largest resident memory of a single process of it, in KiB.
    pub peak_kib: u64,
    /// Bytes of output, before any limit.
    pub output_bytes: u64,
    /// Processes that it left behind and that were ended.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub swept: u32,
}

/// A deliverable that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    /// As the plan names it, template filled in.
    pub path: String,
    /// Files that matched.
    pub files: u32,
    /// Their size together.
    pub bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
