//! What can go wrong with the log, in words that say what is lost (nothing, mostly) and what to do.

use std::io;
use std::path::{Path, PathBuf};

use bandleader_core::RunId;
use rusqlite::ErrorCode;

/// The log refused, or is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else committed to this run: this engine is no longer its writer.
    #[error("the log of run `{run}` moved on: expected event {expected}, found {found}; another process runs it now")]
    Conflict {
        /// Which run.
        run: RunId,
        /// The next event as the caller knew it.
        expected: u64,
        /// The next event as the log has it.
        found: u64,
    },
    /// A batch whose events do not follow one another: a fault of ours.
    #[error("run `{run}`: event {found} was to be committed where event {expected} belongs; please report this")]
    OutOfOrder {
        /// Which run.
        run: RunId,
        /// Belongs there.
        expected: u64,
        /// Was given.
        found: u64,
    },
    /// An input was taken a second time: this engine is no longer the run's writer, or a fault of ours.
    #[error("run `{run}`: input {input} was taken before; another process runs it now")]
    AlreadyTaken {
        /// Which run.
        run: RunId,
        /// The input's number.
        input: i64,
    },
    /// No run has that name.
    #[error("no run `{0}` in this folder; `band list` shows all of them")]
    NoSuchRun(String),
    /// There is no run at all.
    #[error("there is no run in this folder yet; `band run PLAN` starts one")]
    NoRuns,
    /// Several runs have names that begin so.
    #[error("`{prefix}` may be any of {}; give more letters", list(.some, *.more))]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// Up to five that fit, newest first.
        some: Vec<RunId>,
        /// How many more fit.
        more: usize,
    },
    /// A run of that name exists.
    #[error("there is a run `{0}` already; start again to get another name")]
    RunExists(RunId),
    /// An input that is longer than any of ours is.
    #[error("an input of {bytes} bytes is too long: at most {limit}; put the content into a file and name that")]
    InputTooLong {
        /// Its length.
        bytes: usize,
        /// What is allowed.
        limit: usize,
    },
    /// An event should be there and is not.
    #[error("`{}`: event {seq} of run `{run}` is missing; the events before it are whole; restore the file from a backup", .file.display())]
    Missing {
        /// The log.
        file: PathBuf,
        /// Which run.
        run: RunId,
        /// The first event that is not there.
        seq: u64,
    },
    /// An event is not what was committed.
    #[error("`{}`: event {seq} of run `{run}` is damaged ({what}); the events before it are whole; restore the file from a backup", .file.display())]
    Corrupt {
        /// The log.
        file: PathBuf,
        /// Which run.
        run: RunId,
        /// The first event that is not whole.
        seq: u64,
        /// How it shows.
        what: String,
    },
    /// The log knows less than was shown: it lost its end, or is an older copy.
    #[error("`{}`: the log of run `{run}` is shorter than its timeline: it ends at event {log}, but event {seen} was shown; restore the newer file from a backup", .file.display())]
    ShorterThanTimeline {
        /// The log.
        file: PathBuf,
        /// Which run.
        run: RunId,
        /// Its last event.
        log: u64,
        /// The last event that somebody has seen.
        seen: u64,
    },
    /// An event that only a newer `band` knows.
    #[error("`{}`: event {seq} of run `{run}` was written by a newer version of band ({what}); use that version", .file.display())]
    NewerEvent {
        /// The log.
        file: PathBuf,
        /// Which run.
        run: RunId,
        /// Which event.
        seq: u64,
        /// Its type and version.
        what: String,
    },
    /// The whole file is of a newer `band`.
    #[error("`{}` was written by a newer version of band (format {found}, this one knows {known}); use that version", .file.display())]
    Newer {
        /// The log.
        file: PathBuf,
        /// Its format.
        found: i64,
        /// Ours.
        known: usize,
    },
    /// Not SQLite, or not ours.
    #[error("`{}` is not a log of band; move it away, or restore it from a backup", .file.display())]
    NotALog {
        /// The file.
        file: PathBuf,
    },
    /// SQLite's own structure is broken.
    #[error("`{}` is damaged; keep a copy of it and restore it from a backup", .file.display())]
    Damaged {
        /// The log.
        file: PathBuf,
        /// What SQLite says.
        #[source]
        source: Box<rusqlite::Error>,
    },
    /// The disk is full, or fails, while a run was to go on.
    #[error("{why} for `{}`: nothing was lost of run `{run}` up to event {kept}; {remedy} and `band resume {run}`", .file.display())]
    CannotKeep {
        /// Full, or failing.
        why: &'static str,
        /// What to do about it.
        remedy: &'static str,
        /// The log.
        file: PathBuf,
        /// Which run.
        run: RunId,
        /// The last event that is safe.
        kept: u64,
        /// What SQLite says.
        #[source]
        source: Box<rusqlite::Error>,
    },
    /// The same outside a run's commit: nothing was changed.
    #[error("{why} for `{}`: nothing was changed; {remedy} and try again", .file.display())]
    NoRoom {
        /// Full, or failing.
        why: &'static str,
        /// What to do about it.
        remedy: &'static str,
        /// The log.
        file: PathBuf,
        /// What SQLite says.
        #[source]
        source: Box<rusqlite::Error>,
    },
    /// Writing is not allowed there.
    #[error("`{}` cannot be written; check the rights of the file and its folder", .file.display())]
    ReadOnly {
        /// The log.
        file: PathBuf,
    },
    /// There is no log to read.
    #[error("there is no log at `{}`; `band run PLAN` starts one", .file.display())]
    Absent {
        /// Where it should be.
        file: PathBuf,
    },
    /// Somebody held the log for longer than we wait.
    #[error("`{}` is in use by another process for too long; look for one that hangs, and try again", .file.display())]
    Busy {
        /// The log.
        file: PathBuf,
    },
    /// The disk cannot keep a log that several processes share.
    #[error("`{}` lies on a disk without shared memory between processes (a network share?); use a local disk", .file.display())]
    NoWal {
        /// The log.
        file: PathBuf,
    },
    /// Anything else that SQLite says.
    #[error("cannot {action} `{}`", .file.display())]
    Sqlite {
        /// What we were doing.
        action: &'static str,
        /// The log.
        file: PathBuf,
        /// What SQLite says.
        #[source]
        source: Box<rusqlite::Error>,
    },
    /// The disk, before SQLite came in.
    #[error("cannot open `{}`; check its rights and the disk", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// An event that has no JSON form: a fault of ours.
    #[error("run `{run}`: event {seq} cannot be written down; please report this")]
    Unwritable {
        /// Which run.
        run: RunId,
        /// Which event.
        seq: u64,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// Which file, and which run's next event, an SQLite error is about.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    file: &'a Path,
    run: Option<(&'a RunId, u64)>,
}

impl<'a> Place<'a> {
    pub(super) fn file(file: &'a Path) -> Place<'a> {
        Place { file, run: None }
    }

    /// During a commit to `run`, whose events up to `kept` are safe.
    pub(super) fn commit(file: &'a Path, run: &'a RunId, kept: u64) -> Place<'a> {
        Place { file, run: Some((run, kept)) }
    }

    /// Makes SQLite's error ours.
    pub(super) fn failed(self, action: &'static str) -> impl Fn(rusqlite::Error) -> StoreError + Copy + use<'a> {
        move |source| self.name(action, source)
    }

    fn name(self, action: &'static str, source: rusqlite::Error) -> StoreError {
        let file = self.file.to_owned();
        let source = Box::new(source);
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => self.no_room("the disk is full", "make room", source),
            Some(ErrorCode::SystemIoFailure) => {
                self.no_room("the disk refused to read or write", "check that it works and has room", source)
            }
            Some(ErrorCode::CannotOpen) if !file.exists() => StoreError::Absent { file },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::ReadOnly { file }
            }
            Some(ErrorCode::NotADatabase) => StoreError::NotALog { file },
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { file, source },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { file },
            _ => StoreError::Sqlite { action, file, source },
        }
    }

    fn no_room(self, why: &'static str, remedy: &'static str, source: Box<rusqlite::Error>) -> StoreError {
        let file = self.file.to_owned();
        match self.run {
            Some((run, kept)) => StoreError::CannotKeep { why, remedy, file, run: run.clone(), kept, source },
            None => StoreError::NoRoom { why, remedy, file, source },
        }
    }
}

/// Whether a reader failed only because nothing may be written beside the file.
pub(super) fn is_read_only(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
}

/// The error of a file that is made or opened before SQLite sees it.
pub(super) fn of_io(file: &Path, source: io::Error) -> StoreError {
    let file = file.to_owned();
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { file },
        _ => StoreError::Io { file, source },
    }
}

fn list(some: &[RunId], more: usize) -> String {
    let names: Vec<String> = some.iter().map(|run| format!("`{run}`")).collect();
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
