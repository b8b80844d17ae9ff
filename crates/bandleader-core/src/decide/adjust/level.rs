//! Another level: what is no part of it is left out, what is part of it comes back.

use super::{Weighed, waits};
use crate::plan::Work;
use crate::run::TaskState;
use crate::{Event, SkipReason, TaskId};

impl Weighed<'_> {
    pub(super) fn level(&mut self) {
        let Some(level) = self.change.level else { return };
        if !(1..=5).contains(&level) {
            self.reasons.push(format!("there is no level {level}; levels are 1 to 5"));
            return;
        }
        if level == self.run.level() {
            self.reasons.push(format!("the level is {level} already"));
            return;
        }
        let named: Vec<TaskId> = self.change.bring_back.iter().flat_map(|name| self.tasks_of(name)).collect();
        let (run, plan) = (&self.run, self.run.plan());
        let leaves = |id: &TaskId| {
            let task = plan.task(*id);
            (task.is_real() || task.work == Work::Milestone)
                && !task.levels.contains(level)
                && waits(run, *id)
                && !named.contains(id)
        };
        // What people have left out by name stays out.
        let comes = |id: &TaskId| {
            let is_out = matches!(run.task(*id).state, TaskState::Skipped { reason: SkipReason::Level, .. });
            is_out && plan.task(*id).levels.contains(level) && plan.has_work(*id)
        };
        self.skipped = plan.ids().filter(leaves).collect();
        self.back = plan.ids().filter(comes).collect();
        self.events.push(Event::LevelChanged { level, by: self.by.clone() });
    }
}
