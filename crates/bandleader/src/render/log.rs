//! What a job printed, line by line, safe to show: bytes become text, control characters become escapes.
//!
//! Called by `band logs` and for the last words of failed tasks. Invariant: memory does not grow with the log.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use bandleader_core::view::safe_json;
use bandleader_core::{JobId, Timestamp};
pub(crate) use bandleader_engine::output::More;
use bandleader_engine::output::{self, Line, Stream};
use serde_json::json;

use super::style::{ALERT, QUIET, paint};
use super::text::clean_output;

/// How a line is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Just the line.
    Bare,
    /// With its task's name in front.
    Named,
    /// As a JSON object.
    Json,
}

/// How lines are told, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Voice {
    /// How.
    pub naming: Naming,
    /// Only those of this stream.
    pub stream: Option<Stream>,
}

/// The lines of one job, read as they come.
pub(crate) struct Lines {
    lines: output::Lines,
    job: JobId,
    label: String,
    naming: Naming,
    seen: usize,
}

impl Lines {
    /// Before the first line.
    pub(crate) fn new(run_folder: &Path, job: JobId, label: String, voice: Voice) -> Lines {
        let lines = output::Lines::new(run_folder, job);
        let lines = match voice.stream {
            Some(stream) => lines.only(stream),
            None => lines,
        };
        Lines { lines, job, label, naming: voice.naming, seen: 0 }
    }

    /// Whether nothing has come so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// Tells what came since the last time.
    pub(crate) fn read<E: From<io::Error>>(
        &mut self,
        more: More,
        tell: &mut dyn FnMut(String) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(line) = self.lines.next(more)? {
            self.seen += 1;
            tell(self.say(&line))?;
        }
        Ok(())
    }

    /// The last `most` lines so far. What comes later is for `read`.
    pub(crate) fn end(&mut self, most: usize) -> io::Result<Vec<String>> {
        let mut kept: VecDeque<Line> = VecDeque::new();
        while let Some(line) = self.lines.next(More::WillNotCome)? {
            self.seen += 1;
            kept.push_back(line);
            kept.drain(..kept.len().saturating_sub(most));
        }
        Ok(kept.iter().map(|line| self.say(line)).collect())
    }

    fn say(&self, line: &Line) -> String {
        if self.naming == Naming::Json {
            let text = text(&line.bytes);
            let (job, stream) = (self.job.to_string(), line.stream.name());
            let value = json!({ "task": self.label, "job": job, "stream": stream, "at_ms": line.at, "text": text });
            return safe_json(&value.to_string()).into_owned();
        }
        let text = shown(line.stream, &line.bytes);
        if self.naming == Naming::Named { named(&self.label, &text) } else { text }
    }
}

/// A line that came from one of many, as a JSON object.
pub(crate) fn as_json(label: &str, job: JobId, at: Timestamp, stream: Stream, bytes: &[u8]) -> String {
    let (job, stream) = (job.to_string(), stream.name());
    let value = json!({ "task": label, "job": job, "stream": stream, "at": at, "text": text(bytes) });
    safe_json(&value.to_string()).into_owned()
}

/// The line with its task's name in front.
pub(crate) fn named(label: &str, text: &str) -> String {
    format!("{} {text}", paint(QUIET, format_args!("{label} │")))
}

/// The line for a screen, with what sets it apart from standard output.
pub(crate) fn shown(stream: Stream, bytes: &[u8]) -> String {
    let text = clean_output(without_return(bytes));
    match stream {
        Stream::Stdout => text,
        Stream::Stderr => format!("{} {text}", paint(ALERT, "!")),
        Stream::Note => paint(QUIET, text),
    }
}

/// The line for programs.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(without_return(bytes)).into_owned()
}

fn without_return(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}
