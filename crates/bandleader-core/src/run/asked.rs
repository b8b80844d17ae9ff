//! A question to people: who asks what, until when, who has it open, how it ended.

use serde::{Deserialize, Serialize};

use crate::plan::Question;
use crate::{Asker, By, Decider, Millis, Timestamp, policy};

/// A question to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who asks.
    pub asker: Asker,
    /// What; its `on_silence` is what counts in this run.
    pub question: Question,
    /// Since when.
    pub opened: Timestamp,
    /// How long people were given when it was opened; none where silence never counts.
    pub given: Option<Millis>,
    /// When silence counts, if nobody holds it for longer; none means never.
    pub deadline: Option<Timestamp>,
    /// Who has it open, if somebody has.
    pub held: Option<Held>,
    /// How long its clock stood still before that because somebody had it open.
    pub stood: Millis,
    /// When more people were told, if they were.
    pub escalated: Option<Timestamp>,
    /// How it ended, if it did.
    pub taken: Option<Taken>,
    /// How it had ended before it was corrected, oldest first.
    pub before: Vec<Taken>,
    /// An answer that came after silence or a rule had decided: the latest.
    pub late: Option<Late>,
}

/// Somebody has a question open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Since when, or since it was last held again.
    pub since: Timestamp,
    /// Until when, unless it is held again; none means until it is released or decided.
    pub until: Option<Timestamp>,
    /// What was left of the time when its clock was stopped; none if it has no deadline.
    pub left: Option<Millis>,
    /// Who.
    pub by: By,
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

/// An answer that came too late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// When.
    pub at: Timestamp,
    /// The option.
    pub option: String,
    /// Who.
    pub by: By,
    /// Why.
    pub because: String,
}

impl Decision {
    /// Whether it waits for people; not while it waits for a message from outside, unless that was late and people are to be told.
    pub fn asks_people(&self) -> bool {
        self.question.hook.is_none() || self.escalated.is_some()
    }

    /// Whether somebody has it open at `now`.
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.held.as_ref().is_some_and(|held| held.until.is_none_or(|until| now < until))
    }

    /// How long its clock has stood still by `now` because somebody had it open. Waiting for changes at a check-in does not count.
    pub fn held_in_all(&self, now: Timestamp) -> Millis {
        let held = self.held.as_ref().and_then(|held| Some(now.min(held.until?).since(held.since)));
        Millis(self.stood.0 + held.unwrap_or_default().0)
    }

    /// What is left of its time at `now`, which stands still while somebody has it open; none if silence never counts.
    pub fn left(&self, now: Timestamp) -> Option<Millis> {
        match &self.held {
            Some(held) if self.is_held(now) => held.left,
            _ => self.deadline.map(|deadline| deadline.since(now)),
        }
    }

    /// The tightest warning that is due at `now`: so much is left, or less.
    pub fn warning(&self, now: Timestamp) -> Option<Millis> {
        if self.taken.is_some() || self.is_held(now) {
            return None;
        }
        let left = self.left(now)?;
        policy::WARNINGS.into_iter().rev().find(|warning| left <= *warning)
    }

    /// How long it took to decide it; none while it is open.
    pub fn took(&self) -> Option<Millis> {
        let first = self.before.first().or(self.taken.as_ref())?;
        Some(first.at.since(self.opened))
    }
}
