//! `band integrate`: merges a task's work with that of others, puts the merged work on the run's branch, or the run's branch into one of
//! the person's (`into`). A job of its own, so that the engine never waits for git.
//!
//! Each may be done again after a crash at any point: a merge begins from a clean worktree and leaves nothing that counts; putting a
//! commit on the branch compares and swaps, and what is there already is there.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

use bandleader_core::{IntoBranch, JobId, Landing, Merging};
use serde::{Deserialize, Serialize};

use super::git::Git;
use super::into::{self, Order};
use super::tree::{self, Head, full};
use crate::replace::replace;

/// Git is asked at most about so many files, whose work it is that they clash with.
const MOST_ASKED: usize = 50;

/// The verb. Hidden: only the engine uses it.
pub(crate) const VERB: &str = "integrate";

/// What is to be done. Travels as JSON on standard input.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Integration {
    /// The job that this is.
    pub(crate) job: JobId,
    /// The folder of jobs, where the result is written.
    pub(crate) jobs: PathBuf,
    /// A folder in the repository.
    pub(crate) repository: PathBuf,
    /// The run's branch.
    pub(crate) branch: String,
    /// Which of the three.
    pub(crate) task: Task,
}

/// The three things.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Task {
    /// Merge `commit` onto the run's branch, in the worktree at `tree`.
    Merge {
        /// The work.
        commit: String,
        /// Where.
        tree: PathBuf,
        /// What the merge is called in the history.
        message: String,
        /// What a person does about a conflict.
        advice: String,
    },
    /// Move the run's branch from `onto` to `commit`.
    Land {
        /// Where to.
        commit: String,
        /// Where from.
        onto: String,
    },
    /// Merge the run's branch into one of the person's.
    Into {
        /// Theirs.
        into: String,
        /// The worktree in which both are joined.
        tree: PathBuf,
        /// What the merge is called in the history.
        message: String,
        /// The command with which it is tried again, for a message.
        again: String,
    },
}

/// Does it if this process was started for that; the exit code. Called before arguments are parsed.
pub fn early_exit() -> Option<i32> {
    (std::env::args_os().nth(1)? == VERB).then(|| match integrate() {
        Ok(()) => 0,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            1
        }
    })
}

fn integrate() -> Result<(), String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
    let work: Integration = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let result = match &work.task {
        Task::Merge { commit, tree, message, advice } => {
            serde_json::to_vec(&merge(&work, commit, tree, message, advice))
        }
        Task::Land { commit, onto } => serde_json::to_vec(&land(&work, commit, onto)),
        Task::Into { into, tree, message, again } => {
            let Integration { repository, branch, .. } = &work;
            serde_json::to_vec(&into::merge_into(&Order { repository, branch, into, tree, message, again }))
        }
    };
    let result = result.map_err(|error| error.to_string())?;
    replace(&result_file(&work.jobs, work.job), &[&result]).map_err(|error| error.to_string())
}

fn result_file(jobs: &Path, job: JobId) -> PathBuf {
    jobs.join(format!("{job}.result"))
}

/// What came of a merge, if its process got so far.
pub(crate) fn merging(jobs: &Path, job: JobId) -> Option<Merging> {
    serde_json::from_slice(&fs::read(result_file(jobs, job)).ok()?).ok()
}

/// What came of landing, if its process got so far.
pub(crate) fn landing(jobs: &Path, job: JobId) -> Option<Landing> {
    serde_json::from_slice(&fs::read(result_file(jobs, job)).ok()?).ok()
}

/// What came of merging into a branch of the person's, if its process got so far.
pub(crate) fn into_branch(jobs: &Path, job: JobId) -> Option<IntoBranch> {
    serde_json::from_slice(&fs::read(result_file(jobs, job)).ok()?).ok()
}

fn merge(work: &Integration, commit: &str, tree: &Path, message: &str, advice: &str) -> Merging {
    try_merge(work, commit, tree, message, advice).unwrap_or_else(|message| Merging::Failed { message })
}

