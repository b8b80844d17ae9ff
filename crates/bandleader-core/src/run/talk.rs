//! What is open between people and those who work: messages that have not arrived, blockers; `decision` has the questions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::apply::Misfit;
use super::spending::Budget;
use super::{Decision, Run};
use crate::plan::FailureClass;
use crate::{Asker, AttemptId, Heard, Severity, TaskId, Timestamp};

/// A message from a person to whoever works on a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Which task.
    pub task: TaskId,
    /// The words.
    pub text: String,
    /// The attempt that has it, once one has.
    pub delivered: Option<AttemptId>,
}

/// Something that stands in an agent's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// The attempt that told of it.
    pub attempt: AttemptId,
    /// The agent's name for it.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// What stands in the way.
    pub text: String,
    /// What would help.
    pub needs: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// All of it, of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Talk {
    messages: BTreeMap<u64, Message>,
    pub(super) decisions: BTreeMap<u32, Decision>,
    /// Those that wait for an answer.
    pub(super) open: BTreeSet<u32>,
    /// Of these, with the task that asks, or that they are about.
    pub(super) of_tasks: BTreeSet<(TaskId, u32)>,
    /// Of these, with the budget that they are about.
    pub(super) of_budgets: BTreeSet<(Budget, u32)>,
    /// Of these, those that may mean nothing any more.
    pub(super) doubtful: BTreeSet<u32>,
    /// How many of them have a deadline.
    pub(super) deadlines: usize,
    /// Agents' questions so far, the ended ones too.
    pub(super) asked: BTreeSet<Asker>,
    blockers: Vec<Blocker>,
}

impl Talk {
    /// How many open questions have a deadline.
    pub(super) fn deadlines(&self) -> usize {
        self.deadlines
    }

    /// A question is open: it is found by what it is about, so that no event costs more where many are open.
    pub(super) fn opens(&mut self, id: u32, asker: &Asker) {
        self.open.insert(id);
        self.of_tasks.extend(task_of(asker).map(|task| (task, id)));
        if let Asker::Budget { scope, unit } = asker {
            self.of_budgets.insert(((scope.clone(), *unit), id));
        }
        if let Asker::Agent { .. } = asker {
            self.asked.insert(asker.clone());
        }
    }

    /// It is over.
    pub(super) fn closes(&mut self, id: u32, asker: &Asker) {
        self.open.remove(&id);
        self.doubtful.remove(&id);
        if let Some(task) = task_of(asker) {
            self.of_tasks.remove(&(task, id));
        }
        if let Asker::Budget { scope, unit } = asker {
            self.of_budgets.remove(&((scope.clone(), *unit), id));
        }
    }
}

fn task_of(asker: &Asker) -> Option<TaskId> {
    match asker {
        Asker::Task { task } | Asker::Engine { task } => Some(*task),
        Asker::Agent { attempt, .. } => Some(attempt.task),
        Asker::Phase { .. } | Asker::Run | Asker::Budget { .. } => None,
    }
}

impl Run {
    /// Messages, oldest first.
    pub fn messages(&self) -> &BTreeMap<u64, Message> {
        &self.talk.messages
    }

    /// What stands in the way of agents now, oldest first.
    pub fn blockers(&self) -> &[Blocker] {
        &self.talk.blockers
    }

    pub(crate) fn next_message(&self) -> u64 {
        self.talk.messages.last_key_value().map_or(1, |(last, _)| last + 1)
    }

    /// Messages for a task that nobody has yet.
    pub fn undelivered(&self, task: TaskId) -> impl Iterator<Item = (u64, &Message)> {
        let waits = move |message: &Message| message.task == task && message.delivered.is_none();
        self.talk.messages.iter().filter(move |(_, message)| waits(message)).map(|(id, message)| (*id, message))
    }

    pub(super) fn send(&mut self, id: u64, task: TaskId, text: &str) -> Result<(), Misfit> {
        self.known(task)?;
        if id != self.next_message() {
            return Err(format!("message {} was expected", self.next_message()));
        }
        self.talk.messages.insert(id, Message { task, text: text.to_owned(), delivered: None });
        Ok(())
    }

    pub(super) fn deliver(&mut self, id: u64, attempt: AttemptId) -> Result<(), Misfit> {
        let message = self.talk.messages.get_mut(&id).ok_or_else(|| format!("there is no message {id}"))?;
        message.delivered = Some(attempt);
        Ok(())
    }

    /// Blockers come and go by what agents say; everything else that they say is for people, not for the state.
    pub(super) fn hear(&mut self, attempt: AttemptId, heard: &Heard) -> Result<(), Misfit> {
        self.known(attempt.task)?;
        let (Heard::Blocker { name, .. } | Heard::Unblocked { name, .. }) = heard else { return Ok(()) };
        let same = |blocker: &Blocker| blocker.attempt.task == attempt.task && blocker.name == *name;
        let since = self.talk.blockers.iter().find(|blocker| same(blocker)).map(|blocker| blocker.since);
        self.talk.blockers.retain(|blocker| !same(blocker));
        if let Heard::Blocker { name, severity, text, needs } = heard {
            let (since, name, text) = (since.unwrap_or(self.last.at), name.clone(), text.clone());
            let blocker = Blocker { attempt, name, severity: *severity, text, needs: needs.clone(), since };
            self.talk.blockers.push(blocker);
        }
        Ok(())
    }

    /// What stood in the way of a task stands there no longer once it is over or tried anew.
    pub(super) fn forget_blockers(&mut self, task: TaskId) {
        if !self.talk.blockers.is_empty() {
            self.talk.blockers.retain(|blocker| blocker.attempt.task != task);
        }
    }
}

impl Run {
    /// The conversation that the next attempt at a task takes up, and why the last one ended: where its agent knows best how to go on.
    pub fn session_to_resume(&self, task: TaskId) -> Option<(&str, FailureClass, &str)> {
        let past = self.task(task).past();
        let (class, message) = past.failure.as_deref()?;
        let goes_on = class.is_providers()
            || matches!(
                class,
                FailureClass::Lost
                    | FailureClass::Crash
                    | FailureClass::Stall
                    | FailureClass::Gate
                    | FailureClass::Deliverable
                    | FailureClass::MaxTurns
                    | FailureClass::Budget
            );
        goes_on.then_some((past.session.as_deref()?, *class, message))
    }
}
