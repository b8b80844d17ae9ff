//! Notices that something was committed in a project, whichever run it was and whoever did it.

use super::EngineError;
use crate::folder::Folder;
use crate::store::{RunRow, Store};

/// A look at the log of a project that costs next to nothing while nothing happens. Holds no lock and writes nothing.
pub struct Pulse {
    store: Store,
    version: i64,
}

impl Pulse {
    /// Nothing counts as seen yet.
    ///
    /// # Errors
    /// There is no log, or it cannot be read.
    pub fn open(folder: &Folder) -> Result<Pulse, EngineError> {
        Ok(Pulse { store: Store::open_read_only(folder)?, version: -1 })
    }

    /// Whether anything was committed since it was last asked.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn beats(&mut self) -> Result<bool, EngineError> {
        let version = self.store.data_version()?;
        Ok(std::mem::replace(&mut self.version, version) != version)
    }

    /// All runs, newest first.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn runs(&self) -> Result<Vec<RunRow>, EngineError> {
        Ok(self.store.runs()?)
    }
}
