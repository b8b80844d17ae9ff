//! Tasks that come back: what people name, and what is part of a new level. They are done like any other that has not begun; what has gone
//! on without them is not done anew, and what has not begun waits for them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Weighed;
use crate::decide::redo::is_left_out;
use crate::plan::Work;
use crate::run::TaskState;
use crate::{Event, Onward, Run, SkipReason, TaskId};

impl Weighed<'_> {
    /// What people bring back by name, and with it what the level brings.
    pub(super) fn bring_back(&mut self) {
        for name in &self.change.bring_back {
            let (tasks, is_group) = self.named(name);
            let out: Vec<TaskId> = tasks.iter().copied().filter(|id| is_left_out(&self.run, *id)).collect();
            let (known, unknown): (Vec<TaskId>, Vec<TaskId>) =
                out.into_iter().partition(|id| self.run.plan().has_work(*id));
            for task in &unknown {
                let path = self.path(*task);
                let reason = format!(
                    "what `{path}` would do was not kept when the run was made; a new run at that level has it"
                );
                self.reasons.push(reason);
            }
            match tasks.as_slice() {
                _ if !known.is_empty() || !unknown.is_empty() => (),
                [task] if !is_group => self.not_left_out(*task),
                _ if is_group => self.reasons.push(format!("nothing in `{name}` was left out")),
                _ => (),
            }
            self.back.extend(known);
        }
        let both = self.change.skip.iter().flat_map(|name| self.tasks_of(name)).find(|id| {
            let named = self.change.bring_back.iter().flat_map(|name| self.tasks_of(name));
            self.back.contains(id) && named.into_iter().any(|other| other == *id)
        });
        if let Some(task) = both {
            let reason = format!("`{}` is to be left out and to be brought back", self.path(task));
            self.reasons.push(reason);
        }
    }

    fn not_left_out(&mut self, task: TaskId) {
        let is_to_stay = self.change.level.is_some_and(|level| !self.run.plan().task(task).levels.contains(level));
        if is_to_stay && super::waits(&self.run, task) {
            // The level would leave it out otherwise.
            return;
        }
        let (path, state) = (self.path(task), &self.run.task(task).state);
        let reason = match state {
            TaskState::Skipped { reason: SkipReason::Condition, .. } => {
                format!("`{path}` was skipped because its condition was false")
            }
            TaskState::Skipped { .. } | TaskState::Cancelled { .. } | TaskState::Failed { .. } => {
                format!("`{path}` is {}, and was not left out; `band retry {path}` does it anew", state.name())
            }
            state => format!("`{path}` is {}, and was not left out", state.name()),
        };
        self.reasons.push(reason);
    }

    /// Says what comes back and what the level leaves out, and goes on with the run as it is then.
    pub(super) fn go_on_from_here(&mut self) {
        let by = || self.by.clone();
        let ends = ended_groups(&self.run, &self.back);
        let back = self.back.iter().map(|task| Event::TaskBroughtBack { task: *task, by: by() });
        let returns: Vec<Event> =
            back.chain(ends.into_iter().map(|task| Event::TaskReopened { task, by: by() })).collect();
        self.events.extend(returns);
        if !self.back.is_empty() {
            match then(&self.run, &self.events) {
                Ok(run) => self.run = Cow::Owned(run),
                Err(reason) => self.reasons.push(reason),
            }
        }
        let (reason, onward) = (SkipReason::Level, Onward::AfterItsNeeds);
        let level = |task: &TaskId| Event::TaskSkipped { task: *task, reason: reason.clone(), onward };
        self.events.extend(self.skipped.iter().map(level));
    }

    /// What comes back does not begin without an answer because its question stays left out.
    pub(super) fn only_with_the_answers_that_it_waits_for(&mut self) {
        let (run, plan) = (&self.run, self.run.plan());
        let mut reasons = BTreeSet::new();
        for task in &self.back {
            let (mut seen, mut ahead) = (BTreeSet::new(), vec![*task]);
            while let Some(id) = ahead.pop() {
                for need in plan.task(id).needs.iter().filter(|need| seen.insert(**need)) {
                    let is_out =
                        matches!(run.task(*need).state, TaskState::Skipped { reason: SkipReason::Asked { .. }, .. });
                    if is_out && matches!(plan.task(*need).work, Work::Decision { check_in: None, .. }) {
                        let (path, question) = (self.path(*task), self.path(*need));
                        reasons.insert(format!(
                            "`{path}` waits for the answer to `{question}`, which was left out; bring that back as well"
                        ));
                    } else if matches!(run.task(*need).state, TaskState::Skipped { .. }) || !plan.task(*need).is_real()
                    {
                        ahead.push(*need);
                    }
                }
            }
        }
        self.reasons.extend(reasons);
    }

    /// The tasks of a name; none where it is not clear, which is said elsewhere.
    pub(super) fn tasks_of(&self, name: &str) -> Vec<TaskId> {
        self.run.named(name).map(|(tasks, _)| tasks).unwrap_or_default()
    }
}

/// Ends of groups that are over without these tasks: what waits for the group waits for them, too.
fn ended_groups(run: &Run, back: &BTreeSet<TaskId>) -> BTreeSet<TaskId> {
    let mut ends = BTreeSet::new();
    let mut behind: Vec<TaskId> = back.iter().copied().collect();
    while let Some(id) = behind.pop() {
        let over = |next: &&TaskId| !run.plan().task(**next).is_real() && run.task(**next).state.is_over();
        behind.extend(run.dependents(id).iter().filter(over).filter(|next| ends.insert(**next)));
    }
    // A milestone that stays left out is not reached; who needs it waits all the same.
    ends.retain(|end| !is_left_out(run, *end));
    ends
}

/// The run after these events.
pub(super) fn then(run: &Run, events: &[Event]) -> Result<Run, String> {
    let mut run = run.clone();
    for event in events {
        let recorded = event.clone().record(run.last_seq(), run.last_at());
        run.apply(&recorded).map_err(|error| error.to_string())?;
    }
    Ok(run)
}
