//! What is open between people and those who work: messages that have not arrived, questions, blockers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::apply::Misfit;
use super::{Run, Timer};
use crate::plan::{FailureClass, Question};
use crate::{Asker, AttemptId, Decider, Heard, Severity, TaskId, Timestamp};

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

/// A question to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who asks.
    pub asker: Asker,
    /// What.
    pub question: Question,
    /// Since when.
    pub opened: Timestamp,
    /// When silence counts; none means never.
    pub deadline: Option<Timestamp>,
    /// How it ended, if it did.
    pub taken: Option<Taken>,
}

/// How a question ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// When.
    pub at: Timestamp,
    /// The option; none when nothing was chosen.
    pub option: Option<String>,
    /// Who or what decided.
    pub by: Decider,
    /// Why.
    pub because: String,
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
    decisions: BTreeMap<u32, Decision>,
    blockers: Vec<Blocker>,
}

impl Run {
    /// Messages, oldest first.
    pub fn messages(&self) -> &BTreeMap<u64, Message> {
        &self.talk.messages
    }

    /// Questions, the ended ones too, oldest first.
    pub fn decisions(&self) -> &BTreeMap<u32, Decision> {
        &self.talk.decisions
    }

    /// Questions that wait for an answer.
    pub fn open_decisions(&self) -> impl Iterator<Item = (u32, &Decision)> {
        self.talk
            .decisions
            .iter()
            .filter(|(_, decision)| decision.taken.is_none())
            .map(|(id, decision)| (*id, decision))
    }

    /// What stands in the way of agents now, oldest first.
    pub fn blockers(&self) -> &[Blocker] {
        &self.talk.blockers
    }

    pub(crate) fn next_message(&self) -> u64 {
        self.talk.messages.last_key_value().map_or(1, |(last, _)| last + 1)
    }

    pub(crate) fn next_decision(&self) -> u32 {
        self.talk.decisions.last_key_value().map_or(1, |(last, _)| last + 1)
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

    pub(super) fn open_decision(
        &mut self,
        id: u32,
        asker: &Asker,
        question: &Question,
        deadline: Option<Timestamp>,
    ) -> Result<(), Misfit> {
        if id != self.next_decision() {
            return Err(format!("decision {} was expected", self.next_decision()));
        }
        if let Some(deadline) = deadline {
            self.timers.insert((deadline, Timer::Decision(id)));
        }
        let (asker, question, opened) = (asker.clone(), question.clone(), self.last.at);
        self.talk.decisions.insert(id, Decision { asker, question, opened, deadline, taken: None });
        Ok(())
    }

    pub(super) fn take_decision(
        &mut self,
        id: u32,
        option: Option<&str>,
        by: &Decider,
        because: &str,
    ) -> Result<(), Misfit> {
        let at = self.last.at;
        let decision = self.talk.decisions.get_mut(&id).ok_or_else(|| format!("there is no decision {id}"))?;
        if decision.taken.is_some() {
            return Err(format!("decision {id} was taken before"));
        }
        let option = option.map(str::to_owned);
        decision.taken = Some(Taken { at, option, by: by.clone(), because: because.to_owned() });
        if let Some(deadline) = decision.deadline {
            self.timers.remove(&(deadline, Timer::Decision(id)));
        }
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

    /// Open questions of an attempt.
    pub(crate) fn questions_of(&self, attempt: AttemptId) -> impl Iterator<Item = u32> {
        let asks = move |asker: &Asker| matches!(asker, Asker::Agent { attempt: other, .. } if *other == attempt);
        self.open_decisions().filter(move |(_, decision)| asks(&decision.asker)).map(|(id, _)| id)
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
