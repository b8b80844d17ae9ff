//! Room in the write-ahead log, made before it is needed.
//!
//! A commit that makes the file longer waits for the disk twice, for its data and for the file's new length; one that overwrites
//! what is there waits once: 180 µs and 93 µs, medians of 400 on ext4. SQLite overwrites only when its log has been checkpointed,
//! after a thousand pages, which most runs never fill. So zeros are written ahead of it, some at a time, and become durable with the
//! commit that follows them; no sync is added.
//!
//! Zeros are no frame, because a frame repeats the salt of the log's header: a recovery ends before them (<https://sqlite.org/walformat.html>).
//! They are written only while we hold the lock of writers: otherwise another process could append there meanwhile, and they
//! would lie on what it has committed. All of it may fail without
//! harm: SQLite then makes the file longer itself.

use std::cell::{Cell, OnceCell};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Transaction;

/// How much is written at once: about twenty commits of small tasks.
const STEP: usize = 256 << 10;

/// With less room than this there is a step: more than a usual commit takes.
const MARGIN: u64 = 64 << 10;

/// From here on there is room enough: SQLite checkpoints at a thousand pages, and starts again at the beginning.
const ENOUGH: u64 = 1_000 * (FRAME_HEADER + 4_096) + HEADER;

/// Lengths of the log's header and of that of each page in it.
const HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;

/// What one writer knows of the room there is.
#[derive(Debug, Default)]
pub(super) struct Room {
    log: OnceCell<Log>,
    is_enough: Cell<bool>,
}

#[derive(Debug)]
struct Log {
    file: File,
    page: u64,
}

impl Room {
    /// Makes room if there is little left. `_lock` is a transaction that has begun to write: nobody else appends while it is there.
    pub(super) fn keep(&self, _lock: &Transaction<'_>, database: &Path) {
        if !self.is_enough.get() {
            // Nobody is told: what fails here is done by SQLite, which says so if it fails again.
            let enough = self.make(database).unwrap_or(true);
            self.is_enough.set(enough);
        }
    }

    fn make(&self, database: &Path) -> io::Result<bool> {
        let log = match self.log.get() {
            Some(log) => log,
            None => match Log::open(database)? {
                Some(log) => self.log.get_or_init(|| log),
                None => return Ok(false),
            },
        };
        let length = log.file.metadata()?.len();
        if length >= ENOUGH {
            return Ok(true);
        }
        if log.is_used_before(length.saturating_sub(MARGIN))? {
            log.file.write_all_at(&vec![0; STEP], length)?;
        }
        Ok(false)
    }
}

impl Log {
    /// Opens it beside the database; none if nothing was written yet.
    fn open(database: &Path) -> io::Result<Option<Log>> {
        let file = OpenOptions::new().read(true).write(true).open(path(database))?;
        let mut page = [0; 4];
        match file.read_exact_at(&mut page, 8) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let page = u64::from(u32::from_be_bytes(page));
        Ok((page > 0).then_some(Log { file, page }))
    }

    /// Whether the last frame that begins before this place has been written: then it has the number of a page, which is never 0.
    fn is_used_before(&self, place: u64) -> io::Result<bool> {
        let frame = FRAME_HEADER + self.page;
        let Some(count) = place.checked_sub(HEADER).map(|frames| frames / frame) else { return Ok(true) };
        let mut number = [0; 4];
        match self.file.read_exact_at(&mut number, HEADER + count * frame) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(true),
            read => read?,
        }
        Ok(number != [0; 4])
    }
}

/// Where SQLite keeps the write-ahead log of a database.
pub(super) fn path(database: &Path) -> PathBuf {
    let mut wal = database.as_os_str().to_owned();
    wal.push("-wal");
    wal.into()
}
