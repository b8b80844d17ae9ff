//! What `read` has to say about a file, in words: what is odd, what it means, what to do.

use super::decode::{Encoding, mangled};
use super::front::Oddity;
use super::read::{CLAUDE_SKIPS, Reader, moved, span};
use super::suspect::first_hidden;
use crate::diag::{Diagnostic, Span};
use crate::problems::named;

impl Reader {
    pub(super) fn say_encoding(&mut self, encoding: Encoding) {
        let (span, message) = match encoding {
            Encoding::Utf8 => return,
            Encoding::Utf16 => (Span::default(), "this file is UTF-16, not UTF-8"),
            Encoding::Windows1252 { first } => {
                let letter = self.text.get(first..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                (span(first, first + letter), "this file is not UTF-8; it is read as Windows-1252")
            }
        };
        let problem = self.problems.warning("agent::encoding", span, message);
        problem.means("letters beyond ASCII may be wrong in what the agent is told").hint("save the file as UTF-8");
    }

    pub(super) fn say_not_yaml(&mut self, complaint: Option<&Diagnostic>, offset: usize) {
        let place = complaint.map_or(span(offset, offset), |one| moved(one.span, offset));
        let reason = match complaint.map(|one| (one.code, one.message.as_str())) {
            None => "they are no map",
            Some(("plan::unknown-anchor", _)) => "a text cannot start with `*`",
            Some(("plan::tag", _)) => "a text cannot start with `!`",
            Some((_, message)) => message,
        };
        let reason = reason.trim_start_matches("this is not YAML: ");
        let message = format!("these keys are not YAML: {reason}");
        let is_tab = reason.contains("a tab is");
        let problem = if is_tab {
            self.problems.warning("agent::not-yaml", place, message)
        } else {
            self.problems.note("agent::not-yaml", place, message)
        };
        let hint = match complaint.map(|one| (one.code, &one.hint)) {
            Some(("plan::syntax", hint)) => hint.clone(),
            Some(("plan::unknown-anchor" | "plan::tag", _)) => Some("put the text in quotes".to_owned()),
            _ => None,
        };
        problem.means("Claude Code may skip this file; a run reads its keys line by line and uses it").maybe_hint(hint);
    }

    pub(super) fn say_double(&mut self, span: Span, message: String) {
        let problem = self.problems.warning("agent::duplicate-key", span, message);
        problem.means("the first one counts; Claude Code may skip the file").hint("keep one of them");
    }

    pub(super) fn say_oddity(&mut self, oddity: Oddity, span: Span) {
        let (code, message, hint) = match oddity {
            Oddity::LongCloser => {
                ("agent::odd-closer", "the line below the keys has more than three dashes", "write `---`")
            }
            Oddity::Indented => ("agent::indented", "the whole file is indented", "remove the blanks before each line"),
            Oddity::TextBefore => {
                ("agent::text-before", "something stands before the first `---`", "move it below the keys")
            }
            Oddity::Unclosed => (
                "agent::unclosed",
                "the keys that begin here have no closing `---`; they are read up to the first empty line",
                "add a line `---` below the keys",
            ),
        };
        self.problems.warning(code, span, message).means(CLAUDE_SKIPS).hint(hint);
    }

    pub(super) fn say_suspicious(&mut self, text: &str) {
        if let Some((at, letter)) = first_hidden(text) {
            let message = format!("U+{:04X} stands here, which cannot be seen", u32::from(letter));
            let problem = self.problems.warning("agent::hidden", span(at, at + letter.len_utf8()), message);
            problem
                .means("the agent reads it although people do not; it is spelled out wherever band shows it")
                .hint("remove it, unless you know why it is there");
        }
        if let Some((at, run, meant)) = mangled(text) {
            let message =
                format!("{} was probably {} before it was saved in a wrong encoding", named(run), named(&meant));
            let problem = self.problems.note("agent::mangled", span(at, at + run.len()), message);
            problem.means("the agent reads it as it stands").hint("repair the text, and save it as UTF-8");
        }
    }
}
