//! What was told to whom, and what came: a file beside the log (`hooks.db`), which may be lost without harm to a run.
//!
//! `messages` is what goes out, `received` what comes in, `links` by what people answer. What is over is kept for a month.

mod links;
mod messages;
mod received;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use bandleader_core::{Millis, RunId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::folder::Folder;

pub(super) use links::NewLink;
pub use links::{Link, Use};
pub use messages::{Attempt, Delivery, State};
pub(super) use messages::{New, Outcome};
pub(super) use received::{Arrival, Told};
pub use received::{Came, Received, Stands};

/// Messages that are over are kept so long.
const KEPT: Millis = Millis(30 * 24 * 3_600 * 1_000);

/// A message that is signed without a time in it is known again for so long.
const KNOWN: Millis = Millis(366 * 24 * 3_600 * 1_000);

const SHAPE: &str = "
    CREATE TABLE IF NOT EXISTS hook (name TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS cursor (
        hook TEXT NOT NULL, run TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (hook, run)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS message (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL, hook TEXT NOT NULL, run TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL,
        at INTEGER NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, next_at INTEGER NOT NULL,
        UNIQUE (hook, id)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS waiting ON message (hook, run, number) WHERE state = 'waiting';
    CREATE TABLE IF NOT EXISTS try (
        message INTEGER NOT NULL, at INTEGER NOT NULL, took INTEGER NOT NULL, status INTEGER, error TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS try_of ON try (message);
    CREATE TABLE IF NOT EXISTS received (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        hook TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, sender TEXT NOT NULL, event TEXT NOT NULL,
        state TEXT NOT NULL, why TEXT, body TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS received_at ON received (state, at);
    CREATE TABLE IF NOT EXISTS seen (
        hook TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (hook, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS signal (
        received INTEGER NOT NULL, hook TEXT NOT NULL, about TEXT NOT NULL, name TEXT NOT NULL, part TEXT NOT NULL,
        outcome TEXT NOT NULL, summary TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS signal_about ON signal (hook, about);
    CREATE TABLE IF NOT EXISTS counted (
        received INTEGER NOT NULL, run TEXT NOT NULL, decision INTEGER NOT NULL, outcome TEXT NOT NULL, at INTEGER NOT NULL,
        UNIQUE (received, run, decision)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS link (
        hash TEXT PRIMARY KEY, hook TEXT NOT NULL, message TEXT NOT NULL, run TEXT NOT NULL, decision INTEGER NOT NULL,
        person TEXT NOT NULL, at INTEGER NOT NULL, used_at INTEGER, choice TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS link_of ON link (hook, message);
";

/// The book cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot use `{}`; runs are not hurt by that", .file.display())]
pub struct BookError {
    file: PathBuf,
    #[source]
    source: rusqlite::Error,
}

/// The open book.
pub struct Book {
    connection: Connection,
    file: PathBuf,
}

impl Book {
    /// Opens it, and makes it where there is none.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn open(folder: &Folder) -> Result<Book, BookError> {
        let file = folder.root().join("hooks.db");
        let open = || {
            let connection = Connection::open(&file)?;
            connection.busy_timeout(std::time::Duration::from_secs(10))?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.execute_batch(SHAPE)?;
            Ok(connection)
        };
        let connection = open().map_err(failed(&file))?;
        private(&file);
        Ok(Book { connection, file })
    }

    /// Since when a hook is known; from now on if it was not.
    pub(super) fn since(&self, hook: &str, now: Timestamp) -> Result<Timestamp, BookError> {
        let failed = failed(&self.file);
        let known = "INSERT INTO hook (name, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.connection.execute(known, params![hook, whole(now.0)]).map_err(&failed)?;
        let since = self.connection.query_row("SELECT since FROM hook WHERE name = ?1", [hook], |row| stamp(row, 0));
        since.map_err(&failed)
    }

    /// How far a hook has been told of a run.
    pub(super) fn cursor(&self, hook: &str, run: &RunId) -> Result<Option<u64>, BookError> {
        let sql = "SELECT seq FROM cursor WHERE hook = ?1 AND run = ?2";
        let found = self.connection.query_row(sql, [hook, run.as_str()], |row| number(row, 0)).optional();
        found.map_err(failed(&self.file))
    }

    /// Forgets what has been over for long.
    pub(super) fn forget(&self, now: Timestamp) -> Result<(), BookError> {
        let before = whole(now.0.saturating_sub(KEPT.0));
        let forget = || {
            self.connection.execute("DELETE FROM message WHERE state <> 'waiting' AND next_at < ?1", [before])?;
            self.connection.execute("DELETE FROM try WHERE message NOT IN (SELECT number FROM message)", [])?;
            self.connection.execute("DELETE FROM link WHERE at < ?1", [before])?;
            self.connection.execute("DELETE FROM received WHERE at < ?1", [before])?;
            self.connection.execute("DELETE FROM signal WHERE received NOT IN (SELECT number FROM received)", [])?;
            self.connection.execute("DELETE FROM counted WHERE received NOT IN (SELECT number FROM received)", [])?;
            let known = whole(now.0.saturating_sub(KNOWN.0));
            self.connection.execute("DELETE FROM seen WHERE at < ?1", [known])
        };
        forget().map(drop).map_err(failed(&self.file))
    }
}

fn failed(file: &Path) -> impl Fn(rusqlite::Error) -> BookError + use<> {
    let file = file.to_owned();
    move |source| BookError { file: file.clone(), source }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(at).map(i64::unsigned_abs)
}

fn stamp(row: &Row<'_>, at: usize) -> rusqlite::Result<Timestamp> {
    number(row, at).map(Timestamp)
}

/// Bodies may have what people say; the folder is private already.
fn private(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600));
}
