//! The one place where choices are made. Inputs come in, facts to be committed go out.
//!
//! Pure: commits nothing, starts nothing, reads no clock. Every input is idempotent: a late, repeated or stale one is
//! `Rejected` and changes nothing. The shell decides each input on the state that the one before left, then ticks until
//! nothing follows, then commits all of it in one transaction before anything acts on it.

mod about_budget;
mod about_failure;
mod adjust;
mod again;
mod change;
mod command;
mod correct;
mod ended;
mod failure;
mod foreseen;
mod input;
mod into;
mod merge;
mod people;
mod redo;
mod said;
mod schedule;
mod signal;
mod spending;
#[cfg(test)]
mod tests;
mod tick;

use serde::{Deserialize, Serialize};

pub use change::{Change, NewLimit, Note};
pub use foreseen::{Foreseen, foreseen};
pub use input::Input;
pub use into::IntoBranch;
pub use merge::{Landing, Merging};
pub use said::Said;
pub(crate) use said::check as check_question;

use crate::{BudgetScope, BudgetUnit, Event, JobId, Millis, Run, Step, StopHow, Timestamp};

/// What people can ask of a run, through any face. Kept in the run's durable inbox until it is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Start nothing new.
    Pause,
    /// Start again.
    Resume,
    /// Stop what runs, cancel the rest.
    Cancel {
        /// How processes are stopped.
        how: StopHow,
    },
    /// Call off one task.
    CancelTask {
        /// Its path in the plan.
        task: String,
    },
    /// Try these again, and what was skipped because of them.
    Retry {
        /// Paths in the plan; empty means everything that failed, was cancelled or is blocked.
        tasks: Vec<String>,
    },
    /// Take what is in a failed or blocked task's worktree as its work: a person has put it right.
    Resolve {
        /// Its path in the plan.
        task: String,
    },
    /// Take the work of a failed or blocked task as done.
    Accept {
        /// Its path in the plan.
        task: String,
        /// Why; kept with the override.
        because: String,
    },
    /// Merge the run's branch into one of a person's: whenever the run ends well, or at once if it has ended.
    MergeInto {
        /// Theirs.
        branch: String,
    },
    /// Give the run more wall time.
    RaiseTimeLimit {
        /// The new limit.
        limit: Millis,
    },
    /// Give something more to spend.
    RaiseBudget {
        /// What.
        scope: BudgetScope,
        /// Counted in what.
        unit: BudgetUnit,
        /// The new limit, in that unit.
        limit: u64,
    },
    /// Say something to whoever works, or will work, on a task.
    Tell {
        /// Its path in the plan.
        task: String,
        /// The words.
        text: String,
    },
    /// Decide a question.
    Answer {
        /// Which.
        decision: u32,
        /// The option's id.
        option: String,
        /// Why, in that person's words.
        because: String,
    },
    /// Decide otherwise what was decided, and do anew what hangs on it.
    Correct {
        /// Which.
        decision: u32,
        /// The option's id.
        option: String,
        /// Why, in that person's words.
        because: String,
    },
    /// Somebody has a question open: its clock stands still for a while.
    Hold {
        /// Which.
        decision: u32,
        /// For how long, at most `policy::LONGEST_HOLD`.
        lease: Millis,
    },
    /// A message from outside says how something went that a question waits for.
    Signal {
        /// Which question.
        decision: u32,
        /// How it went: `passed` or `failed`.
        option: String,
        /// What the message says of it.
        because: String,
        /// The hook that it came by.
        hook: String,
        /// The message's id.
        message: String,
    },
    /// Nobody has it open any more.
    Release {
        /// Which.
        decision: u32,
    },
    /// Change what is left of the run, all of it or nothing.
    Adjust {
        /// What.
        change: Change,
    },
    /// Wait no longer for a provider that takes no more.
    OpenProvider {
        /// The account; all of them when none.
        provider: Option<String>,
    },
}

/// The input means nothing in this state. Nothing is committed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Rejected(pub String);

impl Rejected {
    fn because(reason: impl Into<String>) -> Rejected {
        Rejected(reason.into())
    }
}

/// The first event of a run of the plan with this content hash. `seed` is where its jitter comes from.
pub fn create(plan_hash: &str, mission: &str, seed: u64) -> Event {
    Event::RunCreated { plan: plan_hash.to_owned(), mission: mission.to_owned(), seed }
}

/// Decides what follows from `input` at `now`.
pub fn decide(run: &Run, input: Input, now: Timestamp) -> Result<Vec<Event>, Rejected> {
    if run.is_unborn() {
        return Err(Rejected::because("the run was not created yet"));
    }
    match input {
        Input::Boot { epoch, .. } if epoch <= run.epoch() => {
            Err(Rejected::because("a later engine already owns this run"))
        }
        Input::Boot { epoch, pid } => Ok(vec![Event::EngineBooted { epoch, pid }]),
        Input::Tick => Ok(tick::tick(run, now)),
        Input::WorkEnded { attempt, report } => ended::work(run, attempt, report, now),
        Input::GateEnded { attempt, gate, exit, usage, number } => {
            let job = JobId { attempt, step: Step::Gate(gate) };
            ended::gate(run, job, gate, &ended::GateSeen { exit, usage, number }, now)
        }
        Input::MergedGateEnded { attempt, index, exit, usage, number } => {
            ended::merged_gate(run, attempt, index, &ended::GateSeen { exit, usage, number }, now)
        }
        Input::Merged { attempt, round, came } => merge::merged(run, attempt, round, came, now),
        Input::Landed { attempt, round, came } => merge::landed(run, attempt, round, came, now),
        Input::MergedInto { round, came } => into::came(run, round, came),
        Input::UndoEnded { attempt, exit } => ended::undo(run, attempt, &exit),
        Input::Lost { job } => ended::lost(run, job, now),
        Input::Silent { attempt, silent } => ended::silent(run, attempt, silent),
        Input::Said { attempt, said } => said::said(run, attempt, said, now),
        Input::Asked { command, by } => command::asked(run, &command, &by, now),
    }
}
