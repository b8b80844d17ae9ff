//! Keys under which runs were started, so that a request that is sent again starts nothing again.
//!
//! A run has no inbox before it exists, so these keys are kept here: the last ones in memory, and on disk beside the links.

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;

use bandleader_engine::folder::Folder;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Failure;

/// So many are remembered.
const MOST: usize = 200;

/// The keys.
pub(crate) struct Started {
    path: PathBuf,
    known: VecDeque<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    key: String,
    asked: Value,
    run: String,
}

impl Started {
    /// Those of before. A file that cannot be read is begun anew.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub(crate) fn of(folder: &Folder) -> Result<Started, Failure> {
        let path = folder.create_serve()?.join("started.json");
        let known = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Ok(Started { path, known })
    }

    /// What was asked under this key, and the run that came of it.
    pub(crate) fn get(&self, key: &str) -> Option<(&Value, &str)> {
        self.known.iter().find(|entry| entry.key == key).map(|entry| (&entry.asked, entry.run.as_str()))
    }

    /// Remembers one. Of what cannot be written only this process knows.
    pub(crate) fn insert(&mut self, key: String, asked: Value, run: &str) {
        self.known.push_back(Entry { key, asked, run: run.to_owned() });
        let extra = self.known.len().saturating_sub(MOST);
        self.known.drain(..extra);
        let beside = self.path.with_extension("new");
        if let Ok(text) = serde_json::to_vec(&self.known) {
            let _ = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &self.path));
        }
    }
}
