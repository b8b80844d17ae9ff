//! The state folder `.band/`: where it is and what lies where in it. Everybody who needs a path asks here.
//!
//! ```text
//! .band/
//!   .gitignore      everything but plans/
//!   band.db         the event log of all runs (and its -wal and -shm)
//!   blobs/<hash>    content by its hash
//!   plans/          the project's named plans; meant to be committed
//!   answers/        answers of interviews that have no plan yet
//!   serve/          what `band serve` keeps: the secrets of its links, and who asked for what
//!   runs/<id>/      lock, doorbell, jobs/, engine.log, the plan file, the timeline and the reports of one run;
//!                   snapshot: its state at some event, only a cache
//! ```
//! Runs, blobs and the log may hold what tasks printed, so only their owner may read them.

mod run;

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use bandleader_core::RunId;
pub use run::RunFolder;

/// The state folder's name.
pub const NAME: &str = ".band";

const IGNORE: &str = "# Written by band. State stays here; plans are yours to commit.\n*\n!plans/\n!plans/**\n";

/// One project's state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    project: PathBuf,
}

/// A state folder cannot be found, made or trusted.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is none here or above.
    #[error("no `.band` folder in `{}` or above it; start a run or call `band init` there first", .from.display())]
    None {
        /// Where the search began.
        from: PathBuf,
    },
    /// It was made by somebody else, who could have put plans into it.
    #[error("`{}` belongs to another user (id {owner}); move it away or call `band init` in your own folder", .path.display())]
    NotYours {
        /// The state folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// The disk said no.
    #[error("cannot make `{}`; check that its folder is writable and has room", .path.display())]
    Io {
        /// What was to be made.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Folder {
    /// The nearest `.band` in `from` or above it, but not above the top of the git repository that `from` is in: a project
    /// never runs in the state of another that merely surrounds it.
    pub fn find(from: &Path) -> Result<Folder, FolderError> {
        let from = absolute(from)?;
        for project in from.ancestors() {
            let path = project.join(NAME);
            if let Ok(found) = fs::metadata(&path)
                .and_then(|found| if found.is_dir() { Ok(found) } else { Err(io::ErrorKind::NotADirectory.into()) })
            {
                refuse_strangers(&path, found.uid(), &from)?;
                return Ok(Folder { project: project.to_owned() });
            }
            if project.join(".git").exists() {
                break;
            }
        }
        Err(FolderError::None { from })
    }

    /// As `find`, and if there is none, one at the top of the git repository that `from` is in, or else in `from` itself.
    pub fn find_or_create(from: &Path) -> Result<Folder, FolderError> {
        match Folder::find(from) {
            Ok(folder) => Folder::create(&folder.project),
            Err(FolderError::None { from }) => {
                let top = from.ancestors().find(|folder| folder.join(".git").exists());
                Folder::create(top.unwrap_or(&from))
            }
            Err(error) => Err(error),
        }
    }

    /// The state folder of exactly this project, made where something of it is missing.
    pub fn create(project: &Path) -> Result<Folder, FolderError> {
        let folder = Folder { project: absolute(project)? };
        make(&folder.root(), 0o755)?;
        for private in [folder.root().join("runs"), folder.blobs()] {
            make(&private, 0o700)?;
        }
        make(&folder.plans(), 0o755)?;
        let ignore = folder.root().join(".gitignore");
        if !ignore.exists() {
            let failed = |path: &Path| {
                let path = path.to_owned();
                |source| FolderError::Io { path, source }
            };
            // Last comes the file that says that all was made: whoever was killed before it has the next one sync again.
            // What is in the folder becomes durable with the log, which syncs the folder before its first commit.
            sync(&folder.project).map_err(failed(&folder.root()))?;
            let beside = folder.root().join(format!(".gitignore.new-{}", std::process::id()));
            let written = fs::write(&beside, IGNORE).and_then(|()| fs::rename(&beside, &ignore));
            written.map_err(failed(&ignore))?;
        }
        Ok(folder)
    }

    /// The project that it belongs to: where tasks run.
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// The folder itself.
    pub fn root(&self) -> PathBuf {
        self.project.join(NAME)
    }

    /// The event log.
    pub fn database(&self) -> PathBuf {
        self.root().join("band.db")
    }

    /// Content by its hash.
    pub fn blobs(&self) -> PathBuf {
        self.root().join("blobs")
    }

    /// The project's named plans.
    pub fn plans(&self) -> PathBuf {
        self.root().join("plans")
    }

    /// What `band serve` keeps, readable by its owner alone; made if it does not exist.
    pub fn create_serve(&self) -> Result<PathBuf, FolderError> {
        let path = self.root().join("serve");
        make(&path, 0o700)?;
        Ok(path)
    }

    /// Answers of interviews that have no plan yet. The folder need not exist.
    pub fn answers(&self) -> PathBuf {
        self.root().join("answers")
    }

    /// The same, readable by its owner alone; made if it does not exist.
    pub fn create_answers(&self) -> Result<PathBuf, FolderError> {
        make(&self.answers(), 0o700)?;
        Ok(self.answers())
    }

    /// Where a run's files are. The folder need not exist.
    pub fn run(&self, run: &RunId) -> RunFolder {
        RunFolder::of(self, run)
    }

    /// The same, made if it does not exist. Not made durable: nothing in it outlives a power loss that cannot be made again
    /// from the log, and so can the folder.
    pub fn create_run(&self, run: &RunId) -> Result<RunFolder, FolderError> {
        let folder = self.run(run);
        make(folder.path(), 0o700)?;
        make(&folder.jobs(), 0o700)?;
        Ok(folder)
    }
}

/// A state folder is ours, or of whoever owns the folder that we stand in; not something that a stranger planted above it.
fn refuse_strangers(path: &Path, owner: u32, from: &Path) -> Result<(), FolderError> {
    let ours = rustix::process::geteuid().as_raw();
    let local = fs::metadata(from).map(|from| from.uid()).ok();
    if owner == ours || Some(owner) == local {
        return Ok(());
    }
    Err(FolderError::NotYours { path: path.to_owned(), owner })
}

fn absolute(path: &Path) -> Result<PathBuf, FolderError> {
    path.canonicalize().map_err(|source| FolderError::Io { path: path.to_owned(), source })
}

/// Makes a folder; one that exists is left as it is.
fn make(path: &Path, mode: u32) -> Result<(), FolderError> {
    match DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result.map_err(|source| FolderError::Io { path: path.to_owned(), source }),
    }
}

