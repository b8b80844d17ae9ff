//! One log over all tasks of a run: the lines of all their processes in the order of time.
//!
//! Called by `band logs` and by the API. What is read at a time depends on what ran side by side, not on the run: a track is opened when
//! the time has come at which it began, and closed at its end. Always true: whoever goes on at a `Cursor` is told every line after it
//! once, also of what was still at work when the cursor was made.
//!
//! Among what has ended, lines come in the order of time. Whoever follows is told what there is: a process that is slow to hand on its
//! output may then stand behind another one that printed later.

mod back;
mod cursor;
#[cfg(test)]
mod tests;
mod track;
mod tracks;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use bandleader_core::{TaskId, Timestamp};

pub use back::Before;
pub use cursor::Cursor;
pub use track::MergedLine;
pub use tracks::{Scene, Tracks};

use crate::output::Stream;
use cursor::Open;
use track::{Next, Reading};
use tracks::Track;

/// Which lines are told.
#[derive(Clone, Debug, Default)]
pub struct Sieve {
    /// Only those of these tasks; of all when none.
    pub tasks: Option<BTreeSet<TaskId>>,
    /// Only those of these streams; of all when empty.
    pub streams: Vec<Stream>,
    /// Only those that hold this text, in letters of either case; in lower case here.
    pub search: String,
}

impl Sieve {
    fn has(&self, line: &MergedLine) -> bool {
        let stream = self.streams.is_empty() || self.streams.contains(&line.stream);
        stream && (self.search.is_empty() || String::from_utf8_lossy(&line.bytes).to_lowercase().contains(&self.search))
    }

    fn has_task(&self, task: TaskId) -> bool {
        self.tasks.as_ref().is_none_or(|tasks| tasks.contains(&task))
    }
}

/// How much is told at a time.
#[derive(Clone, Copy, Debug)]
pub struct Much {
    /// So many lines at most.
    pub lines: usize,
    /// About so many bytes at most.
    pub bytes: usize,
    /// So many bytes are looked through at most, whether they are told or not.
    pub seen: usize,
}

/// Files of so many tracks may be open at once; of more they are opened for each look.
const AT_HAND: usize = 64;

/// A reader of it.
pub struct Merged {
    folder: PathBuf,
    sieve: Sieve,
    tracks: Vec<Track>,
    begun: usize,
    /// Where those begin that were begun before.
    from: BTreeMap<usize, Open>,
    open: BTreeMap<usize, Reading>,
    /// Those of `open` whose next line is known, by its time.
    due: BTreeSet<(Timestamp, usize)>,
    /// Nothing from there on is told.
    until: Option<Cursor>,
}

impl Merged {
    /// Goes on at this place of the run that has this folder. None if the run has no such place.
    ///
    /// # Errors
    /// Output cannot be read.
    pub fn after(folder: PathBuf, sieve: Sieve, scene: &Scene, at: &Cursor) -> io::Result<Option<Merged>> {
        Merged::between(folder, sieve, scene, at, None)
    }

    fn between(
        folder: PathBuf,
        sieve: Sieve,
        scene: &Scene,
        at: &Cursor,
        until: Option<Cursor>,
    ) -> io::Result<Option<Merged>> {
        let tracks = scene.after(0).to_vec();
        if at.begun > tracks.len() {
            return Ok(None);
        }
        let from = at.open.iter().map(|open| (open.track, *open)).collect();
        let (open, due) = (BTreeMap::new(), BTreeSet::new());
        let mut merged = Merged { folder, sieve, tracks, begun: at.begun, from, open, due, until };
        for open in &at.open {
            merged.begin(open.track, scene)?;
        }
        Ok(Some(merged))
    }

    /// So many tracks are known: what it needs of the next `Scene` are the others.
    pub fn known(&self) -> usize {
        self.tracks.len()
    }

