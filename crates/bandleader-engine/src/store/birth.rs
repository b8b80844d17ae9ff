//! How the file of the log comes to be: made whole beside its place, synced once, and then renamed into it.
//!
//! Made in its place it would cost SQLite five syncs (rollback journal twice, folder, file, first step), and who was killed between
//! them would leave half of it. The new name is not synced here: SQLite syncs the folder of a write-ahead log with the first sync of
//! that log by each connection (`os_unix.c`, `UNIXFILE_DIRSYNC`), which comes before its first commit.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::error::{self, Place};
use super::{StoreError, schema};

/// Makes the log if there is none. Of several who do so at once, one file stands.
pub(super) fn ensure(file: &Path) -> Result<(), StoreError> {
    if file.exists() {
        return Ok(());
    }
    let beside = name_beside(file);
    let made = make(&beside, file).and_then(|()| put_in_place(&beside, file));
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let mut rest = beside.as_os_str().to_owned();
        rest.push(suffix);
        let _ = fs::remove_file(rest);
    }
    made
}

/// A name of its own for each that tries, so that nobody disturbs another.
fn name_beside(file: &Path) -> PathBuf {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".new-{number}-{}", std::process::id()));
    name.into()
}

/// A whole log without runs, synced. Nobody else knows its name, so nothing in between needs to be.
fn make(beside: &Path, file: &Path) -> Result<(), StoreError> {
    let place = Place::file(file);
    let create = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside);
    match create() {
        Ok(_) => {}
        // Of an earlier process with our number.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(beside).and_then(|()| create()).map_err(|source| error::of_io(file, source))?;
        }
        Err(source) => return Err(error::of_io(file, source)),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(beside, flags).map_err(place.failed("make"))?;
    connection.pragma_update(None, "synchronous", "OFF").map_err(place.failed("make"))?;
    connection.pragma_update_and_check(None, "journal_mode", "MEMORY", |_| Ok(())).map_err(place.failed("make"))?;
    schema::migrate(&mut connection, file, schema::MIGRATIONS)?;
    schema::use_wal(&connection, file)?;
    connection.close().map_err(|(_, error)| place.failed("make")(error))?;
    File::open(beside).and_then(|made| made.sync_all()).map_err(|source| error::of_io(file, source))
}

fn put_in_place(beside: &Path, file: &Path) -> Result<(), StoreError> {
    let put = match renameat_with(CWD, beside, CWD, file, RenameFlags::NOREPLACE) {
        // A file system that cannot rename so: a second name for the same file does as well.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => fs::hard_link(beside, file),
        put => put.map_err(io::Error::from),
    };
    match put {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        put => put.map_err(|source| error::of_io(file, source)),
    }
}
