//! What people have changed of a run's own course: its level, and the order of its tasks.
//!
//! Pure; part of `apply`. The frozen plan stays what it is; what is here counts before it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::apply::Misfit;
use super::{Ready, Run, TaskState};
use crate::TaskId;
use crate::levels::Level;

/// All of it, of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Steered {
    /// The level, if it is not the plan's any more.
    level: Option<u8>,
    /// Tasks that were given another place: more goes first, and before all other tasks; less than 0 goes last.
    urgencies: BTreeMap<TaskId, i32>,
}

impl Steered {
    /// The place that people gave a task; 0 where they gave none.
    pub(super) fn urgency(&self, task: TaskId) -> i32 {
        self.urgencies.get(&task).copied().unwrap_or_default()
    }
}

impl Run {
    /// How much rigor is asked for now, 1 to 5: as the plan says, or as a person said later.
    pub fn level(&self) -> u8 {
        self.steered.level.unwrap_or(self.plan().level)
    }

    /// The row of that level, with what the plan froze of it.
    pub fn level_row(&self) -> Level {
        self.plan().levels.level(self.level())
    }

    /// The place that people gave a task: above 0 it goes before all others, under 0 behind them.
    pub fn urgency(&self, task: TaskId) -> i32 {
        self.steered.urgency(task)
    }

    /// The lowest and the highest place that people have given to any task; 0 is that of all others.
    pub(crate) fn urgencies(&self) -> (i32, i32) {
        let all = self.steered.urgencies.values().copied();
        (all.clone().min().unwrap_or_default().min(0), all.max().unwrap_or_default().max(0))
    }

    pub(super) fn change_level(&mut self, level: u8) -> Result<(), Misfit> {
        if !(1..=5).contains(&level) {
            return Err(format!("there is no level {level}"));
        }
        self.steered.level = Some(level);
        Ok(())
    }

    pub(super) fn move_task(&mut self, task: TaskId, urgency: i32) -> Result<(), Misfit> {
        self.known(task)?;
        let waits = matches!(self.task(task).state, TaskState::Ready { .. });
        if waits {
            self.ready.remove(self.rank(task));
        }
        self.steered.urgencies.insert(task, urgency);
        if waits {
            self.ready.insert(self.rank(task));
        }
        Ok(())
    }

    /// The place of a task among those that may start.
    pub(crate) fn rank(&self, task: TaskId) -> super::Rank {
        Ready::rank(&self.plan, &self.tails, self.steered.urgency(task), task)
    }
}
