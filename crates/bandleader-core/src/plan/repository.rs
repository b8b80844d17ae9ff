//! The git repository that a run's worktrees are made of, and which tasks have one.
//!
//! Found out when the plan is frozen and never again: a run that is taken up after a crash works where it worked before.

use serde::{Deserialize, Serialize};

use super::{Isolation, Plan, Task, Work};
use crate::TaskId;

/// Where the work of a run begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// The commit that was checked out when the run was made, in hexadecimal.
    pub base: String,
    /// The project folder within the repository, with a slash at its end; empty when it is its top.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub inside: String,
}

/// Drivers whose agents do not change files by themselves.
const NOT_CODING: [&str; 2] = ["command", "llm"];

impl Plan {
    /// Whether a task works in a git worktree of its own.
    pub fn has_worktree(&self, id: TaskId) -> bool {
        self.repository.is_some() && self.wants_worktree(self.task(id))
    }

    /// Whether a task would, if there was a repository: by its own word, else because a coding agent does it, or one whose file says so.
    pub fn wants_worktree(&self, task: &Task) -> bool {
        match (task.isolation, &task.work) {
            (Some(isolation), Work::Agent { .. } | Work::Script { .. } | Work::Program { .. }) => {
                isolation == Isolation::Worktree
            }
            (None, Work::Agent { agent, .. }) => self.agents.get(agent).is_some_and(|agent| {
                let said = agent.role.as_ref().and_then(|role| role.isolation.as_deref());
                said == Some("worktree") || !NOT_CODING.contains(&agent.driver.as_str())
            }),
            _ => false,
        }
    }
}
