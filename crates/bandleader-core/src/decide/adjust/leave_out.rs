//! Tasks that people leave out: what has not begun, and no question that something else still waits for.

use super::{Weighed, waits};
use crate::decide::redo::behind;
use crate::plan::Work;
use crate::run::TaskState;
use crate::{Event, LeftOut, Onward, SkipReason, TaskId};

impl Weighed<'_> {
    /// What people leave out by name.
    pub(super) fn skips(&mut self) {
        let mut asked = Vec::new();
        for name in &self.change.skip {
            let (tasks, is_group) = self.named(name);
            let before = self.skipped.len();
            for task in &tasks {
                self.skip(*task, is_group, &mut asked);
            }
            if is_group && self.skipped.len() == before && self.reasons.is_empty() {
                self.reasons.push(format!("nothing in `{name}` is still to begin"));
            }
        }
        asked.sort_unstable();
        asked.dedup();
        self.only_with_what_waits_for_them(&asked);
        let left = LeftOut { by: self.by.clone(), because: self.change.because.clone() };
        let reason = SkipReason::Asked(Box::new(left));
        let onward = Onward::AfterItsNeeds;
        let out = asked.into_iter().map(|task| Event::TaskSkipped { task, reason: reason.clone(), onward });
        self.events.extend(out);
    }

    fn skip(&mut self, task: TaskId, is_group: bool, asked: &mut Vec<TaskId>) {
        if waits(&self.run, task) {
            if self.skipped.insert(task) {
                asked.push(task);
            }
            return;
        }
        let path = self.path(task);
        let reason = match &self.run.task(task).state {
            state if state.is_over() && is_group => return,
            TaskState::Running { .. } | TaskState::Reviewing { .. } => {
                format!("`{path}` is at work; `band cancel --task {path}` stops it")
            }
            TaskState::Blocked { .. } => format!("`{path}` waits for an answer; `band decide` shows the question"),
            TaskState::Failed { .. } => {
                format!(
                    "`{path}` is failed already; `band retry {path}` does it anew, `band accept {path}` takes it as done"
                )
            }
            state => format!("`{path}` is {} already", state.name()),
        };
        self.reasons.push(reason);
    }

    /// A question of the plan is not left out while something behind it could still be done: that would be an answer that nobody has
    /// given. Whether to go on, at a check-in, is no such question.
    fn only_with_what_waits_for_them(&mut self, asked: &[TaskId]) {
        let (run, plan) = (&*self.run, self.run.plan());
        let is_out = |id: &TaskId| match &run.task(*id).state {
            TaskState::Completed { .. } => true,
            _ => self.skipped.contains(id) || !plan.task(*id).is_real(),
        };
        let mut reasons = Vec::new();
        for task in asked {
            let Work::Decision { check_in: None, .. } = &plan.task(*task).work else { continue };
            if let Some(next) = behind(run, *task).into_iter().find(|id| !is_out(id)) {
                let (path, next) = (&plan.task(*task).path, &plan.task(next).path);
                reasons.push(format!(
                    "`{path}` is a question that `{next}` waits for; leave that out as well, or answer it"
                ));
            }
        }
        self.reasons.extend(reasons);
    }
}
