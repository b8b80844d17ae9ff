//! What branches and worktrees are called.
//!
//! Branches of a run lie under `band/<run>/`, and its worktrees in the run's own folder: they belong to it, are private to the account,
//! and ignored by git. A task's path becomes a path of the branch, because a name with dots may end in `.lock`, which git refuses.

use std::path::{Path, PathBuf};

use bandleader_core::{RunId, TaskId};

/// A longer name of a folder is not made of the task's path: 255 bytes are the limit of most file systems.
const LONGEST: usize = 120;

/// How the names of all branches of all runs begin.
pub(super) const PREFIX: &str = "band/";

/// The branch on which a run's work comes together.
pub fn run_branch(run: &RunId) -> String {
    run.branch()
}

/// The branch of one task.
pub(crate) fn task_branch(run: &RunId, path: &str) -> String {
    format!("band/{run}/task/{}", path.replace('.', "/"))
}

/// The worktree of one task.
pub fn task_tree(run_folder: &Path, id: TaskId, path: &str) -> PathBuf {
    let name = if path.len() <= LONGEST { path.to_owned() } else { format!("task {}", id.0) };
    run_folder.join("trees").join(name)
}

/// The worktree in which a run's work is merged.
pub(crate) fn integration_tree(run_folder: &Path) -> PathBuf {
    run_folder.join("merge")
}
