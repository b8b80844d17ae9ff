//! The way back: the place from which about so much stands before another place.
//!
//! Goes through the index files from their ends, the latest piece of all tracks first, so it costs what it passes over and not what the run
//! has printed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use bandleader_core::{JobId, Step, TaskId, Timestamp};

use super::cursor::{Cursor, Open};
use super::tracks::{Scene, Track, jobs_of};
use super::{Merged, MergedLine, Much, Sieve};
use crate::output::{Behind, last_pieces, line_begins, size};

/// A page that ends at a place.
pub struct Before {
    /// Its lines.
    pub lines: Vec<MergedLine>,
    /// Where it begins.
    pub begin: Cursor,
    /// Where it ends: the place that was asked for, or the end of what there is.
    pub end: Cursor,
}

impl Merged {
    /// The lines before a place, or before the end of what there is now. None if the run has no such place.
    ///
    /// # Errors
    /// Output cannot be read.
    pub fn before(
        folder: &Path,
        sieve: &Sieve,
        scene: &Scene,
        until: Option<&Cursor>,
        much: Much,
    ) -> io::Result<Option<Before>> {
        let tracks = scene.after(0);
        if until.is_some_and(|until| until.begun > tracks.len()) {
            return Ok(None);
        }
        let mut bytes = much.bytes.max(1);
        loop {
            let begin = Way::new(folder, scene, tracks, until).back(&|task| sieve.has_task(task), bytes)?;
            let open = || Merged::between(folder.to_owned(), sieve.clone(), scene, &begin, until.cloned());
            let (Some(mut first), Some(mut second)) = (open()?, open()?) else { return Ok(None) };
            let mut count = 0_usize;
            first.go_on(scene, usize::MAX, &mut |_| {
                count += 1;
                true
            })?;
            second.pass(scene, count.saturating_sub(much.lines))?;
            let at = second.cursor();
            // It may all have been of lines that are half at the place: then it takes more.
            if Some(&at) == until && !begin.is_beginning() {
                bytes = bytes.saturating_mul(2);
                continue;
            }
            let begin = if count > much.lines { at } else { begin };
            let lines = second.read(scene, Much { lines: much.lines, bytes: usize::MAX, seen: usize::MAX })?;
            let end = until.cloned().unwrap_or_else(|| second.cursor());
            return Ok(Some(Before { lines, begin, end }));
        }
    }
}

/// One who goes back.
struct Way<'a> {
    folder: &'a Path,
    scene: &'a Scene,
    tracks: &'a [Track],
    until: Option<&'a Cursor>,
    /// Those that are passed over, in part or as a whole.
    at: BTreeMap<usize, Back>,
}

/// Where it is on one track.
struct Back {
    /// Its processes before the one that it is in.
    jobs: Vec<JobId>,
    job: JobId,
    began: Timestamp,
    /// Everything from here on is passed over.
    place: u64,
    /// Where it began to go back, in this process.
    from: u64,
    /// Pieces before `place`, in order; more are read when they are used up.
    pieces: Vec<Behind>,
    is_moved: bool,
}

