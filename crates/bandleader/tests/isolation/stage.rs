//! A repository with a plan in it, and looks at what a run left there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::cli_support::{Said, band, json, project};

/// Git as the person has it, with an identity for these commits alone.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"];
    let mut command = Command::new("git");
    command.current_dir(folder).args(identity).args(arguments).env("HOME", folder);
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE");
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    assert!(output.status.success(), "git {arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// A project that is a repository with the plan and `base.txt` committed.
pub(crate) fn repository(tasks: &str) -> TempDir {
    let folder = project(&format!("mission: m\ntasks:\n{tasks}"));
    fs::write(folder.path().join("base.txt"), "one\ntwo\nthree\n").unwrap();
    fs::write(folder.path().join(".gitignore"), "*.log\n").unwrap();
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "--all"]);
    git(folder.path(), &["commit", "--quiet", "-m", "first"]);
    folder
}

pub(crate) fn run(folder: &Path) -> Said {
    band(folder, &["run", "plan.yaml", "--plain", "--no-wait"])
}

pub(crate) fn id_of(folder: &Path) -> String {
    json(folder, &["list", "--json"]).pointer("/0/id").unwrap().as_str().unwrap().to_owned()
}

/// What the run's branch has in this file; none when it has not got it.
pub(crate) fn landed(folder: &Path, file: &str) -> Option<String> {
    let name = format!("band/{}/run", id_of(folder));
    let listed = git(folder, &["ls-tree", "--name-only", "-r", &name]);
    listed.lines().any(|line| line == file).then(|| git(folder, &["show", &format!("{name}:{file}")]))
}

pub(crate) fn tree(folder: &Path, task: &str) -> PathBuf {
    folder.join(".band/runs").join(id_of(folder)).join("trees").join(task)
}

/// Everything of the person's that must stay as it is.
pub(crate) fn own(folder: &Path) -> String {
    let parts =
        [&["status", "--porcelain"][..], &["rev-parse", "HEAD"], &["symbolic-ref", "-q", "HEAD"], &["stash", "list"]];
    let files = fs::read_to_string(folder.join("base.txt")).unwrap();
    parts.map(|arguments| git(folder, arguments)).join("\n") + &files
}

pub(crate) fn script(id: &str, run: &str, rest: &str) -> String {
    format!("- {{id: {id}, isolation: worktree, run: {}{rest}}}\n", serde_json::Value::from(run))
}
