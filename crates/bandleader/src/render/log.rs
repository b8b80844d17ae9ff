//! What a job printed, line by line, safe to show: bytes become text, control characters become escapes, half lines wait
//! for their other half while the job goes on.
//!
//! Called by `band logs` and for the last words of failed tasks. Invariant: memory does not grow with the log.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use bandleader_core::view::safe_json;
use bandleader_core::{JobId, Millis};
use bandleader_engine::output::{Reader, Stream};
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
    reader: Reader,
    job: JobId,
    label: String,
    naming: Naming,
    /// What came after the last line break, by stream: out, err, note.
    halves: [Vec<u8>; 3],
    seen: usize,
}

/// A line as it was printed.
struct RawLine {
    stream: Stream,
    at: Millis,
    bytes: Vec<u8>,
}

/// Whether more may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum More {
    /// The job may print more: half lines wait.
    MayCome,
    /// This was all: half lines are told.
    WillNotCome,
}

/// A line that is longer is broken here, so that output without line breaks does not fill the memory.
const LONGEST: usize = 16 * 1024;

impl Lines {
    /// Before the first line.
    pub(crate) fn new(run_folder: &Path, job: JobId, label: String, voice: Voice) -> Lines {
        let reader = Reader::new(run_folder, job);
        let reader = voice.stream.map_or(Reader::new(run_folder, job), |stream| reader.only(stream));
        Lines { reader, job, label, naming: voice.naming, halves: Default::default(), seen: 0 }
    }

    /// Whether nothing has come so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// How many lines have come so far.
    pub(crate) fn seen(&self) -> usize {
        self.seen
    }

    /// Tells what came since the last time.
    pub(crate) fn read<E: From<io::Error>>(
        &mut self,
        more: More,
        tell: &mut dyn FnMut(String) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(lines) = self.next_lines(more)? {
            for line in lines {
                self.seen += 1;
                tell(self.say(&line))?;
            }
        }
        Ok(())
    }

    /// The last `most` lines so far. What comes later is for `read`.
    pub(crate) fn end(&mut self, most: usize) -> io::Result<Vec<String>> {
        let mut kept: VecDeque<RawLine> = VecDeque::new();
        while let Some(lines) = self.next_lines(More::WillNotCome)? {
            self.seen += lines.len();
            kept.extend(lines);
            kept.drain(..kept.len().saturating_sub(most));
        }
        Ok(kept.iter().map(|line| self.say(line)).collect())
    }

    /// The lines that end in the next bytes; none when there are no more bytes.
    fn next_lines(&mut self, more: More) -> io::Result<Option<Vec<RawLine>>> {
        let mut lines = Vec::new();
        if let Some(chunk) = self.reader.next_chunk()? {
            self.split(chunk.stream, chunk.at, &chunk.bytes, &mut lines);
            return Ok(Some(lines));
        }
        if more == More::WillNotCome {
            for stream in [Stream::Stdout, Stream::Stderr, Stream::Note] {
                let bytes = std::mem::take(self.half(stream));
                if !bytes.is_empty() {
                    lines.push(RawLine { stream, at: Millis(0), bytes });
                }
            }
        }
        Ok((!lines.is_empty()).then_some(lines))
    }

    fn half(&mut self, stream: Stream) -> &mut Vec<u8> {
        let [out, err, note] = &mut self.halves;
        match stream {
            Stream::Stdout => out,
            Stream::Stderr => err,
            Stream::Note => note,
        }
    }

    fn split(&mut self, stream: Stream, at: Millis, bytes: &[u8], lines: &mut Vec<RawLine>) {
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            self.half(stream).extend_from_slice(piece);
            let whole = pieces.peek().is_some();
            if whole || self.half(stream).len() > LONGEST {
                let mut line = std::mem::take(self.half(stream));
                if !whole {
                    *self.half(stream) = line.split_off(line.len() - begun_letter(&line));
                }
                // The supervisor sets its notes apart by line breaks.
                if !(stream == Stream::Note && line.is_empty()) {
                    lines.push(RawLine { stream, at, bytes: line });
                }
            }
        }
    }

    fn say(&self, line: &RawLine) -> String {
        let bytes = line.bytes.strip_suffix(b"\r").unwrap_or(&line.bytes);
        if self.naming == Naming::Json {
            let stream = match line.stream {
                Stream::Stdout => "stdout",
                Stream::Stderr => "stderr",
                Stream::Note => "note",
            };
            let (job, text) = (self.job.to_string(), String::from_utf8_lossy(bytes));
            let value = json!({ "task": self.label, "job": job, "stream": stream, "at_ms": line.at, "text": text });
            return safe_json(&value.to_string()).into_owned();
        }
        let text = clean_output(bytes);
        let text = match line.stream {
            Stream::Stdout => text,
            Stream::Stderr => format!("{} {text}", paint(ALERT, "!")),
            Stream::Note => paint(QUIET, text),
        };
        match self.naming {
            Naming::Named => format!("{} {text}", paint(QUIET, format_args!("{} │", self.label))),
            Naming::Bare | Naming::Json => text,
        }
    }
}

/// Bytes at the end that are the beginning of a letter.
fn begun_letter(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes.get(bytes.len().saturating_sub(4)..).unwrap_or_default()) {
        Err(error) if error.error_len().is_none() => bytes.len().min(4) - error.valid_up_to(),
        _ => 0,
    }
}
