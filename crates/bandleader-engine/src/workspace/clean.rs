//! Removes worktrees of runs that have ended, and never anything that is nowhere else.
//!
//! Called by `band clean`. A worktree goes only if git sees nothing in it that is not committed and its commit is on a branch; branches
//! are never removed. Each is looked at again at the moment it goes, and git itself refuses to remove what has changed by then.

use std::fs;
use std::path::{Path, PathBuf};

use super::git::Git;
use super::tree;

/// A worktree of a run, and what may be done with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Where it is.
    pub path: PathBuf,
    /// Why it stays; none when it may go.
    pub stays: Option<String>,
}

/// The worktrees of a run that has ended.
///
/// # Errors
/// The run's folder cannot be read.
pub fn leftovers(run_folder: &Path) -> std::io::Result<Vec<Leftover>> {
    let trees = run_folder.join("trees");
    let mut paths = Vec::new();
    if trees.is_dir() {
        for entry in fs::read_dir(&trees)? {
            let path = entry?.path();
            let is_tree =
                path.is_dir() && !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            paths.extend(is_tree.then_some(path));
        }
    }
    paths.sort();
    let merge = run_folder.join("merge");
    paths.extend(merge.is_dir().then_some(merge));
    Ok(paths.into_iter().map(|path| Leftover { stays: why_it_stays(&path).err(), path }).collect())
}

/// Removes one that may go.
///
/// # Errors
/// In words for people: why it stays after all.
pub fn remove(leftover: &Leftover, project: &Path) -> Result<(), String> {
    let _lock = tree::lock(project)?;
    why_it_stays(&leftover.path)?;
    let path = leftover.path.to_str().ok_or("its name is not text")?;
    Git::at(project).run(&["worktree", "remove", path])
}

/// Whether everything in it is somewhere else; if not, what is not.
fn why_it_stays(path: &Path) -> Result<(), String> {
    let git = tree::find(path)?;
    if !git.names(&["status", "--porcelain", "-z", "--untracked-files=normal"])?.is_empty() {
        return Err("something in it is not committed".to_owned());
    }
    let kept =
        git.text(&["for-each-ref", "--count=1", "--format=%(refname)", "--contains=HEAD", "refs/heads", "refs/tags"])?;
    if kept.is_empty() {
        return Err("its commit is on no branch".to_owned());
    }
    Ok(())
}
