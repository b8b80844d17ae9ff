//! The files themselves: made from a log, replaced whole, appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bandleader_core::report::RunReport;
use bandleader_core::view::{Timeline, plan_file, safe_json};
use bandleader_core::{CorruptLog, Plan, Recorded, Run};
use serde_json::Value;

use super::ProjectorError;

/// What a run leaves, by file name, made from its log alone. The report is there only if the run is over.
pub fn rebuild(plan: Arc<Plan>, log: &[Recorded]) -> Result<Vec<(String, String)>, CorruptLog> {
    let mut run = Run::new(Arc::clone(&plan));
    let mut timeline = Timeline::new(plan);
    let mut lines = String::new();
    for recorded in log {
        run.apply(recorded)?;
        push_lines(&mut lines, &timeline.lines(recorded));
    }
    let page = plan_file(&run, timeline.history(), run.last_at());
    let mut files =
        vec![("orchestration-plan.md".to_owned(), page), ("orchestration-timeline.jsonl".to_owned(), lines)];
    if run.is_over() {
        let report = RunReport::of(&run, timeline.history());
        let stem = format!("orchestration-report-{}", report.date());
        files.push((format!("{stem}.md"), report.to_markdown()));
        files.push((format!("{stem}.json"), report_json(&report)));
    }
    Ok(files)
}

pub(super) fn report_json(report: &RunReport) -> String {
    // A report holds texts and whole numbers only, and those always have a JSON form.
    let text = serde_json::to_string_pretty(report).unwrap_or_default();
    let mut text = safe_json(&text).into_owned();
    text.push('\n');
    text
}

pub(super) fn push_lines(text: &mut String, lines: &[Value]) {
    for line in lines {
        text.push_str(&safe_json(&line.to_string()));
        text.push('\n');
    }
}

/// Puts a page where a reader sees the old one or the new.
pub(super) fn replace(path: &Path, page: &str) -> Result<(), ProjectorError> {
    let written = crate::replace::replace(path, &[page.as_bytes()]);
    written.map_err(|source| ProjectorError::Io { file: path.to_owned(), source })
}

/// A file that only grows. Invariant: up to `length` it holds whole lines; one that could not be written as a whole is taken away
/// again.
pub(super) struct Appender {
    path: PathBuf,
    file: Option<File>,
    /// Bytes of whole lines in the file that are as they should be.
    length: u64,
    /// Behind `length` may stand what an earlier engine wrote, and it is not written again as far as it is right.
    known: bool,
    /// To be written.
    pub(super) pending: String,
}

impl Appender {
    /// A file that is to hold what becomes pending from now on. What is there already and is a beginning of it stays; anything else
    /// is written anew.
    pub(super) fn open(path: PathBuf) -> Appender {
        Appender { path, file: None, length: 0, known: true, pending: String::new() }
    }

    /// Writes what is pending. If this fails, it stays pending.
    pub(super) fn write(&mut self) -> Result<(), ProjectorError> {
        let written = if self.pending.is_empty() { Ok(()) } else { self.try_write() };
        written.map_err(|source| ProjectorError::Io { file: self.path.clone(), source })
    }

    fn try_write(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.path)?;
            self.file = Some(file);
        }
        if self.known {
            self.skip_known()?;
        }
        let Some(file) = self.file.as_mut().filter(|_| !self.pending.is_empty()) else { return Ok(()) };
        file.seek(SeekFrom::Start(self.length))?;
        match file.write_all(self.pending.as_bytes()) {
            Ok(()) => {
                self.length += self.pending.len() as u64;
                self.pending.clear();
                Ok(())
            }
            Err(error) => {
                // A torn line would spoil the next one.
                let _ = file.set_len(self.length);
                Err(error)
            }
        }
    }

    /// What an earlier engine wrote is not written again. The first line that is another, or missing, ends that: it and all behind it
    /// is taken away.
    fn skip_known(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.seek(SeekFrom::Start(self.length))?;
        let mut known = Vec::with_capacity(self.pending.len());
        file.take(self.pending.len() as u64).read_to_end(&mut known)?;
        let same = known.iter().zip(self.pending.as_bytes()).take_while(|(one, other)| one == other).count();
        let common = self.pending.as_bytes().get(..same).unwrap_or_default();
        let whole = common.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.length += whole as u64;
        self.pending.drain(..whole);
        if !self.pending.is_empty() {
            file.set_len(self.length)?;
            self.known = false;
        }
        Ok(())
    }

    /// All that was told before now is pending or written: what an earlier engine may have put behind it is not part of the log.
    pub(super) fn end_of_known(&mut self) -> io::Result<()> {
        if let Some(file) = self.file.as_ref().filter(|_| self.known && self.pending.is_empty()) {
            file.set_len(self.length)?;
            self.known = false;
        }
        Ok(())
    }
}