    /// The place behind the last line that was told.
    pub fn cursor(&self) -> Cursor {
        let told = self
            .until
            .iter()
            .flat_map(|until| &until.open)
            .filter(|open| open.track < self.begun && !self.open.contains_key(&open.track));
        let open = self.open.iter().map(|(track, reading)| reading.place(*track));
        let mut open: Vec<Open> = open.chain(told.copied()).collect();
        open.sort_unstable_by_key(|open| open.track);
        Cursor { begun: self.begun, open }
    }

    /// Whether it stopped at a limit: there are further lines already.
    pub fn has_more(&self) -> bool {
        !self.due.is_empty()
    }

    /// Whether all was told and no more will come.
    pub fn is_at_end(&self, scene: &Scene) -> bool {
        scene.is_over && self.begun == self.tracks.len() && self.open.is_empty()
    }

    /// The next lines. Fewer than asked for: there are no more now.
    ///
    /// # Errors
    /// Output cannot be read.
    pub fn read(&mut self, scene: &Scene, much: Much) -> io::Result<Vec<MergedLine>> {
        let (mut lines, mut told) = (Vec::new(), 0);
        self.go_on(scene, much.seen, &mut |line| {
            told += line.bytes.len();
            lines.push(line);
            lines.len() < much.lines && told < much.bytes
        })?;
        Ok(lines)
    }

    /// Passes over so many lines that would be told.
    fn pass(&mut self, scene: &Scene, count: usize) -> io::Result<()> {
        let mut left = count;
        if left == 0 {
            return Ok(());
        }
        self.go_on(scene, usize::MAX, &mut |_| {
            left -= 1;
            left > 0
        })
    }

    /// Tells lines until it is told to stop, or so many bytes were seen.
    fn go_on(&mut self, scene: &Scene, seen: usize, tell: &mut dyn FnMut(MergedLine) -> bool) -> io::Result<()> {
        self.tracks.extend(scene.after(self.tracks.len()));
        let waiting: Vec<usize> =
            self.open.iter().filter(|(_, reading)| reading.due().is_none()).map(|(track, _)| *track).collect();
        for track in waiting {
            self.look(track, scene)?;
        }
        let mut left = seen;
        loop {
            self.begin_due(scene)?;
            let Some((_, track)) = self.due.pop_first() else { return Ok(()) };
            let line = self.open.get_mut(&track).and_then(Reading::take);
            self.look(track, scene)?;
            let Some(line) = line else { continue };
            left = left.saturating_sub(line.bytes.len() + 1);
            if (self.sieve.has(&line) && !tell(line)) || left == 0 {
                return Ok(());
            }
        }
    }

    /// Opens what began before the next line.
    fn begin_due(&mut self, scene: &Scene) -> io::Result<()> {
        let end = self.until.as_ref().map_or(self.tracks.len(), |until| until.begun.min(self.tracks.len()));
        while let Some(track) = self.tracks.get(self.begun).filter(|_| self.begun < end) {
            if self.due.first().is_some_and(|(at, _)| *at < track.began) {
                break;
            }
            self.begun += 1;
            self.begin(self.begun - 1, scene)?;
        }
        Ok(())
    }

    fn begin(&mut self, number: usize, scene: &Scene) -> io::Result<()> {
        let Some(track) = self.tracks.get(number) else { return Ok(()) };
        let until = self.until.as_ref().and_then(|until| until.open.iter().find(|open| open.track == number));
        if self.sieve.has_task(track.attempt.task) {
            let from = self.from.remove(&number);
            let reading = Reading::new(&self.folder, scene, *track, from.as_ref(), until);
            self.open.insert(number, reading);
            self.look(number, scene)?;
        }
        Ok(())
    }

    fn look(&mut self, number: usize, scene: &Scene) -> io::Result<()> {
        let rests = self.open.len() > AT_HAND;
        let Some(reading) = self.open.get_mut(&number) else { return Ok(()) };
        match reading.look(&self.folder, scene)? {
            Next::Over => drop(self.open.remove(&number)),
            Next::Waits => (),
            Next::Line => self.due.extend(reading.due().map(|at| (at, number))),
        }
        if rests && let Some(reading) = self.open.get_mut(&number) {
            reading.rest();
        }
        Ok(())
    }
}
