//! One track that is being read: the lines of its processes, one process after the other, each with the time of day.

use std::io;
use std::path::Path;

use bandleader_core::{JobId, Timestamp};

use super::cursor::Open;
use super::tracks::{Scene, Track, jobs_of};
use crate::output::{Lines, More, Places, Stream};

/// A line of the log of all tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedLine {
    /// The process that printed it.
    pub job: JobId,
    /// When its end came. Never before the line that came before it from the same attempt.
    pub at: Timestamp,
    /// On which stream.
    pub stream: Stream,
    /// Without its end. May be invalid UTF-8 and may hold terminal sequences.
    pub bytes: Vec<u8>,
}

/// What a track has next.
pub(super) enum Next {
    Line,
    /// Nothing now, but something may come.
    Waits,
    /// It is told to its end.
    Over,
}

/// It.
pub(super) struct Reading {
    track: Track,
    job: JobId,
    lines: Lines,
    /// What comes next, and the places before it.
    peeked: Option<(MergedLine, Places)>,
    last: Timestamp,
    until: Option<(JobId, Places)>,
}

impl Reading {
    /// From where it was, or from its beginning; up to another place, if there is one.
    pub(super) fn new(folder: &Path, scene: &Scene, track: Track, from: Option<&Open>, until: Option<&Open>) -> Self {
        let first = jobs_of(&scene.plan, &track).first().copied();
        let job = from.map(|open| JobId { attempt: track.attempt, step: open.step }).or(first);
        let job = job.unwrap_or(JobId { attempt: track.attempt, step: bandleader_core::Step::Work });
        let until = until.map(|open| (JobId { attempt: track.attempt, step: open.step }, open.places));
        let mut reading =
            Reading { track, job, lines: Lines::new(folder, job), peeked: None, last: track.began, until };
        reading.open(folder, job, from.map_or([0; 3], |open| open.places));
        reading
    }

    fn open(&mut self, folder: &Path, job: JobId, places: Places) {
        let lines = Lines::new(folder, job).going_on(places);
        self.lines = match self.until {
            Some((last, until)) if last == job => lines.until(until),
            _ => lines,
        };
        self.job = job;
    }

    /// Where it is, for a cursor.
    pub(super) fn place(&self, track: usize) -> Open {
        let places = self.peeked.as_ref().map_or_else(|| self.lines.places(), |(_, places)| *places);
        Open { track, step: self.job.step, places }
    }

    /// The time of the next line, once `look` has found one.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.peeked.as_ref().map(|(line, _)| line.at)
    }

    /// The next line.
    pub(super) fn take(&mut self) -> Option<MergedLine> {
        self.peeked.take().map(|(line, _)| line)
    }

    /// Closes its files until they are needed again.
    pub(super) fn rest(&mut self) {
        self.lines.rest();
    }

    /// Looks for the next line.
    pub(super) fn look(&mut self, folder: &Path, scene: &Scene) -> io::Result<Next> {
        while self.peeked.is_none() {
            let more = if scene.has(self.job) { More::MayCome } else { More::WillNotCome };
            let places = self.lines.places();
            if let Some(line) = self.lines.next(more)? {
                let at = self.lines.began().unwrap_or(self.track.began).plus(line.at).max(self.last);
                self.last = at;
                // What was read before the line began is told with it.
                let line = MergedLine { job: self.job, at, stream: line.stream, bytes: line.bytes };
                self.peeked = Some((line, places));
                break;
            }
            if more == More::MayCome {
                return Ok(Next::Waits);
            }
            if self.until.is_some_and(|(last, _)| last == self.job) {
                return Ok(Next::Over);
            }
            match self.following(folder, scene) {
                Some(job) => self.open(folder, job, [0; 3]),
                None if scene.goes_on(&self.track) && self.until.is_none() => return Ok(Next::Waits),
                None => return Ok(Next::Over),
            }
        }
        Ok(Next::Line)
    }

    /// The next process that prints or has printed.
    fn following(&self, folder: &Path, scene: &Scene) -> Option<JobId> {
        let jobs = jobs_of(&scene.plan, &self.track);
        let after = jobs.iter().skip_while(|job| **job != self.job).skip(1);
        let last = self.until.map(|(last, _)| last);
        let mut reached = false;
        after
            .take_while(|job| !std::mem::replace(&mut reached, last == Some(**job)))
            .find(|job| scene.has(**job) || crate::output::size(folder, **job) > 0)
            .copied()
    }
}
