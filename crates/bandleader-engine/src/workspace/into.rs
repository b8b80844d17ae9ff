//! The run's branch, put into a branch of the person's. The only place that changes anything of theirs, and never by force.
//!
//! Part of `band integrate`. What both have in common is made beside their checkout, in the worktree in which the run's work is merged; their
//! branch is then only ever moved forward: where it is checked out by `git merge --ff-only`, which refuses to overwrite anything, else by
//! compare and swap. So it may be begun again after a crash at any point: what is there already is found to be there.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use bandleader_core::IntoBranch;

use super::git::Git;
use super::integrate::{Joined, join};
use super::names;
use super::tree::full;

/// So often it is begun again when somebody moves their branch meanwhile.
const TRIES: u32 = 5;

/// Files that a message names at most.
const MOST_NAMED: usize = 8;

/// Files in git's folder of a worktree that name the branch which is being rebased there, though it is not checked out meanwhile.
const REBASED: [&str; 2] = ["rebase-merge/head-name", "rebase-apply/head-name"];

/// What is to be merged, and where.
pub(super) struct Order<'a> {
    /// A folder in the repository.
    pub(super) repository: &'a Path,
    /// The run's branch.
    pub(super) branch: &'a str,
    /// The person's.
    pub(super) into: &'a str,
    /// Where both are joined.
    pub(super) tree: &'a Path,
    /// What the merge is called in the history.
    pub(super) message: &'a str,
    /// The command with which it is tried again.
    pub(super) again: &'a str,
}

/// Merges it, or leaves everything as it is and says why.
pub(super) fn merge_into(order: &Order<'_>) -> IntoBranch {
    for _ in 0..TRIES {
        match attempt(order) {
            Ok(Some((commit, onto, message))) => return IntoBranch::Merged { commit, onto, message: message.into() },
            Ok(None) => (),
            Err(message) => return IntoBranch::Refused { message },
        }
    }
    IntoBranch::Refused {
        message: format!("`{}` is moved by somebody else again and again; {}", order.into, order.again),
    }
}

/// Where the branch is now, where it was, and how it came there; none when somebody has moved it meanwhile.
fn attempt(order: &Order<'_>) -> Result<Option<(String, String, &'static str)>, String> {
    let Order { into, again, .. } = *order;
    let git = Git::at(order.repository);
    let onto = git.commit(&full(into)).ok_or_else(|| missing(into, again))?;
    let tip = git.commit(&full(order.branch));
    let tip =
        tip.ok_or_else(|| format!("the run's branch `{}` is gone; put it back with `git branch`", order.branch))?;
    let follows = |earlier: &str, later: &str| git.says(&["merge-base", "--is-ancestor", earlier, later]);
    if follows(&tip, &onto)? {
        return Ok(Some((onto.clone(), onto, "all of it was there already")));
    }
    // Before anything is made: where it cannot be put, it need not be joined.
    let checkout = checkout_of(&git, into, again)?;
    if let Some(path) = &checkout {
        refuse_changes(path, into, again)?;
    }
    let (commit, how) = if follows(&onto, &tip)? {
        (tip, "fast-forward")
    } else {
        match join(order.repository, order.tree, &onto, &tip, order.message)? {
            Joined::Commit(commit) => (commit, "merge"),
            Joined::Clash(files) => return Err(clash(order, &files)),
        }
    };
    let moved = match &checkout {
        Some(path) => forward(path, into, (&onto, &commit), again)?,
        None => swap(&git, order, (&onto, &commit))?,
    };
    Ok(moved.then_some((commit, onto, how)))
}

fn missing(into: &str, again: &str) -> String {
    format!("there is no branch `{into}`; `git branch {into}` makes one, then {again}")
}

fn clash(order: &Order<'_>, files: &[OsString]) -> String {
    let (into, branch, named) = (order.into, order.branch, named(files));
    format!(
        "both change {named} in ways that clash; on `{into}`, `git merge {branch}` leaves these files to you, and \
         `git commit` ends the merge"
    )
}

/// Moves a branch that is checked out nowhere. False when somebody has moved it meanwhile.
fn swap(git: &Git, order: &Order<'_>, (onto, commit): (&str, &str)) -> Result<bool, String> {
    let branch = full(order.into);
    let reason = format!("band: merge {}", order.branch);
    match git.run(&["update-ref", "-m", &reason, &branch, commit, onto]) {
        Ok(()) => Ok(true),
        Err(_) if git.commit(&branch).as_deref() != Some(onto) => Ok(false),
        Err(words) => Err(format!("git says no ({words}); see to that, then {}", order.again)),
    }
}

/// Moves a branch that is checked out at `path`, with the files there. False when somebody has moved it meanwhile.
fn forward(path: &Path, into: &str, (onto, commit): (&str, &str), again: &str) -> Result<bool, String> {
    let git = Git::at(path);
    let is_there = || {
        let head = git.text(&["symbolic-ref", "--quiet", "HEAD"]).is_ok_and(|head| head == full(into));
        head && git.commit("HEAD").as_deref() == Some(onto)
    };
    if !is_there() {
        return Ok(false);
    }
    // Files that are ignored are somebody's as well.
    match git.run(&["merge", "--quiet", "--ff-only", "--no-overwrite-ignore", commit]) {
        Ok(()) => Ok(true),
        Err(_) if !is_there() => Ok(false),
        Err(words) => Err(format!("git says no in `{}` ({words}); see to that, then {again}", path.display())),
    }
}

