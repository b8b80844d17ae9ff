//! Killing things while work in worktrees is done and merged: all of it lands, once, and the person's checkout stays as it is.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::path::Path;
use std::process::Command;

use bandleader_core::plan::{Gate, Isolation, Plan, Task};
use bandleader_core::{RunId, RunState};
use bandleader_engine::engine::{NewMission, submit};
use bandleader_engine::folder::Folder;
use common::{child, drive, marked, plan, submitted, supervisor_of, task, wait_for};
use rustix::process::{Signal, kill_process};

#[test]
fn killable_engine() {
    common::be_child();
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").current_dir(folder).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

fn repository() -> tempfile::TempDir {
    let project = tempfile::tempdir().unwrap();
    std::fs::write(project.path().join("base"), "base\n").unwrap();
    git(project.path(), &["init", "--quiet"]);
    git(project.path(), &["add", "--all"]);
    git(project.path(), &["commit", "--quiet", "-m", "first"]);
    project
}

/// Two side by side with a gate each, so that the second is gated again on merged work, and one that needs both.
fn worktrees() -> Plan {
    let gate = Gate { name: "gate".into(), run: "test -f base".into(), timeout: None, number: None };
    let apart = |path: &str, script: &str, needs: &[u32]| Task {
        isolation: Some(Isolation::Worktree),
        gates: vec![gate.clone()].into(),
        ..task(path, script, needs)
    };
    plan(2, vec![apart("a", "echo a > a", &[]), apart("b", "echo b > b", &[]), apart("c", "cat a b > c", &[0, 1])])
}

fn all_landed_once(project: &Path, id: &RunId) {
    let branch = format!("band/{id}/run");
    assert_eq!(git(project, &["show", &format!("{branch}:c")]), "a\nb");
    let merges = git(project, &["log", "--merges", "--format=%s", &branch]);
    let mut merges: Vec<&str> = merges.lines().map(|line| line.split(',').next().unwrap()).collect();
    merges.sort_unstable();
    assert_eq!(merges, ["Merge a", "Merge b", "Merge c"]);
    assert_eq!(git(project, &["status", "--porcelain"]), "");
    assert_eq!(git(project, &["rev-list", "--count", "main"]), "1");
    wait_for("the last process to go", || marked(id).is_empty().then_some(()));
}

#[test]
fn killed_after_the_nth_commit_for_every_n_all_work_lands_once() {
    for n in 1.. {
        let project = repository();
        git(project.path(), &["branch", "next"]);
        let folder = Folder::create(project.path()).unwrap();
        let merge_into = Some("next");
        let new = NewMission { plan: &worktrees(), plan_name: "test", project: project.path(), merge_into };
        let id = submit(&folder, &new).unwrap();
        let ended_by_itself = child(project.path(), &id, n).wait().unwrap().success();
        if !ended_by_itself {
            assert_eq!(drive(&folder, &id), RunState::Succeeded, "killed after commit {n}");
        }
        all_landed_once(project.path(), &id);
        let tip = |branch: &str| git(project.path(), &["rev-parse", branch]);
        assert_eq!(tip("next"), tip(&format!("band/{id}/run")), "killed after commit {n}");
        if ended_by_itself {
            assert!(n > 8, "the run had too few commits to prove anything: {n}");
            return;
        }
    }
}

#[test]
fn a_supervisor_that_is_killed_while_gates_look_at_merged_work_loses_nothing() {
    let project = repository();
    // Only on merged work, and only the first time, the gate waits for ever.
    let run = "case $PWD in */merge) test -e $BAND_DIR/seen || { touch $BAND_DIR/seen; exec sleep 1000; };; esac";
    let gate = Gate { name: "gate".into(), run: run.into(), timeout: None, number: None };
    let mut plan = worktrees();
    for task in plan.tasks.iter_mut().take(2) {
        task.gates = vec![gate.clone()].into();
    }
    let (folder, id) = submitted(project.path(), &plan);
    let mut engine = child(project.path(), &id, u64::MAX);
    let seen = folder.run(&id).path().join("seen");
    wait_for("the gate on merged work", || seen.exists().then_some(()));
    kill_process(supervisor_of(&folder, &id), Signal::KILL).unwrap();
    assert!(engine.wait().unwrap().success());
    all_landed_once(project.path(), &id);
}
