//! The folder of one run, `.band/runs/<id>/`: which of its files is where.

use std::path::{Path, PathBuf};

use bandleader_core::RunId;

use super::{Folder, NAME};

/// The folder of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Where a run's files are.
    pub(super) fn of(folder: &Folder, run: &RunId) -> RunFolder {
        RunFolder { path: folder.root().join("runs").join(run.as_str()) }
    }

    /// The run whose folder this is, and the state folder around it: for processes that were told only this.
    pub fn around(path: &Path) -> Option<(Folder, RunId)> {
        let id = RunId::parse(path.file_name()?.to_str()?).ok()?;
        let root = path.parent()?.parent()?;
        let project = root.parent().filter(|_| root.file_name().is_some_and(|name| name == NAME))?;
        Some((Folder { project: project.to_owned() }, id))
    }

    /// The folder itself; also `$BAND_DIR` of the run's tasks.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Held by the engine that runs it (`lock`).
    pub fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// Output and outcome of each job.
    pub fn jobs(&self) -> PathBuf {
        self.path.join("jobs")
    }

    /// What the engine did, for people who look for a fault.
    pub fn engine_log(&self) -> PathBuf {
        self.path.join("engine.log")
    }

    /// The run's state as of some event, so that its log need not be folded from the beginning (`snapshot`).
    pub fn snapshot(&self) -> PathBuf {
        self.path.join("snapshot")
    }

    /// The live plan file.
    pub fn plan_file(&self) -> PathBuf {
        self.path.join("orchestration-plan.md")
    }

    /// The timeline: one event a line.
    pub fn timeline(&self) -> PathBuf {
        self.path.join("orchestration-timeline.jsonl")
    }

    /// The report of a day, `2026-11-20`; `extension` is `md` or `json`.
    pub fn report(&self, date: &str, extension: &str) -> PathBuf {
        self.path.join(format!("orchestration-report-{date}.{extension}"))
    }
}