/// Where the branch is checked out, if it is.
fn checkout_of(git: &Git, into: &str, again: &str) -> Result<Option<PathBuf>, String> {
    let name = full(into);
    let mut found = None;
    for checkout in checkouts(git)? {
        if checkout.branch.as_deref() == Some(&name) {
            if !checkout.path.is_dir() {
                let path = checkout.path.display();
                return Err(format!(
                    "`{into}` is checked out in `{path}`, which is not there; `git worktree prune` if it is gone for good, \
                     then {again}"
                ));
            }
            found = Some(checkout.path);
        } else if checkout.branch.is_none() && is_in_use(&checkout.path, into) {
            let path = checkout.path.display();
            return Err(format!(
                "`{into}` is being rebased or bisected in `{path}`; finish or abort that, then {again}"
            ));
        }
    }
    Ok(found)
}

/// Whether a rebase or a bisection in this checkout will come back to the branch.
fn is_in_use(path: &Path, into: &str) -> bool {
    let Ok(folder) = Git::at(path).text(&["rev-parse", "--absolute-git-dir"]) else { return false };
    let names = |file: &str| fs::read_to_string(Path::new(&folder).join(file)).unwrap_or_default();
    REBASED.iter().any(|file| names(file).trim() == full(into)) || names("BISECT_START").trim() == into
}

struct Checkout {
    path: PathBuf,
    /// As git stores it; none when no branch is checked out.
    branch: Option<String>,
}

fn checkouts(git: &Git) -> Result<Vec<Checkout>, String> {
    // Without `-z`, which git knows since 2.36, a path with a line break in it would not be found.
    let listed = git.names(&["worktree", "list", "--porcelain", "-z"]).or_else(|_| {
        let text = git.text(&["worktree", "list", "--porcelain"])?;
        Ok::<_, String>(text.lines().map(OsString::from).collect())
    })?;
    let mut found: Vec<Checkout> = Vec::new();
    for line in listed {
        use std::os::unix::ffi::OsStringExt as _;
        let line = line.into_vec();
        if let Some(path) = line.strip_prefix(b"worktree ") {
            found.push(Checkout { path: OsString::from_vec(path.to_vec()).into(), branch: None });
        } else if let (Some(branch), Some(last)) = (line.strip_prefix(b"branch "), found.last_mut()) {
            last.branch = Some(String::from_utf8_lossy(branch).into_owned());
        }
    }
    Ok(found)
}

/// Nothing that somebody works on is mixed with what comes.
fn refuse_changes(path: &Path, into: &str, again: &str) -> Result<(), String> {
    let arguments = ["--no-optional-locks", "status", "--porcelain", "-z", "--no-renames"];
    let more = ["--untracked-files=no", "--ignore-submodules=dirty"];
    let changed = Git::at(path).names(&[&arguments[..], &more[..]].concat())?;
    if changed.is_empty() {
        return Ok(());
    }
    let files: Vec<OsString> =
        changed.iter().filter_map(|line| Some(line.to_string_lossy().get(3..)?.to_owned().into())).collect();
    let (path, files) = (path.display(), named(&files));
    Err(format!(
        "`{into}` is checked out in `{path}` with changes that are not committed: {files}; commit or stash them, then {again}"
    ))
}

fn named(files: &[OsString]) -> String {
    let shown: Vec<String> =
        files.iter().take(MOST_NAMED).map(|file| format!("`{}`", file.to_string_lossy())).collect();
    let more = files.len().saturating_sub(MOST_NAMED);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// Whether the run's branch may be merged into this one at all.
///
/// # Errors
/// In words for people: it is no branch of theirs.
pub fn check_target(project: &Path, into: &str) -> Result<(), String> {
    let git = Git::at(project);
    if !git.says(&["check-ref-format", &full(into)])? || into.starts_with('-') {
        return Err(format!("`{into}` is not the name of a branch"));
    }
    if into.starts_with(names::PREFIX) {
        return Err(format!("`{into}` is a branch of `band` itself; name one of yours"));
    }
    match git.commit(&full(into)) {
        Some(_) => Ok(()),
        None => Err(format!("there is no branch `{into}`; `git branch {into}` makes one")),
    }
}

/// The branch that is checked out in the project; none when no branch is.
pub fn current_branch(project: &Path) -> Option<String> {
    let head = Git::at(project).text(&["symbolic-ref", "--quiet", "HEAD"]).ok()?;
    head.strip_prefix("refs/heads/").map(str::to_owned)
}

/// What a merge would bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Commits that the branch has not got.
    pub commits: u32,
    /// Files that would be changed.
    pub files: usize,
    /// Where the branch is checked out, if it is.
    pub checkout: Option<PathBuf>,
}

/// What the run's branch has that the other has not.
///
/// # Errors
/// In words for people: one of them is not there, or git says no.
pub fn outlook(project: &Path, branch: &str, into: &str) -> Result<Outlook, String> {
    let git = Git::at(project);
    let (ours, theirs) = (full(branch), full(into));
    let commits = git.text(&["rev-list", "--count", &format!("{theirs}..{ours}")])?;
    let files = git.names(&["diff", "--name-only", "--no-renames", "-z", &format!("{theirs}...{ours}")])?.len();
    let checkout = checkouts(&git)?.into_iter().find(|one| one.branch.as_deref() == Some(&theirs));
    Ok(Outlook { commits: commits.parse().unwrap_or_default(), files, checkout: checkout.map(|one| one.path) })
}
