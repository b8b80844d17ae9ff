//! What a change of one task's state means for everything kept beside it: counts, queues, resources, and its dependents.
//!
//! Pure; part of `apply`. Every change of a task's state goes through `Run::set_state`, so the indexes cannot drift.

use serde::{Deserialize, Serialize};

use super::{Run, TaskState, Timer};
use crate::plan::{Join, OnFailure, Task, Work};
use crate::{SkipReason, TaskId, Timestamp};

/// What the end of a task means to those who need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ending {
    /// It completed.
    Good,
    /// It did not run or failed, and that is allowed.
    Neutral,
    /// It failed, was called off, or was skipped because of such a one.
    Bad,
}

/// What the needs of a task say about its start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not enough is known.
    Waits,
    /// They allow it.
    MayStart,
    /// They rule it out.
    CannotStart,
}

fn ending(task: &Task, state: &TaskState) -> Ending {
    let allowed = |ok: bool| if ok { Ending::Neutral } else { Ending::Bad };
    match state {
        TaskState::Completed { .. } => Ending::Good,
        TaskState::Skipped { reason, .. } if reason.is_allowed() => Ending::Neutral,
        TaskState::Failed { .. } => allowed(task.optional || task.on_failure == OnFailure::Continue),
        _ => allowed(task.optional),
    }
}

/// Whether a run with this task in this state cannot end well any more.
fn spoils(task: &Task, state: &TaskState) -> bool {
    let spoiled = match state {
        TaskState::Failed { .. } | TaskState::Cancelled { .. } => true,
        TaskState::Skipped { reason, .. } => {
            matches!(reason, SkipReason::BadCondition { .. } | SkipReason::Budget { .. })
        }
        _ => false,
    };
    spoiled && task.is_real() && !task.optional
}

fn holds_resources(state: &TaskState) -> bool {
    matches!(state, TaskState::Running { .. } | TaskState::Reviewing { .. })
}

impl Run {
    /// Changes a task's state and everything that follows from it.
    pub(super) fn set_state(&mut self, id: TaskId, new: TaskState) {
        let plan = self.plan.clone();
        let task = plan.task(id);
        let old = std::mem::replace(&mut self.task_mut(id).state, TaskState::Failing);
        if task.is_real() {
            *self.counts.of(&old) -= 1;
            *self.counts.of(&new) += 1;
        }
        self.unjudged.remove(&id);
        self.leave_queues(id, &old);
        self.enter_queues(id, &new);
        match (holds_resources(&old), holds_resources(&new)) {
            (false, true) => self.hold(task),
            (true, false) => self.release(task),
            _ => (),
        }
        self.unsound += u32::from(spoils(task, &new));
        self.unsound -= u32::from(spoils(task, &old));
        if old.is_over() {
            self.open += 1;
            if let Some(told) = self.told(id, ending(task, &old)) {
                self.take_back(id, told);
            }
        }
        if new.is_over() {
            self.open -= 1;
            self.forget_blockers(id);
            if let Some(tells) = self.tells(id, ending(task, &new)) {
                self.tell_dependents(id, tells);
            }
        }
        self.task_mut(id).state = new;
    }

    fn leave_queues(&mut self, id: TaskId, old: &TaskState) {
        match old {
            TaskState::Ready { .. } => self.ready.remove(self.rank(id)),
            TaskState::BackingOff { until } => {
                self.timers.remove(&(*until, Timer::Backoff(id)));
            }
            TaskState::Reviewing { .. } => self.leave_merges(id),
            TaskState::Blocked { .. } => self.doubt_questions_about(id),
            _ => (),
        }
    }

    fn enter_queues(&mut self, id: TaskId, new: &TaskState) {
        match new {
            TaskState::Ready { .. } => self.ready.insert(self.rank(id)),
            TaskState::BackingOff { until } => {
                self.timers.insert((*until, Timer::Backoff(id)));
            }
            _ => (),
        }
    }

    fn hold(&mut self, task: &Task) {
        for held in &task.uses {
            if let Some(free) = self.free.get_mut(held.resource as usize) {
                *free = free.saturating_sub(held.units);
            }
        }
    }

    fn release(&mut self, task: &Task) {
        for held in &task.uses {
            let units = if held.resource == 0 { self.steered.settle_debt(held.units) } else { held.units };
            if let Some(free) = self.free.get_mut(held.resource as usize) {
                *free += units;
            }
        }
    }

    fn tell_dependents(&mut self, id: TaskId, ending: Ending) {
        let dependents = self.dependents.clone();
        // Most ends reach nothing that is left out: then nothing is put by.
        let (mut next, mut ended) = (Some((id, ending)), Vec::new());
        while let Some((id, ending)) = next {
            for dependent in dependents.on(id) {
                let needs = &mut self.task_mut(*dependent).needs;
                needs.unmet -= 1;
                needs.good += u32::from(ending == Ending::Good);
                needs.bad += u32::from(ending == Ending::Bad);
                match self.passes_now(*dependent) {
                    Some(ending) => ended.push((*dependent, ending)),
                    None => self.reconsider(*dependent),
                }
            }
            next = ended.pop();
        }
    }

    fn take_back(&mut self, id: TaskId, ending: Ending) {
        let dependents = self.dependents.clone();
        let mut taken = vec![(id, ending)];
        while let Some((id, ending)) = taken.pop() {
            for dependent in dependents.on(id) {
                let task = self.task_mut(*dependent);
                task.needs.unmet += 1;
                task.needs.good -= u32::from(ending == Ending::Good);
                task.needs.bad -= u32::from(ending == Ending::Bad);
                if matches!(task.state, TaskState::Ready { .. } | TaskState::BackingOff { .. }) {
                    self.set_state(*dependent, TaskState::Pending);
                }
                self.unjudged.remove(dependent);
                match self.passes_no_more(*dependent) {
                    Some(told) => taken.push((*dependent, told)),
                    None => self.reconsider(*dependent),
                }
            }
        }
    }

    /// Looks at a pending task again: nothing, straight into the queue (the plain case), or to be judged by `decide`.
    pub(super) fn reconsider(&mut self, id: TaskId) {
        if self.task(id).state != TaskState::Pending {
            return;
        }
        let task = self.plan.task(id);
        let plain = task.when.is_none()
            && !matches!(task.work, Work::Join | Work::Milestone | Work::Left | Work::Decision { .. });
        match self.standing(id) {
            Standing::Waits => (),
            Standing::MayStart if plain => self.make_ready(id, self.last.at),
            Standing::MayStart | Standing::CannotStart => {
                self.unjudged.insert(id);
            }
        }
    }

    /// What the needs of a task say.
    pub(super) fn standing(&self, id: TaskId) -> Standing {
        let (task, needs) = (self.plan.task(id), self.task(id).needs);
        let settled = |can_start: bool| if can_start { Standing::MayStart } else { Standing::CannotStart };
        match task.join {
            Join::AllSuccess if needs.unmet == 0 || needs.bad > 0 => settled(needs.bad == 0),
            Join::AllDone if needs.unmet == 0 => Standing::MayStart,
            Join::AnySuccess if needs.unmet == 0 || needs.good > 0 => settled(needs.good > 0 || task.needs.is_empty()),
            _ => Standing::Waits,
        }
    }

    pub(super) fn make_ready(&mut self, id: TaskId, since: Timestamp) {
        self.set_state(id, TaskState::Ready { since, starts: self.starts });
    }
}
