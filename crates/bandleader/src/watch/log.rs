//! The file with what a job prints, read from any place in it: its end as it grows, and back to its beginning.
//!
//! Memory does not grow with the log: of every 64th line it is remembered where it begins, and lines are read when they are shown.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use bandleader_core::{AttemptId, JobId, Run, Step, TaskId, TaskState, Verdict};
use bandleader_engine::output::{Stream, log_path, pieces};

use super::state::{End, LogLine, LogView};
use crate::render::text::clean_output;

/// Lines between two places that are remembered.
const STEP: usize = 64;
/// A line that is longer counts as several: a file without line breaks is shown like any other.
const LONGEST: usize = 4 * 1024;
/// Bytes looked through at once; what is left is for the next time, so that keys are never waited for.
const PIECE: usize = 8 << 20;

/// One job's file.
#[derive(Debug)]
pub(crate) struct LogFile {
    job: JobId,
    file: Option<File>,
    /// Bytes looked through.
    scanned: u64,
    /// Lines that begin before `scanned`.
    lines: usize,
    /// Bytes of the line that `scanned` stands in.
    open: usize,
    /// Where lines 0, 64, 128 … begin.
    places: Vec<u64>,
}

/// Whether there is more to look through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grown {
    /// New lines, or longer ones.
    Yes,
    /// Nothing new.
    No,
}

impl LogFile {
    /// Nothing is read yet; the file need not be there.
    pub(crate) fn new(job: JobId) -> LogFile {
        LogFile { job, file: None, scanned: 0, lines: 0, open: 0, places: Vec::new() }
    }

    /// Whose it is.
    pub(crate) fn job(&self) -> JobId {
        self.job
    }

    /// Looks through what was written since the last time.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn grow(&mut self, run_folder: &Path) -> io::Result<Grown> {
        if self.file.is_none() {
            self.file = match File::open(log_path(run_folder, self.job)) {
                Ok(file) => Some(file),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Grown::No),
                Err(error) => return Err(error),
            };
        }
        let Some(file) = &self.file else { return Ok(Grown::No) };
        let length = file.metadata()?.len();
        let fresh = usize::try_from(length.saturating_sub(self.scanned)).unwrap_or(PIECE).min(PIECE);
        if fresh == 0 {
            return Ok(Grown::No);
        }
        let mut bytes = vec![0; fresh];
        let read = file.read_at(&mut bytes, self.scanned)?;
        bytes.truncate(read);
        for byte in bytes {
            if self.open == 0 {
                if self.lines.is_multiple_of(STEP) {
                    self.places.push(self.scanned);
                }
                self.lines += 1;
            }
            self.scanned += 1;
            self.open = if byte == b'\n' || self.open + 1 == LONGEST { 0 } else { self.open + 1 };
        }
        Ok(if read > 0 { Grown::Yes } else { Grown::No })
    }

    /// Puts what is to be seen of it, `height` lines, into `view`.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn show(&self, run_folder: &Path, view: &mut LogView, height: usize) -> io::Result<()> {
        (view.job, view.total) = (Some(self.job), self.lines);
        let last = self.lines.saturating_sub(height);
        view.top = if view.end == End::Followed { last } else { view.top.min(last) };
        view.lines = self.read(run_folder, view.top, height)?;
        Ok(())
    }

    /// Lines from `first` on, safe to show.
    fn read(&self, run_folder: &Path, first: usize, most: usize) -> io::Result<Vec<LogLine>> {
        let mut lines = Vec::new();
        // Where each of them begins.
        let mut places = Vec::new();
        let (Some(file), Some(place)) = (&self.file, self.places.get(first / STEP)) else { return Ok(lines) };
        let wanted = (first % STEP + most).saturating_mul(LONGEST);
        let there = usize::try_from(self.scanned.saturating_sub(*place)).unwrap_or(wanted);
        let mut bytes = vec![0; wanted.min(there).min(PIECE)];
        let read = file.read_at(&mut bytes, *place)?;
        bytes.truncate(read);
        let mut rest = bytes.as_slice();
        let mut skip = first % STEP;
        while !rest.is_empty() && lines.len() < most {
            let end =
                rest.iter().take(LONGEST).position(|byte| *byte == b'\n').map_or(LONGEST.min(rest.len()), |at| at + 1);
            let (line, after) = rest.split_at(end);
            let at = place + (read - rest.len()) as u64;
            rest = after;
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let text = clean_output(line.strip_suffix(b"\r").unwrap_or(line));
            lines.push(LogLine { text, stream: Stream::Stdout });
            places.push(at);
        }
        if let (Some(from), Some(to)) = (places.first(), places.last()) {
            let pieces = pieces(run_folder, self.job, *from, to + 1)?;
            for (line, at) in lines.iter_mut().zip(&places) {
                let place = pieces.partition_point(|piece| piece.to <= *at);
                line.stream = pieces.get(place).map_or(Stream::Stdout, |piece| piece.stream);
            }
        }
        Ok(lines)
    }
}

