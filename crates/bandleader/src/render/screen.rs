//! The two streams of the terminal. Data goes to `out`, everything else to `note`; colour is taken out where it cannot
//! be shown or is not wanted (`NO_COLOR`, `--color`, not a terminal).

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use bandleader_core::view::safe_json;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::live::Size;
use crate::error::Failure;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Also into files and pipes.
    Always,
    /// Not at all.
    Never,
}

/// Where verbs write.
pub(crate) struct Screen {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    colour: Colour,
    width: usize,
}

/// Columns where the width is unknown or cannot matter: files, pipes.
const USUAL_WIDTH: usize = 80;
/// Narrower than this nothing can be laid out.
const LEAST_WIDTH: usize = 40;

impl Screen {
    /// Takes the process's streams.
    pub(crate) fn new(colour: Colour) -> Screen {
        let choice = match colour {
            Colour::Auto => anstream::ColorChoice::Auto,
            Colour::Always => anstream::ColorChoice::Always,
            Colour::Never => anstream::ColorChoice::Never,
        };
        let known = terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
        Screen {
            out: AutoStream::new(io::stdout(), choice),
            err: AutoStream::new(io::stderr(), choice),
            colour,
            width: known.unwrap_or(USUAL_WIDTH).max(LEAST_WIDTH),
        }
    }

    /// What `--color` was given.
    pub(crate) fn colour(&self) -> Colour {
        self.colour
    }

    /// The same as it is typed.
    pub(crate) fn colour_word(&self) -> &'static str {
        match self.colour {
            Colour::Auto => "auto",
            Colour::Always => "always",
            Colour::Never => "never",
        }
    }

    /// Whether what is written to `out` keeps its colours.
    pub(crate) fn is_coloured(&self) -> bool {
        self.out.current_choice() != anstream::ColorChoice::Never
    }

    /// Data, as given.
    pub(crate) fn out(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes())?;
        Ok(self.out.flush()?)
    }

    /// Data with terminal controls: only for a screen that `is_live`. Colours go where they are not wanted.
    pub(crate) fn out_raw(&mut self, text: &str) -> Result<(), Failure> {
        let coloured = self.out.current_choice() != anstream::ColorChoice::Never;
        let raw = self.out.as_inner();
        let mut raw = raw.lock();
        let plain = (!coloured).then(|| without_colour(text));
        raw.write_all(plain.as_deref().unwrap_or(text).as_bytes())?;
        Ok(raw.flush()?)
    }

    /// Columns and rows now; people resize windows.
    pub(crate) fn size(&self) -> Size {
        let known = terminal_size::terminal_size().map(|(columns, rows)| (usize::from(columns.0), usize::from(rows.0)));
        let (columns, rows) = known.unwrap_or((self.width, 24));
        Size { columns: columns.max(10), rows: rows.max(4) }
    }

    /// Data: one line, in one write.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.out(&format!("{text}\n"))
    }

    /// Data as bytes, untouched: only where the person asked for it raw.
    pub(crate) fn copy(&mut self, mut from: impl io::Read) -> Result<(), Failure> {
        let mut raw = self.out.as_inner().lock();
        io::copy(&mut from, &mut raw)?;
        Ok(raw.flush()?)
    }

    /// Data, for programs: JSON over several lines for people's eyes, with a line break at the end.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        self.out(&safe_json(&text))
    }

    /// Data, for programs: one JSON value on one line.
    pub(crate) fn json_line(&mut self, value: &serde_json::Value) -> Result<(), Failure> {
        self.line(&safe_json(&value.to_string()))
    }

    /// Anything that is not data: one line on stderr. A closed stderr is nobody's problem.
    pub(crate) fn note(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.write_all(b"\n");
        let _ = self.err.flush();
    }

    /// A question on stderr; the answer is typed behind it.
    pub(crate) fn prompt(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.flush();
    }

    /// Columns to lay out for.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Columns to break text at: nowhere, where it does not go to a terminal.
    pub(crate) fn text_width(&self) -> usize {
        if Screen::is_live() { self.size().columns } else { usize::MAX }
    }

    /// Whether what is read on `out` is a person at a terminal that can move its cursor.
    pub(crate) fn is_live() -> bool {
        io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|kind| kind != "dumb")
    }
}

/// Takes out the sequences that colour text (`ESC [ … m`) and leaves those that move the cursor.
fn without_colour(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        let (before, sequence) = rest.split_at(at);
        plain.push_str(before);
        let end = sequence.get(2..).and_then(|body| body.find(|letter: char| letter.is_ascii_alphabetic()));
        let (sequence, after) = sequence.split_at(end.map_or(sequence.len(), |end| end + 3));
        if !sequence.ends_with('m') {
            plain.push_str(sequence);
        }
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_the_cursor_still_moves() {
        assert_eq!(without_colour("\x1b[3F\x1b[1mbold\x1b[0m text\x1b[K"), "\x1b[3Fbold text\x1b[K");
    }
}
