//! One connection of the supervisor's: lines in, lines out, never waiting.
//!
//! Called by `desk`. An engine that does not read (stopped, say) costs memory up to a limit and is then dropped; it may attach again,
//! and is told everything that is still open.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::lines::Lines;

/// The most that may wait for the engine to read it.
const LONGEST_QUEUE: usize = 64 << 20;

/// Read at once.
const READ: usize = 64 << 10;

/// A connection.
pub(super) struct Wire {
    stream: UnixStream,
    input: Lines,
    output: Vec<u8>,
    buffer: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: UnixStream) -> io::Result<Wire> {
        stream.set_nonblocking(true)?;
        Ok(Wire { stream, input: Lines::default(), output: Vec::new(), buffer: vec![0; READ] })
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    /// Whether there is something to write as soon as that is possible.
    pub(super) fn has_output(&self) -> bool {
        !self.output.is_empty()
    }

    /// Adds a line to what is written next.
    pub(super) fn say<T: Serialize>(&mut self, message: &T) {
        let before = self.output.len();
        match serde_json::to_writer(&mut self.output, message) {
            Ok(()) => self.output.push(b'\n'),
            Err(_) => self.output.truncate(before),
        }
    }

    /// Writes as much as the other side takes.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(count) => drop(self.output.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.output.len() > LONGEST_QUEUE {
            return Err(io::Error::other("the engine does not read"));
        }
        Ok(())
    }

    /// Reads once; gives the lines that are complete. An error means that the connection is over; lines before it were given.
    pub(super) fn hear<T: DeserializeOwned>(&mut self, lines: &mut Vec<T>) -> io::Result<()> {
        match self.stream.read(&mut self.buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => self.input.add(self.buffer.get(..count).unwrap_or_default()),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
        self.input.take(lines)
    }
}
