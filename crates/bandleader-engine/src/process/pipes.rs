//! The three pipes of a job, and how bytes go through them.
//!
//! Called by `watch`. Output is read as it comes; who writes faster than the disk takes it waits, which is the job.

use std::io;
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags};

use super::stdin::Feed;
use crate::output::{Stream, Writer};

/// Output that is still taken after the last known process is gone. More than any pipe holds: only a stranger that was given
/// the pipe could write it.
const DRAIN_LIMIT: usize = 16 << 20;

/// The open ones.
pub(super) struct Pipes {
    output: [(Stream, Option<OwnedFd>); 2],
    feed: Option<Feed>,
}

impl Pipes {
    pub(super) fn new(stdout: OwnedFd, stderr: OwnedFd, feed: Option<Feed>) -> Pipes {
        Pipes { output: [(Stream::Stdout, Some(stdout)), (Stream::Stderr, Some(stderr))], feed }
    }

    /// Adds what to wait on; `go_on` takes the answers in the same order.
    pub(super) fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) {
        let open = self.output.iter().filter_map(|(_, pipe)| pipe.as_ref());
        fds.extend(open.map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        fds.extend(self.feed.iter().map(|feed| PollFd::from_borrowed_fd(feed.fd(), PollFlags::OUT)));
    }

    /// Moves what can be moved: one buffer from each stream, so that none starves the other.
    pub(super) fn go_on(
        &mut self,
        ready: &mut impl Iterator<Item = bool>,
        at: u64,
        buffer: &mut [u8],
        writer: &mut Writer,
    ) {
        for (stream, pipe) in &mut self.output {
            let Some(open) = pipe.as_ref() else { continue };
            if !ready.next().unwrap_or(false) {
                continue;
            }
            match rustix::io::read(open, &mut *buffer) {
                Ok(0) => *pipe = None,
                Ok(count) => writer.write(*stream, at, buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => *pipe = None,
            }
        }
        if self.feed.is_some() && ready.next().unwrap_or(false) {
            self.feed = self.feed.take().and_then(Feed::go_on);
        }
    }

    /// Takes what is there, without waiting for more: a stranger may hold the other end open.
    pub(super) fn drain(&mut self, at: u64, buffer: &mut [u8], writer: &mut Writer) {
        for (stream, pipe) in &mut self.output {
            let Some(pipe) = pipe.take() else { continue };
            if rustix::io::ioctl_fionbio(&pipe, true).is_err() {
                continue;
            }
            let mut room = DRAIN_LIMIT;
            while room > 0 {
                match rustix::io::read(&pipe, &mut *buffer) {
                    Ok(0) => break,
                    Ok(count) => {
                        writer.write(*stream, at, buffer.get(..count).unwrap_or_default());
                        room = room.saturating_sub(count);
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
        }
    }
}
