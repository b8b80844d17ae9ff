//! A checked plan: what `source` and `lower` make of the YAML and what a run freezes. Everybody downstream trusts it.
//!
//! Always true of a `Plan` (made only by `lower`, or read back from what it made): every id points at something; `needs`
//! have no cycle; every template parses; `uses` never ask for more than the capacity; `resources[0]` is the slots.

mod by_level;
mod demands;
mod milestone;
mod question;
mod rare;
mod repository;
mod settings;
mod task;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use by_level::{ByLevel, LeveledGate};
pub use demands::{Brief, Deliverable, FailureClass, Gate, GateNumber, Isolation, OnFailure, OutputSource, Retry};
pub use milestone::Milestone;
pub use question::{Awaited, CheckIn, Choice, OUTCOMES, OnSilence, Patience, Question, QuestionKind, Weight};
pub use rare::{Rare, Usual};
pub use repository::Repository;
pub(crate) use settings::millionths;
pub use settings::{Agent, AgentRole, Caps, Limits, Mode, Permissions, Resource, Timeline, Use};

pub use crate::amounts::Levels;
pub use task::{Join, Task, Work};

use crate::levels::LevelChanges;
use crate::prices::Prices;
use crate::{GroupId, TaskId};

/// A plain value of a parameter, a `foreach` item or a matrix axis.
pub type Value = serde_json::Value;

/// The frozen plan of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What this is for, in one line.
    pub mission: String,
    /// 1 to 5: how much rigor (SPEC section 6). Tasks of other levels have `Work::Left`, and keep their work beside it.
    pub level: u8,
    /// What was said otherwise of the levels when the plan was checked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub levels: LevelChanges,
    /// Who is asked what.
    pub mode: Mode,
    /// What of it is as the level has it, so that another level changes it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub by_level: ByLevel,
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
    /// All gates of the tasks whose gates are not the same at all levels, in order. `Task::gates` are those that count.
    #[serde(default, skip_serializing_if = "is_default")]
    pub leveled_gates: BTreeMap<TaskId, Vec<LeveledGate>>,
    /// Named points of the way, in plan order; each is a node as well.
    #[serde(default, skip_serializing_if = "is_default")]
    pub milestones: Vec<Milestone>,
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

    /// The milestone that a node is, if it is one.
    pub fn milestone(&self, task: TaskId) -> Option<&Milestone> {
        self.milestones.iter().find(|one| one.task == task)
    }

    /// Whether the level of the plan leaves a node out. It says so also of one whose work people have put back since.
    pub fn leaves_out(&self, id: TaskId) -> bool {
        let task = self.task(id);
        task.work == Work::Left || (task.levels != Levels::ALL && !task.levels.contains(self.level))
    }

    /// Puts the work of these nodes back, where the level has left them out and their work is known. Whether there was any.
    pub(crate) fn put_back(&mut self, tasks: impl IntoIterator<Item = TaskId>) -> bool {
        let mut any = false;
        for id in tasks {
            let task = self.tasks.get_mut(id.index());
            if let Some((task, work)) = task.and_then(|task| task.left.take().map(|work| (task, work))) {
                task.work = *work;
                any = true;
            }
        }
        any
    }

    /// Whether it is known what a node would do: an older plan did not keep the work of what its level left out.
    pub(crate) fn has_work(&self, id: TaskId) -> bool {
        let task = self.task(id);
        task.work != Work::Left || task.left.is_some()
    }

    /// Nodes that are part of a level, but not of the plan's own.
    pub(crate) fn only_at(&self, level: u8) -> impl Iterator<Item = TaskId> {
        self.ids().filter(move |id| self.leaves_out(*id) && self.task(*id).levels.contains(level))
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Millis;

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
