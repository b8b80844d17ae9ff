//! One entry of a job's index file: which bytes of the log came when from which stream.
//!
//! Fixed size, little endian, so that the last one can grow in place and a reader can start anywhere.
//! The first one has no bytes: it says when the process began. Whoever does not know of it passes over it.

use bandleader_core::Timestamp;

/// Bytes of a record in the file.
pub(super) const SIZE: usize = 24;

/// Where bytes came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Not the job but its supervisor says this: how much was left out.
    Note,
}

impl Stream {
    /// Its name in every `--json`.
    pub fn name(self) -> &'static str {
        match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
            Stream::Note => "note",
        }
    }
}

/// Offset 8 bytes, length 4, milliseconds since the start 8, stream 1, then 3 of padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) at: u64,
    pub(super) stream: Stream,
}

impl Record {
    /// The first of a file: no bytes, and in place of a length of time the point at which the process began.
    pub(super) fn beginning(began: Timestamp) -> Record {
        Record { offset: 0, length: 0, at: began.0, stream: Stream::Note }
    }

    /// When the process began, if this is the record that says so.
    pub(super) fn began(self) -> Option<Timestamp> {
        (self.offset == 0 && self.length == 0 && self.stream == Stream::Note).then_some(Timestamp(self.at))
    }

    /// As it stands in the file.
    pub(super) fn to_bytes(self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        let (offset, rest) = bytes.split_at_mut(8);
        let (length, rest) = rest.split_at_mut(4);
        let (at, rest) = rest.split_at_mut(8);
        offset.copy_from_slice(&self.offset.to_le_bytes());
        length.copy_from_slice(&self.length.to_le_bytes());
        at.copy_from_slice(&self.at.to_le_bytes());
        if let Some(stream) = rest.first_mut() {
            *stream = match self.stream {
                Stream::Stdout => 1,
                Stream::Stderr => 2,
                Stream::Note => 3,
            };
        }
        bytes
    }

    /// Reads it back; none when this was never a record.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Record> {
        let stream = match bytes.get(20)? {
            1 => Stream::Stdout,
            2 => Stream::Stderr,
            3 => Stream::Note,
            _ => return None,
        };
        let offset = u64::from_le_bytes(bytes.get(0..8)?.try_into().ok()?);
        let length = u32::from_le_bytes(bytes.get(8..12)?.try_into().ok()?);
        let at = u64::from_le_bytes(bytes.get(12..20)?.try_into().ok()?);
        Some(Record { offset, length, at, stream })
    }
}
