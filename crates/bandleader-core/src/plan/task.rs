//! One node of a plan's graph: what is done, what it needs, what it may use, and when it counts as done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Brief, Caps, CheckIn, Deliverable, Gate, Isolation, Levels, OnFailure, OutputSource, Question, Rare, Retry, Use,
    Value, is_default,
};
use crate::{GroupId, Millis, TaskId};

/// One node of the graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Unique dotted path: `spec`, `build.api`, `build.test.linux`. Segments are `[a-z0-9_-]`.
    pub path: String,
    /// For people, in a few words; what it does when the plan gives none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Option<String>,
    /// The innermost group that it stands in (for a `Join`: the group that it ends).
    pub group: Option<GroupId>,
    /// What is done.
    pub work: Work,
    /// What would be done, where the level of the plan leaves it out (`Work::Left`): people may bring it back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub left: Option<Box<Work>>,
    /// Nodes that must be over before it may start; sorted, each once.
    pub needs: Vec<TaskId>,
    /// How its needs must have ended.
    #[serde(default, skip_serializing_if = "is_default")]
    pub join: Join,
    /// An expression; false means skipped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub when: Option<String>,
    /// The plan's guess of its length.
    #[serde(default, skip_serializing_if = "is_default")]
    pub estimate: Option<Millis>,
    /// After this long an attempt is stopped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub timeout: Option<Millis>,
    /// With no output and no processor time for this long, an attempt is stopped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stall: Option<Millis>,
    /// When to try again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retry: Rare<Retry>,
    /// The plan says it, here or for all tasks: it does not hang on the level.
    #[serde(default, skip_serializing_if = "is_default")]
    pub own_retry: bool,
    /// Higher goes first among equals.
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority: i32,
    /// What agents may spend on it, over all tries.
    #[serde(default, skip_serializing_if = "is_default")]
    pub caps: Rare<Caps>,
    /// At which levels it is done: one that a person chooses later may leave it out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub levels: Levels,
    /// Its failure does not fail the run.
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
    /// What it holds while it runs; sorted by resource, each once. A `Join` uses nothing, all else one slot at least.
    #[serde(default, skip_serializing_if = "is_default")]
    pub uses: Vec<Use>,
    /// Path globs it reads; no task that writes an overlapping one runs beside it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reads: Rare<Vec<String>>,
    /// Path globs it writes; no task that reads or writes an overlapping one runs beside it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub writes: Rare<Vec<String>>,
    /// Checks that must pass before it counts as completed, in order.
    #[serde(default, skip_serializing_if = "is_default")]
    pub gates: Rare<Vec<Gate>>,
    /// What it must leave behind.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deliverables: Rare<Vec<Deliverable>>,
    /// Named values that it hands on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub outputs: Rare<BTreeMap<String, OutputSource>>,
    /// The JSON Schema that the answer of its agent fulfils.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schema: Option<Box<serde_json::Value>>,
    /// Environment of its processes (templates).
    #[serde(default, skip_serializing_if = "is_default")]
    pub env: Rare<BTreeMap<String, String>>,
    /// What follows when no try is left.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_failure: OnFailure,
    /// A script that undoes it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub compensate: Option<String>,
    /// Further words to the agent, in this order, after the instruction (templates): input, subtasks, focus areas.
    #[serde(default, skip_serializing_if = "is_default")]
    pub brief: Rare<Vec<Brief>>,
    /// Where its processes start, relative to the project folder.
    #[serde(default, skip_serializing_if = "is_default")]
    pub directory: Option<String>,
    /// Where it works; the usual when none: see `Plan::has_worktree`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub isolation: Option<Isolation>,
    /// `item` or matrix values of a fan's instance, as templates see them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bindings: Rare<BTreeMap<String, Value>>,
    /// Which of `Plan::scopes` its templates see as `inputs`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scope: u32,
    /// What templates call its needs: `needs.NAME` is that node. Empty if none of its templates looks at needs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub need_names: Rare<BTreeMap<String, TaskId>>,
}

