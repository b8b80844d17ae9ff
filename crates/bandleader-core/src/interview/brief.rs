//! What an interview leaves: the request, and for every question that was open a value and where it comes from.

use super::kind::Kind;
use super::question::Question;
use crate::levels::LevelChanges;
use crate::plan::Mode;

/// All that a plan is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// What the person wants, in their words.
    pub request: String,
    /// What kind of plan it is.
    pub kind: Kind,
    /// How much rigor, 1 to 5.
    pub level: u8,
    /// Who is asked while it runs; as the level says, where nobody said otherwise.
    pub mode: Option<Mode>,
    /// What the project says otherwise of the levels.
    pub levels: LevelChanges,
    /// In the order of the questions.
    pub settled: Vec<Settled>,
    /// Answers that were given to questions that nothing opened.
    pub unused: Vec<&'static str>,
}

/// The value of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The question.
    pub question: &'static Question,
    /// Its value.
    pub value: String,
    /// Whose it is.
    pub source: Source,
}

/// Whose a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Somebody said so just now.
    Person,
    /// It was in a file of answers.
    File,
    /// Nobody said anything.
    Default,
}

impl Brief {
    /// The value of a question that was open.
    pub fn get(&self, id: &str) -> Option<&str> {
        self.settled.iter().find(|settled| settled.question.id == id).map(|settled| settled.value.as_str())
    }

    /// Questions that have their defaults.
    pub fn defaults(&self) -> impl Iterator<Item = &Settled> {
        self.settled.iter().filter(|settled| settled.source == Source::Default)
    }

    /// The mission of the plan: the request without its politeness, in one line of at most 100 characters.
    pub fn mission(&self) -> String {
        const MOST: usize = 100;
        let words: Vec<&str> = self.request.split_whitespace().collect();
        let mut text = words.join(" ");
        for start in
            ["i want to ", "i would like to ", "i'd like to ", "we want to ", "we need to ", "please ", "help me "]
        {
            if text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)) {
                text = text.split_off(start.len());
            }
        }
        // The first sentence says what; the rest is in the answers.
        if let Some((first, _)) = text.split_once(". ") {
            text = first.to_owned();
        }
        let text = text.trim_end_matches(['.', '!', ' ']);
        let mut letters = text.chars();
        let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
        let text = format!("{first}{}", letters.as_str());
        if text.chars().count() <= MOST {
            return text;
        }
        let cut: String = text.chars().take(MOST - 1).collect();
        let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
        format!("{whole}…")
    }
}
