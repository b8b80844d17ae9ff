//! What of a plan hangs on its level alone, and what another level makes of it.
//!
//! A plan that was frozen before this was kept has none of it: nothing of it follows another level then.

use serde::{Deserialize, Serialize};

use super::{Gate, Levels, Mode, Plan, Retry, Task, Work};
use crate::TaskId;

/// What the plan does not say itself, so that it is as its level has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ByLevel {
    /// Who is asked what.
    pub mode: bool,
    /// Further tries of the tasks that have no `Task::own_retry`.
    pub retries: bool,
}

/// A gate, and the levels at which it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeveledGate {
    /// When.
    pub levels: Levels,
    /// What.
    pub gate: Gate,
}

impl Task {
    fn has_process(&self) -> bool {
        let work = self.left.as_deref().unwrap_or(&self.work);
        matches!(work, Work::Script { .. } | Work::Program { .. } | Work::Agent { .. })
    }
}

impl Plan {
    /// Who is asked what at a level.
    pub fn mode_at(&self, level: u8) -> Mode {
        if self.by_level.mode { self.levels.level(level).mode } else { self.mode }
    }

    /// Whether a task has other gates or tries at a level than it has in this plan.
    pub(crate) fn is_otherwise_at(&self, id: TaskId, level: u8) -> bool {
        let task = self.task(id);
        self.retry_at(task, level).is_some_and(|retry| retry != *task.retry)
            || self.gates_at(id, level).is_some_and(|gates| gates != *task.gates)
    }

    /// Gives a task the gates and the tries of a level.
    pub(crate) fn follow_level(&mut self, id: TaskId, level: u8) {
        let (retry, gates) = (self.retry_at(self.task(id), level), self.gates_at(id, level));
        let Some(task) = self.tasks.get_mut(id.index()) else { return };
        if let Some(retry) = retry {
            task.retry = retry.into();
        }
        if let Some(gates) = gates {
            task.gates = gates.into();
        }
    }

    /// The gates of a task at a level; at one that leaves it out, those of the nearest that does not. None where they are the same at all
    /// levels.
    fn gates_at(&self, id: TaskId, level: u8) -> Option<Vec<Gate>> {
        let level = self.task(id).levels.nearest(level);
        let counts = |one: &&LeveledGate| one.levels.contains(level);
        Some(self.leveled_gates.get(&id)?.iter().filter(counts).map(|one| one.gate.clone()).collect())
    }

    fn retry_at(&self, task: &Task, level: u8) -> Option<Retry> {
        let follows = self.by_level.retries && !task.own_retry && task.has_process();
        follows.then(|| Retry { limit: self.levels.level(level).retries, ..Retry::default() })
    }
}