/// Makes what was made and renamed in a folder survive a power loss.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    fn check_find(folders: &[&str], from: &str, expected: Option<&str>) {
        let top = tempfile::tempdir().unwrap();
        let top = top.path().canonicalize().unwrap();
        for folder in folders {
            fs::create_dir_all(top.join(folder)).unwrap();
        }
        // The search must not leave this test's folder.
        fs::create_dir_all(top.join(".git")).unwrap();
        let found = Folder::find(&top.join(from)).ok().map(|folder| folder.project().to_owned());
        assert_eq!(found, expected.map(|expected| top.join(expected)));
    }

    #[test]
    fn it_is_found_from_below() {
        check_find(&["a/.band", "a/b/c"], "a/b/c", Some("a"));
        check_find(&["a/.band", "a/b/.band", "a/b/c"], "a/b/c", Some("a/b"));
        check_find(&["a"], "a", None);
    }

    #[test]
    fn a_repository_does_not_use_the_state_of_what_surrounds_it() {
        check_find(&["a/.band", "a/repo/.git", "a/repo/src"], "a/repo/src", None);
        check_find(&["a/repo/.band", "a/repo/.git", "a/repo/src"], "a/repo/src", Some("a/repo"));
    }

    #[test]
    fn a_first_run_makes_it_at_the_top_of_the_repository() {
        let top = tempfile::tempdir().unwrap();
        let repo = top.path().canonicalize().unwrap().join("repo");
        fs::create_dir_all(repo.join(".git")).unwrap();
        fs::create_dir_all(repo.join("src/deep")).unwrap();
        let folder = Folder::find_or_create(&repo.join("src/deep")).unwrap();
        assert_eq!(folder.project(), repo);
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.root().join("runs")), 0o700);
        assert_eq!(mode(folder.blobs()), 0o700);
        assert_eq!(mode(folder.create_run(&RunId::parse("a1").unwrap()).unwrap().jobs()), 0o700);
        assert!(fs::read_to_string(folder.root().join(".gitignore")).unwrap().contains("!plans/**"));
    }

    #[test]
    fn what_was_begun_and_not_finished_is_completed() {
        let steps = ["", "runs", "blobs", "plans"];
        for made in 0..=steps.len() {
            let project = tempfile::tempdir().unwrap();
            for step in &steps[..made] {
                fs::create_dir(project.path().join(NAME).join(step)).unwrap();
            }
            let folder = Folder::create(project.path()).unwrap();
            for step in steps {
                assert!(folder.root().join(step).is_dir(), "{made} made, `{step}` missing");
            }
            assert!(folder.root().join(".gitignore").is_file(), "{made} made");
        }
    }

    #[test]
    fn what_a_user_changed_in_it_stays() {
        let project = tempfile::tempdir().unwrap();
        let folder = Folder::create(project.path()).unwrap();
        fs::write(folder.root().join(".gitignore"), "mine\n").unwrap();
        Folder::create(project.path()).unwrap();
        assert_eq!(fs::read_to_string(folder.root().join(".gitignore")).unwrap(), "mine\n");
    }

    #[test]
    fn a_folder_that_a_stranger_planted_above_is_refused() {
        if !rustix::process::geteuid().is_root() {
            return; // Only root can make a file of another user.
        }
        let top = tempfile::tempdir().unwrap();
        let mine = top.path().join("mine");
        fs::create_dir_all(&mine).unwrap();
        let planted = top.path().join(NAME);
        fs::create_dir(&planted).unwrap();
        chown(&planted, Some(12_345), None).unwrap();
        let refusal = Folder::find(&mine).unwrap_err().to_string();
        assert!(refusal.contains("belongs to another user (id 12345)"), "{refusal}");
        chown(&mine, Some(12_345), None).unwrap();
        assert!(Folder::find(&mine).is_ok(), "the same owner as the folder that we stand in");
    }
}
