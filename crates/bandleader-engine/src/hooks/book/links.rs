//! Links by which people answer: one for each message about a question. Only a hash of what opens one is kept.

use bandleader_core::{RunId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Book, BookError, failed, stamp, whole};

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The webhook that it was given to.
    pub hook: String,
    /// The message that it went out with.
    pub message: String,
    /// Of which run.
    pub run: String,
    /// The question.
    pub decision: u32,
    /// Who answers by it.
    pub person: String,
    /// When it was made.
    pub at: Timestamp,
    /// When it was used, and for which option.
    pub used: Option<(Timestamp, String)>,
}

/// What became of the wish to use a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is whoever's who asked, and nobody else's from now on.
    Taken,
    /// Somebody was quicker, or there is none.
    Gone,
}

/// A link that is to be made.
pub(in crate::hooks) struct NewLink {
    pub(in crate::hooks) hash: String,
    pub(in crate::hooks) decision: u32,
    pub(in crate::hooks) person: String,
}

impl NewLink {
    pub(super) fn write(
        &self,
        change: &Connection,
        (hook, message): (&str, &str),
        run: &RunId,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let sql = "INSERT INTO link (hash, hook, message, run, decision, person, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT DO NOTHING";
        let values = params![self.hash, hook, message, run.as_str(), self.decision, self.person, whole(now.0)];
        change.execute(sql, values).map(drop)
    }
}

/// What is kept of what opens a link.
fn hash(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

impl NewLink {
    pub(in crate::hooks) fn new(token: &str, decision: u32, person: &str) -> NewLink {
        NewLink { hash: hash(token), decision, person: person.to_owned() }
    }
}

impl Book {
    /// Whether a message has a link.
    pub(in crate::hooks) fn has_link(&self, hook: &str, message: &str) -> Result<bool, BookError> {
        let sql = "SELECT count(*) > 0 FROM link WHERE hook = ?1 AND message = ?2";
        self.connection.query_row(sql, [hook, message], |row| row.get(0)).map_err(failed(&self.file))
    }

    /// The link that this opens.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn link(&self, token: &str) -> Result<Option<Link>, BookError> {
        let sql = "SELECT hook, run, decision, person, at, used_at, choice, message FROM link WHERE hash = ?1";
        let found = self.connection.query_row(sql, [hash(token)], |row| {
            let used_at: Option<i64> = row.get(5)?;
            let choice: Option<String> = row.get(6)?;
            Ok(Link {
                hook: row.get(0)?,
                message: row.get(7)?,
                run: row.get(1)?,
                decision: row.get(2)?,
                person: row.get(3)?,
                at: stamp(row, 4)?,
                used: used_at.map(|at| (Timestamp(at.unsigned_abs()), choice.unwrap_or_default())),
            })
        });
        found.optional().map_err(failed(&self.file))
    }

    /// Uses a link: of several who do at the same time, one does.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn use_link(&self, token: &str, option: &str, now: Timestamp) -> Result<Use, BookError> {
        let sql = "UPDATE link SET used_at = ?2, choice = ?3 WHERE hash = ?1 AND used_at IS NULL";
        let changed = self.connection.execute(sql, params![hash(token), whole(now.0), option]);
        let changed = changed.map_err(failed(&self.file))?;
        Ok(if changed > 0 { Use::Taken } else { Use::Gone })
    }

    /// Nothing came of its use: it is as it was.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn give_back(&self, token: &str) -> Result<(), BookError> {
        let sql = "UPDATE link SET used_at = NULL, choice = NULL WHERE hash = ?1";
        self.connection.execute(sql, [hash(token)]).map(drop).map_err(failed(&self.file))
    }
}