/// The processes of a task that print, the latest first.
pub(crate) fn parts(run: &Run, task: TaskId) -> Vec<JobId> {
    let now = run.task(task);
    let gates = match now.state {
        TaskState::Reviewing { gate, .. } => (gate as usize + 1).min(run.plan().task(task).gates.len()),
        _ => now.past().gates.len(),
    };
    let job = |number, step| JobId { attempt: AttemptId { task, number }, step };
    let gates = (0..u32::try_from(gates).unwrap_or(0)).rev().map(|gate| job(now.attempts, Step::Gate(gate)));
    let works = (1..=now.attempts).rev().map(|number| job(number, Step::Work));
    gates.chain(works).collect()
}

/// The one that tells most: the gate that is at work or has refused, else the work itself.
pub(crate) fn most_telling(run: &Run, task: TaskId) -> Option<JobId> {
    let now = run.task(task);
    let refused = now.past().gates.iter().rposition(|gate| gate.verdict == Verdict::Refused);
    let gate = match now.state {
        TaskState::Reviewing { gate, .. } => Some(gate),
        _ => refused.and_then(|gate| u32::try_from(gate).ok()),
    };
    let parts = parts(run, task);
    let of_gate = gate.and_then(|gate| parts.iter().find(|job| job.step == Step::Gate(gate)));
    of_gate.or_else(|| parts.iter().find(|job| job.step == Step::Work)).copied()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn job() -> JobId {
        JobId { attempt: AttemptId { task: TaskId(0), number: 1 }, step: Step::Work }
    }

    #[test]
    fn a_log_is_followed_at_its_end_and_read_back_to_its_beginning() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("jobs")).unwrap();
        let mut log = LogFile::new(job());
        assert_eq!(log.grow(folder.path()).unwrap(), Grown::No);
        let mut file = File::create(log_path(folder.path(), job())).unwrap();
        for number in 0..1_000 {
            writeln!(file, "line {number}").unwrap();
        }
        write!(file, "half").unwrap();
        assert_eq!(log.grow(folder.path()).unwrap(), Grown::Yes);
        let mut view = LogView::default();
        log.show(folder.path(), &mut view, 3).unwrap();
        assert_eq!((view.total, view.top), (1_001, 998));
        let texts = |view: &LogView| view.lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&view), ["line 998", "line 999", "half"]);
        writeln!(file, " and whole\u{1b}[2J").unwrap();
        log.grow(folder.path()).unwrap();
        log.show(folder.path(), &mut view, 1).unwrap();
        assert_eq!(texts(&view), ["half and whole\\e[2J"]);
        (view.end, view.top) = (End::Held, 0);
        log.show(folder.path(), &mut view, 2).unwrap();
        assert_eq!(texts(&view), ["line 0", "line 1"]);
        view.top = 700;
        log.show(folder.path(), &mut view, 2).unwrap();
        assert_eq!(texts(&view), ["line 700", "line 701"]);
    }

    #[test]
    fn a_flood_without_line_breaks_is_cut_into_lines() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("jobs")).unwrap();
        std::fs::write(log_path(folder.path(), job()), vec![b'x'; LONGEST * 200 + 1]).unwrap();
        let mut log = LogFile::new(job());
        log.grow(folder.path()).unwrap();
        let mut view = LogView::default();
        log.show(folder.path(), &mut view, 2).unwrap();
        assert_eq!((view.total, view.lines.last().map(|line| line.text.as_str())), (201, Some("x")));
    }
}
