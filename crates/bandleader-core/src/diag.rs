//! What is wrong with a plan, in a form that faces can show: code, place, message, hint.
//!
//! Made by `source`, `lower` and their neighbours, which collect all of them; shown by the binary (miette), or as JSON.

use serde::Serialize;

/// One text that diagnostics point into: the plan file, or a plan that it includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// As people know it: the path they gave.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// A stretch of bytes in one `SourceFile`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// Index into the list of sources.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The plan cannot run.
    Error,
    /// It can, but probably not as meant.
    Warning,
    /// Worth knowing: a key was normalised.
    Note,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable, for searching and for tests: `plan::unknown-need`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Lower-case fragment, names in backticks, no full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What it means for a run, where the message does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub means: Option<String>,
    /// What to do, where that can be said.
    pub hint: Option<String>,
    /// Other places that belong to it, with a few words each (the first of two duplicates; a cycle's steps).
    pub also: Vec<(Span, String)>,
}

impl SourceFile {
    /// Line and column of a byte, both from 1; columns count characters.
    pub fn position(&self, byte: u32) -> (usize, usize) {
        let mut byte = (byte as usize).min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let before = self.text.get(..byte).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before.get(line_start..).unwrap_or_default().chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_from_one_in_characters() {
        let file = SourceFile { name: "plan".into(), text: "a\nbü: c\n".into() };
        assert_eq!(file.position(0), (1, 1));
        assert_eq!(file.position(2), (2, 1));
        assert_eq!(file.position(5), (2, 3));
        assert_eq!(file.position(99), (3, 1));
    }
}
