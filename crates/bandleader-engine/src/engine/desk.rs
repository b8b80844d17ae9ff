//! The desk: what faces ask about runs, and of them, without owning one. Lists, finds, and hands commands in.
//!
//! A command goes into the run's durable inbox whether an engine is there or not; one that means nothing to the run as it
//! is now is refused here, with the core's own words.

use bandleader_core::{By, Command, Input, Recorded, Rejected, RunId, decide};
use serde::{Deserialize, Serialize};

use super::{EngineError, Follower, person};
use crate::chance;
use crate::clock::Clock;
use crate::folder::Folder;
use crate::inbox;
use crate::lock;
use crate::store::{RunRow, Store};

/// Why a command was not handed in.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It means nothing to the run as it is.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// Store or folder.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What lies in the inbox: a command, and who asked for it, who need not be the one whose engine takes it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    pub(super) command: Command,
    pub(super) by: By,
}

/// All runs, newest first.
///
/// # Errors
/// The log cannot be read.
pub fn runs(folder: &Folder) -> Result<Vec<RunRow>, EngineError> {
    if !folder.database().exists() {
        return Ok(Vec::new());
    }
    Ok(Store::open_read_only(folder)?.runs()?)
}

/// The run of this name or whose name alone begins so; the newest if nothing is given.
///
/// # Errors
/// No run fits, or several do.
pub fn find(folder: &Folder, prefix: Option<&str>) -> Result<RunRow, EngineError> {
    Ok(Store::open_read_only(folder)?.find_run(prefix.unwrap_or_default())?)
}

/// Every event of a run so far.
///
/// # Errors
/// There is no such run, or its log is damaged.
pub fn story(folder: &Folder, id: &RunId) -> Result<Vec<Recorded>, EngineError> {
    Ok(Store::open_read_only(folder)?.events(id, 0)?)
}

/// The process that owns a run now, if one does.
pub fn owner(folder: &Folder, id: &RunId) -> Option<u32> {
    lock::held_by(&folder.run(id))
}

/// Hands a command in and wakes the engine, if there is one. Durable when this returns.
///
/// # Errors
/// The command means nothing to the run as it is now; the disk refuses.
pub fn ask(folder: &Folder, id: &RunId, command: &Command) -> Result<(), AskError> {
    let follower = Follower::open(folder, id)?;
    let now = Clock::start(follower.run().last_at()).now();
    let letter = Letter { command: command.clone(), by: person() };
    decide(follower.run(), Input::Asked { command: letter.command.clone(), by: letter.by.clone() }, now)?;
    let body = serde_json::to_string(&letter).map_err(|source| EngineError::Unwritable { source })?;
    let key = format!("{:016x}", chance::seed().map_err(EngineError::from)?);
    Store::open(folder).and_then(|mut store| store.send(id, &key, now, &body)).map_err(EngineError::from)?;
    inbox::ring(&folder.run(id));
    Ok(())
}
