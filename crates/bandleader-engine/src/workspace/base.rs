//! The repository that a project is in, looked at once when a plan is frozen.

use std::path::Path;

use bandleader_core::Plan;
use bandleader_core::plan::{Isolation, Repository};

use super::git::Git;
use super::{names, tree};
use bandleader_core::RunId;

/// Files of the person's checkout that a note names at most.
const MOST_NAMED: usize = 5;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Where work begins, if there is a repository and a task that wants it.
    pub(crate) repository: Option<Repository>,
    /// For people, a line each.
    pub(crate) notes: Vec<String>,
}

/// Looks for the repository of `project`, if a task of the plan wants a worktree.
///
/// # Errors
/// In words for people: a task asks for a worktree by its own word, and there can be none.
pub(crate) fn survey(plan: &Plan, project: &Path) -> Result<Survey, String> {
    let wanting: Vec<&str> =
        plan.tasks.iter().filter(|task| plan.wants_worktree(task)).map(|task| task.path.as_str()).collect();
    if wanting.is_empty() {
        return Ok(Survey::default());
    }
    let missing = match found(project) {
        Ok(repository) => {
            let notes = dirty(project).into_iter().collect();
            return Ok(Survey { repository: Some(repository), notes });
        }
        Err(missing) => missing,
    };
    let asked = plan.tasks.iter().find(|task| task.isolation == Some(Isolation::Worktree) && plan.wants_worktree(task));
    if let Some(task) = asked {
        return Err(format!("task `{}` asks for a git worktree, but {missing}; or say `isolation: shared`", task.path));
    }
    let who = match wanting.as_slice() {
        [one] => format!("`{one}` works"),
        several => format!("{} tasks of coding agents work", several.len()),
    };
    let note = format!("{who} in the project folder itself, not in worktrees: {missing}");
    Ok(Survey { repository: None, notes: vec![note] })
}

/// The repository around `project`, or what is missing.
fn found(project: &Path) -> Result<Repository, String> {
    let git = Git::at(project);
    let Ok(inside) = git.text(&["rev-parse", "--show-prefix"]) else {
        return Err("the project is in no git repository (`git init` and a first commit make one)".to_owned());
    };
    if git.text(&["rev-parse", "--is-inside-work-tree"]).ok().as_deref() != Some("true") {
        return Err("the git repository has no checkout here".to_owned());
    }
    match git.commit("HEAD") {
        Some(base) => Ok(Repository { base, inside }),
        None => Err("the git repository has no commit yet (make a first one)".to_owned()),
    }
}

/// What is not in worktrees, because it is not committed.
fn dirty(project: &Path) -> Option<String> {
    let names =
        Git::at(project).names(&["--no-optional-locks", "status", "--porcelain", "-z", "--no-renames", "--", "."]);
    let names: Vec<String> =
        names.ok()?.iter().filter_map(|line| Some(line.to_string_lossy().get(3..)?.to_owned())).collect();
    let shown: Vec<String> = names.iter().take(MOST_NAMED).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > shown.len() { ", …" } else { "" };
    let (are, them) = match names.len() {
        1 => ("1 change is".to_owned(), "it"),
        number => (format!("{number} changes are"), "them"),
    };
    let note = format!("{are} not committed, so tasks in worktrees do not see {them}: {}{more}", shown.join(", "));
    (!names.is_empty()).then_some(note)
}

/// Makes the run's branch at its base. Repeated without harm.
///
/// # Errors
/// In words for people: git says no.
pub(crate) fn begin(run: &RunId, repository: &Repository, project: &Path) -> Result<(), String> {
    let (git, branch) = (Git::at(project), tree::full(&names::run_branch(run)));
    if git.commit(&branch).is_some() {
        return Ok(());
    }
    let made = git.run(&["update-ref", "-m", "band: the run begins", &branch, &repository.base, ""]);
    made.map_err(|words| format!("the branch `{}` cannot be made: {words}", names::run_branch(run)))
}
