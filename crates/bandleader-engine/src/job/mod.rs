//! From a job of the run to an assignment for a supervisor, and from its end back to an input for the core.
//!
//! Called by `engine::world`. Reads and writes only the run's folder and looks at deliverables in the project folder.

mod agent;
mod collect;
mod environment;
mod integration;
mod outputs;
mod prepare;

use std::path::PathBuf;

use bandleader_core::redact::Redactor;
use bandleader_core::{JobId, Run, RunId, Step};

use crate::workspace;

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
    /// The folder that is the project to a job: the project itself, or what of it is in the job's worktree.
    fn project_of(&self, run: &Run, job: JobId) -> PathBuf {
        let (plan, id) = (run.plan(), job.attempt.task);
        match &plan.repository {
            Some(repository) if plan.has_worktree(id) => {
                let tree = match job.step {
                    Step::MergedGate(_) => workspace::integration_tree(&self.run_folder),
                    _ => workspace::task_tree(&self.run_folder, id, &plan.task(id).path),
                };
                tree.join(&repository.inside)
            }
            _ => self.project.clone(),
        }
    }

    /// The file to which a job writes its outputs (`$BAND_OUTPUT`).
    fn outputs(&self, job: JobId) -> PathBuf {
        self.jobs.join(format!("{job}.outputs"))
    }
}
