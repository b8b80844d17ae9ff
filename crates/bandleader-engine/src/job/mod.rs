//! From a job of the run to an assignment for a supervisor, and from its end back to an input for the core.
//!
//! Called by `engine::world`. Reads and writes only the run's folder and looks at deliverables in the project folder.

mod agent;
mod collect;
mod environment;
mod outputs;
mod prepare;

use std::path::PathBuf;

use bandleader_core::redact::Redactor;
use bandleader_core::{JobId, RunId};

pub(crate) use collect::{collect, not_started};
pub(crate) use environment::{inherited_environment, secrets};
pub(crate) use prepare::prepare;

/// Where a run's jobs work and leave their files.
#[derive(Clone)]
pub(crate) struct Place {
    /// The run.
    pub(crate) run: RunId,
    /// Its folder.
    pub(crate) run_folder: PathBuf,
    /// `jobs/` in it.
    pub(crate) jobs: PathBuf,
    /// Where tasks run.
    pub(crate) project: PathBuf,
    /// The `band` binary, which is also the attendant of agents.
    pub(crate) exe: PathBuf,
    /// What must not reach the log by way of outputs either.
    pub(crate) redactor: Redactor,
}

impl Place {
    /// The file to which a job writes its outputs (`$BAND_OUTPUT`).
    fn outputs(&self, job: JobId) -> PathBuf {
        self.jobs.join(format!("{job}.outputs"))
    }
}
