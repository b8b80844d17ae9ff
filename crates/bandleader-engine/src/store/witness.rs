//! The timeline as a witness: a line in it was written after its event was committed, so a log that ends before the timeline's
//! last event has lost something (a disk that lied about `fsync`, an older copy of the file). That is never passed over.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use bandleader_core::RunId;
use serde_json::Value;

use super::{Store, StoreError};
use crate::folder::RunFolder;

/// Lines are far shorter; a torn one at the end may follow the last whole one.
const TAIL: u64 = 256 * 1024;

impl Store {
    /// Refuses a log that is shorter than the run's timeline. Called before a run is resumed.
    pub fn check_witness(&self, run: &RunId, folder: &RunFolder) -> Result<(), StoreError> {
        let timeline = folder.timeline();
        let seen = last_seq(&timeline).map_err(|source| StoreError::Io { file: timeline, source })?;
        let log = self.head(run)?.seq;
        match seen {
            Some(seen) if seen > log => {
                Err(StoreError::ShorterThanTimeline { file: self.file.clone(), run: run.clone(), log, seen })
            }
            _ => Ok(()),
        }
    }
}

/// The highest `seq` near the end of a timeline; none if there is no timeline or no line of ours in it.
fn last_seq(timeline: &Path) -> io::Result<Option<u64>> {
    let mut file = match File::open(timeline) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    let seqs = tail.split(|byte| *byte == b'\n').filter_map(|line| {
        let line: Value = serde_json::from_slice(line).ok()?;
        line.get("seq")?.as_u64()
    });
    Ok(seqs.max())
}
