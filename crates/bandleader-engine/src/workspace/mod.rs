//! Where work is done: the shared folder, or a git worktree of its own; and what becomes of it there.
//!
//! `base` looks for the repository when a plan is frozen. `prepare` and `leave` are called by the attendant (`agent::attend`), `integrate`
//! is a job of its own: the engine never waits for git. Invariant: the person's checkout, index and branch are only ever read, but for a
//! merge that they have said yes to (`into`).

mod base;
mod changes;
mod clean;
mod commit;
mod git;
mod integrate;
mod into;
mod names;
mod tree;

use std::fs;
use std::path::PathBuf;

use bandleader_core::WorkLeft;
use bandleader_core::plan::FailureClass;

use crate::agent::{AgentAssignment, Place};

pub(crate) use base::{begin, survey};
pub use changes::{Changes, changes};
pub use clean::{Leftover, leftovers, remove};
pub(crate) use git::leads_elsewhere;
pub use integrate::early_exit;
pub(crate) use integrate::{Integration, Task as IntegrationTask, VERB, into_branch, landing, merging};
pub use into::{Outlook, check_target, current_branch, outlook};
pub(crate) use names::{integration_tree, task_branch};
pub use names::{run_branch, task_tree};

/// Makes the place ready; the folder in which the agent starts.
///
/// # Errors
/// In words for people: the folder is not there, or git says no.
pub(crate) fn prepare(place: &Place) -> Result<PathBuf, String> {
    match place {
        Place::Shared { directory } if directory.is_dir() => Ok(directory.clone()),
        Place::Shared { directory } => Err(format!("the folder `{}` is not there", directory.display())),
        Place::Worktree { repository, path, branch, start, inside } => {
            let tip = git::Git::at(repository).commit(&tree::full(start));
            let tip =
                tip.ok_or_else(|| format!("the run's branch `{start}` is gone; put it back with `git branch`"))?;
            let tree = tree::make(repository, path, tree::Head::Branch(branch), &tip)?;
            commit::catch_up(&tree, &tip)?;
            let folder = path.join(inside);
            fs::create_dir_all(&folder).map_err(|error| format!("`{}` cannot be made: {error}", folder.display()))?;
            Ok(folder)
        }
    }
}

/// Puts what was done into a commit of the task's own branch; none where it worked in a shared folder.
///
/// # Errors
/// What is wrong with the work, in words for people, or with git.
pub(crate) fn leave(assignment: &AgentAssignment) -> Result<Option<WorkLeft>, (FailureClass, String)> {
    match &assignment.place {
        Place::Shared { .. } => Ok(None),
        Place::Worktree { path, branch, start, .. } => commit::leave(assignment, path, branch, start).map(Some),
    }
}
