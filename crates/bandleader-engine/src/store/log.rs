//! Commit and read of events.

use bandleader_core::{Event, Recorded, RunId, Timestamp};
use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::chain::{self, Row, Sum};
use super::error::Place;
use super::runs::{Head, NewRun, number, stored};
use super::{Store, StoreError};

/// The version of every event that this `band` writes.
const VERSION: i64 = 1;

/// What belongs together: it is all committed, or nothing of it is.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Which run.
    pub run: &'a RunId,
    /// The number of the last event as the caller knows it; 0 when there is none.
    pub after: u64,
    /// The events, numbered from `after + 1`. May be empty, when inputs were refused.
    pub events: &'a [Recorded],
    /// The inputs that they answer.
    pub taken: &'a [i64],
    /// What lists show from now on; none leaves it as it is.
    pub summary: Option<Summary<'a>>,
}

/// What `band list` shows of a run without reading its events. The store does not look into it.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a> {
    /// The run's state in one word.
    pub state: &'a str,
    /// Counts and the like, as JSON.
    pub body: &'a str,
}

/// A place in a run's log, and the checksum there: it stands for every event up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Number of the event.
    pub seq: u64,
    /// Its checksum.
    pub sum: [u8; 16],
}

/// The highest number of an event: four billion. A run of 20,000 tasks has some hundred thousand.
const MOST: u64 = u32::MAX as u64;

/// How many events `pages` reads at a time: few enough to be nothing in memory, enough that asking costs nothing.
const PAGE: usize = 1_000;

impl Store {
    /// Makes a batch durable, and says where the log ends now. If this fails, read the log again before anything else: only it
    /// knows what is true.
    pub fn commit(&mut self, batch: &Batch<'_>) -> Result<Mark, StoreError> {
        let Batch { run, after, .. } = *batch;
        let file = self.file.clone();
        let failed = Place::commit(&file, run, after).failed("write");
        let transaction = self.begin().map_err(failed)?;
        self.room.keep(&transaction, &file);
        let mark = self.write(batch)?;
        transaction.commit().map_err(failed)?;
        Ok(mark)
    }

    /// Enters a new run and its first events, all or nothing.
    pub fn commit_new(&mut self, new: &NewRun, first: &[Recorded]) -> Result<(), StoreError> {
        let file = self.file.clone();
        let failed = Place::commit(&file, &new.id, 0).failed("write");
        let transaction = self.begin().map_err(failed)?;
        self.enter(new)?;
        self.write(&Batch { run: &new.id, after: 0, events: first, taken: &[], summary: None })?;
        transaction.commit().map_err(failed)
    }

