//! The two streams of the terminal. Data goes to `out`, everything else to `note`; colour is taken out where it cannot
//! be shown or is not wanted (`NO_COLOR`, `--color`, not a terminal).

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use clap::ValueEnum;
use serde::Serialize;

use crate::error::Failure;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
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
            width: known.unwrap_or(USUAL_WIDTH).max(LEAST_WIDTH),
        }
    }

    /// Data, as given.
    pub(crate) fn out(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes())?;
        Ok(self.out.flush()?)
    }

    /// Data: one line.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")?;
        Ok(self.out.flush()?)
    }

    /// Data, for programs: JSON over several lines for people's eyes, with a line break at the end.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        self.out(&text)
    }

    /// Anything that is not data: one line on stderr. A closed stderr is nobody's problem.
    pub(crate) fn note(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.write_all(b"\n");
        let _ = self.err.flush();
    }

    /// Columns to lay out for.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Whether what is read on `out` is a person at a terminal that can move its cursor.
    pub(crate) fn is_live(&self) -> bool {
        io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|kind| kind != "dumb")
    }
}
