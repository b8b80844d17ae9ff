//! Collecting what is wrong with a plan: every reader adds to one list and goes on.
//!
//! Called by `source`, `language` and `lower`. Texts from the plan go into messages only through [`named`], so that no
//! control character of a plan reaches a terminal by way of a message.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Severity, Span};

/// The list of problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Diagnostic>,
    said: BTreeSet<(&'static str, String)>,
}

impl Problems {
    /// Adds an error; what it returns takes a hint and further places.
    pub(crate) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) -> More<'_> {
        self.add(code, Severity::Error, span, message.into())
    }

    /// Adds a warning.
    pub(crate) fn warning(&mut self, code: &'static str, span: Span, message: impl Into<String>) -> More<'_> {
        self.add(code, Severity::Warning, span, message.into())
    }

    /// Adds a note.
    pub(crate) fn note(&mut self, code: &'static str, span: Span, message: impl Into<String>) -> More<'_> {
        self.add(code, Severity::Note, span, message.into())
    }

    /// Whether this pair comes here for the first time; for notes that are worth saying once.
    pub(crate) fn is_first(&mut self, topic: &'static str, detail: &str) -> bool {
        self.said.insert((topic, detail.to_owned()))
    }

    /// Whether one of them keeps the plan from running.
    pub(crate) fn any_error(&self) -> bool {
        self.list.iter().any(|one| one.severity == Severity::Error)
    }

    /// All of them in the order of the text, each once.
    pub(crate) fn sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|a| (a.span.file, a.span.start));
        let mut seen = BTreeSet::new();
        self.list.retain(|one| seen.insert((one.code, one.span, one.message.clone())));
        self.list
    }

    fn add(&mut self, code: &'static str, severity: Severity, span: Span, message: String) -> More<'_> {
        let index = self.list.len();
        self.list.push(Diagnostic { code, severity, message, span, means: None, hint: None, also: Vec::new() });
        More { problem: self.list.get_mut(index) }
    }
}

/// The problem just added.
pub(crate) struct More<'p> {
    problem: Option<&'p mut Diagnostic>,
}

impl More<'_> {
    /// Says what it means for a run.
    pub(crate) fn means(mut self, text: impl Into<String>) -> Self {
        if let Some(problem) = &mut self.problem {
            problem.means = Some(text.into());
        }
        self
    }

    /// Says what to do.
    pub(crate) fn hint(mut self, text: impl Into<String>) -> Self {
        if let Some(problem) = &mut self.problem {
            problem.hint = Some(text.into());
        }
        self
    }

    /// Says what to do, if there is something to say.
    pub(crate) fn maybe_hint(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.hint(text),
            None => self,
        }
    }

    /// Points at another place that belongs to it.
    pub(crate) fn also(mut self, span: Span, words: impl Into<String>) -> Self {
        if let Some(problem) = &mut self.problem {
            problem.also.push((span, words.into()));
        }
        self
    }
}

/// A text from the plan, in backticks, one line, at most 60 characters, control characters spelled out.
pub(crate) fn named(text: &str) -> String {
    let mut shown = String::from("`");
    for (index, character) in text.chars().enumerate() {
        if index == 60 {
            shown.push('…');
            break;
        }
        if character.is_control() || is_bidi(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown.push('`');
    shown
}

/// Several names as people list them: "`a`, `b` or `c`"; at most eight.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>, last_word: &str) -> String {
    let mut names: Vec<String> = names.into_iter().map(named).collect();
    let more = names.len().saturating_sub(8);
    if more > 0 {
        names.truncate(8);
        return format!("{} and {more} more", names.join(", "));
    }
    match names.pop() {
        None => "nothing".to_owned(),
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} {last_word} {last}", names.join(", ")),
    }
}

/// Whether a character steers the direction of text.
pub(crate) fn is_bidi(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_messages_are_harmless_and_short() {
        assert_eq!(named("a\u{1b}[2Jb\n\u{202e}"), "`a\\u{1b}[2Jb\\n\\u{202e}`");
        assert_eq!(named(&"x".repeat(70)).chars().count(), 63);
        assert_eq!(listed(["a", "b", "c"], "or"), "`a`, `b` or `c`");
        assert_eq!(listed([], "or"), "nothing");
    }
}
