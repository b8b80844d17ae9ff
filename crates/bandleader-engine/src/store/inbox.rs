//! The durable inbox: what people and agents want of a run, until its engine has taken it.
//!
//! Any process may put something in, at any time, whether an engine runs or not. The engine takes it in the very
//! transaction that commits what follows from it, so an input is neither lost nor heeded twice.

use bandleader_core::{RunId, Timestamp};
use rusqlite::{OptionalExtension as _, params};

use super::error::Place;
use super::log::Batch;
use super::runs::{number, stored};
use super::{Store, StoreError};

/// The longest input: the limit of the distributed engines that the same core is to run on (docs/ARCHITECTURE.md).
const LONGEST: usize = 32 * 1024;

/// What became of an input that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is in, under this number.
    New(i64),
    /// One with the same key was in before, under this number; that one counts.
    Known(i64),
}

/// An input that no engine has taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number, for `Batch::taken`; later ones are higher.
    pub id: i64,
    /// When it was sent.
    pub at: Timestamp,
    /// Chosen by the sender; sending it again changes nothing.
    pub key: String,
    /// The command, as the sender wrote it.
    pub body: String,
}

impl Store {
    /// Puts an input into a run's inbox; durable when this returns. Ring the run's doorbell afterwards.
    pub fn send(&mut self, run: &RunId, key: &str, at: Timestamp, body: &str) -> Result<Sent, StoreError> {
        let bytes = key.len() + body.len();
        if bytes > LONGEST {
            return Err(StoreError::InputTooLong { bytes, limit: LONGEST });
        }
        let failed = Place::file(&self.file).failed("write");
        let sql = "INSERT INTO inbox (run, at, key, body) SELECT id, ?2, ?3, ?4 FROM run WHERE id = ?1 \
                   ON CONFLICT (run, key) DO NOTHING RETURNING id";
        let mut insert = self.connection.prepare_cached(sql).map_err(failed)?;
        let values = params![run.as_str(), stored(at.0), key, body];
        if let Some(id) = insert.query_row(values, |row| row.get(0)).optional().map_err(failed)? {
            return Ok(Sent::New(id));
        }
        let mut known =
            self.connection.prepare_cached("SELECT id FROM inbox WHERE run = ?1 AND key = ?2").map_err(failed)?;
        let id = known.query_row([run.as_str(), key], |row| row.get(0)).optional().map_err(failed)?;
        id.map(Sent::Known).ok_or_else(|| StoreError::NoSuchRun(run.to_string()))
    }

    /// What was sent with this key, taken or not.
    pub fn sent(&self, run: &RunId, key: &str) -> Result<Option<String>, StoreError> {
        let failed = Place::file(&self.file).failed("read");
        let sql = "SELECT body FROM inbox WHERE run = ?1 AND key = ?2";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        statement.query_row([run.as_str(), key], |row| row.get(0)).optional().map_err(failed)
    }

    /// What no engine has taken yet, oldest first.
    pub fn waiting(&self, run: &RunId) -> Result<Vec<Waiting>, StoreError> {
        let failed = Place::file(&self.file).failed("read");
        let sql = "SELECT id, at, key, body FROM inbox WHERE run = ?1 AND taken IS NULL ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map([run.as_str()], |row| {
            Ok(Waiting { id: row.get(0)?, at: Timestamp(number(row, 1)?), key: row.get(2)?, body: row.get(3)? })
        });
        rows.map_err(failed)?.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// Marks a batch's inputs as taken, by the number of the last event that is then in the log. Part of its transaction.
    pub(super) fn take(&self, batch: &Batch<'_>) -> Result<(), StoreError> {
        let failed = Place::commit(&self.file, batch.run, batch.after).failed("write");
        let sql = "UPDATE inbox SET taken = ?3 WHERE run = ?1 AND id = ?2 AND taken IS NULL";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let by = batch.events.last().map_or(batch.after, |last| last.seq);
        for input in batch.taken {
            let taken = statement.execute(params![batch.run.as_str(), input, stored(by)]).map_err(failed)?;
            if taken == 0 {
                return Err(StoreError::AlreadyTaken { run: batch.run.clone(), input: *input });
            }
        }
        Ok(())
    }
}
