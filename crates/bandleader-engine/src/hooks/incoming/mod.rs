//! What comes from outside: signed messages that say how something went, such as the checks of a commit.
//!
//! `receive` takes a message: who it is from, whether it came before, what it says (`standard` and `github` read the two forms). It is
//! written down with its signals before anybody is answered. `settle` then looks which open questions wait for one, and hands the answer in.

mod github;
mod receive;
mod settle;
mod standard;
#[cfg(test)]
mod tests;

use bandleader_core::{HookFormat, IncomingHook};

pub use receive::{Message, Reply, receive};
pub use settle::{Awaiting, Word, word};

use super::sign::{PlainSecret, Secret};

/// A body is no longer than this, in bytes: what GitHub tells of a workflow has about 20,000.
pub const LONGEST: usize = 1 << 20;

/// Letters of a text that is kept.
const WORDS: usize = 300;

/// Somebody who may tell, with the secret.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// As it is configured.
    pub hook: IncomingHook,
    /// What its messages are signed with; or why there is none, in words for people.
    pub(super) secret: Result<Signs, String>,
}

/// How messages are signed.
#[derive(Clone, Debug)]
pub(super) enum Signs {
    /// By Standard Webhooks.
    Standard(Secret),
    /// As GitHub does.
    Github(PlainSecret),
}

impl Incoming {
    /// With the secret from the environment, as `read` knows it.
    pub fn new(hook: IncomingHook, read: impl Fn(&str) -> Option<String>) -> Incoming {
        let name = &hook.secret_env;
        let secret = match (read(name), hook.format) {
            (None, _) => Err(format!("the environment variable `{name}` of its secret is not set")),
            (Some(text), HookFormat::Standard) => {
                Secret::parse(&text).map(Signs::Standard).map_err(|error| format!("`{name}`: {error}"))
            }
            (Some(text), HookFormat::Github) => {
                PlainSecret::parse(&text).map(Signs::Github).map_err(|error| format!("`{name}`: {error}"))
            }
        };
        Incoming { hook, secret }
    }

    /// Why nothing can be taken, if nothing can.
    pub fn problem(&self) -> Option<&str> {
        self.secret.as_ref().err().map(String::as_str)
    }
}

/// How something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Well.
    Passed,
    /// Not well.
    Failed,
    /// It is not over.
    Pending,
    /// It is over, and nothing was looked at: skipped, or neither good nor bad.
    Nothing,
}

impl Outcome {
    pub(super) fn name(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Pending => "pending",
            Outcome::Nothing => "nothing",
        }
    }

    pub(super) fn of(name: &str) -> Outcome {
        match name {
            "passed" => Outcome::Passed,
            "failed" => Outcome::Failed,
            "pending" => Outcome::Pending,
            _ => Outcome::Nothing,
        }
    }
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signal {
    /// Commits, branches, names, tasks of runs: whatever a question may wait for.
    pub(super) about: Vec<String>,
    /// What people call the check; may be empty.
    pub(super) check: String,
    /// What a newer word takes the place of.
    pub(super) part: String,
    /// How it went.
    pub(super) outcome: Outcome,
    /// For people.
    pub(super) summary: String,
}

/// What a body says: what it calls itself, and its signals; none if nobody could wait for it.
pub(super) struct Content {
    pub(super) event: String,
    pub(super) signal: Option<Signal>,
}

/// A task of a run, as something that a message may be about. No other name has a line break.
pub fn task_of(run: &str, task: &str) -> String {
    format!("{run}\n{task}")
}

/// A text of somebody else, short and without anything but letters and signs.
pub(super) fn plain(text: &str) -> String {
    text.trim().chars().take(WORDS).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
