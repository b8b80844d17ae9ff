//! What people have changed of a run's own course: its level, what comes back to it, how much of it runs at once, and the order of its tasks.
//!
//! Pure; part of `apply`. The frozen plan stays what it is; what is here counts before it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::apply::Misfit;
use super::{Ready, Run, TaskState};
use crate::levels::Level;
use crate::plan::Mode;
use crate::{SkipReason, TaskId, estimate};

/// All of it, of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Steered {
    /// The level, if it is not the plan's any more.
    level: Option<u8>,
    /// How many attempts may be alive at once, if it is not the plan's number any more.
    parallel: Option<u32>,
    /// So many slots are held beyond that: they are not free again when they are let go.
    owed: u32,
    /// Nodes whose work is part of the run again, although the plan's level leaves them out.
    put_back: BTreeSet<TaskId>,
    /// Tasks that have the gates and the tries of another level than the plan's own, and of which: what had begun keeps its own.
    levelled: BTreeMap<TaskId, u8>,
    /// Tasks that were given another place: more goes first, and before all other tasks; less than 0 goes last.
    urgencies: BTreeMap<TaskId, i32>,
}

impl Steered {
    /// Nodes whose work is part of the run again.
    pub(super) fn is_put_back(&self) -> &BTreeSet<TaskId> {
        &self.put_back
    }

    /// Tasks that follow another level than the plan's own, and which.
    pub(super) fn levelled(&self) -> &BTreeMap<TaskId, u8> {
        &self.levelled
    }

    /// Of slots that are let go, those that are free again.
    pub(super) fn settle_debt(&mut self, slots: u32) -> u32 {
        let paid = self.owed.min(slots);
        self.owed -= paid;
        slots - paid
    }

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

    /// The level that leaves a task out: the one now, or the plan's own where the task is part of the one now.
    pub fn level_without(&self, task: TaskId) -> u8 {
        if self.plan().task(task).levels.contains(self.level()) { self.plan().level } else { self.level() }
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
        let plan = self.plan.clone();
        self.put_back(plan.only_at(level));
        let is_new = |id: &TaskId| self.task(*id).attempts == 0 && plan.is_otherwise_at(*id, level);
        let levelled = plan.ids().filter(is_new).map(|id| (id, level)).collect();
        self.follow_levels(&levelled);
        self.steered.levelled.extend(levelled);
        Ok(())
    }

    /// Gives tasks the gates and the tries of these levels.
    pub(super) fn follow_levels(&mut self, tasks: &BTreeMap<TaskId, u8>) {
        if tasks.is_empty() {
            return;
        }
        let plan = Arc::make_mut(&mut self.plan);
        for (task, level) in tasks {
            plan.follow_level(*task, *level);
        }
    }

    /// Who is asked what: as the plan says, or as the level does where it says nothing.
    pub fn mode(&self) -> Mode {
        self.steered.level.map_or(self.plan.mode, |level| self.plan.mode_at(level))
    }

    /// How many attempts may be alive at once: as the plan says, or as a person said later.
    pub fn parallel(&self) -> u32 {
        self.steered.parallel.unwrap_or(self.plan().limits.parallel)
    }

    /// What runs beyond it goes on, and nothing starts until so many have ended.
    pub(super) fn change_parallel(&mut self, parallel: u32) -> Result<(), Misfit> {
        if parallel == 0 {
            return Err("nothing could run".into());
        }
        let before = self.parallel();
        self.steered.parallel = Some(parallel);
        let Some(free) = self.free.first_mut() else { return Ok(()) };
        if parallel > before {
            *free += self.steered.settle_debt(parallel - before);
        } else {
            let taken = (before - parallel).min(*free);
            *free -= taken;
            self.steered.owed += before - parallel - taken;
        }
        Ok(())
    }

    /// Someone wants it done after all.
    pub(super) fn bring_back(&mut self, task: TaskId) -> Result<(), Misfit> {
        self.expect(task, |state| {
            matches!(state, TaskState::Skipped { reason: SkipReason::Level | SkipReason::Asked { .. }, .. })
        })?;
        if !self.plan.has_work(task) {
            return Err(format!("the plan does not say what `{}` does", self.plan.task(task).path));
        }
        self.put_back([task]);
        self.start_over(task);
        Ok(())
    }

    /// Makes the work of nodes that the plan's level leaves out a part of the run's plan, and of what paths are reckoned from. Looks at the
    /// whole plan, which only a word of a person is the reason for.
    pub(super) fn put_back(&mut self, tasks: impl IntoIterator<Item = TaskId>) {
        let tasks: Vec<TaskId> = tasks.into_iter().filter(|task| self.plan.leaves_out(*task)).collect();
        self.steered.put_back.extend(&tasks);
        if !tasks.iter().any(|task| self.plan.task(*task).left.is_some()) {
            return;
        }
        // Their rank hangs on what is behind them.
        let ready = self.ready.ranked();
        for task in &ready {
            self.ready.remove(self.rank(*task));
        }
        Arc::make_mut(&mut self.plan).put_back(tasks);
        self.tails = Arc::new(estimate::tails(&self.plan, &self.dependents, &estimate::lengths(&self.plan)));
        for task in ready {
            self.ready.insert(self.rank(task));
        }
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
