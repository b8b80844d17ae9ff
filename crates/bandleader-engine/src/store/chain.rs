//! The checksum of an event: over its own fields and the checksum before it, so that it stands for the whole log up to there.
//!
//! BLAKE3 cut to 128 bits, not a CRC: it also tells apart what a person changed, two logs can be compared by their last
//! checksum alone, and at 300 bytes an event it costs well under a microsecond, beside a commit of milliseconds.

use bandleader_core::RunId;

/// One link; 16 bytes.
pub(super) type Sum = [u8; 16];

/// One row as it is stored.
pub(super) struct Row<'a> {
    pub(super) seq: u64,
    pub(super) at: u64,
    pub(super) name: &'a str,
    pub(super) version: i64,
    pub(super) body: &'a str,
}

/// What the first event of a run is chained to: the run's name, so that events cannot move between runs.
pub(super) fn start(run: &RunId) -> Sum {
    cut(&blake3::hash(run.as_str().as_bytes()))
}

/// The checksum of `row`, given the one before it. Every field is preceded by its length or is of fixed length.
pub(super) fn link(before: &Sum, row: &Row<'_>) -> Sum {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&row.seq.to_le_bytes());
    hasher.update(&row.at.to_le_bytes());
    hasher.update(&row.version.to_le_bytes());
    for text in [row.name, row.body] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    cut(&hasher.finalize())
}

fn cut(hash: &blake3::Hash) -> Sum {
    let mut sum = Sum::default();
    for (to, from) in sum.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    sum
}
