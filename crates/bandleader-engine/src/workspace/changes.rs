//! What a task has changed in its worktree, for people who look: only read, and only as much as somebody reads.

use std::fs;
use std::path::Path;

use bandleader_core::{Run, RunId, TaskId};

use super::git::Git;
use super::names::{run_branch, task_tree};
use super::tree::full;
use crate::folder::RunFolder;

/// Files that git does not know yet, named at most.
const MOST_NAMED: usize = 200;

/// A task's changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The commit that they begin at.
    pub base: String,
    /// The commit that holds them; none while they are at work.
    pub commit: Option<String>,
    /// A unified diff. May hold hostile text.
    pub diff: String,
    /// There is more than was asked for.
    pub is_cut: bool,
    /// Files that are new and not in the diff yet.
    pub new_files: Vec<String>,
}

/// What a task has changed: the commit that its latest attempt left, else what is in its worktree now. None where it has neither.
///
/// # Errors
/// Git says no, in words for people.
pub fn changes(
    project: &Path,
    run_folder: &RunFolder,
    (id, run): (&RunId, &Run),
    task: TaskId,
    limit: usize,
) -> Result<Option<Changes>, String> {
    let report = run.task(task).past().report.as_ref();
    let is_at_work = run.jobs().keys().any(|job| job.attempt.task == task);
    if let Some(work) = report.and_then(|report| report.work()).filter(|_| !is_at_work) {
        let (base, commit) = (work.base.clone(), work.commit.clone());
        let (diff, is_cut) = shown(&Git::at(project), &[&base, &commit], limit)?;
        return Ok(Some(Changes { base, commit: Some(commit), diff, is_cut, new_files: Vec::new() }));
    }
    let tree = task_tree(run_folder.path(), task, &run.plan().task(task).path);
    if !run.plan().has_worktree(task) || !tree.is_dir() {
        return Ok(None);
    }
    let git = look(&tree)?;
    let base = git.text(&["merge-base", "HEAD", &full(&run_branch(id))])?;
    let (diff, is_cut) = shown(&git, &[&base], limit)?;
    let new = git.names(&["ls-files", "--others", "--exclude-standard", "-z"])?;
    let new_files = new.iter().take(MOST_NAMED).map(|name| name.to_string_lossy().into_owned()).collect();
    Ok(Some(Changes { base, commit: None, diff, is_cut, new_files }))
}

/// Git in a worktree; without its own `.git` it would look further up, and find the checkout of the person.
fn look(path: &Path) -> Result<Git, String> {
    let git = Git::at(path);
    let top = git.text(&["rev-parse", "--show-toplevel"]).unwrap_or_default();
    if !top.is_empty() && fs::canonicalize(&top).ok() == fs::canonicalize(path).ok() {
        return Ok(git);
    }
    Err(format!("git knows `{}` as a worktree no more", path.display()))
}

/// Without programs that a repository or its owner may have named for showing differences.
fn shown(git: &Git, ends: &[&str], limit: usize) -> Result<(String, bool), String> {
    let plain = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--end-of-options"];
    let (bytes, is_cut) = git.beginning(&[&plain, ends, &["--"]].concat(), limit)?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), is_cut))
}
