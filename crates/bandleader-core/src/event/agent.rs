//! What events tell of agents: what they spent, what came of an attempt, and where its work is.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::plan::FailureClass;

/// What an agent used of its model. Whole numbers, so that sums are exact in every replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spending {
    /// Tokens that went in, those read from a cache included.
    pub input: u64,
    /// Of `input`: read from the provider's cache.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cached: u64,
    /// Tokens that came out, thinking included.
    pub output: u64,
    /// Money, in millionths of a US dollar; none when no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// Calls of the model.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turns: u64,
}

impl Spending {
    /// Tokens in and out.
    pub fn tokens(self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// Whether nothing was used.
    pub fn is_nothing(self) -> bool {
        self.input == 0 && self.output == 0 && self.turns == 0 && self.cost.unwrap_or_default() == 0
    }

    /// Both together. A cost that is known for one alone is that one's: a sum is then a lower bound.
    pub fn plus(self, other: Spending) -> Spending {
        let cost = match (self.cost, other.cost) {
            (Some(one), Some(two)) => Some(one.saturating_add(two)),
            (one, two) => one.or(two),
        };
        Spending {
            input: self.input.saturating_add(other.input),
            cached: self.cached.saturating_add(other.cached),
            output: self.output.saturating_add(other.output),
            cost,
            turns: self.turns.saturating_add(other.turns),
        }
    }

    /// What `self` has more than an earlier figure of the same attempt. Never under nothing: figures that shrink are a fault
    /// of whoever counts, and money that was spent stays spent.
    pub fn since(self, earlier: Spending) -> Spending {
        Spending {
            input: self.input.saturating_sub(earlier.input),
            cached: self.cached.saturating_sub(earlier.cached),
            output: self.output.saturating_sub(earlier.output),
            cost: self.cost.map(|cost| cost.saturating_sub(earlier.cost.unwrap_or_default())),
            turns: self.turns.saturating_sub(earlier.turns),
        }
    }
}

/// What came of an agent's attempt, as its attendant wrote it down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentReport {
    /// The driver that ran it: `claude`, `codex` …
    pub driver: String,
    /// Version of the agent's program, as it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The model that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The conversation's name with the agent's program, under which another try can take it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What it used in this attempt.
    pub spending: Spending,
    /// The beginning of its last words, at most 1,000 characters; all of them are in its output.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
    /// Tools that it wanted to use and may not, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<String>,
    /// Why it failed, if it did: what the agent's program itself says, which counts before its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<AgentFailure>,
    /// Where its work is, when it had a worktree of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkLeft>,
}

/// Why an agent failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentFailure {
    /// What sort of failure.
    pub class: FailureClass,
    /// For people, from the provider or the program; cleaned and cut where it is shown.
    pub message: String,
    /// When the provider will take requests again, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A commit that holds an attempt's work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkLeft {
    /// Its branch.
    pub branch: String,
    /// The commit that it started from.
    pub base: String,
    /// Its last commit; the same as `base` when nothing was changed.
    pub commit: String,
    /// Files that differ between the two.
    pub files: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(input: u64, output: u64, cost: Option<u64>) -> Spending {
        Spending { input, output, cost, turns: 1, ..Spending::default() }
    }

    #[test]
    fn an_unknown_cost_leaves_a_sum_that_is_known_in_part() {
        assert_eq!(spent(1, 2, None).plus(spent(3, 4, Some(5))).cost, Some(5));
        assert_eq!(spent(1, 2, None).plus(spent(3, 4, None)).cost, None);
        assert_eq!(spent(1, 2, Some(7)).plus(spent(3, 4, Some(5))), Spending { turns: 2, ..spent(4, 6, Some(12)) });
    }

    #[test]
    fn figures_that_shrink_take_nothing_back() {
        let more = spent(5, 1, Some(3)).since(spent(2, 4, Some(9)));
        assert_eq!((more.input, more.output, more.cost), (3, 0, Some(0)));
        assert_eq!(spent(5, 1, None).since(spent(2, 0, None)).cost, None);
    }
}
