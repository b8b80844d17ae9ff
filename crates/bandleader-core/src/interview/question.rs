//! What a question is: its words, the form of its answer, its default, and which answers open it.

use crate::amounts::parse_money;
use crate::language::did_you_mean;
use crate::problems::named;

use super::kind::Kind;
use super::questions;

/// An answer has at most this many characters: it goes into what every agent is told.
const LONGEST: usize = 2_000;

/// One question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// What files of answers call it: `audience`.
    pub id: &'static str,
    /// Where it belongs.
    pub part: Part,
    /// The question.
    pub ask: &'static str,
    /// What an answer may look like, or what it is needed for; may be empty.
    pub hint: &'static str,
    /// What an answer must be like.
    pub form: Form,
    pub(crate) fallback: Fallback,
    pub(crate) kinds: &'static [Kind],
    pub(crate) opens: Opens,
}

/// Which part of an interview a question belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What it is about.
    Understanding,
    /// With what it is made.
    Technical,
    /// How good it must be.
    Quality,
    /// What it may take.
    Frame,
}

impl Part {
    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Part::Understanding => "What it is about",
            Part::Technical => "What it is made of",
            Part::Quality => "How good it must be",
            Part::Frame => "Time and money",
        }
    }
}

/// What an answer must be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any words.
    Text,
    /// One of these words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
    /// An amount in US dollars, or `none`.
    Money,
}