/// What a node does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Work {
    /// A shell script, run by `sh -e -c`. Never a template.
    Script {
        /// The text.
        script: String,
    },
    /// A program with its arguments, no shell.
    Program {
        /// Program first.
        argv: Box<[String]>,
    },
    /// An instruction for a named agent.
    Agent {
        /// Key in `Plan::agents`.
        agent: String,
        /// What it is told (a template).
        instruction: String,
    },
    /// A person decides. No process: it is over when the question is.
    Decision {
        /// What is asked (its texts are templates).
        question: Box<Question>,
        /// Set for what people are asked before or after the group that it stands in.
        #[serde(default, skip_serializing_if = "is_default")]
        check_in: Option<CheckIn>,
    },
    /// The end of a group: no process, over when its needs are.
    Join,
    /// A milestone that nobody is asked about: no process, reached when its needs are over.
    Milestone,
    /// Left out at this level: counts as skipped from the start.
    Left,
}

/// How the needs of a task must have ended for it to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// Each completed, was skipped by a condition, or failed where that is allowed.
    #[default]
    AllSuccess,
    /// Each is over, however it ended.
    AllDone,
    /// One completed; the rest is not waited for.
    AnySuccess,
}

impl Task {
    /// A node with everything else left at its default.
    pub fn plain(path: &str, work: Work) -> Task {
        Task {
            path: path.to_owned(),
            title: None,
            group: None,
            work,
            left: None,
            needs: Vec::new(),
            join: Join::default(),
            when: None,
            estimate: None,
            timeout: None,
            stall: None,
            retry: Rare::default(),
            own_retry: false,
            priority: 0,
            caps: Rare::default(),
            levels: Levels::ALL,
            optional: false,
            uses: Vec::new(),
            reads: Rare::default(),
            writes: Rare::default(),
            gates: Rare::default(),
            deliverables: Rare::default(),
            outputs: Rare::default(),
            schema: None,
            env: Rare::default(),
            on_failure: OnFailure::default(),
            compensate: None,
            brief: Rare::default(),
            directory: None,
            isolation: None,
            bindings: Rare::default(),
            scope: 0,
            need_names: Rare::default(),
        }
    }

    /// The gate of a step that counts on over tries (`Step::MergedGate`).
    pub fn gate_of(&self, index: u32) -> Option<&Gate> {
        self.gates.get((index as usize).checked_rem(self.gates.len())?)
    }

    /// Takes it out of the plan, and keeps what it would do.
    pub(crate) fn leave_out(&mut self) {
        self.left = Some(Box::new(std::mem::replace(&mut self.work, Work::Left)));
    }

    /// What people are asked, if they do it.
    pub fn question(&self) -> Option<&Question> {
        match &self.work {
            Work::Decision { question, .. } => Some(question),
            _ => None,
        }
    }

    /// Whether people count it as a task: the ends of groups and milestones are not.
    pub fn is_real(&self) -> bool {
        !matches!(self.left.as_deref().unwrap_or(&self.work), Work::Join | Work::Milestone)
    }

    /// The group whose end it is, if it is one.
    pub fn ends_group(&self) -> Option<GroupId> {
        self.group.filter(|_| self.work == Work::Join)
    }

    /// Whether people do it, or would if the level did not leave it out.
    pub(crate) fn is_question(&self) -> bool {
        matches!(self.left.as_deref().unwrap_or(&self.work), Work::Decision { .. })
    }

    /// Who does it, for dashboards: the agent's name, or the task's last segment for a plain command.
    pub fn agent_name(&self) -> &str {
        match &self.work {
            Work::Agent { agent, .. } => agent,
            Work::Decision { .. } => "people",
            _ => self.path.rsplit('.').next().unwrap_or(&self.path),
        }
    }
}
