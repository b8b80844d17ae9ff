//! What an attempt leaves in its worktree, put into a commit of the task's branch.

use std::fs;
use std::path::Path;

use bandleader_core::WorkLeft;
use bandleader_core::plan::FailureClass;

use super::git::Git;
use super::tree::{self, full};
use crate::agent::AgentAssignment;

/// A file that is larger is not searched for marks of a conflict.
const LARGEST_SEARCHED: u64 = 8 << 20;

type Problem = (FailureClass, String);

/// Brings a worktree without work of its own up to what the run has by now; any other is left as it is.
///
/// # Errors
/// Git says no.
pub(super) fn catch_up(git: &Git, tip: &str) -> Result<(), String> {
    let is_behind = git.says(&["merge-base", "--is-ancestor", "HEAD", tip])?;
    let is_clean = git.names(&["status", "--porcelain", "-z"])?.is_empty();
    if is_behind && is_clean && git.commit("HEAD").as_deref() != Some(tip) {
        git.run(&["merge", "--quiet", "--ff-only", tip])?;
    }
    Ok(())
}

/// Commits all that is new or changed and not ignored; what the agent has committed itself stays as it is.
pub(super) fn leave(assignment: &AgentAssignment, path: &Path, branch: &str, start: &str) -> Result<WorkLeft, Problem> {
    let git = tree::find(path).map_err(ours)?.by(&format!("{} via band", assignment.agent));
    tree::unlock(&tree::common_folder(path).map_err(ours)?, &full(branch));
    refuse_conflicts(&git, path)?;
    refuse_nested(&git)?;
    git.run(&["add", "--all"]).map_err(ours)?;
    let goes_on = git.commit("MERGE_HEAD").is_some();
    if goes_on || !git.says(&["diff", "--cached", "--quiet"]).map_err(ours)? {
        git.told(&["commit", "--quiet", "--no-verify", "--file=-"], &message(assignment)).map_err(ours)?;
    }
    let commit = git.commit("HEAD").ok_or_else(|| ours("its worktree has no commit".into()))?;
    keep_branch(&git, branch, &commit)?;
    let base = git.text(&["merge-base", &commit, &full(start)]);
    let base = base.map_err(|_| ours("its commits have nothing in common with the run's branch".into()))?;
    let files = git.names(&["diff", "--name-only", "--no-renames", "-z", &base, &commit]).map_err(ours)?.len();
    Ok(WorkLeft { branch: branch.to_owned(), base, commit, files: u32::try_from(files).unwrap_or(u32::MAX) })
}

/// It is not the work that is wrong: no other try would mend it.
fn ours(mut message: String) -> Problem {
    message.insert_str(0, "its work could not be committed: ");
    (FailureClass::Start, message)
}

fn message(assignment: &AgentAssignment) -> String {
    let (task, run, attempt) = (&assignment.task, &assignment.run, assignment.job.attempt.number);
    format!("{task}, attempt {attempt}\n\nBand-Run: {run}\nBand-Task: {task}\nBand-Attempt: {attempt}\n")
}

/// A merge that was begun and not finished would be committed with its marks.
fn refuse_conflicts(git: &Git, path: &Path) -> Result<(), Problem> {
    let unmerged = git.names(&["diff", "--name-only", "--diff-filter=U", "-z"]).map_err(ours)?;
    let open = unmerged.iter().find(|name| {
        let file = path.join(name);
        let is_small = fs::metadata(&file).is_ok_and(|seen| seen.len() <= LARGEST_SEARCHED);
        is_small && fs::read(&file).is_ok_and(|bytes| has_marks(&bytes))
    });
    match open {
        Some(name) => Err((
            FailureClass::Deliverable,
            format!("`{}` still has the marks of a conflict; resolve it", name.to_string_lossy()),
        )),
        None => Ok(()),
    }
}

fn has_marks(bytes: &[u8]) -> bool {
    let lines = || bytes.split(|byte| *byte == b'\n');
    lines().any(|line| line.starts_with(b"<<<<<<< ")) && lines().any(|line| line.starts_with(b">>>>>>> "))
}

/// A repository within the worktree: git would take it for a submodule, and its files would be nowhere.
fn refuse_nested(git: &Git) -> Result<(), Problem> {
    let new = git.names(&["ls-files", "--others", "--exclude-standard", "-z"]).map_err(ours)?;
    match new.iter().map(|name| name.to_string_lossy()).find(|name| name.ends_with('/')) {
        Some(name) => Err((
            FailureClass::Deliverable,
            format!(
                "`{name}` is a git repository of its own, whose files cannot be committed; remove its `.git`, or ignore it"
            ),
        )),
        None => Ok(()),
    }
}

/// Wherever the agent has gone with its commits: they are the task's branch, if nothing of that is lost.
fn keep_branch(git: &Git, branch: &str, commit: &str) -> Result<(), Problem> {
    let name = full(branch);
    if git.text(&["symbolic-ref", "--quiet", "HEAD"]).is_ok_and(|head| head == name) {
        return Ok(());
    }
    if let Some(tip) = git.commit(&name)
        && !git.says(&["merge-base", "--is-ancestor", &tip, commit]).map_err(ours)?
    {
        let words =
            format!("its worktree has left `{branch}`, and what is checked out there now does not follow from it");
        return Err((FailureClass::Deliverable, words));
    }
    git.run(&["update-ref", "-m", "band: as the agent left it", &name, commit]).map_err(ours)?;
    git.run(&["symbolic-ref", "-m", "band: back on its branch", "HEAD", &name]).map_err(ours)
}