    /// Not through `Connection::transaction`, which would keep `self` from being read meanwhile. Dropping it rolls back.
    fn begin(&self) -> rusqlite::Result<rusqlite::Transaction<'_>> {
        rusqlite::Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
    }

    fn write(&self, batch: &Batch<'_>) -> Result<Mark, StoreError> {
        let Batch { run, after, .. } = *batch;
        let head = self.head(run)?;
        if head.seq != after {
            return Err(StoreError::Conflict { run: run.clone(), expected: after + 1, found: head.seq + 1 });
        }
        let sum = self.insert(batch, &head)?;
        self.advance(batch, &sum)?;
        self.take(batch)?;
        Ok(Mark { seq: after + batch.events.len() as u64, sum })
    }

    fn insert(&self, batch: &Batch<'_>, head: &Head) -> Result<Sum, StoreError> {
        let Batch { run, after, .. } = *batch;
        let failed = Place::commit(&self.file, run, after).failed("write");
        let sql = "INSERT INTO event (key, at, type, v, body, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut sum = head.sum;
        for (expected, recorded) in (after + 1..).zip(batch.events) {
            if recorded.seq != expected {
                return Err(StoreError::OutOfOrder { run: run.clone(), expected, found: recorded.seq });
            }
            let body = serde_json::to_string(&recorded.event).map_err(|source| StoreError::Unwritable {
                run: run.clone(),
                seq: expected,
                source,
            })?;
            let name = recorded.event.name();
            let row = Row { seq: expected, at: recorded.at.0, name, version: VERSION, body: &body };
            sum = chain::link(&sum, &row);
            let values = params![key(head.number, row.seq), stored(row.at), name, VERSION, row.body, sum];
            statement.execute(values).map_err(failed)?;
        }
        Ok(sum)
    }

    /// One statement, so that the run's row is looked for once.
    fn advance(&self, batch: &Batch<'_>, sum: &Sum) -> Result<(), StoreError> {
        let failed = Place::commit(&self.file, batch.run, batch.after).failed("write");
        let (last, summary) = (batch.events.last(), batch.summary);
        let sql = "UPDATE run SET last_seq = coalesce(?2, last_seq), last_at = coalesce(?3, last_at), head = ?4, \
                   state = coalesce(?5, state), summary = coalesce(?6, summary) WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let (seq, at) = (last.map(|last| stored(last.seq)), last.map(|last| stored(last.at.0)));
        let (state, body) = (summary.map(|summary| summary.state), summary.map(|summary| summary.body));
        statement.execute(params![batch.run.as_str(), seq, at, sum, state, body]).map_err(failed)?;
        Ok(())
    }

    /// All events of a run after the one numbered `after`, each checked.
    pub fn events(&self, run: &RunId, after: u64) -> Result<Vec<Recorded>, StoreError> {
        self.some_events(run, after, usize::MAX)
    }

    /// The same, but at most `limit` of them: for pages and followers.
    pub fn some_events(&self, run: &RunId, after: u64, limit: usize) -> Result<Vec<Recorded>, StoreError> {
        let mut events = Vec::new();
        self.read(run, after, limit, &mut events)?;
        Ok(events)
    }

    /// Tells the events after the one numbered `after`, up to `until` or to the end as it is then, in pages: a long log need not
    /// be in memory as a whole. What is told is checked as by `events`.
    ///
    /// # Errors
    /// The log is damaged, or `tell` says so.
    pub fn pages<E: From<StoreError>>(
        &self,
        run: &RunId,
        after: u64,
        until: u64,
        mut tell: impl FnMut(&[Recorded]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after = after;
        while after < until {
            let limit = usize::try_from(until - after).unwrap_or(usize::MAX).min(PAGE);
            let page = self.some_events(run, after, limit)?;
            tell(&page)?;
            let Some(last) = page.last().filter(|_| page.len() == limit) else { break };
            after = last.seq;
        }
        Ok(())
    }

    /// Whether the log goes through this place: it has that event, with that checksum.
    pub fn goes_through(&self, run: &RunId, mark: &Mark) -> Result<bool, StoreError> {
        let head = self.head(run)?;
        match self.sum_at(run, head.number, mark.seq) {
            Ok(sum) => Ok(sum == mark.sum && mark.seq <= head.seq),
            Err(StoreError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What can still be read of a damaged log: every event before the first that is not whole, and what is wrong there.
    pub fn salvage(&self, run: &RunId) -> (Vec<Recorded>, Option<StoreError>) {
        let mut events = Vec::new();
        let problem = self.read(run, 0, usize::MAX, &mut events).err();
        (events, problem)
    }

    fn read(&self, run: &RunId, after: u64, limit: usize, events: &mut Vec<Recorded>) -> Result<(), StoreError> {
        let failed = Place::file(&self.file).failed("read");
        // One snapshot for the end of the log and for its rows.
        let _snapshot = self.connection.unchecked_transaction().map_err(failed)?;
        let head = self.head(run)?;
        if after > head.seq {
            let file = self.file.clone();
            return Err(StoreError::ShorterThanTimeline { file, run: run.clone(), log: head.seq, seen: after });
        }
        let mut reading = Reading { store: self, run, next: after + 1, sum: self.sum_at(run, head.number, after)? };
        let sql = "SELECT seq, at, type, v, body, sum FROM event WHERE key > ?1 AND key <= ?2 ORDER BY key LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let limit_stored = i64::try_from(limit).unwrap_or(i64::MAX);
        let (first, last) = (key(head.number, after), key(head.number, MOST));
        let mut rows = statement.query([first, last, limit_stored]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(|source| reading.broken(&source))? {
            events.push(reading.check(row)?);
        }
        if events.len() < limit && reading.next <= head.seq {
            return Err(reading.missing());
        }
        let at_end = reading.next == head.seq + 1;
        if reading.next > head.seq + 1 || (at_end && reading.sum != head.sum) {
            return Err(reading.corrupt("the list of runs knows another end of this log"));
        }
        Ok(())
    }

    /// The checksum that the event after `seq` is chained to.
    fn sum_at(&self, run: &RunId, number: i64, seq: u64) -> Result<Sum, StoreError> {
        if seq == 0 {
            return Ok(chain::start(run));
        }
        let failed = Place::file(&self.file).failed("read");
        let mut statement = self.connection.prepare_cached("SELECT sum FROM event WHERE key = ?1").map_err(failed)?;
        let sum = statement.query_row([key(number, seq)], |row| row.get(0)).optional();
        sum.map_err(failed)?.ok_or_else(|| StoreError::Missing { file: self.file.clone(), run: run.clone(), seq })
    }
}

/// What an event is kept under: the number of its run, and its own below. The events of a run lie together and in order.
fn key(run: i64, seq: u64) -> i64 {
    (run << 32) | stored(seq.min(MOST))
}

/// A reader's place in the log: which event must come next and what it is chained to.
struct Reading<'a> {
    store: &'a Store,
    run: &'a RunId,
    next: u64,
    sum: Sum,
}

impl Reading<'_> {
    fn check(&mut self, row: &rusqlite::Row<'_>) -> Result<Recorded, StoreError> {
        let seq = number(row, 0).map_err(|source| self.broken(&source))?;
        if seq != self.next {
            return Err(self.missing());
        }
        let (at, name, version, body, sum) = self.columns(row).map_err(|source| self.broken(&source))?;
        let expected = chain::link(&self.sum, &Row { seq, at, name, version, body });
        if sum != expected {
            return Err(self.corrupt("its checksum does not match"));
        }
        if version != VERSION {
            return Err(self.newer(format!("{name}, version {version}")));
        }
        // The checksum holds, so this is what some `band` wrote; if it means nothing to us, that one was newer.
        let event: Event = serde_json::from_str(body).map_err(|error| self.newer(format!("{name}: {error}")))?;
        self.sum = sum;
        self.next += 1;
        Ok(Recorded { seq, at: Timestamp(at), event })
    }

    #[expect(clippy::unused_self, reason = "reads as a step of the reading")]
    fn columns<'r>(&self, row: &'r rusqlite::Row<'_>) -> rusqlite::Result<(u64, &'r str, i64, &'r str, Sum)> {
        let text = |column: usize| -> rusqlite::Result<&'r str> { Ok(row.get_ref(column)?.as_str()?) };
        Ok((number(row, 1)?, text(2)?, row.get(3)?, text(4)?, row.get(5)?))
    }

    fn missing(&self) -> StoreError {
        StoreError::Missing { file: self.store.file.clone(), run: self.run.clone(), seq: self.next }
    }

    fn corrupt(&self, what: &str) -> StoreError {
        StoreError::Corrupt {
            file: self.store.file.clone(),
            run: self.run.clone(),
            seq: self.next,
            what: what.to_owned(),
        }
    }

    fn broken(&self, source: &rusqlite::Error) -> StoreError {
        self.corrupt(&source.to_string())
    }

    fn newer(&self, what: String) -> StoreError {
        StoreError::NewerEvent { file: self.store.file.clone(), run: self.run.clone(), seq: self.next, what }
    }
}
