//! What is left out is passed through: who needs it goes on when everything is over that it would have waited for, so that nothing
//! overtakes what comes before it - a phase, a check-in, a decision - and a failure before it still counts.
//!
//! Pure; part of `apply`. Invariant: a node stands here exactly while it is skipped so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::settle::{Ending, Standing};
use super::{Run, TaskState};
use crate::TaskId;

/// Nodes that are left out, and what those who need them were told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Passing(BTreeMap<TaskId, Option<Ending>>);

impl Passing {
    /// Every node in it.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &TaskId> {
        self.0.keys()
    }
}

impl Run {
    /// The node is about to be left out.
    pub(super) fn let_pass(&mut self, task: TaskId) {
        self.passing.0.insert(task, None);
    }

    /// It is over: what to tell those who need it now, if anything yet; `usual` where it is not left out.
    pub(super) fn tells(&mut self, task: TaskId, usual: Ending) -> Option<Ending> {
        if !self.passing.0.contains_key(&task) {
            return Some(usual);
        }
        let ending = match self.standing(task) {
            Standing::Waits => None,
            Standing::MayStart => Some(Ending::Neutral),
            Standing::CannotStart => Some(if self.plan.task(task).optional { Ending::Neutral } else { Ending::Bad }),
        };
        self.passing.0.insert(task, ending);
        ending
    }

    /// It is over no more: what those who need it were told, if anything; `usual` where it was not left out.
    pub(super) fn told(&mut self, task: TaskId, usual: Ending) -> Option<Ending> {
        self.passing.0.remove(&task).unwrap_or(Some(usual))
    }

    /// Something that a left-out node needs is over: what is to be told now, if anything.
    pub(super) fn passes_now(&mut self, task: TaskId) -> Option<Ending> {
        let is_silent = self.passing.0.get(&task).is_some_and(Option::is_none);
        if is_silent { self.tells(task, Ending::Neutral) } else { None }
    }

    /// Something that a left-out node needs is not over any more: what is to be taken back, if anything.
    pub(super) fn passes_no_more(&mut self, task: TaskId) -> Option<Ending> {
        let told = self.passing.0.get(&task).copied().flatten()?;
        if self.standing(task) != Standing::Waits {
            return None;
        }
        self.passing.0.insert(task, None);
        Some(told)
    }

    /// Whether nobody waits for a node any more: it is over and, if it was left out, so is what it would have waited for.
    pub fn is_behind(&self, task: TaskId) -> bool {
        self.task(task).state.is_over() && self.passing.0.get(&task) != Some(&None)
    }

    /// What rules a node out: the first need that failed, was called off or was skipped for such a one, through what is left out.
    pub(crate) fn culprit(&self, task: TaskId) -> Option<TaskId> {
        let mut at = task;
        loop {
            let needs = &self.plan.task(at).needs;
            let passed = |need: &&TaskId| self.passing.0.get(need) == Some(&Some(Ending::Bad));
            if let Some(need) = needs.iter().find(|need| self.ended_badly(**need)) {
                return Some(*need);
            }
            match needs.iter().find(passed) {
                Some(need) => at = *need,
                None => return needs.first().copied(),
            }
        }
    }

    fn ended_badly(&self, need: TaskId) -> bool {
        let state = &self.task(need).state;
        let is_allowed = matches!(state, TaskState::Skipped { reason, .. } if reason.is_allowed());
        state.is_over() && !matches!(state, TaskState::Completed { .. }) && !is_allowed
    }
}
