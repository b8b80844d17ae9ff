//! A job's output from behind: the pieces before a place, and where lines begin after one.
//!
//! Called by `merged`, which shows the end of what many jobs have printed without reading all of it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use bandleader_core::{JobId, Millis, Timestamp};

use super::reader::Reader;
use super::record::{Record, SIZE, Stream};
use super::{LONGEST, Places};

/// Records that are read at a time.
const BATCH: u64 = 256;
/// A record that is longer than this counts as several pieces.
const MOST: u64 = 16 << 10;

/// Where a piece of the output begins, and when it came, counted from the start of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Behind {
    pub(crate) from: u64,
    pub(crate) at: Millis,
}

/// When the process began, where that is known, and the last pieces that begin before a place, in order. None: nothing stands before it.
pub(crate) fn last_pieces(folder: &Path, job: JobId, place: u64) -> io::Result<(Option<Timestamp>, Vec<Behind>)> {
    let index = match File::open(super::index_path(folder, job)) {
        Ok(index) => index,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((None, Vec::new())),
        Err(error) => return Err(error),
    };
    let read = |number: u64| -> io::Result<Option<Record>> {
        let mut bytes = [0; SIZE];
        index.read_exact_at(&mut bytes, number * SIZE as u64)?;
        Ok(Record::from_bytes(&bytes))
    };
    let count = index.metadata()?.len() / SIZE as u64;
    let began = if count == 0 { None } else { read(0)?.and_then(Record::began) };
    // The first that begins at the place or behind it.
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if read(middle)?.is_some_and(|record| record.offset < place) { low = middle + 1 } else { high = middle }
    }
    let mut pieces = Vec::new();
    for number in low.saturating_sub(BATCH)..low {
        let Some(record) = read(number)?.filter(|record| record.length > 0) else { continue };
        let end = place.min(record.offset + u64::from(record.length));
        let from = (record.offset..end).step_by(usize::try_from(MOST).unwrap_or(usize::MAX));
        pieces.extend(from.map(|from| Behind { from, at: Millis(record.at) }));
    }
    Ok((began, pieces))
}

/// Where the first line of each stream begins that begins at this place or behind it: the other place if only half a line stands between
/// them, and this one if there is nothing, or no end of a line for too long.
pub(crate) fn line_begins(folder: &Path, job: JobId, place: u64, until: u64) -> io::Result<Places> {
    let Some(before) = place.checked_sub(1) else { return Ok([0; 3]) };
    let mut found: [Option<u64>; 3] = [None; 3];
    let mut passed = [0_usize; 3];
    // The byte before may be the end of a line.
    let mut reader = Reader::new(folder, job).starting_at(before);
    while reader.place() < until && found.iter().zip(passed).any(|(found, passed)| found.is_none() && passed <= LONGEST)
    {
        let Some(chunk) = reader.next_chunk()? else { break };
        let slot = match chunk.stream {
            Stream::Stdout => 0,
            Stream::Stderr => 1,
            Stream::Note => 2,
        };
        let (Some(found), Some(passed)) = (found.get_mut(slot), passed.get_mut(slot)) else { continue };
        let ends = chunk.bytes.iter().position(|byte| *byte == b'\n');
        if let Some(ends) = ends.filter(|ends| found.is_none() && *passed + ends <= LONGEST) {
            *found = Some(reader.place() - chunk.bytes.len() as u64 + ends as u64 + 1);
        }
        *passed += chunk.bytes.len();
    }
    let mut places = [place; 3];
    for ((place, found), passed) in places.iter_mut().zip(found).zip(passed) {
        let here = passed == 0 || passed > LONGEST;
        *place = found.unwrap_or(if here { *place } else { until }).min(until);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use bandleader_core::redact::Redactor;

    use super::super::{JOBS_FOLDER, JobsFolder, Writer};
    use super::*;

    #[test]
    fn pieces_are_found_from_behind_and_lines_after_them() {
        let folder = tempfile::tempdir().unwrap();
        let jobs = folder.path().join(JOBS_FOLDER);
        std::fs::create_dir(&jobs).unwrap();
        let job = JobId::parse("1.1").unwrap();
        assert_eq!(last_pieces(folder.path(), job, 9).unwrap(), (None, Vec::new()));
        let jobs = JobsFolder::open(&jobs).unwrap();
        let mut writer = Writer::new(jobs, job, Timestamp(77), &Redactor::default(), 64 << 20);
        writer.write(Stream::Stdout, 1, b"ab\ncd");
        writer.write(Stream::Stderr, 2, b"x\ny");
        writer.write(Stream::Stdout, 400, &[b'z'; 40_000]);
        let piece = |from, at| Behind { from, at: Millis(at) };
        let whole = [piece(0, 1), piece(5, 2), piece(8, 400), piece(16_392, 400), piece(32_776, 400)];
        assert_eq!(last_pieces(folder.path(), job, 40_008).unwrap(), (Some(Timestamp(77)), whole.to_vec()));
        assert_eq!(last_pieces(folder.path(), job, 8).unwrap().1, whole[..2]);
        assert_eq!(last_pieces(folder.path(), job, 0).unwrap().1, []);
        assert_eq!(line_begins(folder.path(), job, 0, 99).unwrap(), [0; 3]);
        assert_eq!(line_begins(folder.path(), job, 1, 40_008).unwrap(), [3, 7, 1]);
        assert_eq!(line_begins(folder.path(), job, 3, 5).unwrap(), [3, 3, 3], "it begins there");
        assert_eq!(line_begins(folder.path(), job, 9, 40_008).unwrap(), [9, 9, 9], "no line break is near");
    }
}
