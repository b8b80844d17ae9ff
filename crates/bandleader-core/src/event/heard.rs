//! What events tell of talk: what agents make known of their own accord, who asks people what, and who decided it.

use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::{AttemptId, GroupId, Millis, TaskId};

/// Something that an agent made known through its tools, or a command by `band report`. Texts are at most 2,000 characters: larger
/// things are files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum Heard {
    /// A finding that others should know.
    Insight {
        /// In a sentence or two.
        text: String,
    },
    /// It chose between ways to go on, within its own task.
    Choice {
        /// What was to be chosen.
        question: String,
        /// What it chose.
        choice: String,
        /// Why.
        because: String,
        /// What else there was.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        alternatives: Vec<String>,
    },
    /// Something stands in its way. A name that is open already is told anew.
    Blocker {
        /// The agent's name for it: what `Unblocked` refers to.
        name: String,
        /// How bad it is.
        severity: Severity,
        /// What stands in the way.
        text: String,
        /// What would help.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        needs: Option<String>,
    },
    /// It stands there no longer.
    Unblocked {
        /// As it was named.
        name: String,
        /// What helped.
        how: String,
    },
    /// It made something that was to be made. Whether it is there is looked at when it says done.
    Deliverable {
        /// Where, relative to the folder that it works in; none for what is described.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
        /// What it is.
        text: String,
    },
    /// A named fact for other tasks.
    Context {
        /// Its name.
        key: String,
        /// What is so.
        value: String,
        /// How long it holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ttl: Option<Millis>,
    },
}

/// How bad a blocker is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It goes on otherwise.
    Low,
    /// It slows the work down.
    #[default]
    Medium,
    /// Part of the work cannot be done.
    High,
    /// Nothing can be done until it is gone.
    Critical,
}

/// Who asks people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case", deny_unknown_fields)]
pub enum Asker {
    /// An agent at work, which may wait for the answer.
    Agent {
        /// Its attempt.
        attempt: AttemptId,
        /// How the agent's tools know the question again.
        key: String,
    },
    /// The plan: a task that a person does.
    Task {
        /// The task.
        task: TaskId,
    },
    /// The plan: between two phases.
    Phase {
        /// The phase that is over, or has not begun.
        group: GroupId,
    },
    /// The engine, about a task.
    Engine {
        /// The task.
        task: TaskId,
    },
    /// The engine, about the run.
    Run,
    /// The engine, about a budget that is used up.
    Budget {
        /// What it is of.
        scope: BudgetScope,
        /// What it is counted in.
        unit: BudgetUnit,
    },
}

/// Who or what decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case", deny_unknown_fields)]
pub enum Decider {
    /// A person, by name.
    Person {
        /// The account's name.
        name: String,
    },
    /// Nobody answered in time.
    Timeout,
    /// A rule, without asking.
    Policy,
    /// Whoever asked is gone: the question means nothing any more.
    Withdrawn,
    /// A message from outside, where the question waits for one.
    Hook {
        /// The hook that it came by.
        name: String,
        /// The message's id.
        message: String,
    },
}

/// What a budget is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum BudgetScope {
    /// The whole run.
    Run,
    /// A phase or another group, with all that is in it.
    Group {
        /// Which.
        group: GroupId,
    },
    /// A task, over all its attempts.
    Task {
        /// Which.
        task: TaskId,
    },
    /// An agent, over all its tasks.
    Agent {
        /// Its name in the plan.
        name: String,
    },
}

impl BudgetScope {
    /// As people read it: `the run`, `phase build`, `task build.api`, `agent linter`.
    pub fn words(&self, plan: &Plan) -> String {
        match self {
            BudgetScope::Run => "the run".into(),
            BudgetScope::Group { group } => {
                let path = plan.groups.get(group.0 as usize).map_or("?", |group| &group.path);
                format!("phase {path}")
            }
            BudgetScope::Task { task } => {
                format!("task {}", plan.tasks.get(task.index()).map_or("?", |task| &task.path))
            }
            BudgetScope::Agent { name } => format!("agent {name}"),
        }
    }
}

/// What a budget is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetUnit {
    /// Millionths of a US dollar.
    Cost,
    /// Tokens, in and out.
    Tokens,
    /// Milliseconds of wall time.
    Time,
}