/// What counts when nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// This.
    Text(&'static str),
    /// One of these, by the level.
    Level([&'static str; 5]),
    /// The request itself.
    Request,
}

/// When a question is asked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opens {
    /// Always.
    Always,
    /// When the answer to that question is something other than these words.
    Unlike(&'static str, &'static [&'static str]),
    /// When the answer to that question has one of these words.
    Says(&'static str, &'static [&'static str]),
    /// When a number in the answer to that question is at least so large.
    AtLeast(&'static str, u64),
    /// When the request, or the answer to that question, has one of these words.
    Speaks(&'static str, &'static [&'static str]),
    /// From this level on.
    Level(u8),
}

/// An answer that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WrongAnswer {
    /// The id of the question, as given.
    pub question: String,
    /// What is wrong, names and texts made safe to show.
    pub message: String,
}

impl WrongAnswer {
    /// To no question that there is.
    pub(super) fn unknown(id: &str) -> WrongAnswer {
        let all = questions::ALL.iter().copied().flatten().map(|question| question.id);
        let hint = did_you_mean(id, all).map(|near| format!("; did you mean {}?", named(near))).unwrap_or_default();
        WrongAnswer { question: id.to_owned(), message: format!("no question is called {}{hint}", named(id)) }
    }
}

/// The question with this id.
pub(super) fn find(id: &str) -> Option<&'static Question> {
    questions::ALL.iter().copied().flatten().find(|question| question.id == id)
}

impl Question {
    /// The answer as it is kept.
    ///
    /// # Errors
    /// When it is not of the form.
    pub fn check(&self, text: &str) -> Result<String, WrongAnswer> {
        let text = text.trim();
        let wrong = |message: String| WrongAnswer { question: self.id.to_owned(), message };
        if text.chars().count() > LONGEST {
            return Err(wrong(format!("the answer to {} is longer than {LONGEST} characters", named(self.id))));
        }
        match self.form {
            Form::Text => Ok(one_paragraph(text)),
            Form::Money if is_none(text) => Ok("none".into()),
            Form::Money => match parse_money(text) {
                Some(dollars) if dollars > 0.0 => Ok(format!("{dollars} USD")),
                _ => Err(wrong(format!("{} is no amount of money; write `20 USD`, or `none`", named(text)))),
            },
            Form::Choice(words) => {
                let by_number = text.parse::<usize>().ok().and_then(|number| words.get(number.checked_sub(1)?));
                let fits = |word: &&(&str, &str)| word.0.eq_ignore_ascii_case(text);
                let begins = || {
                    let mut fitting = words.iter().filter(|word| !text.is_empty() && starts(word.0, text));
                    fitting.next().filter(|_| fitting.next().is_none())
                };
                // Numbers may be words themselves: levels are.
                let found = words.iter().find(fits).or_else(begins).or(by_number);
                found.map(|word| word.0.to_owned()).ok_or_else(|| {
                    let all: Vec<&str> = words.iter().map(|word| word.0).collect();
                    wrong(format!("{} is not among {}", named(text), all.join(", ")))
                })
            }
        }
    }

    pub(super) fn default(&self, request: &str, level: u8) -> String {
        match self.fallback {
            Fallback::Text(text) => text.to_owned(),
            Fallback::Level(texts) => {
                let at = usize::from(level.clamp(1, 5)) - 1;
                texts.get(at).copied().unwrap_or_default().to_owned()
            }
            Fallback::Request => one_paragraph(request),
        }
    }
}

impl Opens {
    /// Whether it is asked, by what is known of other questions.
    pub(super) fn holds(self, level: u8, request: &str, known: impl Fn(&'static str) -> String) -> bool {
        match self {
            Opens::Always => true,
            Opens::Level(least) => level >= least,
            Opens::Unlike(id, words) => {
                let text = known(id).to_ascii_lowercase();
                !text.is_empty() && !words.iter().any(|word| text == *word)
            }
            Opens::Says(id, words) => claims(&known(id), words),
            Opens::AtLeast(id, least) => numbers(&known(id)).into_iter().any(|number| number >= least),
            Opens::Speaks(id, words) => says(request, words) || says(&known(id), words),
        }
    }

    /// The question whose answer it hangs on.
    #[cfg(test)]
    pub(super) fn opener(self) -> Option<&'static str> {
        match self {
            Opens::Always | Opens::Level(_) => None,
            Opens::Unlike(id, _) | Opens::Says(id, _) | Opens::AtLeast(id, _) | Opens::Speaks(id, _) => Some(id),
        }
    }
}

/// The words of a text in lower case, without signs around them.
pub(super) fn words_of(text: &str) -> Vec<String> {
    let splits = |letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '’';
    text.to_lowercase().split(splits).filter(|word| !word.is_empty()).map(|word| word.replace('’', "'")).collect()
}

/// Whether a text has one of these phrases, word by word.
pub(super) fn says(text: &str, phrases: &[&str]) -> bool {
    let words = words_of(text);
    phrases.iter().any(|phrase| {
        let phrase = words_of(phrase);
        !phrase.is_empty() && words.windows(phrase.len()).any(|window| window == phrase)
    })
}

/// The same, where the phrase is not taken back at once: "SOC 2 not required yet" and "no HIPAA" do not ask for either.
fn claims(text: &str, phrases: &[&str]) -> bool {
    const BEFORE: [&str; 4] = ["no", "not", "without", "except"];
    const AFTER: [&str; 5] = ["not", "isn't", "later", "no", "optional"];
    let words = words_of(text);
    phrases.iter().any(|phrase| {
        let phrase = words_of(phrase);
        let places = words.windows(phrase.len().max(1)).enumerate().filter(|(_, window)| *window == phrase);
        places.map(|(at, _)| at).any(|at| {
            let before = at.checked_sub(1).and_then(|before| words.get(before));
            let after = words.get(at + phrase.len());
            !before.is_some_and(|word| BEFORE.contains(&word.as_str()))
                && !after.is_some_and(|word| AFTER.contains(&word.as_str()))
        })
    })
}

/// Whole numbers in a text; `10k` and `10,000` are ten thousand.
fn numbers(text: &str) -> Vec<u64> {
    let text = text.to_lowercase().replace(',', "");
    let mut found = Vec::new();
    let mut digits = String::new();
    let mut letters = text.chars().chain([' ']).peekable();
    while let Some(letter) = letters.next() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        // `500ms` are no millions.
        let ends = letters.peek().is_none_or(|next| !next.is_alphanumeric());
        if let Ok(number) = digits.parse::<u64>() {
            let factor = match letter {
                'k' if ends => 1_000,
                'm' if ends => 1_000_000,
                _ => 1,
            };
            found.push(number.saturating_mul(factor));
        }
        digits.clear();
    }
    found
}

fn is_none(text: &str) -> bool {
    ["none", "no", "no limit", "unlimited"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn starts(word: &str, text: &str) -> bool {
    word.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text))
}

/// Without line breaks and other controls: an answer is one paragraph wherever it goes.
fn one_paragraph(text: &str) -> String {
    let spaced: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(numbers("up to 10,000 users, 5k at once, 2m rows in 300ms"), [10_000, 5_000, 2_000_000, 300]);
        assert!(numbers("a few").is_empty());
    }

    #[test]
    fn a_phrase_is_found_by_whole_words() {
        assert!(says("GDPR, and SOC-2 later", &["soc 2"]) && says("Uses A.I. for it", &["a i"]));
        assert!(!says("maintain", &["ai"]));
        assert!(claims("GDPR compliance, SOC 2 not required yet", &["gdpr"]));
        assert!(!claims("GDPR compliance, SOC 2 not required yet", &["soc 2"]) && !claims("no HIPAA", &["hipaa"]));
    }
}
