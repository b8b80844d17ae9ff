//! One writer per run: whoever holds `runs/<id>/lock` may commit events; a second one is told who holds it.
//!
//! The kernel keeps the lock (`flock`) and drops it when the holder's process ends, however it ends, so a lock is never
//! stale. The words in the file are for people and for the refusal; the file itself is never removed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use bandleader_core::RunId;

use crate::folder::RunFolder;

/// The right to write one run; dropping it gives it up.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// The run cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else has it.
    #[error("run `{run}` is already being run by process {}; watch it with `band watch {run}`, or end that process first", holder(*.pid))]
    Held {
        /// Which run.
        run: RunId,
        /// Who, if the file says so.
        pid: Option<u32>,
    },
    /// The file could not be opened, locked or written.
    #[error("cannot lock run `{run}` at `{}`; check that the folder is writable", .file.display())]
    Io {
        /// Which run.
        run: RunId,
        /// The lock's file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Whoever only asks who holds a run (`held_by`) holds the lock itself for a moment: that is no reason to refuse.
const TRIES: u32 = 5;
const GLANCE: Duration = Duration::from_millis(10);

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "(unknown)".to_owned(), |pid| pid.to_string())
}

impl RunLock {
    /// Takes the run; does not wait for another engine to end.
    pub fn take(run: &RunId, folder: &RunFolder) -> Result<RunLock, LockError> {
        let path = folder.lock();
        let failed = |source| LockError::Io { run: run.clone(), file: path.clone(), source };
        let mut file = open(&path).map_err(failed)?;
        for tries_left in (0..TRIES).rev() {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries_left > 0 => thread::sleep(GLANCE),
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::Held { run: run.clone(), pid: read_holder(&mut file) });
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
        write_holder(&mut file).map_err(failed)?;
        Ok(RunLock { _file: file })
    }
}

/// The process that holds a run, if one does. For people and for `band doctor`: it may be gone the next moment.
pub fn held_by(folder: &RunFolder) -> Option<u32> {
    let mut file = File::open(folder.lock()).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read_holder(&mut file),
        _ => None,
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// `4711 8123456`: process id and its start time in clock ticks since boot, so that a reused id can be told apart.
fn write_holder(file: &mut File) -> io::Result<()> {
    let pid = std::process::id();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    file.set_len(0)?;
    writeln!(file, "{pid} {}", start_time(&stat).unwrap_or(0))
}

fn read_holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(64).read_to_string(&mut text).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Field 22 of `/proc/PID/stat` (proc_pid_stat(5)), counted from behind the name, which may hold anything.
fn start_time(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;

    fn run_folder() -> (tempfile::TempDir, RunId, RunFolder) {
        let project = tempfile::tempdir().unwrap();
        let run = RunId::parse("k3v9").unwrap();
        let folder = Folder::create(project.path()).unwrap().create_run(&run).unwrap();
        (project, run, folder)
    }

    #[test]
    fn a_second_writer_is_refused_with_the_pid_of_the_first() {
        let (_project, run, folder) = run_folder();
        let first = RunLock::take(&run, &folder).unwrap();
        let refusal = RunLock::take(&run, &folder).unwrap_err().to_string();
        let pid = std::process::id();
        assert!(refusal.starts_with(&format!("run `k3v9` is already being run by process {pid};")), "{refusal}");
        assert_eq!(held_by(&folder), Some(pid));
        drop(first);
        assert_eq!(held_by(&folder), None);
        RunLock::take(&run, &folder).unwrap();
    }

    #[test]
    fn a_start_time_is_found_behind_any_process_name() {
        let stat = "17 (a) b (c)) S 1 17 17 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 987654 1000 10";
        assert_eq!(start_time(stat), Some(987_654));
        assert_eq!(start_time("17 (cut"), None);
    }
}
