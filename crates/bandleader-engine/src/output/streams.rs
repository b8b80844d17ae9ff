//! Which bytes of a job's log came from which stream, for whoever stands in the middle of it.
//!
//! Called by faces that show a part of a log. Finds its place in the index by halving, so that a long log costs no more than a short one.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use bandleader_core::JobId;

use super::record::{Record, SIZE, Stream};

/// As many pieces are told at most: more than fit on any screen.
const MOST: usize = 4_096;

/// Some bytes of a log that are of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where they begin in the log.
    pub from: u64,
    /// Where they end.
    pub to: u64,
    /// Whose they are.
    pub stream: Stream,
}

/// The pieces of a job's log that lie between two places in it, in order; none where it has no index.
///
/// # Errors
/// The index cannot be read.
pub fn pieces(run_folder: &Path, job: JobId, from: u64, to: u64) -> io::Result<Vec<Piece>> {
    let index = match File::open(super::index_path(run_folder, job)) {
        Ok(index) => index,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let records = index.metadata()?.len() / SIZE as u64;
    let (mut low, mut high) = (0, records);
    while low < high {
        let middle = low + (high - low) / 2;
        let Some(record) = record_at(&index, middle)? else { return Ok(Vec::new()) };
        if record.offset + u64::from(record.length) <= from { low = middle + 1 } else { high = middle }
    }
    let mut pieces = Vec::new();
    for number in low..records {
        let Some(record) = record_at(&index, number)?.filter(|record| record.offset < to) else { break };
        pieces.push(Piece { from: record.offset, to: record.offset + u64::from(record.length), stream: record.stream });
        if pieces.len() == MOST {
            break;
        }
    }
    Ok(pieces)
}

fn record_at(index: &File, number: u64) -> io::Result<Option<Record>> {
    let mut bytes = [0; SIZE];
    index.read_exact_at(&mut bytes, number * SIZE as u64)?;
    Ok(Record::from_bytes(&bytes))
}

#[cfg(test)]
mod tests {
    use bandleader_core::{AttemptId, Step, TaskId};

    use super::*;

    #[test]
    fn the_middle_of_a_log_knows_its_streams() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("jobs")).unwrap();
        let job = JobId { attempt: AttemptId { task: TaskId(0), number: 1 }, step: Step::Work };
        assert_eq!(pieces(folder.path(), job, 0, 9).unwrap(), []);
        let streams = [Stream::Stdout, Stream::Stderr];
        let records = (0..1_000_u64).zip(streams.iter().cycle());
        let records = records.map(|(at, stream)| Record { offset: at * 10, length: 10, at, stream: *stream });
        let bytes: Vec<u8> = records.flat_map(Record::to_bytes).collect();
        std::fs::write(super::super::index_path(folder.path(), job), bytes).unwrap();
        let piece = |from, stream| Piece { from, to: from + 10, stream };
        let found = pieces(folder.path(), job, 5_005, 5_020).unwrap();
        assert_eq!(found, [piece(5_000, Stream::Stdout), piece(5_010, Stream::Stderr)]);
        assert_eq!(pieces(folder.path(), job, 9_995, 99_999).unwrap(), [piece(9_990, Stream::Stderr)]);
        assert_eq!(pieces(folder.path(), job, 10_000, 99_999).unwrap(), []);
    }
}
