//! `band` is killed with -9: what runs goes on, is found again, and its end is known.

use super::stage::{Project, is_alive, until, wait_for};

const TWO: &str = "\
mission: m
tasks:
  - id: long
    run: 'echo $$ >> pids; echo before; while ! test -f go; do sleep 0.02; done; echo after; exit 7'
    on_failure: continue
  - { id: short, run: 'echo short >> log; while ! test -f seen; do sleep 0.02; done; echo unseen', needs: [] }
  - { id: last, run: 'echo last >> log', needs: [short] }
";

/// A limit on the size of files whose signal kills: each larger one lets it come a few writes further.
#[test]
fn whoever_is_killed_while_a_new_folder_is_made_leaves_one_that_the_next_completes() {
    let mut killed = 0;
    for blocks in [0, 1, 2, 4, 8, 16, 24, 32, 48, 64, 65, 72, 80, 96, 128, 2_000] {
        let project = Project::new("mission: m\ntasks:\n  - { id: a, run: 'true' }\n");
        let first = project.shell(&format!("ulimit -c 0; ulimit -f {blocks}; exec $BAND run plan.yaml"));
        killed += u32::from(first.code == -1);
        project.band(&["run", "plan.yaml"]).ends(0);
        assert_eq!(project.status()["state"], "succeeded", "after one with {blocks} blocks");
        for part in ["runs", "blobs", "plans", ".gitignore", "band.db"] {
            assert!(project.file(".band").join(part).exists(), "no `{part}` after one with {blocks} blocks");
        }
        assert!(!project.read(".band/.gitignore").is_empty(), "after one with {blocks} blocks");
    }
    assert!(killed > 8, "too few were killed to prove anything: {killed}");
}

#[test]
fn a_running_task_is_adopted_with_its_pid_its_output_and_its_exit() {
    let project = Project::new(TWO);
    let band = project.start(&["run", "plan.yaml"]);
    let pid: u32 = wait_for("the task's pid", || project.read("pids").trim().parse().ok());
    until("the other task", || project.read("log") == "short\n");
    band.kill();
    assert!(is_alive(pid), "it outlives the engine");
    let status = project.band(&["status"]).ends(0);
    assert!(status.out.contains("goes on"), "{}", status.out);
    let second = project.start(&["resume"]);
    until("an engine", || !project.status()["owner"].is_null());
    second.kill();
    assert!(is_alive(pid));
    // One ends while nobody looks, the other one after the next engine came.
    project.write("seen", "");
    until("the end of the short task", || project.band(&["logs", "short", "--raw"]).out == "unseen\n");
    let third = project.start(&["resume"]);
    until("the last task", || project.read("log") == "short\nlast\n");
    assert!(is_alive(pid));
    project.write("go", "");
    assert_eq!(third.code(), 3);
    assert_eq!(project.read("pids").trim(), pid.to_string(), "started once");
    assert_eq!(project.read("log"), "short\nlast\n");
    assert_eq!(project.band(&["logs", "long"]).ends(0).out, "before\nafter\n");
    let status = project.status();
    let tasks = status["tasks"].as_array().unwrap();
    let said: Vec<_> = tasks.iter().map(|task| (task["path"].as_str().unwrap(), &task["attempts"])).collect();
    assert_eq!(said.iter().filter(|(_, attempts)| **attempts == 1).count(), 3, "{said:?}");
    assert_eq!(tasks[0]["failure"]["message"], "exit code 7");
}

#[test]
fn a_cancel_without_an_engine_ends_what_still_runs() {
    let project = Project::new(
        "mission: m\ntasks:\n  - { id: a, run: 'echo $$ > pid; setsid sleep 1000 & sleep 1000' }\n  - { id: b, run: 'echo no > b', needs: [a] }\n",
    );
    let band = project.start(&["run", "plan.yaml"]);
    let pid: u32 = wait_for("the task's pid", || project.read("pid").trim().parse().ok());
    band.kill();
    assert!(is_alive(pid));
    project.band(&["cancel"]).ends(0);
    assert_eq!(project.status()["state"], "cancelled");
    assert!(!is_alive(pid));
    assert_eq!(project.read("b"), "");
}

#[test]
fn with_the_supervisor_killed_too_the_task_is_tried_again() {
    let project = Project::new(
        "mission: m\ntasks:\n  - { id: a, run: 'echo $$ >> pids; test $BAND_ATTEMPT = 2 || sleep 1000' }\n",
    );
    let band = project.start(&["run", "plan.yaml"]);
    let pid: u32 = wait_for("the task's pid", || project.read("pids").trim().parse().ok());
    let supervisor = project.supervisor();
    band.kill();
    super::stage::kill(supervisor);
    until("the supervisor's end", || !is_alive(supervisor));
    project.band(&["resume"]).ends(0);
    assert!(!is_alive(pid), "nothing of the first try is left beside the second");
    assert_eq!(project.read("pids").lines().count(), 2);
}
