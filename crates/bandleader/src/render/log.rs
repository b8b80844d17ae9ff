//! What a job printed, line by line, safe to show: bytes become text, control characters become escapes, half lines wait
//! for their other half while the job goes on.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use bandleader_core::{JobId, Millis};
use bandleader_engine::output::{Reader, Stream};
use serde_json::json;

use super::style::{ALERT, QUIET, paint};
use super::text::clean;

/// How a line is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// Just the line.
    Bare,
    /// With its task's name in front.
    Named,
    /// As a JSON object.
    Json,
}

/// The lines of one job, read as they come.
pub(crate) struct Lines {
    reader: Reader,
    job: JobId,
    label: String,
    voice: Voice,
    /// What came after the last line break, by stream: out, err, note.
    halves: [Vec<u8>; 3],
    seen: usize,
}

/// A line that is longer is broken here, so that output without line breaks does not fill the memory.
const LONGEST: usize = 16 * 1024;

impl Lines {
    /// Before the first line.
    pub(crate) fn new(run_folder: &Path, job: JobId, label: String, voice: Voice) -> Lines {
        let reader = Reader::new(run_folder, job);
        Lines { reader, job, label, voice, halves: Default::default(), seen: 0 }
    }

    /// Whether nothing has come so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// What came since the last time, at most the last `most` lines; half lines too if this is the `last` time.
    pub(crate) fn read(&mut self, most: Option<usize>, last: bool) -> io::Result<Vec<String>> {
        let mut lines: VecDeque<String> = VecDeque::new();
        let mut at = Millis(0);
        while let Some(chunk) = self.reader.next_chunk()? {
            at = chunk.at;
            self.split(chunk.stream, chunk.at, &chunk.bytes, &mut |line| keep(&mut lines, line, most));
        }
        if last {
            for stream in [Stream::Stdout, Stream::Stderr, Stream::Note] {
                let half = std::mem::take(self.half(stream));
                if !half.is_empty() {
                    let line = self.say(stream, at, &half);
                    keep(&mut lines, line, most);
                }
            }
        }
        Ok(lines.into())
    }

    fn half(&mut self, stream: Stream) -> &mut Vec<u8> {
        let [out, err, note] = &mut self.halves;
        match stream {
            Stream::Stdout => out,
            Stream::Stderr => err,
            Stream::Note => note,
        }
    }

    fn split(&mut self, stream: Stream, at: Millis, bytes: &[u8], tell: &mut dyn FnMut(String)) {
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            self.half(stream).extend_from_slice(piece);
            if pieces.peek().is_some() || self.half(stream).len() > LONGEST {
                let line = std::mem::take(self.half(stream));
                tell(self.say(stream, at, &line));
            }
        }
    }

    fn say(&mut self, stream: Stream, at: Millis, line: &[u8]) -> String {
        self.seen += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = String::from_utf8_lossy(line);
        if self.voice == Voice::Json {
            let stream = match stream {
                Stream::Stdout => "stdout",
                Stream::Stderr => "stderr",
                Stream::Note => "note",
            };
            let job = self.job.to_string();
            return json!({ "task": self.label, "job": job, "stream": stream, "at_ms": at, "text": text }).to_string();
        }
        // Tabs are the one control character that logs are full of and that does no harm.
        let text = text.split('\t').map(clean).collect::<Vec<_>>().join("\t");
        let text = match stream {
            Stream::Stdout => text,
            Stream::Stderr => format!("{} {text}", paint(ALERT, "!")),
            Stream::Note => paint(QUIET, format_args!("[{text}]")),
        };
        if self.voice == Voice::Named {
            format!("{} {text}", paint(QUIET, format_args!("{}:", self.label)))
        } else {
            text
        }
    }
}

fn keep(lines: &mut VecDeque<String>, line: String, most: Option<usize>) {
    lines.push_back(line);
    if most.is_some_and(|most| lines.len() > most) {
        lines.pop_front();
    }
}
