//! Looks at a run from outside, whoever owns it: replays its log and keeps up with it.

use bandleader_core::{Recorded, Run, RunId};

use super::EngineError;
use super::replay::replay;
use crate::folder::Folder;
use crate::store::Store;

/// A reader of one run. Holds no lock and writes nothing.
pub struct Follower {
    store: Store,
    id: RunId,
    run: Run,
    version: i64,
}

impl Follower {
    /// The run as it is now.
    ///
    /// # Errors
    /// There is no such run, or its log is damaged (behind its snapshot, if it has one).
    pub fn open(folder: &Folder, id: &RunId) -> Result<Follower, EngineError> {
        let store = Store::open_read_only(folder)?;
        let run = replay(folder, &store, &store.run(id)?)?.run;
        Ok(Follower { version: -1, id: id.clone(), run, store })
    }

    /// The run as of the last `catch_up`.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Its id.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// At most `limit` events after the one numbered `after`, whether they are folded in already or not.
    ///
    /// # Errors
    /// The log is damaged, or ends before `after`.
    pub fn page(&self, after: u64, limit: usize) -> Result<Vec<Recorded>, EngineError> {
        Ok(self.store.some_events(&self.id, after, limit)?)
    }

    /// Folds in what was committed since, and returns it. Costs next to nothing when there is nothing new.
    ///
    /// # Errors
    /// The log is damaged.
    pub fn catch_up(&mut self) -> Result<Vec<Recorded>, EngineError> {
        let version = self.store.data_version()?;
        if version == self.version {
            return Ok(Vec::new());
        }
        let fresh = self.store.events(&self.id, self.run.last_seq())?;
        for recorded in &fresh {
            self.run.apply(recorded)?;
        }
        self.version = version;
        Ok(fresh)
    }
}
