//! The folder in which a job starts: that of the thread which starts it, for as long as the start takes.
//!
//! Called by `spawn`. The system's way to start a process quickly gives it the folder of the calling thread. A thread of ours gets a
//! working folder of its own where the system allows that; some containers do not, and there one job starts after the other, all
//! in the folder of the process. So nothing in a supervisor may use a path that is relative to it.

use std::io;
use std::path::Path;
use std::sync::Mutex;

use nix::sched::{CloneFlags, unshare};

/// Held by those who have no folder of their own.
static OF_THE_PROCESS: Mutex<()> = Mutex::new(());

/// A thread's place to start from.
#[derive(Debug)]
pub(crate) struct Place {
    is_own: bool,
}

impl Place {
    /// For this thread, which keeps it.
    pub(crate) fn of_this_thread() -> Place {
        Place { is_own: unshare(CloneFlags::CLONE_FS).is_ok() }
    }

    /// Does something there, and goes back to where no folder is kept from being unmounted.
    ///
    /// # Errors
    /// It cannot go there; nothing was done.
    pub(super) fn within<T>(&self, folder: &Path, act: impl FnOnce() -> T) -> io::Result<T> {
        let _turn = (!self.is_own).then(|| OF_THE_PROCESS.lock());
        rustix::process::chdir(folder)?;
        let done = act();
        // `/` is always there.
        let _ = rustix::process::chdir("/");
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where this thread is.
    fn here() -> std::path::PathBuf {
        std::fs::read_link("/proc/thread-self/cwd").unwrap()
    }

    #[test]
    fn a_thread_goes_and_comes_back_without_taking_others_along() {
        let (before, folder) = (here(), tempfile::tempdir().unwrap());
        let path = folder.path().to_owned();
        let other = std::thread::spawn(move || {
            let place = Place::of_this_thread();
            if !place.is_own {
                return;
            }
            assert_eq!(place.within(&path, here).unwrap(), path.canonicalize().unwrap());
            assert_eq!(here(), Path::new("/"));
            assert_eq!(place.within(&path.join("none"), || 1).unwrap_err().kind(), io::ErrorKind::NotFound);
        });
        other.join().unwrap();
        assert_eq!(here(), before);
    }
}
