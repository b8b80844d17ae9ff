//! A worktree: made once, whole or not at all, and found again.
//!
//! Git registers a worktree before its files are there. So a file beside it says that it is being made: if that is still there, its maker
//! was killed, nobody has worked there, and it is made again. Without it nothing is ever removed here.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::git::Git;
use super::names::PREFIX;

/// In git's folder of the repository: held while worktrees are made or removed, which git does not do twice at once.
const LOCK: &str = "band.lock";

/// A lock on a branch that is as old as that was left behind. Less than `core.filesRefLockTimeout` (`git`), for which git itself waits.
const STALE: Duration = Duration::from_millis(1_500);

/// What a worktree has checked out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Head<'a> {
    /// A branch, which is made at `start` if it is not there.
    Branch(&'a str),
    /// No branch, only `start`.
    Detached,
}

/// Makes a worktree at `path`, if there is none, beginning at the commit `start`.
///
/// # Errors
/// In words for people: something else is there, or git says no.
pub(super) fn make(repository: &Path, path: &Path, head: Head<'_>, start: &str) -> Result<Git, String> {
    let (_lock, common) = (lock(repository)?, common_folder(repository)?);
    let making = making(path)?;
    if path.exists() && !making.exists() {
        return find(path);
    }
    let unmade = |error: std::io::Error| unusable(path, &error.to_string());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(unmade)?;
        File::create(&making).and_then(|_| crate::folder::sync(parent)).map_err(unmade)?;
    }
    if path.exists() {
        fs::remove_dir_all(path).map_err(unmade)?;
    }
    let git = Git::at(repository);
    let place = path.to_str().ok_or_else(|| unusable(path, "its name is not text"))?;
    // Twice: also where git still has one registered that is gone, or was being made.
    let mut arguments = vec!["worktree", "add", "--force", "--force"];
    match head {
        Head::Detached => arguments.extend(["--detach", place, start]),
        Head::Branch(branch) if git.commit(&full(branch)).is_some() => arguments.extend([place, branch]),
        Head::Branch(branch) => {
            unlock(&common, &full(branch));
            arguments.extend(["--no-track", "-b", branch, place, start]);
        }
    }
    git.run(&arguments)?;
    fs::remove_file(&making).map_err(unmade)?;
    find(path)
}

/// The file that says that the worktree at `path` is being made. No worktree is called so: tasks' names begin with no dot.
fn making(path: &Path) -> Result<PathBuf, String> {
    let mut name = OsString::from(".making-");
    name.push(path.file_name().ok_or_else(|| unusable(path, "it has no name"))?);
    Ok(path.with_file_name(name))
}

/// The worktree at `path`. Locks that a killed git has left in it, and on its branch, are removed: nobody works there now.
///
/// # Errors
/// In words for people: it is no worktree. Without its own `.git`, git would look further up and find the checkout of the person.
pub(super) fn find(path: &Path) -> Result<Git, String> {
    let git = Git::at(path);
    let top = git.text(&["rev-parse", "--show-toplevel"]).unwrap_or_default();
    if top.is_empty() || fs::canonicalize(&top).ok() != fs::canonicalize(path).ok() {
        return Err(unusable(path, "git knows it as a worktree no more; look at what is in it, then move it away"));
    }
    let folder = git.text(&["rev-parse", "--absolute-git-dir"])?;
    let folder = Path::new(&folder);
    for file in ["index.lock", "HEAD.lock"] {
        let _ = fs::remove_file(folder.join(file));
    }
    let head = fs::read_to_string(folder.join("HEAD")).unwrap_or_default();
    if let Some(branch) = head.trim().strip_prefix("ref: ").filter(|branch| branch.starts_with(&full(PREFIX))) {
        unlock(&common_folder(path)?, branch);
    }
    Ok(git)
}

/// Removes the lock on a branch of ours, which nobody moves now.
pub(super) fn unlock(common: &Path, branch: &str) {
    let _ = fs::remove_file(lock_of(common, branch));
}

/// The same for a branch that others may be moving: only a lock that is older than any of them takes.
pub(super) fn unlock_stale(common: &Path, branch: &str) -> bool {
    let lock = lock_of(common, branch);
    let age = fs::metadata(&lock).and_then(|seen| seen.modified()).ok().and_then(|since| since.elapsed().ok());
    age.is_some_and(|age| age >= STALE) && fs::remove_file(&lock).is_ok()
}

fn lock_of(common: &Path, branch: &str) -> PathBuf {
    common.join(format!("{branch}.lock"))
}

/// Where the repository keeps what all its worktrees share.
pub(super) fn common_folder(folder: &Path) -> Result<PathBuf, String> {
    Ok(folder.join(Git::at(folder).text(&["rev-parse", "--git-common-dir"])?))
}

/// Held until it is dropped, or its holder is killed.
pub(super) fn lock(repository: &Path) -> Result<File, String> {
    let path = common_folder(repository)?.join(LOCK);
    let file = File::options().create(true).append(true).open(&path);
    let locked = file.and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| unusable(&path, &error.to_string()))
}

/// A branch as git stores it.
pub(super) fn full(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

fn unusable(path: &Path, why: &str) -> String {
    format!("`{}` cannot be used: {why}", path.display())
}
