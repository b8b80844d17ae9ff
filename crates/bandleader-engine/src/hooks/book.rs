//! What was told to whom: a file beside the log (`hooks.db`), which may be lost without harm to a run.
//!
//! Messages of one run reach one hook in order: while one waits, those behind it wait too. What is over is kept for a month.

use std::path::{Path, PathBuf};

use bandleader_core::{Millis, RunId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use crate::folder::Folder;

/// A message is tried again after so long, in seconds: as Standard Webhooks advises, over three days.
const AGAIN: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// Messages that are over are kept so long.
const KEPT: Millis = Millis(30 * 24 * 3_600 * 1_000);

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
";

/// The book cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot use `{}`; runs are not hurt by that", .file.display())]
pub struct BookError {
    file: PathBuf,
    #[source]
    source: rusqlite::Error,
}

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is to be told.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was tried for days in vain, or the receiver wants no more.
    GivenUp,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Delivered => "delivered",
            State::GivenUp => "given_up",
        }
    }

    fn of(name: &str) -> State {
        match name {
            "waiting" => State::Waiting,
            "delivered" => State::Delivered,
            _ => State::GivenUp,
        }
    }
}

/// A message to one hook.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// Its place in the book.
    #[serde(skip)]
    pub number: i64,
    /// Its id, which the receiver gets as `webhook-id`.
    pub id: String,
    /// To whom.
    pub hook: String,
    /// Of which run.
    pub run: String,
    /// The event that it stands for.
    pub seq: u64,
    /// Its name in the timeline.
    pub event: String,
    /// When that happened.
    pub at: Timestamp,
    /// What is sent.
    pub body: String,
    /// How it stands.
    pub state: State,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next, if it waits.
    pub next_at: Timestamp,
}

/// One try.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub took: Millis,
    /// What the receiver answered, if it did.
    pub status: Option<u16>,
    /// Why it did not count.
    pub error: Option<String>,
}

/// A message that is to be written.
pub(super) struct New {
    pub(super) id: String,
    pub(super) seq: u64,
    pub(super) event: String,
    pub(super) at: Timestamp,
    pub(super) body: String,
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

    /// Writes messages and how far that is, at once.
    pub(super) fn write(
        &mut self,
        hook: &str,
        run: &RunId,
        upto: u64,
        new: &[New],
        now: Timestamp,
    ) -> Result<(), BookError> {
        let failed = failed(&self.file);
        let mut write = || {
            let change = self.connection.transaction()?;
            for one in new {
                change.execute(
                    "INSERT INTO message (id, hook, run, seq, event, at, body, state, tries, next_at) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'waiting', 0, ?8) ON CONFLICT DO NOTHING",
                    params![
                        one.id,
                        hook,
                        run.as_str(),
                        whole(one.seq),
                        one.event,
                        whole(one.at.0),
                        one.body,
                        whole(now.0)
                    ],
                )?;
            }
            change.execute(
                "INSERT INTO cursor (hook, run, seq) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET seq = excluded.seq",
                params![hook, run.as_str(), whole(upto)],
            )?;
            change.commit()
        };
        write().map_err(&failed)
    }

    /// What a hook is to be told now: the first that waits of each run, if its time has come.
    pub(super) fn due(&self, hook: &str, now: Timestamp) -> Result<Vec<Delivery>, BookError> {
        let sql = "SELECT * FROM message AS one WHERE state = 'waiting' AND hook = ?2 AND next_at <= ?1 AND number = \
                   (SELECT min(number) FROM message WHERE state = 'waiting' AND hook = one.hook AND run = one.run) \
                   ORDER BY next_at, number LIMIT 8";
        self.query(sql, &[&whole(now.0), &hook])
    }

    /// Writes down a try, and what follows from it. `again` is when the receiver itself wants to be asked again.
    pub(super) fn tried(
        &mut self,
        one: &Delivery,
        attempt: &Attempt,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), BookError> {
        let failed = failed(&self.file);
        let (state, next) = match outcome {
            Outcome::Taken => (State::Delivered, now),
            Outcome::NoMore => (State::GivenUp, now),
            Outcome::Refused { again } => match AGAIN.get(one.tries as usize) {
                None => (State::GivenUp, now),
                Some(seconds) => {
                    let usual = Timestamp(now.0.saturating_add(spread(seconds * 1_000, &one.id, one.tries)));
                    (State::Waiting, again.map_or(usual, |again| again.max(usual)))
                }
            },
        };
        let mut write = || {
            let change = self.connection.transaction()?;
            change.execute(
                "INSERT INTO try (message, at, took, status, error) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![one.number, whole(attempt.at.0), whole(attempt.took.0), attempt.status, attempt.error],
            )?;
            change.execute(
                "UPDATE message SET state = ?2, tries = tries + 1, next_at = ?3 WHERE number = ?1",
                params![one.number, state.name(), whole(next.0)],
            )?;
            change.commit()
        };
        write().map_err(&failed)
    }

