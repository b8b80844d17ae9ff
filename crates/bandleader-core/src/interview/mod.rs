//! The interview before a plan: which question comes next, given what was answered so far.
//!
//! Pure: the questions are data (`questions`), the way through them is a state that faces ask and tell. A face shows [`Interview::next`],
//! hands in what the person typed, and takes the [`Brief`] at the end. Always true: a question is asked at most once unless the person goes
//! back, and a question that an answer opened is closed again with that answer.

mod brief;
mod kind;
mod question;
mod questions;
mod saved;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::levels::LevelChanges;

pub use brief::{Brief, Settled, Source};
pub use kind::{Because, Chosen, Ground, Kind, choose};
pub use question::{Form, Part, Question, WrongAnswer};
pub use saved::{BadAnswers, Saved, read_answers, write_answers, write_draft};

/// Answers that were given before anybody is asked, by the ids of their questions.
pub type Given = BTreeMap<String, String>;

/// All questions that there are for a kind of plan, in the order in which they may be asked.
pub fn questions(kind: Kind) -> impl Iterator<Item = &'static Question> {
    questions::ALL.iter().copied().flatten().filter(move |question| question.kinds.contains(&kind))
}

/// What somebody said to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reply {
    /// In their words, checked.
    Said(String),
    /// They left it to the default.
    Skipped,
}

/// An interview that goes on.
#[derive(Clone, Debug)]
pub struct Interview {
    request: String,
    kind: Kind,
    level: u8,
    given: BTreeMap<&'static str, String>,
    /// In the order in which they were asked.
    replies: Vec<(&'static Question, Reply)>,
}

impl Interview {
    /// Of a request. What is `given` is not asked.
    ///
    /// # Errors
    /// Answers that cannot be: to no question of this kind, or not of its form.
    pub fn new(request: &str, kind: Kind, level: u8, given: &Given) -> Result<Interview, Vec<WrongAnswer>> {
        let mut wrong = Vec::new();
        let mut known = BTreeMap::new();
        for (id, answer) in given {
            match question::find(id).map(|question| (question.id, question.check(answer))) {
                Some((id, Ok(answer))) => drop(known.insert(id, answer)),
                Some((_, Err(problem))) => wrong.push(problem),
                None => wrong.push(WrongAnswer::unknown(id)),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Interview { request: request.trim().to_owned(), kind, level, given: known, replies: Vec::new() })
    }

    /// The question that is asked now; none when all is said.
    pub fn next(&self) -> Option<&'static Question> {
        questions(self.kind).find(|question| self.is_open(question) && !self.is_answered(question.id))
    }

    /// Takes the answer to the question that is asked now, and goes on. An empty one leaves it to the default.
    ///
    /// # Errors
    /// An answer that is not of the question's form; the question is still asked then.
    pub fn answer(&mut self, text: &str) -> Result<(), WrongAnswer> {
        let Some(question) = self.next() else { return Ok(()) };
        let reply = match text.trim() {
            "" => Reply::Skipped,
            text => Reply::Said(question.check(text)?),
        };
        self.replies.push((question, reply));
        Ok(())
    }

    /// Goes back to the question before this one, if there was one: that question, and what was said to it unless it was left to the default.
    pub fn back(&mut self) -> Option<(&'static Question, Option<String>)> {
        let (question, reply) = self.replies.pop()?;
        let said = match reply {
            Reply::Said(text) => Some(text),
            Reply::Skipped => None,
        };
        Some((question, said))
    }

    /// Goes on where an earlier one was broken off: what was said there, or left to its default, counts as said just now and can be gone back
    /// to. What it says of questions that are not asked here is passed over.
    pub fn take_up(&mut self, earlier: &Saved) {
        for question in questions(self.kind) {
            if !self.is_open(question) || self.is_answered(question.id) {
                continue;
            }
            let said = earlier.answers.get(question.id).and_then(|text| question.check(text).ok());
            let reply = match said {
                Some(text) => Reply::Said(text),
                None if earlier.left.contains(question.id) => Reply::Skipped,
                None => continue,
            };
            self.replies.push((question, reply));
        }
    }

    /// Whether somebody passed a question over just now.
    fn is_skipped(&self, id: &str) -> bool {
        self.replies.iter().any(|(question, reply)| question.id == id && *reply == Reply::Skipped)
    }

    /// What the default of a question is here, for people.
    pub fn default_of(&self, question: &Question) -> String {
        question.default(&self.request, self.level)
    }

    /// How many questions were asked, and how many are still open as far as can be seen now.
    pub fn progress(&self) -> (usize, usize) {
        let left = questions(self.kind).filter(|question| self.is_open(question) && !self.is_answered(question.id));
        (self.replies.len(), left.count())
    }

    /// Everything that is known at the end: questions that nobody answered have their defaults.
    pub fn finish(self) -> Brief {
        let open: Vec<&'static Question> = questions(self.kind).filter(|question| self.is_open(question)).collect();
        let settled = open.iter().map(|question| {
            let (value, source) = match (self.said(question.id), self.given.get(question.id)) {
                (Some(said), _) => (said.to_owned(), Source::Person),
                (None, Some(given)) => (given.clone(), Source::File),
                (None, None) => (self.default_of(question), Source::Default),
            };
            Settled { question, value, source }
        });
        let settled = settled.collect();
        let unused = self.given.keys().filter(|id| !open.iter().any(|question| question.id == **id)).copied().collect();
        let levels = LevelChanges::default();
        Brief { request: self.request, kind: self.kind, level: self.level, mode: None, levels, settled, unused }
    }

    fn said(&self, id: &str) -> Option<&str> {
        self.replies.iter().find_map(|(question, reply)| match reply {
            Reply::Said(text) if question.id == id => Some(text.as_str()),
            _ => None,
        })
    }

    fn is_answered(&self, id: &str) -> bool {
        self.given.contains_key(id) || self.replies.iter().any(|(question, _)| question.id == id)
    }

    /// What is known of a question: in somebody's words, else its default once it was passed over. An empty text before that.
    fn known(&self, id: &str) -> String {
        if let Some(said) = self.said(id).or_else(|| self.given.get(id).map(String::as_str)) {
            return said.to_owned();
        }
        question::find(id).map(|question| self.default_of(question)).unwrap_or_default()
    }

    fn is_open(&self, question: &Question) -> bool {
        question.opens.holds(self.level, &self.request, |id| {
            // A follow-up of a question that is itself not open stays closed.
            match question::find(id) {
                Some(opener) if self.is_open(opener) => self.known(id),
                _ => String::new(),
            }
        })
    }
}