impl<'a> Way<'a> {
    fn new(folder: &'a Path, scene: &'a Scene, tracks: &'a [Track], until: Option<&'a Cursor>) -> Way<'a> {
        Way { folder, scene, tracks, until, at: BTreeMap::new() }
    }

    /// The place from which at least so many bytes stand before the end; the beginning if there are fewer.
    fn back(mut self, wants: &dyn Fn(TaskId) -> bool, bytes: usize) -> io::Result<Cursor> {
        let end = self.until.map_or(self.tracks.len(), |until| until.begun);
        let wanted = |number: &usize| self.tracks.get(*number).is_some_and(|track| wants(track.attempt.task));
        let (open, mut closed): (Vec<usize>, Vec<usize>) =
            (0..end).filter(wanted).partition(|number| self.is_open(*number));
        closed.sort_by_key(|number| self.ended(*number));
        let mut latest = BTreeSet::new();
        let mut left = bytes;
        for number in &open {
            self.begin(*number)?;
            latest.extend(self.due(*number)?.map(|at| (at, *number)));
        }
        loop {
            while let Some(number) = closed.last()
                && latest.last().is_none_or(|(at, _)| self.ended(*number) >= Some(*at))
            {
                self.begin(*number)?;
                latest.extend(self.due(*number)?.map(|at| (at, *number)));
                closed.pop();
            }
            let Some((_, number)) = latest.pop_last() else { return Ok(Cursor::default()) };
            left = left.saturating_sub(self.step(number));
            latest.extend(self.due(number)?.map(|at| (at, number)));
            if left == 0 {
                break;
            }
        }
        // What is at work may have printed half a line: whoever goes on must have it from its beginning.
        for number in open {
            let stands = self.at.get(&number).is_some_and(|back| !back.is_moved);
            if stands && self.until.is_none() && self.due(number)?.is_some() {
                self.step(number);
            }
        }
        self.cursor(end, wants)
    }

    fn ended(&self, number: usize) -> Option<Timestamp> {
        self.tracks.get(number).and_then(|track| track.ended)
    }

    /// Where a track was that was not told to its end.
    fn bound(&self, number: usize) -> Option<Open> {
        self.until.and_then(|until| until.open.iter().find(|open| open.track == number)).copied()
    }

    fn is_open(&self, number: usize) -> bool {
        if self.until.is_some() { self.bound(number).is_some() } else { self.ended(number).is_none() }
    }

    fn begin(&mut self, number: usize) -> io::Result<()> {
        let Some(track) = self.tracks.get(number) else { return Ok(()) };
        let mut jobs = jobs_of(&self.scene.plan, track);
        let open = self.bound(number);
        if let Some(open) = open {
            let behind = jobs.iter().position(|job| job.step == open.step).map_or(jobs.len(), |place| place + 1);
            jobs.truncate(behind);
        }
        let none = JobId { attempt: track.attempt, step: Step::Work };
        let job = jobs.pop().unwrap_or(none);
        let place = open.map(|open| open.places.into_iter().max().unwrap_or(0));
        let place = place.unwrap_or_else(|| size(self.folder, job));
        let back = Back { jobs, job, began: track.began, place, from: place, pieces: Vec::new(), is_moved: false };
        self.at.insert(number, back);
        Ok(())
    }

    /// The time of the piece that comes next on the way back.
    fn due(&mut self, number: usize) -> io::Result<Option<Timestamp>> {
        let Some(back) = self.at.get_mut(&number) else { return Ok(None) };
        while back.pieces.is_empty() {
            if back.place == 0 {
                let Some(job) = back.jobs.pop() else { return Ok(None) };
                back.job = job;
                back.place = size(self.folder, job);
                back.from = back.place;
                continue;
            }
            let (began, pieces) = last_pieces(self.folder, back.job, back.place)?;
            back.began = began.unwrap_or(back.began);
            back.pieces = pieces;
            if back.pieces.is_empty() {
                back.place = 0;
            }
        }
        Ok(back.pieces.last().map(|piece| back.began.plus(piece.at)))
    }

    /// Passes over that piece; how long it is.
    fn step(&mut self, number: usize) -> usize {
        let Some(back) = self.at.get_mut(&number) else { return 0 };
        let Some(piece) = back.pieces.pop() else { return 0 };
        let length = back.place.saturating_sub(piece.from);
        (back.place, back.is_moved) = (piece.from, true);
        usize::try_from(length).unwrap_or(usize::MAX)
    }

    /// Where it has come to.
    fn cursor(self, end: usize, wants: &dyn Fn(TaskId) -> bool) -> io::Result<Cursor> {
        let mut cursor = Cursor { begun: end, open: Vec::new() };
        let mut whole = BTreeSet::new();
        for (number, back) in &self.at {
            if back.place == 0 && back.jobs.iter().all(|job| size(self.folder, *job) == 0) {
                whole.insert(*number);
            }
            let bound = self.bound(*number);
            let stays = Open { track: *number, step: back.job.step, places: [back.place; 3] };
            if !back.is_moved {
                cursor.open.extend(bound.or_else(|| self.is_open(*number).then_some(stays)));
                continue;
            }
            let mut places = line_begins(self.folder, back.job, back.place, back.from)?;
            if let Some(bound) = bound.filter(|bound| bound.step == back.job.step) {
                places.iter_mut().zip(bound.places).for_each(|(place, most)| *place = (*place).min(most));
            }
            cursor.open.push(Open { places, ..stays });
        }
        // Those that stand in it from their beginnings need not be named if nothing that is told before began after them.
        while let Some(last) = cursor.begun.checked_sub(1) {
            let track = self.tracks.get(last);
            if whole.contains(&last) {
                cursor.open.pop_if(|open| open.track == last);
            } else if track.is_some_and(|track| wants(track.attempt.task)) {
                break;
            }
            cursor.begun = last;
        }
        Ok(cursor)
    }
}