    /// Tells a message again: the same one, under the same id. Whether there is one.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn replay(&mut self, id: &str, now: Timestamp) -> Result<bool, BookError> {
        let sql = "UPDATE message SET state = 'waiting', tries = 0, next_at = ?2 WHERE id = ?1";
        let changed = self.connection.execute(sql, params![id, whole(now.0)]).map_err(failed(&self.file))?;
        Ok(changed > 0)
    }

    /// The same for all that was given up, of one hook. How many.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn replay_failed(&mut self, hook: &str, now: Timestamp) -> Result<usize, BookError> {
        let sql =
            "UPDATE message SET state = 'waiting', tries = 0, next_at = ?2 WHERE hook = ?1 AND state = 'given_up'";
        self.connection.execute(sql, params![hook, whole(now.0)]).map_err(failed(&self.file))
    }

    /// The newest messages, of one hook or all.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn newest(&self, hook: Option<&str>, state: Option<State>, limit: u32) -> Result<Vec<Delivery>, BookError> {
        let sql = "SELECT * FROM message WHERE (?1 IS NULL OR hook = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY number DESC LIMIT ?3";
        self.query(sql, &[&hook, &state.map(State::name), &limit])
    }

    /// One message by its id.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn message(&self, id: &str) -> Result<Option<Delivery>, BookError> {
        Ok(self.query("SELECT * FROM message WHERE id = ?1", &[&id])?.pop())
    }

    /// How it was tried, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn attempts(&self, one: &Delivery) -> Result<Vec<Attempt>, BookError> {
        let read = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT at, took, status, error FROM try WHERE message = ?1 ORDER BY rowid")?;
            let rows = statement.query_map([one.number], |row| {
                Ok(Attempt {
                    at: stamp(row, 0)?,
                    took: Millis(number(row, 1)?),
                    status: row.get(2)?,
                    error: row.get(3)?,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed(&self.file))
    }

    /// How many messages of a hook are waiting, delivered and given up.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn counts(&self, hook: &str) -> Result<[u64; 3], BookError> {
        let of = |state: State| {
            let sql = "SELECT count(*) FROM message WHERE hook = ?1 AND state = ?2";
            self.connection.query_row(sql, [hook, state.name()], |row| number(row, 0))
        };
        let all = || Ok([of(State::Waiting)?, of(State::Delivered)?, of(State::GivenUp)?]);
        all().map_err(failed(&self.file))
    }

    /// Forgets what has been over for long.
    pub(super) fn forget(&self, now: Timestamp) -> Result<(), BookError> {
        let before = whole(now.0.saturating_sub(KEPT.0));
        let forget = || {
            self.connection.execute("DELETE FROM message WHERE state <> 'waiting' AND next_at < ?1", [before])?;
            self.connection.execute("DELETE FROM try WHERE message NOT IN (SELECT number FROM message)", [])
        };
        forget().map(drop).map_err(failed(&self.file))
    }

    fn query(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Delivery>, BookError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map(values, delivery)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed(&self.file))
    }
}

/// What a try amounted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The receiver has it.
    Taken,
    /// It has not; it may have said when it wants to be asked again.
    Refused { again: Option<Timestamp> },
    /// It wants no more of this.
    NoMore,
}

