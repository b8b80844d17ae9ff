//! The process that runs jobs and outlives the engine: it is not the engine's child in life or death.
//!
//! `client` is the engine's side; `start` is how the process comes to be; `desk` is its main thread; `crew` its workers, one for
//! each running job (`crate::process`); `journal` is what it leaves on disk. One supervisor serves all plain commands of a run.
//!
//! It ends by itself when no job lives and no engine is attached: every outcome is in the journal by then, and the next
//! supervisor of the run starts from there. Killed by force, it leaves its jobs behind; the next one ends them
//! (`crate::sweep`) and reports them as `Exit::Unseen`.

mod client;
mod crew;
mod desk;
mod door;
mod jobs;
pub(crate) mod journal;
mod lines;
mod start;
mod strays;
mod wire;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use bandleader_core::JobId;

use crate::link::Ended;

pub use client::{Begun, Supervisor, SupervisorError};
pub use start::early_exit;
pub(crate) use start::{VERB, connect, lock};

/// The folder of a run that holds the socket, the lock, the journal and the log of its supervisors. Closed to other users.
pub const FOLDER: &str = "supervisor";

/// The ends of all jobs of a run that are on disk. Needs no supervisor.
///
/// # Errors
/// When the journal is there but cannot be read.
pub fn outcomes(run_folder: &Path) -> io::Result<BTreeMap<JobId, Ended>> {
    let past = journal::read(run_folder)?.jobs.into_iter();
    Ok(past.filter_map(|(job, past)| Some((job, past.ended?))).collect())
}

fn folder(run_folder: &Path) -> PathBuf {
    run_folder.join(FOLDER)
}
