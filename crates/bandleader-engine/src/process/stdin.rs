//! Hands a job its input, as fast as it reads.
//!
//! Called by `watch` when the pipe takes bytes. A job that does not read its input, or closes it, is left in peace.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;

/// Input on its way.
pub(super) struct Feed {
    pipe: OwnedFd,
    text: Vec<u8>,
    sent: usize,
}

impl Feed {
    /// Starts to feed `text` into `pipe`.
    pub(super) fn new(pipe: OwnedFd, text: String) -> std::io::Result<Feed> {
        rustix::io::ioctl_fionbio(&pipe, true)?;
        Ok(Feed { pipe, text: text.into_bytes(), sent: 0 })
    }

    /// What to wait on.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }

    /// Writes what the pipe takes; gives back none when all is written or nobody reads.
    pub(super) fn go_on(mut self) -> Option<Feed> {
        while let Some(rest) = self.text.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match rustix::io::write(&self.pipe, rest) {
                Ok(count) => self.sent += count,
                Err(Errno::AGAIN) => return Some(self),
                Err(Errno::INTR) => {}
                Err(_) => return None,
            }
        }
        None
    }
}