/// Up to a tenth more or less, always the same for the same try: many messages do not come back at once.
fn spread(length: u64, id: &str, tries: u32) -> u64 {
    let hash = blake3::hash(format!("{id}{tries}").as_bytes());
    let part = u64::from(hash.as_bytes().first().copied().unwrap_or(0));
    length - length / 10 + length / 5 * part / 255
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        number: row.get("number")?,
        id: row.get("id")?,
        hook: row.get("hook")?,
        run: row.get("run")?,
        seq: row.get::<_, i64>("seq")?.unsigned_abs(),
        event: row.get("event")?,
        at: Timestamp(row.get::<_, i64>("at")?.unsigned_abs()),
        body: row.get("body")?,
        state: State::of(&row.get::<_, String>("state")?),
        tries: row.get("tries")?,
        next_at: Timestamp(row.get::<_, i64>("next_at")?.unsigned_abs()),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> (tempfile::TempDir, Book, RunId) {
        let project = tempfile::tempdir().unwrap();
        let folder = Folder::create(project.path()).unwrap();
        let book = Book::open(&folder).unwrap();
        (project, book, RunId::parse("k3v9").unwrap())
    }

    fn new(seq: u64) -> New {
        New { id: format!("msg_{seq}"), seq, event: "agent_start".into(), at: Timestamp(seq), body: "{}".into() }
    }

    fn due(book: &Book, now: u64) -> Vec<String> {
        book.due("ops", Timestamp(now)).unwrap().into_iter().map(|one| one.id).collect()
    }

    fn tried(book: &mut Book, outcome: Outcome, now: u64) {
        let one = book.due("ops", Timestamp(now)).unwrap().remove(0);
        let attempt = Attempt { at: Timestamp(now), took: Millis(1), status: None, error: None };
        book.tried(&one, &attempt, outcome, Timestamp(now)).unwrap();
    }

    #[test]
    fn messages_of_a_run_go_one_after_the_other_and_those_of_another_do_not_wait() {
        let (_project, mut book, run) = book();
        let other = RunId::parse("b").unwrap();
        book.write("ops", &run, 2, &[new(1), new(2)], Timestamp(0)).unwrap();
        book.write("ops", &other, 9, &[new(9)], Timestamp(0)).unwrap();
        assert_eq!(due(&book, 0), ["msg_1", "msg_9"]);
        tried(&mut book, Outcome::Refused { again: None }, 0);
        assert_eq!(due(&book, 4_000), ["msg_9"], "what is behind one that waits, waits");
        assert_eq!(due(&book, 6_000), ["msg_9", "msg_1"]);
        tried(&mut book, Outcome::Taken, 6_000);
        tried(&mut book, Outcome::Taken, 6_000);
        assert_eq!(due(&book, 6_000), ["msg_2"]);
        assert_eq!(book.cursor("ops", &run).unwrap(), Some(2));
        assert_eq!(book.counts("ops").unwrap(), [1, 2, 0]);
    }

    #[test]
    fn nothing_is_written_twice_and_a_replay_keeps_its_id() {
        let (_project, mut book, run) = book();
        book.write("ops", &run, 1, &[new(1)], Timestamp(0)).unwrap();
        book.write("ops", &run, 1, &[new(1)], Timestamp(0)).unwrap();
        assert_eq!(due(&book, 0), ["msg_1"]);
        tried(&mut book, Outcome::Taken, 0);
        assert_eq!(due(&book, 1 << 40), [""; 0]);
        assert!(book.replay("msg_1", Timestamp(7)).unwrap() && !book.replay("msg_2", Timestamp(7)).unwrap());
        assert_eq!(due(&book, 7), ["msg_1"]);
    }

    #[test]
    fn it_is_tried_for_three_days_and_then_given_up() {
        let (_project, mut book, run) = book();
        book.write("ops", &run, 2, &[new(1), new(2)], Timestamp(0)).unwrap();
        let (mut now, mut tries) = (0, 0);
        while due(&book, now) == ["msg_1"] {
            tried(&mut book, Outcome::Refused { again: None }, now);
            tries += 1;
            now = book.message("msg_1").unwrap().unwrap().next_at.0;
        }
        assert_eq!((tries, book.message("msg_1").unwrap().unwrap().state), (10, State::GivenUp));
        let days = now / (24 * 3_600 * 1_000);
        assert!((2..=4).contains(&days), "{days}");
        assert_eq!(due(&book, now), ["msg_2"], "it stands in nobody's way any more");
        assert_eq!(book.attempts(&book.message("msg_1").unwrap().unwrap()).unwrap().len(), 10);
        assert_eq!(book.replay_failed("ops", Timestamp(now)).unwrap(), 1);
        assert_eq!(due(&book, now), ["msg_1"]);
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_or_for_no_more_at_all() {
        let (_project, mut book, run) = book();
        book.write("ops", &run, 2, &[new(1), new(2)], Timestamp(0)).unwrap();
        tried(&mut book, Outcome::Refused { again: Some(Timestamp(60_000)) }, 0);
        assert_eq!((due(&book, 59_000).len(), due(&book, 60_000).len()), (0, 1));
        tried(&mut book, Outcome::NoMore, 60_000);
        assert_eq!(book.message("msg_1").unwrap().unwrap().state, State::GivenUp);
        book.forget(Timestamp(60_000 + KEPT.0 + 1)).unwrap();
        assert!(book.message("msg_1").unwrap().is_none() && book.message("msg_2").unwrap().is_some());
    }
}
