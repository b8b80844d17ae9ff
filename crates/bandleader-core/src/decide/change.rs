//! A change of what is left of a run, as people ask for it: what to leave out or bring back, which order, limits, level, words to agents.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{BudgetScope, BudgetUnit};

/// What people want to be otherwise. Tasks are named by path, or by the end of a path; a phase or another group stands for all its tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// Not to be done. What needs them goes on without them.
    pub skip: Vec<String>,
    /// Left out before, by people or by a level, and to be done after all.
    pub bring_back: Vec<String>,
    /// To be done before all others that may start, in this order.
    pub first: Vec<String>,
    /// To be done after all others that may start, in this order.
    pub last: Vec<String>,
    /// How much rigor from now on, 1 to 5.
    pub level: Option<u8>,
    /// How many tasks may run at once from now on.
    pub parallel: Option<u32>,
    /// New limits, larger than those now.
    pub limits: Vec<NewLimit>,
    /// Words to agents.
    pub tell: Vec<Note>,
    /// Why, in that person's words.
    pub because: String,
}

/// A larger limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLimit {
    /// Of what.
    pub scope: BudgetScope,
    /// Counted in what; time is for the run alone.
    pub unit: BudgetUnit,
    /// In that unit.
    pub limit: u64,
}

/// Words to whoever works, or will work, on a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// A task, or a group: then every agent in it is told.
    pub task: String,
    /// The words.
    pub text: String,
}

/// The command for a change.
impl From<Change> for Command {
    fn from(change: Change) -> Command {
        Command::Adjust { change }
    }
}