fn try_merge(work: &Integration, commit: &str, tree: &Path, message: &str, advice: &str) -> Result<Merging, String> {
    let repository = Git::at(&work.repository);
    let tip = repository.commit(&full(&work.branch));
    let onto =
        tip.ok_or_else(|| format!("the run's branch `{}` is gone; put it back with `git branch`", work.branch))?;
    if repository.says(&["merge-base", "--is-ancestor", commit, &onto])? {
        return Ok(Merging::Merged { commit: onto.clone(), onto });
    }
    Ok(match join(&work.repository, tree, &onto, commit, message)? {
        Joined::Commit(commit) => Merging::Merged { commit, onto },
        Joined::Clash(files) => {
            let tasks = whose(&Git::at(tree), commit, &onto, &files);
            let files = files.iter().map(|name| name.to_string_lossy().into_owned()).collect();
            Merging::Clashes { files, tasks, onto, advice: advice.to_owned() }
        }
    })
}

/// Tasks whose work on the run's branch has changed these files since `commit` left it, as far as git can tell.
fn whose(git: &Git, commit: &str, onto: &str, files: &[OsString]) -> Vec<String> {
    let Ok(base) = git.text(&["merge-base", commit, onto]) else { return Vec::new() };
    let range = format!("{base}..{onto}");
    // Each task's work came there with a merge of its own.
    let format = "--format=%(trailers:key=Band-Task,valueonly)";
    let mut arguments = vec!["--literal-pathspecs", "log", "--first-parent", format, &range, "--"];
    arguments.extend(files.iter().filter_map(|file| file.to_str()).take(MOST_ASKED));
    let said = git.text(&arguments).unwrap_or_default();
    let mut tasks: Vec<String> = Vec::new();
    for task in said.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !tasks.iter().any(|known| known == task) {
            tasks.push(task.to_owned());
        }
    }
    tasks
}

/// Two commits in one, or what keeps them apart.
pub(super) enum Joined {
    /// That one.
    Commit(String),
    /// These files, which both have changed.
    Clash(Vec<OsString>),
}

/// Merges `commit` onto `onto`, in the worktree at `tree`, where nobody works. No branch is moved.
pub(super) fn join(repository: &Path, tree: &Path, onto: &str, commit: &str, message: &str) -> Result<Joined, String> {
    let git = tree::make(repository, tree, Head::Detached, onto)?;
    // Nobody works here: what a killed predecessor or a gate has left is of no use. Ignored files stay, so that builds are fast.
    git.run(&["reset", "--quiet", "--hard"])?;
    git.run(&["checkout", "--quiet", "--detach", "--force", onto])?;
    git.run(&["clean", "--quiet", "-ffd"])?;
    let merged = git.run(&["merge", "--quiet", "--no-ff", "--no-verify", "--no-edit", "-m", message, commit]);
    let Err(words) = merged else {
        let commit = git.commit("HEAD").ok_or_else(|| "the merged commit cannot be found".to_owned())?;
        return Ok(Joined::Commit(commit));
    };
    let unmerged = git.names(&["diff", "--name-only", "--diff-filter=U", "-z"])?;
    if unmerged.is_empty() {
        let _ = git.run(&["merge", "--abort"]);
        return Err(words);
    }
    git.run(&["merge", "--abort"])?;
    Ok(Joined::Clash(unmerged))
}

fn land(work: &Integration, commit: &str, onto: &str) -> Landing {
    let (git, branch) = (Git::at(&work.repository), full(&work.branch));
    let there = || git.commit(&branch);
    let landed = || Landing::Landed { commit: commit.to_owned() };
    if there().as_deref() == Some(commit) {
        return landed();
    }
    let swap = || git.run(&["update-ref", "-m", "band: work of a task", &branch, commit, onto]);
    let unlocked = || tree::common_folder(&work.repository).is_ok_and(|common| tree::unlock_stale(&common, &branch));
    match swap().or_else(|words| if unlocked() { swap() } else { Err(words) }) {
        Ok(()) => landed(),
        Err(message) => match there() {
            Some(now) if now != onto => Landing::Moved { message: format!("the run's branch is at {now} by now") },
            _ => Landing::Failed { message },
        },
    }
}
