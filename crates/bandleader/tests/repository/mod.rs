//! A git repository in a temporary folder, and `band` run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use tempfile::TempDir;

/// Removed with all its content when it is dropped.
pub(crate) struct Repository {
    folder: TempDir,
}

impl Repository {
    /// One commit with these files; without files, no commit.
    pub(crate) fn with(files: &[(&str, &str)]) -> Repository {
        let repository = Repository::without_git();
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        for (path, text) in files {
            repository.write(path, text.as_bytes());
        }
        if !files.is_empty() {
            repository.commit("first");
        }
        repository
    }

    /// Only a folder.
    pub(crate) fn without_git() -> Repository {
        Repository { folder: TempDir::new().unwrap() }
    }

    /// A clone with the last commit only.
    pub(crate) fn shallow_clone(&self) -> Repository {
        let clone = Repository::without_git();
        let from = format!("file://{}", self.folder.path().display());
        clone.git(&["clone", "--quiet", "--depth=1", &from, "."]);
        clone
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn commit(&self, subject: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", subject]);
    }

    /// Runs the built-in review, which must succeed, and gives its report.
    pub(crate) fn review(&self) -> String {
        let run = self.band(&["run", "review", "--plain"]);
        assert!(run.status.success(), "{run:?}\n{}", self.task_output());
        self.text("review.md")
    }

    /// `band` in this folder, with a home of its own.
    pub(crate) fn band(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_band"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .output()
            .unwrap()
    }

    /// Everything that tasks of all runs here printed.
    pub(crate) fn task_output(&self) -> String {
        self.texts_below(".band/runs").concat()
    }

    /// The texts of all files below a folder; bytes that are not UTF-8 are replaced.
    pub(crate) fn texts_below(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut waiting = vec![self.path(folder)];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    waiting.push(entry.path());
                } else if kind.is_file() {
                    found.push(String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned());
                }
            }
        }
        found
    }

    fn git(&self, arguments: &[&str]) {
        let git = git(self.folder.path()).args(arguments).output().unwrap();
        assert!(git.status.success(), "{git:?}");
    }
}

/// git that knows neither the machine's settings nor the person's.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Ada")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@host.invalid")));
    git
}
