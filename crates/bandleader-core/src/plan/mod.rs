//! A checked plan: what `source` and `lower` make of the YAML and what a run freezes. Everybody downstream trusts it.
//!
//! Always true of a `Plan` (made only by `lower`, or read back from what it made): every id points at something; `needs`
//! have no cycle; every template parses; `uses` never ask for more than the capacity; `resources[0]` is the slots.

mod demands;
mod question;
mod rare;
mod repository;
mod settings;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use demands::{Brief, Deliverable, FailureClass, Gate, GateNumber, Isolation, OnFailure, OutputSource, Retry};
pub use question::{CheckIn, Choice, OnSilence, Patience, Question, QuestionKind, Weight};
pub use rare::{Rare, Usual};
pub use repository::Repository;
pub(crate) use settings::millionths;
pub use settings::{Agent, AgentRole, Caps, Limits, Mode, Permissions, Resource, Timeline, Use};

pub use crate::amounts::Levels;
use crate::levels::LevelChanges;
use crate::prices::Prices;
use crate::{GroupId, Millis, TaskId};

/// A plain value of a parameter, a `foreach` item or a matrix axis.
pub type Value = serde_json::Value;

/// The frozen plan of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What this is for, in one line.
    pub mission: String,
    /// 1 to 5: how much rigor (SPEC section 6). Tasks of other levels are not in `tasks`' work: see `Work::Left`.
    pub level: u8,
    /// What was said otherwise of the levels when the plan was checked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub levels: LevelChanges,
    /// Who is asked what.
    pub mode: Mode,
    /// How pressed the mission is: it counts for how long people have to decide.
    pub timeline: Timeline,
    /// Caps over the whole run.
    pub limits: Limits,
    /// Things with a capacity. Index 0 is `slots`, whose capacity is `limits.parallel`; agents with `max_parallel`
    /// have one called `agent:NAME`.
    pub resources: Vec<Resource>,
    /// Named agents that tasks refer to.
    pub agents: BTreeMap<String, Agent>,
    /// What people say that models cost; ours is the table of `prices`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub prices: Prices,
    /// Phases, nested groups, `foreach` fans and included plans, outer before inner.
    pub groups: Vec<Group>,
    /// Every node of the graph, in plan order; the end of each group is a node as well (`Work::Join`).
    pub tasks: Vec<Task>,
    /// Parameter values by scope; scope 0 is this plan's, others belong to included plans.
    pub scopes: Vec<BTreeMap<String, Value>>,
    /// Names of environment variables whose values must never reach the disk, besides the built-in patterns.
    pub secrets: Vec<String>,
    /// The git repository that worktrees are made of; none until a run freezes the plan, and where there is none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub repository: Option<Repository>,
}

/// What kind of thing a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A top-level phase.
    Phase,
    /// A group inside a phase.
    Group,
    /// The instances of a `foreach` or `matrix` task.
    Fan,
    /// An included plan.
    Include,
}

/// A named set of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Dotted path: `build`, `build.group-1`.
    pub path: String,
    /// For people; the path when the plan gives none.
    pub title: String,
    /// What kind of group.
    pub kind: GroupKind,
    /// The group around it.
    pub parent: Option<GroupId>,
    /// The node that completes when all its members are over (`Work::Join`).
    pub end: TaskId,
    /// People are asked whether to go on, before or after it (`Work::Decision`).
    pub check_in: bool,
    /// What agents may spend on its tasks.
    #[serde(default, skip_serializing_if = "is_default")]
    pub caps: Caps,
}

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

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Plan {
    /// The node with this id.
    ///
    /// # Panics
    /// Never for ids of this plan, which are the only ones its events carry (`apply` checks those first).
    #[expect(clippy::indexing_slicing, reason = "ids of a plan point into it: see the invariant above")]
    pub fn task(&self, id: TaskId) -> &Task {
        &self.tasks[id.index()]
    }

    /// The group with this id.
    #[expect(clippy::indexing_slicing, reason = "ids of a plan point into it: see the invariant above")]
    pub fn group(&self, id: GroupId) -> &Group {
        &self.groups[id.index()]
    }

    /// All node ids, in plan order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = TaskId> + ExactSizeIterator + use<> {
        (0..u32::try_from(self.tasks.len()).unwrap_or(u32::MAX)).map(TaskId)
    }

    /// The task with exactly this path.
    pub fn find(&self, path: &str) -> Option<TaskId> {
        self.ids().find(|id| self.task(*id).path == path)
    }

    /// The group with this path, or with this end of its path if only one has it.
    pub fn find_group(&self, name: &str) -> Option<GroupId> {
        let ids = || (0..).map(GroupId).zip(&self.groups);
        let exact = ids().find(|(_, group)| group.path == name).map(|(id, _)| id);
        let ends = |path: &str| path.strip_suffix(name).is_some_and(|head| head.ends_with('.'));
        exact.or_else(|| {
            let mut fitting = ids().filter(|(_, group)| ends(&group.path)).map(|(id, _)| id);
            fitting.next().filter(|_| fitting.next().is_none())
        })
    }

    /// Whether a node stands in a group, at whatever depth.
    pub fn is_within(&self, id: TaskId, group: GroupId) -> bool {
        let mut around = self.task(id).group;
        while let Some(one) = around {
            if one == group {
                return true;
            }
            around = self.group(one).parent;
        }
        false
    }

    /// The top-level phase that a node stands in, if any.
    pub fn phase_of(&self, id: TaskId) -> Option<GroupId> {
        let mut group = self.task(id).group?;
        while let Some(parent) = self.group(group).parent {
            group = parent;
        }
        Some(group)
    }
}

impl Task {
    /// A node with everything else left at its default.
    pub fn plain(path: &str, work: Work) -> Task {
        Task {
            path: path.to_owned(),
            title: None,
            group: None,
            work,
            needs: Vec::new(),
            join: Join::default(),
            when: None,
            estimate: None,
            timeout: None,
            stall: None,
            retry: Rare::default(),
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

    /// What people are asked, if they do it.
    pub fn question(&self) -> Option<&Question> {
        match &self.work {
            Work::Decision { question, .. } => Some(question),
            _ => None,
        }
    }

    /// Whether people count it as a task: the ends of groups are not.
    pub fn is_real(&self) -> bool {
        !matches!(self.work, Work::Join)
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A plan of plain commands: (path, seconds, needs); two slots.
    pub(crate) fn plan_of(tasks: &[(&str, u64, &[&str])]) -> Plan {
        let at = |path: &str| u32::try_from(tasks.iter().position(|task| task.0 == path).unwrap()).unwrap();
        let task = |(path, seconds, needs): &(&str, u64, &[&str])| Task {
            needs: needs.iter().map(|need| TaskId(at(need))).collect(),
            need_names: needs
                .iter()
                .map(|need| ((*need).to_owned(), TaskId(at(need))))
                .collect::<BTreeMap<_, _>>()
                .into(),
            estimate: Some(Millis(seconds * 1_000)),
            uses: vec![Use { resource: 0, units: 1 }],
            ..Task::plain(path, Work::Script { script: "true".into() })
        };
        Plan {
            mission: "test".into(),
            level: 3,
            limits: Limits { parallel: 2, ..Limits::default() },
            resources: vec![Resource { name: "slots".into(), capacity: 2 }],
            tasks: tasks.iter().map(task).collect(),
            scopes: vec![BTreeMap::new()],
            ..Plan::default()
        }
    }
}
