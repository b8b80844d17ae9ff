//! The list of runs: one small row each, so that listing a thousand of them reads no event.

use std::path::PathBuf;

use bandleader_core::{RunId, Timestamp};
use rusqlite::{OptionalExtension as _, Row, ToSql};

use super::error::Place;
use super::{Store, StoreError, chain};

/// What is known of a run before its first event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Its name.
    pub id: RunId,
    /// When it was created.
    pub at: Timestamp,
    /// What it is for.
    pub mission: String,
    /// The frozen plan's blob.
    pub plan_hash: String,
    /// What people call the plan: a path or a name.
    pub plan_name: String,
    /// Where its tasks run.
    pub project: PathBuf,
}

/// One run as lists show it. `state` and `summary` are what the last commit said; the events are the truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Its name.
    pub id: RunId,
    /// When it was created.
    pub created_at: Timestamp,
    /// What it is for.
    pub mission: String,
    /// The frozen plan's blob.
    pub plan_hash: String,
    /// What people call the plan.
    pub plan_name: String,
    /// Where its tasks run.
    pub project: PathBuf,
    /// As the last summary said; `created` before the first.
    pub state: String,
    /// As the last summary said; `{}` before the first.
    pub summary: String,
    /// Number of its last event; 0 before the first.
    pub last_seq: u64,
    /// Time of its last event.
    pub last_at: Timestamp,
}

const COLUMNS: &str =
    "id, created_at, mission, plan_hash, plan_name, project, state, summary, last_seq, last_at FROM run";

/// How many names an ambiguous prefix is answered with.
const SHOWN: usize = 5;

impl Store {
    /// Enters a new run, without events.
    pub fn create_run(&mut self, new: &NewRun) -> Result<(), StoreError> {
        self.enter(new)
    }

    pub(super) fn enter(&self, new: &NewRun) -> Result<(), StoreError> {
        let failed = Place::file(&self.file).failed("write");
        let mut statement = self
            .connection
            .prepare_cached(
                "INSERT INTO run (id, created_at, mission, plan_hash, plan_name, project, state, summary, last_seq, last_at, head) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'created', '{}', 0, ?2, ?7) ON CONFLICT (id) DO NOTHING",
            )
            .map_err(failed)?;
        let project = new.project.to_string_lossy();
        let values: [&dyn ToSql; 7] = [
            &new.id.as_str(),
            &stored(new.at.0),
            &new.mission,
            &new.plan_hash,
            &new.plan_name,
            &project,
            &chain::start(&new.id),
        ];
        match statement.execute(&values[..]).map_err(failed)? {
            0 => Err(StoreError::RunExists(new.id.clone())),
            _ => Ok(()),
        }
    }

    /// All runs, newest first.
    pub fn runs(&self) -> Result<Vec<RunRow>, StoreError> {
        self.query_runs(&format!("SELECT {COLUMNS} ORDER BY number DESC"), &[])
    }

    /// The run that was created last.
    pub fn newest_run(&self) -> Result<RunRow, StoreError> {
        let newest = self.query_runs(&format!("SELECT {COLUMNS} ORDER BY number DESC LIMIT 1"), &[])?;
        newest.into_iter().next().ok_or(StoreError::NoRuns)
    }

    /// The run of exactly this name.
    pub fn run(&self, run: &RunId) -> Result<RunRow, StoreError> {
        let found = self.query_runs(&format!("SELECT {COLUMNS} WHERE id = ?1"), &[&run.as_str()])?;
        found.into_iter().next().ok_or_else(|| StoreError::NoSuchRun(run.to_string()))
    }

    /// The run of this name, or the only one whose name begins so; an empty prefix means the newest.
    pub fn find_run(&self, prefix: &str) -> Result<RunRow, StoreError> {
        if prefix.is_empty() {
            return self.newest_run();
        }
        let no_such = || StoreError::NoSuchRun(prefix.chars().take(40).flat_map(char::escape_default).collect());
        let start = RunId::parse(prefix).map_err(|_| no_such())?;
        // `{` follows `z`, and names are lower-case letters and digits.
        let sql = format!("SELECT {COLUMNS} WHERE id >= ?1 AND id < ?1 || '{{' ORDER BY number DESC");
        let found = self.query_runs(&sql, &[&start.as_str()])?;
        if let Some(exact) = found.iter().find(|row| row.id == start) {
            return Ok(exact.clone());
        }
        let more = found.len().saturating_sub(SHOWN);
        let some = found.iter().take(SHOWN).map(|row| row.id.clone()).collect();
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(no_such()),
            (Some(_), Some(_)) => Err(StoreError::Ambiguous { prefix: prefix.to_owned(), some, more }),
        }
    }

    fn query_runs(&self, sql: &str, values: &[&dyn ToSql]) -> Result<Vec<RunRow>, StoreError> {
        let failed = Place::file(&self.file).failed("read");
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(values, read_row).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// Where a run's events are, and the number and checksum of its last.
    pub(super) fn head(&self, run: &RunId) -> Result<Head, StoreError> {
        let failed = Place::file(&self.file).failed("read");
        let sql = "SELECT number, last_seq, head FROM run WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let read = |row: &Row<'_>| Ok(Head { number: row.get(0)?, seq: number(row, 1)?, sum: row.get(2)? });
        let head = statement.query_row([run.as_str()], read);
        head.optional().map_err(failed)?.ok_or_else(|| StoreError::NoSuchRun(run.to_string()))
    }
}

/// The end of a run's log.
pub(super) struct Head {
    /// The run's, in the list of runs.
    pub(super) number: i64,
    pub(super) seq: u64,
    pub(super) sum: chain::Sum,
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let id: String = row.get(0)?;
    Ok(RunRow {
        id: RunId::parse(&id)
            .map_err(|bad| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(bad)))?,
        created_at: Timestamp(number(row, 1)?),
        mission: row.get(2)?,
        plan_hash: row.get(3)?,
        plan_name: row.get(4)?,
        project: PathBuf::from(row.get::<_, String>(5)?),
        state: row.get(6)?,
        summary: row.get(7)?,
        last_seq: number(row, 8)?,
        last_at: Timestamp(number(row, 9)?),
    })
}

/// SQLite's integers are signed; ours stay far below the border.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}
