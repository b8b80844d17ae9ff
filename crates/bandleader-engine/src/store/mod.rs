//! The event log of all runs of one state folder, its list of runs and its inbox: one SQLite file.
//!
//! The engine of a run commits to it; every face reads it and may `send`. Always true: a commit is there as a whole or not at all and
//! survives power loss when `commit` has returned (WAL, `synchronous=FULL`); the events of a run are 1, 2, 3 … without a gap, and each
//! carries a checksum over all before it (`chain`), so nothing can go missing or change without being named.
//!
//! After a failed `commit` the caller must forget its state and read the log again: the disk knows what is true.

mod birth;
mod chain;
mod error;
mod inbox;
mod log;
mod room;
mod runs;
mod schema;
#[cfg(test)]
mod tests;
mod witness;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

pub use error::StoreError;
pub use inbox::{Sent, Waiting};
pub use log::{Batch, Mark, Summary};
pub use runs::{NewRun, RunRow};

use crate::folder::Folder;
use error::Place;
use room::Room;

/// How long a commit waits for another run's commit. They take milliseconds; this allows for a very slow disk.
const PATIENCE: Duration = Duration::from_secs(15);

/// Prepared statements that are kept; there are about a dozen.
const STATEMENTS: usize = 24;

/// An open log. One per thread; any number of processes may have one.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    file: PathBuf,
    room: Room,
}

impl Store {
    /// Opens the log for reading and writing; makes it or brings it to this version where needed.
    pub fn open(folder: &Folder) -> Result<Store, StoreError> {
        let file = folder.database();
        birth::ensure(&file)?;
        let place = Place::file(&file);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&file, flags).map_err(place.failed("open"))?;
        set_up(&connection).map_err(place.failed("open"))?;
        schema::recognise(&connection, &file)?;
        schema::use_wal(&connection, &file)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(place.failed("open"))?;
        schema::migrate(&mut connection, &file, schema::MIGRATIONS)?;
        Ok(Store { connection, file, room: Room::default() })
    }

    /// Opens the log for reading only; works on a disk that cannot be written. A folder without a log has no runs.
    pub fn open_read_only(folder: &Folder) -> Result<Store, StoreError> {
        let file = folder.database();
        let connection = open_for_reading(&file)?;
        let known = schema::recognise(&connection, &file)?;
        if known < schema::MIGRATIONS.len() {
            // Made by an older version, or not finished: only a writer may bring it up.
            drop(connection);
            return Store::open(folder);
        }
        Ok(Store { connection, file, room: Room::default() })
    }

    /// Changes whenever another process has committed anything; for followers that look now and then.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        let place = Place::file(&self.file);
        let mut statement = self.connection.prepare_cached("PRAGMA data_version").map_err(place.failed("read"))?;
        statement.query_row([], |row| row.get(0)).map_err(place.failed("read"))
    }

    /// Closes it for one who opens it next and goes on writing: what was committed stays in the write-ahead log, as after a crash, and
    /// is not moved into the file and synced there, only for that log to be made and synced anew.
    pub fn hand_over(self) -> Result<(), StoreError> {
        let place = Place::file(&self.file);
        self.connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .map(drop)
            .map_err(place.failed("close"))
    }

    /// Moves what was committed from the write-ahead log into the file, so that closing has nothing left to do. A failure is no loss: closing
    /// tries again, and so does whoever opens it next.
    pub fn settle(&self) {
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    }

    /// Where the log is.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise a statement whose plan could depend on its values is prepared anew at every use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

/// A reader of a WAL file writes a little beside it (its index). Where that is not possible and no WAL holds anything, the
/// file cannot change and is read as it is.
fn open_for_reading(file: &Path) -> Result<Connection, StoreError> {
    let place = Place::file(file);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let usual = Connection::open_with_flags(file, flags).and_then(|connection| {
        set_up(&connection)?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    });
    let Err(problem) = usual else { return usual.map_err(place.failed("open")) };
    let nothing_in_wal = std::fs::metadata(room::path(file)).map_or(true, |wal| wal.len() == 0);
    if !(error::is_read_only(&problem) && file.exists() && nothing_in_wal) {
        return Err(place.failed("open")(problem));
    }
    let uri = format!("file:{}?immutable=1", percent_encoded(file));
    let connection =
        Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI).map_err(place.failed("open"))?;
    set_up(&connection).map_err(place.failed("open"))?;
    Ok(connection)
}

fn percent_encoded(file: &Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    let mut text = String::new();
    for byte in file.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
