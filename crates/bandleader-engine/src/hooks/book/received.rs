//! What came by hooks: each delivery with what became of it, what it says of how things went, and which messages are known already.

use bandleader_core::{RunId, Timestamp};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::{Book, BookError, failed, number, stamp, whole};
use crate::hooks::incoming::{Outcome, Signal};

/// Those that were refused are kept up to this number: whoever knocks without end does not fill the disk.
const MOST_REFUSED: u32 = 500;

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// It was who it says, and says how something went.
    Accepted,
    /// It was who it says, and says nothing that anything could wait for.
    Ignored,
    /// It came before.
    Repeated,
    /// It was not who it says, or cannot be read.
    Refused,
}

impl Stands {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Stands::Accepted => "accepted",
            Stands::Ignored => "ignored",
            Stands::Repeated => "repeated",
            Stands::Refused => "refused",
        }
    }

    fn of(name: &str) -> Stands {
        match name {
            "accepted" => Stands::Accepted,
            "ignored" => Stands::Ignored,
            "repeated" => Stands::Repeated,
            _ => Stands::Refused,
        }
    }
}

/// What is to be written of a delivery.
pub(in crate::hooks) struct Arrival<'a> {
    pub(in crate::hooks) hook: &'a str,
    /// As its sender calls it; may be empty.
    pub(in crate::hooks) id: &'a str,
    pub(in crate::hooks) sender: &'a str,
    pub(in crate::hooks) event: &'a str,
    pub(in crate::hooks) stands: Stands,
    pub(in crate::hooks) why: Option<&'a str>,
    /// What it says, word for word; none of what was refused.
    pub(in crate::hooks) body: Option<&'a str>,
    /// By which it is known if it comes again; none of what was refused.
    pub(in crate::hooks) key: Option<&'a str>,
    pub(in crate::hooks) signals: &'a [Signal],
}

/// A delivery.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its place in the book.
    pub number: u64,
    /// The hook that it came by, or tried to.
    pub hook: String,
    /// As its sender calls it; may be empty.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The address that it came from.
    pub sender: String,
    /// What it calls itself; may be empty.
    pub event: String,
    /// What became of it.
    pub stands: Stands,
    /// Why, where that is not plain.
    pub why: Option<String>,
    /// What it says, word for word; none of what was refused.
    pub body: Option<String>,
}

/// A question that a delivery answered.
#[derive(Clone, Debug)]
pub struct Came {
    /// Of which run.
    pub run: String,
    /// Its number.
    pub decision: u64,
    /// `passed` or `failed`.
    pub outcome: String,
    /// When.
    pub at: Timestamp,
}

/// What the newest message about a thing says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hooks) struct Told {
    pub(in crate::hooks) received: u64,
    /// As its sender calls it, or by its place in the book.
    pub(in crate::hooks) message: String,
    pub(in crate::hooks) part: String,
    pub(in crate::hooks) outcome: Outcome,
    pub(in crate::hooks) summary: String,
}

impl Book {
    /// Writes a delivery down with what it says, all at once. If its key is known it counts as one that came before.
    pub(in crate::hooks) fn receive(&mut self, one: &Arrival<'_>, now: Timestamp) -> Result<Stands, BookError> {
        let failed = failed(&self.file);
        let mut write = || {
            let change = self.connection.transaction()?;
            let is_new = match one.key {
                None => true,
                Some(key) => {
                    let sql = "INSERT INTO seen (hook, key, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
                    change.execute(sql, params![one.hook, key, whole(now.0)])? > 0
                }
            };
            let (stands, why) = if is_new { (one.stands, one.why) } else { (Stands::Repeated, None) };
            change.execute(
                "INSERT INTO received (hook, id, at, sender, event, state, why, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![one.hook, one.id, whole(now.0), one.sender, one.event, stands.name(), why, one.body.filter(|_| is_new)],
            )?;
            let number = change.last_insert_rowid();
            for signal in one.signals.iter().filter(|_| stands == Stands::Accepted) {
                for about in &signal.about {
                    change.execute(
                        "INSERT INTO signal (received, hook, about, name, part, outcome, summary) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                        params![number, one.hook, about, signal.check, signal.part, signal.outcome.name(), signal.summary],
                    )?;
                }
            }
            if matches!(stands, Stands::Refused | Stands::Repeated) {
                change.execute(
                    "DELETE FROM received WHERE state = ?1 AND number <= \
                     (SELECT number FROM received WHERE state = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
                    params![stands.name(), MOST_REFUSED],
                )?;
            }
            change.commit()?;
            Ok(stands)
        };
        write().map_err(failed)
    }

