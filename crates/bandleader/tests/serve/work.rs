//! What a task has changed in its git worktree: while it works, and afterwards.

use std::path::Path;
use std::process::Command;

use crate::stage::{Server, project, wait_for};

const PLAN: &str = "mission: m
tasks:
  - id: tree
    isolation: worktree
    run: 'echo two >> base.txt; echo \"<b>\" > new.txt; touch \"$TOP/begun\"; while [ ! -e \"$TOP/go\" ]; do sleep 0.05; done'
    env: {TOP: '{{ inputs.top }}'}
  - {id: plain, run: 'true'}
inputs: {top: {}}
";

fn git(project: &Path, arguments: &[&str]) {
    let names = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"];
    let done = Command::new("git").current_dir(project).args(names).args(arguments).status().unwrap();
    assert!(done.success(), "{arguments:?}");
}

#[test]
fn the_diff_of_a_task_is_shown_while_it_works_and_afterwards() {
    let folder = project(PLAN);
    let place = folder.path();
    std::fs::remove_dir(place.join(".git")).unwrap();
    std::fs::write(place.join("base.txt"), "one\n").unwrap();
    std::fs::write(place.join(".gitignore"), "go\nbegun\n").unwrap();
    git(place, &["init", "--quiet", "--initial-branch=main"]);
    git(place, &["add", "--all"]);
    git(place, &["commit", "--quiet", "--message", "first"]);
    let server = Server::start(place, &[]);
    let body = serde_json::json!({ "plan": "plan.yaml", "inputs": { "top": place } });
    let started = server.post("/api/v1/runs", &body.to_string());
    assert_eq!(started.status, 201, "{}", started.text());
    let run = started.json()["run"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/runs/{run}/tasks/tree/diff");
    wait_for("the work", || place.join("begun").exists().then_some(()));
    let at_work = server.get(&path).json();
    assert!(at_work["commit"].is_null() && at_work["diff"].as_str().unwrap().contains("+two"), "{at_work:#}");
    assert_eq!(at_work["new_files"], serde_json::json!(["new.txt"]));
    std::fs::write(place.join("go"), "").unwrap();
    server.follow(&format!("/api/v1/runs/{run}/events"), None).until(|event| event.kind == "run_ended");
    let done = server.get(&path).json();
    let diff = done["diff"].as_str().unwrap();
    assert!(done["commit"].is_string() && diff.contains("+two") && diff.contains("+<b>"), "{done:#}");
    assert_eq!((&done["is_cut"], &done["new_files"]), (&false.into(), &serde_json::json!([])));
    let cut = server.get(&format!("{path}?limit=10")).json();
    assert_eq!((&cut["is_cut"], cut["diff"].as_str().unwrap().len()), (&true.into(), 10));
    assert_eq!(server.get(&format!("/api/v1/runs/{run}/tasks/plain/diff")).problem(), "not-found");
    let merged = server.post(&format!("/api/v1/runs/{run}/merge"), r#"{"into": "main"}"#);
    assert_eq!(merged.status, 202, "{}", merged.text());
    wait_for("the merge", || place.join("new.txt").exists().then_some(()));
}
