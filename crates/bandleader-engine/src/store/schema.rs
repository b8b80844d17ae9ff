//! The shape of the file and how older files are brought to it. `user_version` counts the steps that a file has seen.
//!
//! A step that was released is never changed: a new shape is a new step at the end.

use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::error::Place;
use super::{PATIENCE, StoreError};

/// `band` in ASCII: tells our file from any other SQLite file.
const APPLICATION: i64 = 0x6261_6e64;

/// The steps, oldest first.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE run (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        mission TEXT NOT NULL,
        plan_hash TEXT NOT NULL,
        plan_name TEXT NOT NULL,
        project TEXT NOT NULL,
        state TEXT NOT NULL,
        summary TEXT NOT NULL,
        last_seq INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        head BLOB NOT NULL
    ) STRICT;
    CREATE TABLE event (
        run TEXT NOT NULL,
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL,
        type TEXT NOT NULL,
        v INTEGER NOT NULL,
        body TEXT NOT NULL,
        sum BLOB NOT NULL,
        PRIMARY KEY (run, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE inbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL,
        at INTEGER NOT NULL,
        key TEXT NOT NULL,
        body TEXT NOT NULL,
        taken INTEGER,
        UNIQUE (run, key)
    ) STRICT;
    CREATE INDEX inbox_waiting ON inbox (run, id) WHERE taken IS NULL;
",
    // An event is kept under one number, which says its run and its place in it (`log::key`): such rows are appended by filling the last page and
    // beginning another, where the keys of before had SQLite share three pages out anew. 2.8 pages a commit of seven events, in place of 5.5.
    "
    ALTER TABLE event RENAME TO event_by_name;
    CREATE TABLE event (
        key INTEGER PRIMARY KEY,
        run INTEGER AS (key >> 32),
        seq INTEGER AS (key & 4294967295),
        at INTEGER NOT NULL,
        type TEXT NOT NULL,
        v INTEGER NOT NULL,
        body TEXT NOT NULL,
        sum BLOB NOT NULL
    ) STRICT;
    INSERT INTO event (key, at, type, v, body, sum)
        SELECT run.number << 32 | old.seq, old.at, old.type, old.v, old.body, old.sum
        FROM event_by_name AS old JOIN run ON run.id = old.run ORDER BY run.number, old.seq;
    DROP TABLE event_by_name;
",
];

/// Refuses a file that is not ours or too new; says how many steps it has seen.
pub(super) fn recognise(connection: &Connection, file: &Path) -> Result<usize, StoreError> {
    let read = |name| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(Place::file(file).failed("read"))
    };
    let (found, application) = (read("user_version")?, read("application_id")?);
    let fresh = found == 0 && application == 0 && read("schema_version")? == 0;
    if application != APPLICATION && !fresh {
        return Err(StoreError::NotALog { file: file.to_owned() });
    }
    match usize::try_from(found) {
        Ok(steps) if steps <= MIGRATIONS.len() => Ok(steps),
        _ => Err(StoreError::Newer { file: file.to_owned(), found, known: MIGRATIONS.len() }),
    }
}

/// Turns the write-ahead log on. SQLite does not wait for others while it does that, so we do.
pub(super) fn use_wal(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    const PAUSE: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(StoreError::NoWal { file: file.to_owned() }),
            Err(error) if is_busy(&error) && waited < PATIENCE => {
                thread::sleep(PAUSE);
                waited += PAUSE;
            }
            Err(error) => return Err(Place::file(file).failed("open")(error)),
        }
    }
}

/// Brings the file up to the end of `steps`, all in one transaction: it has the old shape or the new one.
pub(super) fn migrate(connection: &mut Connection, file: &Path, steps: &[&str]) -> Result<(), StoreError> {
    let failed = Place::file(file).failed("bring up to date");
    if version(connection).map_err(failed)? == steps.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Read again: another process may have done it while we waited.
    let seen = version(&transaction).map_err(failed)?;
    for step in steps.iter().skip(seen) {
        transaction.execute_batch(step).map_err(failed)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
    let steps = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    transaction.pragma_update(None, "user_version", steps).map_err(failed)?;
    transaction.commit().map_err(failed)
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(found).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, found))
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