    /// What is known of a thing since then: the newest word of each part of it. A commit may be given by its beginning.
    pub(in crate::hooks) fn told(
        &self,
        hook: &str,
        about: &str,
        check: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<Told>, BookError> {
        let is_short = (7..40).contains(&about.len()) && about.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sql = "SELECT max(signal.received), part, outcome, summary, id FROM signal \
                   JOIN received ON received.number = signal.received WHERE signal.hook = ?1 AND received.at >= ?5 \
                   AND (about = ?2 OR (?3 AND length(about) IN (40, 64) AND substr(about, 1, length(?2)) = lower(?2))) \
                   AND (?4 IS NULL OR name = ?4) GROUP BY part ORDER BY 1 DESC";
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map(params![hook, about, is_short, check, whole(since.0)], |row| {
                let (received, id) = (number(row, 0)?, row.get::<_, String>(4)?);
                Ok(Told {
                    received,
                    message: if id.is_empty() { received.to_string() } else { id },
                    part: row.get(1)?,
                    outcome: Outcome::of(&row.get::<_, String>(2)?),
                    summary: row.get(3)?,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed(&self.file))
    }

    /// Remembers which question a delivery answered.
    pub(in crate::hooks) fn counted(
        &self,
        received: u64,
        run: &RunId,
        decision: u32,
        outcome: &str,
        now: Timestamp,
    ) -> Result<(), BookError> {
        let sql = "INSERT INTO counted (received, run, decision, outcome, at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
        let values = params![whole(received), run.as_str(), decision, outcome, whole(now.0)];
        self.connection.execute(sql, values).map(drop).map_err(failed(&self.file))
    }

    /// The newest deliveries, of one hook or all.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn received(&self, hook: Option<&str>, stands: Option<Stands>, limit: u32) -> Result<Vec<Received>, BookError> {
        let sql = "SELECT * FROM received WHERE (?1 IS NULL OR hook = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY number DESC LIMIT ?3";
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map(params![hook, stands.map(Stands::name), limit], received)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed(&self.file))
    }

    /// One delivery by its place in the book.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn delivery(&self, number: u64) -> Result<Option<Received>, BookError> {
        let sql = "SELECT * FROM received WHERE number = ?1";
        self.connection.query_row(sql, [whole(number)], received).optional().map_err(failed(&self.file))
    }

    /// The questions that a delivery answered.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn came_of(&self, received: u64) -> Result<Vec<Came>, BookError> {
        let sql = "SELECT run, decision, outcome, at FROM counted WHERE received = ?1 ORDER BY at";
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map([whole(received)], |row| {
                Ok(Came { run: row.get(0)?, decision: number(row, 1)?, outcome: row.get(2)?, at: stamp(row, 3)? })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed(&self.file))
    }

    /// How many deliveries of a hook were accepted, ignored, repeated and refused.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn arrivals(&self, hook: &str) -> Result<[u64; 4], BookError> {
        let sql = "SELECT count(*) FROM received WHERE hook = ?1 AND state = ?2";
        let of = |stands: Stands| self.connection.query_row(sql, [hook, stands.name()], |row| number(row, 0));
        let all = || Ok([of(Stands::Accepted)?, of(Stands::Ignored)?, of(Stands::Repeated)?, of(Stands::Refused)?]);
        all().map_err(failed(&self.file))
    }
}

fn received(row: &Row<'_>) -> rusqlite::Result<Received> {
    Ok(Received {
        number: row.get::<_, i64>("number")?.unsigned_abs(),
        hook: row.get("hook")?,
        id: row.get("id")?,
        at: Timestamp(row.get::<_, i64>("at")?.unsigned_abs()),
        sender: row.get("sender")?,
        event: row.get("event")?,
        stands: Stands::of(&row.get::<_, String>("state")?),
        why: row.get("why")?,
        body: row.get("body")?,
    })
}
