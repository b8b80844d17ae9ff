//! What is wrong with a text that is not YAML, in words of somebody who wanted to write a plan.
//!
//! Called by `source` when the parser gives up. Judged by what stands at the place, because one slip (a tab, a missing quote)
//! makes the parser stop with many different complaints.

use crate::diag::Span;
use crate::problems::Problems;

const CODE: &str = "plan::syntax";
const QUOTE_TEMPLATE: &str = "put the whole text in quotes: \"{{ … }}\"";

/// Where the parser gave up.
pub(crate) struct Place<'t> {
    /// Which source.
    pub(crate) file: u32,
    /// The whole text.
    pub(crate) text: &'t str,
    /// The byte at which it gave up.
    pub(crate) at: usize,
    /// Where the last thing that it understood ended.
    pub(crate) last_end: usize,
    /// Where the innermost `[` or `{` that is still open stands.
    pub(crate) opened: Option<usize>,
}

/// Reports the syntax error; `complaint` is the parser's own, used when nothing better can be said.
pub(crate) fn report(problems: &mut Problems, place: &Place<'_>, complaint: &str) {
    let here = place.span(place.at, 1);
    if let Some(template) = place.unquoted_template() {
        let message = "a text that starts with `{{` needs quotes";
        problems.error("plan::unquoted-template", template, message).hint(QUOTE_TEMPLATE);
    } else if let Some(tab) = place.tab() {
        let hint = "indent with spaces; most editors can convert tabs";
        problems.error(CODE, tab, "a tab is used for indentation").hint(hint);
    } else if let Some(quote) = place.open_quote() {
        let hint = "close the quote; inside double quotes write \\\" for a quote";
        problems.error(CODE, quote, "this quote is not closed").hint(hint);
    } else if let Some(opened) = place.opened.filter(|_| place.is_at_end()) {
        let bracket = place.text.get(opened..).and_then(|rest| rest.chars().next()).unwrap_or('[');
        problems.error(CODE, place.span(opened, 1), format!("this `{bracket}` is not closed"));
    } else if let Some(opened) = place.opened {
        let bracket =
            if place.text.get(opened..).is_some_and(|rest| rest.starts_with('[')) { ("[", "]") } else { ("{", "}") };
        let message = format!("inside `{}`: expected `,` or `{}` before this", bracket.0, bracket.1);
        let opened = place.span(opened, 1);
        problems.error(CODE, here, message).also(opened, format!("`{}` opened here", bracket.0));
    } else {
        let (message, hint) = place.plain_slip().unwrap_or_else(|| (own_words(complaint), None));
        problems.error(CODE, here, message).maybe_hint(hint);
    }
}

/// Reports a key that is not a text: mostly a template without quotes.
pub(crate) fn bad_key(problems: &mut Problems, file: u32, text: &str, map_start: usize, key: Span) {
    if text.get(map_start..).is_some_and(|rest| rest.starts_with("{{")) {
        let length = text.get(map_start..).and_then(|rest| rest.find("}}")).map_or(2, |end| end + 2);
        let place = Place { file, text, at: 0, last_end: 0, opened: None };
        let message = "a text that starts with `{{` needs quotes";
        problems.error("plan::unquoted-template", place.span(map_start, length), message).hint(QUOTE_TEMPLATE);
    } else {
        problems.error("plan::bad-key", key, "a key must be a text");
    }
}

impl Place<'_> {
    fn span(&self, start: usize, length: usize) -> Span {
        let start = start.min(self.text.len());
        let length =
            self.text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, |c| c.len_utf8().max(length));
        let number = |at: usize| u32::try_from(at.min(self.text.len())).unwrap_or(u32::MAX);
        Span { file: self.file, start: number(start), end: number(start + length) }
    }

    fn is_at_end(&self) -> bool {
        self.text.get(self.at..).unwrap_or_default().trim().len() <= 1 && self.at + 1 >= self.text.trim_end().len()
    }

    /// The line around the place: where it starts, and its text.
    fn line(&self) -> (usize, &str) {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (start, self.text.get(start..).unwrap_or_default().lines().next().unwrap_or_default())
    }

    fn unquoted_template(&self) -> Option<Span> {
        let (start, line) = self.line();
        let at = line.find(": {{").or_else(|| line.find("- {{"))? + 2;
        let length = line.get(at..)?.find("}}").map_or(2, |end| end + 2);
        Some(self.span(start + at, length))
    }

    fn tab(&self) -> Option<Span> {
        let (start, line) = self.line();
        let indentation = line.len() - line.trim_start().len();
        let at = line.find('\t').filter(|at| *at < indentation)?;
        Some(self.span(start + at, 1))
    }

    /// A quote that opened after the last thing understood.
    fn open_quote(&self) -> Option<Span> {
        let rest = self.text.get(self.last_end..)?;
        let skipped = rest.len() - rest.trim_start_matches([' ', '\n', '\r', ':', '-', ',']).len();
        let rest = rest.get(skipped..)?;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let first_line = rest.get(1..)?.lines().next().unwrap_or_default();
        (!first_line.contains(quote)).then(|| self.span(self.last_end + skipped, 1))
    }

    fn plain_slip(&self) -> Option<(String, Option<String>)> {
        let (start, line) = self.line();
        let here = self.text.get(self.at..)?.chars().next();
        let before = line.get(..self.at.saturating_sub(start)).unwrap_or_default();
        match here {
            Some(':') if before.contains(": ") => {
                let hint = "put the text in quotes if it contains a colon followed by a space";
                Some(("a second `:` in one line".into(), Some(hint.into())))
            }
            Some(character @ ('@' | '`' | '%' | '*' | '&' | '!' | '|' | '>')) => {
                Some((format!("a text cannot start with `{character}`"), Some("put the text in quotes".into())))
            }
            _ if before.trim().is_empty() && !line.trim().is_empty() => {
                let hint = "keys of one map, and the dashes of one list, start in the same column";
                Some(("this line does not fit the indentation of the lines above it".into(), Some(hint.into())))
            }
            _ => None,
        }
    }
}

/// The parser's complaint without its inner workings.
fn own_words(complaint: &str) -> String {
    let complaint = complaint.rsplit(", ").next().unwrap_or(complaint);
    let complaint = complaint.trim_start_matches("did not find ");
    format!("this is not YAML: {complaint}").replace("unexpected eof", "the file ends too early")
}
