//! The doorbell of a run: wakes its engine when somebody put an input into the durable inbox.
//!
//! Faces call `ring` after `Store::send`; the engine listens with `Doorbell`. The bell carries no data and may be lost: what
//! counts is the row in the store, which the engine also looks for by itself now and then. Nobody listening is fine.
//!
//! A socket's path may have 108 bytes at most (unix(7)), so it is named through an open descriptor of its folder.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

use crate::folder::RunFolder;

const NAME: &str = "doorbell";

/// More rings than a socket's queue holds (ten, unless the system says otherwise).
const MANY: u32 = 64;

/// No bell could be put up.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at `{}`; inputs from other terminals are noticed late", .path.display())]
pub struct DoorbellError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Wakes the engine of this run, if one listens.
pub fn ring(folder: &RunFolder) {
    // A full queue means that it rings already; a missing or dead socket means that nobody listens.
    let _ = try_ring(folder);
}

fn try_ring(folder: &RunFolder) -> io::Result<usize> {
    let directory = File::open(folder.path())?;
    let bell = UnixDatagram::unbound()?;
    bell.set_nonblocking(true)?;
    bell.send_to(b"!", short_path(&directory))
}

fn short_path(directory: &File) -> PathBuf {
    format!("/proc/self/fd/{}/{NAME}", directory.as_raw_fd()).into()
}

/// Hears rings until it is dropped. Only the holder of the run's lock may have one; it drops this before the lock.
#[derive(Debug)]
pub struct Doorbell {
    folder: RunFolder,
    bell: UnixDatagram,
}

impl Doorbell {
    /// Puts the bell up.
    ///
    /// # Errors
    /// The folder takes no socket.
    pub fn listen(folder: &RunFolder) -> Result<Doorbell, DoorbellError> {
        let path = folder.path().join(NAME);
        let failed = |source| DoorbellError { path: path.clone(), source };
        let directory = File::open(folder.path()).map_err(failed)?;
        // Left by an engine that was killed: the lock says that it is gone.
        let _ = fs::remove_file(&path);
        let bell = UnixDatagram::bind(short_path(&directory)).map_err(failed)?;
        bell.set_nonblocking(true).map_err(failed)?;
        Ok(Doorbell { folder: folder.clone(), bell })
    }

    /// Readable when it rang.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// Whether it rang since the last look; several rings are one.
    pub fn rang(&self) -> bool {
        // Not until it is quiet: whoever rings all the time must not keep the engine here.
        (0..MANY).take_while(|_| self.bell.recv(&mut [0; 8]).is_ok()).count() > 0
    }
}

impl Drop for Doorbell {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.folder.path().join(NAME));
    }
}

#[cfg(test)]
mod tests {
    use bandleader_core::RunId;

    use super::*;
    use crate::folder::Folder;

    fn check_rings(depth: usize) {
        let project = tempfile::tempdir().unwrap();
        let deep = (0..depth).fold(project.path().to_owned(), |path, _| path.join("a-rather-long-name-of-a-folder"));
        fs::create_dir_all(&deep).unwrap();
        let folder = Folder::create(&deep).unwrap().create_run(&RunId::parse("k3v9").unwrap()).unwrap();
        ring(&folder);
        let bell = Doorbell::listen(&folder).unwrap();
        assert!(!bell.rang(), "it was not there yet");
        for _ in 0..100 {
            ring(&folder);
        }
        assert!(bell.rang());
        assert!(!bell.rang(), "many rings are one");
        ring(&folder);
        assert!(bell.rang());
        drop(bell);
        assert!(!folder.path().join(NAME).exists());
        ring(&folder);
    }

    #[test]
    fn a_ring_wakes_the_engine_and_a_ring_at_nobody_is_fine() {
        check_rings(0);
    }

    #[test]
    fn a_folder_may_lie_deeper_than_a_socket_path_can_be_long() {
        check_rings(6);
    }

    #[test]
    fn what_a_killed_engine_left_is_taken_over() {
        let project = tempfile::tempdir().unwrap();
        let folder = Folder::create(project.path()).unwrap().create_run(&RunId::parse("k3v9").unwrap()).unwrap();
        drop(UnixDatagram::bind(folder.path().join(NAME)).unwrap());
        let bell = Doorbell::listen(&folder).unwrap();
        ring(&folder);
        assert!(bell.rang());
    }
}
