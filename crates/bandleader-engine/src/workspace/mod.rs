//! Where agents work: the shared folder, or a git worktree of their own.
//!
//! Called by the attendant (`agent::attend`), so that the engine never waits for git.

use std::path::PathBuf;

use bandleader_core::WorkLeft;

use crate::agent::{AgentAssignment, Place};

/// Makes the place ready; the folder in which the agent starts.
///
/// # Errors
/// In words for people: the folder is not there, or git says no.
pub(crate) fn prepare(place: &Place) -> Result<PathBuf, String> {
    match place {
        Place::Shared { directory } if directory.is_dir() => Ok(directory.clone()),
        Place::Shared { directory } => Err(format!("the folder `{}` is not there", directory.display())),
        Place::Worktree { .. } => Err("this version has no worktrees".into()),
    }
}

/// Puts what was done into a commit of the attempt's own branch; none where it worked in a shared folder.
///
/// # Errors
/// In words for people: git says no.
pub(crate) fn leave(assignment: &AgentAssignment) -> Result<Option<WorkLeft>, String> {
    match assignment.place {
        Place::Shared { .. } => Ok(None),
        Place::Worktree { .. } => Err("this version has no worktrees".into()),
    }
}
