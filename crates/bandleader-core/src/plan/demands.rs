//! What a task asks for and promises: tries, gates, deliverables, outputs, and what follows when it fails.

use serde::{Deserialize, Serialize};

use crate::Millis;

/// When a failed attempt is tried again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Further tries after the first.
    pub limit: u32,
    /// Pause before the first further try; it doubles with each.
    pub backoff: Millis,
    /// The longest pause. 0 means ten minutes.
    pub max_backoff: Millis,
    /// Which failures; empty means every class that may pass by itself (`FailureClass::is_transient`).
    pub on: Vec<FailureClass>,
}

/// Why an attempt failed, as far as trying again is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// It ended with an exit code other than 0.
    Exit,
    /// A signal that we did not send ended it.
    Crash,
    /// It ran longer than its `timeout`.
    Timeout,
    /// It was silent for its `stall` time.
    Stall,
    /// Its supervisor died or the machine went down.
    Lost,
    /// It said done, but a deliverable or a declared output was not there.
    Deliverable,
    /// A gate refused it.
    Gate,
    /// We ended it because a person called it off. Never tried again by itself.
    Cancelled,
    /// It could not be started: no such program, no such folder, a template without a value. Never tried again by itself.
    Start,
    /// The provider of its model asked for fewer requests, or a usage limit is reached. Everything that uses the same account waits.
    RateLimit,
    /// The provider of its model has too much to do.
    Overloaded,
    /// The provider could not be reached, or the connection broke.
    Network,
    /// The key or the login is missing or wrong. Never tried again by itself.
    Auth,
    /// What it read and said does not fit into its model any more. Never tried again by itself.
    ContextOverflow,
    /// The provider or the agent's program refused what was asked of it as wrong. Never tried again by itself.
    Invalid,
    /// It used up the turns that it may take. Never tried again by itself.
    MaxTurns,
    /// It used up the money or the tokens that it may spend. Never tried again by itself.
    Budget,
    /// It needed something that it may not do. Never tried again by itself.
    Denied,
    /// Its work does not merge with that of others. A person or another try resolves it.
    Conflict,
}

impl FailureClass {
    /// Whether another try may go better with nothing changed.
    pub fn is_transient(self) -> bool {
        !matches!(
            self,
            FailureClass::Start
                | FailureClass::Cancelled
                | FailureClass::Auth
                | FailureClass::ContextOverflow
                | FailureClass::Invalid
                | FailureClass::MaxTurns
                | FailureClass::Budget
                | FailureClass::Denied
                | FailureClass::Conflict
        )
    }

    /// Whether it says something about the provider of a model and nothing about the task.
    pub fn is_providers(self) -> bool {
        matches!(self, FailureClass::RateLimit | FailureClass::Overloaded | FailureClass::Network)
    }
}

/// A check that must pass before a task counts as completed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// For people; the script's first line when the plan gives none.
    pub name: String,
    /// Run by `sh -e -c` in the task's folder; exit 0 passes.
    pub run: String,
    /// After this long it has failed.
    pub timeout: Option<Millis>,
    /// A number to find in its output and the bounds that it must keep.
    pub number: Option<GateNumber>,
}

/// A number in a gate's output and its bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateNumber {
    /// A regular expression whose first group (or whole match) is the number; the last match counts.
    pub parse: String,
    /// The least that passes.
    pub min: Option<f64>,
    /// The most that passes.
    pub max: Option<f64>,
}

/// Something a task must leave behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deliverable {
    /// A path or glob (a template), relative to the project folder: something there and not empty afterwards.
    Path(String),
    /// In words: listed for people and agents, not checked by machine.
    Described(String),
}

/// Where an output's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputSource {
    /// A `name=value` line that the task wrote to `$BAND_OUTPUT`.
    Reported,
    /// All of its standard output, without the last line break.
    Stdout,
    /// The text of this file (a template), without the last line break.
    File(String),
}

/// What follows when a task has no try left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// It has failed; what needs it is skipped; other branches go on.
    #[default]
    Fail,
    /// It has failed; what needs it goes on all the same. The run still ends as failed.
    Continue,
    /// It is blocked until a person retries it or cancels it.
    Ask,
    /// One more round of tries by another agent.
    RetryWith(String),
    /// No new task starts; completed tasks are undone in reverse order.
    Compensate,
}

/// Further words to the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brief {
    /// What it works from.
    Input(String),
    /// A part of the work.
    Subtask(String),
    /// What to look at.
    Focus(String),
}

/// Where a task may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// A git worktree of its own.
    Worktree,
    /// The project folder.
    Shared,
    /// Nothing is promised.
    None,
}
