//! What came over a connection, cut into lines: one JSON value each.
//!
//! Used at both ends of the link. The other side may be anybody who can open the socket: a line has a longest length.

use std::io;

use serde::de::DeserializeOwned;

/// The longest line: an assignment with its input.
const LONGEST: usize = 64 << 20;

/// Bytes that came, of which the last line may not be complete.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// Up to here there is no end of a line.
    searched: usize,
}

impl Lines {
    /// Adds what came.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the lines that are complete. An error is the end of the connection; the lines before it were given.
    pub(super) fn take<T: DeserializeOwned>(&mut self, lines: &mut Vec<T>) -> io::Result<()> {
        let mut start = 0;
        while let Some(length) =
            self.bytes.get(self.searched..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n'))
        {
            let end = self.searched + length;
            lines.push(serde_json::from_slice(self.bytes.get(start..end).unwrap_or_default())?);
            (start, self.searched) = (end + 1, end + 1);
        }
        self.bytes.drain(..start);
        self.searched = self.bytes.len();
        if self.bytes.len() > LONGEST {
            return Err(io::Error::other("a message is too long"));
        }
        Ok(())
    }
}
