//! What is in the way of a merge into a branch of the person's: nothing is changed then, and they are told what to do.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::cli_support::{Said, band, json};
use crate::stage::{git, id_of, repository, run, script};

/// A run that changed `base.txt` and made `a.txt`, and succeeded.
fn done() -> TempDir {
    let folder = repository(&script("a", "sed -i s/two/TWO/ base.txt; echo a > a.txt", ""));
    assert_eq!(run(folder.path()).code, 0);
    folder
}

/// Everything that a refused merge leaves as it is: branches, index, and files.
fn all(folder: &Path) -> String {
    let seen = [
        &["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"][..],
        &["symbolic-ref", "-q", "HEAD"],
        &["status", "--porcelain", "--ignored=no"],
        &["diff"],
        &["ls-files", "--stage"],
    ];
    seen.map(|arguments| git(folder, arguments)).join("\n")
}

/// Refused with these words, and nothing is changed.
fn refused(folder: &Path, into: &str, words: &str) -> Said {
    let before = all(folder);
    let said = band(folder, &["merge", "--into", into, "--yes"]);
    assert_eq!(said.code, 4, "{}{}", said.out, said.err);
    assert!(said.err.contains(words), "`{words}` is not in\n{}", said.err);
    assert!(said.err.contains("and nothing was changed"), "{}", said.err);
    assert_eq!(all(folder), before);
    said
}

#[test]
fn changes_that_are_not_committed() {
    let folder = done();
    fs::write(folder.path().join(".gitignore"), "*.log\n# mine\n").unwrap();
    let words = "with changes that are not committed: `.gitignore`; commit or stash them, then `band merge";
    refused(folder.path(), "main", words);
    let status = json(folder.path(), &["status", "--json"]);
    assert_eq!((&status["state"], &status["branch"]["merged"][0]["status"]), (&"succeeded".into(), &"refused".into()));
    git(folder.path(), &["stash", "--quiet"]);
    let said = band(folder.path(), &["merge", "--into", "main", "--yes"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    git(folder.path(), &["stash", "pop", "--quiet"]);
    let page = band(folder.path(), &["report"]).out;
    assert!(page.contains("- Not merged into `main` at ") && page.contains("- Merged into `main` at "), "{page}");
}

#[test]
fn a_dirty_checkout_at_the_end_of_a_run_that_was_to_be_merged() {
    let folder = repository(&script("a", "echo a > a.txt; echo dirty >> ../../../../../base.txt", ""));
    let said = band(folder.path(), &["run", "plan.yaml", "--plain", "--merge-into", "main"]);
    assert_eq!(said.code, 4, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("! not merged into main, and nothing was changed: `main` is checked out"),
        "{}",
        said.out
    );
    assert!(said.out.contains("succeeded") && !folder.path().join("a.txt").exists());
    let page = band(folder.path(), &["report"]).out;
    assert!(page.contains("- Not merged into `main` at "), "{page}");
}

#[test]
fn a_conflict() {
    let folder = done();
    fs::write(folder.path().join("base.txt"), "one\nzwei\nthree\n").unwrap();
    git(folder.path(), &["commit", "--quiet", "--all", "-m", "mine"]);
    let branch = format!("band/{}/run", id_of(folder.path()));
    refused(
        folder.path(),
        "main",
        &format!("both change `base.txt` in ways that clash; on `main`, `git merge {branch}`"),
    );
    // As it says: then it is there.
    let merge = Command::new("git").current_dir(folder.path()).args(["merge", &branch]).output().unwrap();
    assert!(!merge.status.success());
    fs::write(folder.path().join("base.txt"), "one\nZWEI\nthree\n").unwrap();
    git(folder.path(), &["commit", "--quiet", "--all", "-m", "both"]);
    let said = band(folder.path(), &["merge", "--into", "main", "--yes"]);
    assert!(said.code == 0 && said.out.contains("already"), "{}{}", said.out, said.err);
}

#[test]
fn files_in_the_way_also_ignored_ones() {
    let folder = done();
    fs::write(folder.path().join("a.txt"), "precious").unwrap();
    refused(folder.path(), "main", "a.txt");
    fs::write(folder.path().join(".git/info/exclude"), "a.txt\n").unwrap();
    refused(folder.path(), "main", "a.txt");
    assert_eq!(fs::read_to_string(folder.path().join("a.txt")).unwrap(), "precious");
}

#[test]
fn a_rebase_that_will_come_back_to_the_branch() {
    let folder = done();
    git(folder.path(), &["checkout", "--quiet", "-b", "topic"]);
    fs::write(folder.path().join("base.txt"), "one\nzwei\nthree\n").unwrap();
    git(folder.path(), &["commit", "--quiet", "--all", "-m", "mine"]);
    let branch = format!("band/{}/run", id_of(folder.path()));
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    let mut rebase = Command::new("git");
    rebase.current_dir(folder.path()).args(identity).args(["rebase", &branch]).env("HOME", folder.path());
    assert!(!rebase.output().unwrap().status.success());
    let before = git(folder.path(), &["rev-parse", "topic"]);
    let said = band(folder.path(), &["merge", "--into", "topic", "--yes"]);
    assert!(said.code == 4 && said.err.contains("`topic` is being rebased or bisected in"), "{}{}", said.out, said.err);
    assert_eq!(git(folder.path(), &["rev-parse", "topic"]), before);
    git(folder.path(), &["rebase", "--abort"]);
}

#[test]
fn what_can_never_be_merged_is_refused_before_anything_starts() {
    let folder = repository(&(script("a", "touch ran", "") + "- {id: z, run: 'true'}\n"));
    for (into, words) in [
        ("nowhere", "there is no branch `nowhere`; `git branch nowhere` makes one"),
        ("two words", "`two words` is not the name of a branch"),
        ("band/x/run", "is a branch of `band` itself"),
    ] {
        let said = band(folder.path(), &["run", "plan.yaml", "--plain", "--merge-into", into]);
        assert!(said.code == 2 && said.err.contains(words), "{into}: {}{}", said.out, said.err);
    }
    fs::write(folder.path().join("plain.yaml"), "mission: m\ntasks: [{id: z, run: 'true'}]\n").unwrap();
    let said = band(folder.path(), &["run", "plain.yaml", "--plain", "--merge-into", "main"]);
    assert!(said.code == 2 && said.err.contains("no task of it works in a git worktree"), "{}{}", said.out, said.err);
    assert_eq!(json(folder.path(), &["list", "--json"]).as_array().unwrap().len(), 0);
    assert_eq!(band(folder.path(), &["run", "plain.yaml", "--plain"]).code, 0);
    let said = band(folder.path(), &["merge", "--into", "main", "--yes"]);
    assert!(said.code == 2 && said.err.contains("has no branch"), "{}{}", said.out, said.err);
}

#[test]
fn a_task_of_a_run_may_not_merge() {
    let folder =
        repository(&(script("a", "echo a > a.txt", "") + "- {id: b, needs: [a], run: \"$BAND merge --yes\"}\n"));
    let text = fs::read_to_string(folder.path().join("plan.yaml")).unwrap();
    let text = text.replace("$BAND", env!("CARGO_BIN_EXE_band"));
    fs::write(folder.path().join("plan.yaml"), text).unwrap();
    git(folder.path(), &["commit", "--quiet", "--all", "-m", "plan"]);
    assert_eq!(run(folder.path()).code, 3);
    let logs = band(folder.path(), &["logs", "b"]);
    assert!(logs.out.contains("only people merge into their branches"), "{}{}", logs.out, logs.err);
}
