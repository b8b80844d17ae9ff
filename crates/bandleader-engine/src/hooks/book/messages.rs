//! Messages that go out. Those of one run reach one hook in order: while one waits, those behind it wait too.

use bandleader_core::{Millis, RunId, Timestamp};
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::links::NewLink;
use super::{Book, BookError, failed, number, stamp, whole};

/// A message is tried again after so long, in seconds: as Standard Webhooks advises, over three days.
const AGAIN: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

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
pub(in crate::hooks) struct New {
    pub(in crate::hooks) id: String,
    pub(in crate::hooks) seq: u64,
    pub(in crate::hooks) event: String,
    pub(in crate::hooks) at: Timestamp,
    pub(in crate::hooks) body: String,
    /// By what people answer the question that it is about.
    pub(in crate::hooks) link: Option<NewLink>,
}

impl Book {
    /// Writes messages and how far that is, at once.
    pub(in crate::hooks) fn write(
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
                if let Some(link) = &one.link {
                    link.write(&change, (hook, &one.id), run, now)?;
                }
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
    pub(in crate::hooks) fn due(&self, hook: &str, now: Timestamp) -> Result<Vec<Delivery>, BookError> {
        let sql = "SELECT * FROM message AS one WHERE state = 'waiting' AND hook = ?2 AND next_at <= ?1 AND number = \
                   (SELECT min(number) FROM message WHERE state = 'waiting' AND hook = one.hook AND run = one.run) \
                   ORDER BY next_at, number LIMIT 8";
        self.query(sql, &[&whole(now.0), &hook])
    }

    /// Writes down a try, and what follows from it. `again` is when the receiver itself wants to be asked again.
    pub(in crate::hooks) fn tried(
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
pub(in crate::hooks) enum Outcome {
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
