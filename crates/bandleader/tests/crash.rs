//! Killing things at the worst moments: nothing is lost, nothing that completed runs again, nothing is left behind.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::path::Path;
use std::time::Duration;

use bandleader_core::plan::{Gate, Plan, Task};
use bandleader_core::{RunId, RunState};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::projector::rebuild;
use common::{child, drive, lines, marked, plan, submitted, supervisor_of, task, wait_for};
use rustix::process::{Signal, kill_process};

#[test]
fn killable_engine() {
    common::be_child();
}

/// Notes its start and its end, with a pause between them.
fn noted(path: &str, needs: &[u32], seconds: &str) -> Task {
    task(path, &format!("echo 'S {path}' >> log; sleep {seconds}; echo 'E {path}' >> log"), needs)
}

fn small_plan() -> Plan {
    let gate = Gate { name: "gate".into(), run: "echo 'G b' >> log".into(), timeout: None, number: None };
    let b = Task { gates: vec![gate].into(), ..noted("b", &[0], "0.02") };
    plan(2, vec![noted("a", &[], "0.02"), b, noted("c", &[0], "0.02"), noted("d", &[1, 2], "0.02")])
}

/// Each task started once, ended once and completed; nothing is left alive; the files are those of the log.
fn all_is_well(project: &Path, folder: &Folder, id: &RunId, tasks: usize) {
    let follower = Follower::open(folder, id).unwrap();
    assert_eq!(follower.run().state(), RunState::Succeeded);
    let counted = lines(&project.join("log"));
    let twice: Vec<_> = counted.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "not once: {twice:?}");
    assert_eq!(counted.keys().filter(|line| line.starts_with("E ")).count(), tasks);
    wait_for("the last process to go", || marked(id).is_empty().then_some(()));
}

#[test]
fn kill_after_the_nth_commit_for_every_n() {
    for n in 1.. {
        let project = tempfile::tempdir().unwrap();
        let (folder, id) = submitted(project.path(), &small_plan());
        let ended_by_itself = child(project.path(), &id, n).wait().unwrap().success();
        if !ended_by_itself {
            assert_eq!(drive(&folder, &id), RunState::Succeeded, "killed after commit {n}");
        }
        all_is_well(project.path(), &folder, &id, 4);
        if ended_by_itself {
            assert!(n > 5, "the run had too few commits to prove anything: {n}");
            return;
        }
    }
}

#[test]
fn a_run_whose_folder_a_power_loss_took_before_it_began_runs() {
    let project = tempfile::tempdir().unwrap();
    let (folder, id) = submitted(project.path(), &small_plan());
    std::fs::remove_dir_all(folder.run(&id).path()).unwrap();
    assert_eq!(drive(&folder, &id), RunState::Succeeded);
    all_is_well(project.path(), &folder, &id, 4);
}

#[test]
fn kill_at_a_hundred_random_moments_of_a_layered_run() {
    let project = tempfile::tempdir().unwrap();
    let (width, layers) = (50_u32, 20_u32);
    let needs = |layer: u32, place: u32| {
        let above = |shift| (layer - 1) * width + (place + shift) % width;
        if layer == 0 { Vec::new() } else { vec![above(0), above(7)] }
    };
    let tasks = (0..layers).flat_map(|layer| (0..width).map(move |place| (layer, place)));
    let tasks = tasks.map(|(layer, place)| noted(&format!("t{layer}-{place}"), &needs(layer, place), "0.05"));
    let (folder, id) = submitted(project.path(), &plan(8, tasks.collect()));
    let mut random = 88_172_645_463_325_252_u64;
    let mut kills = 0;
    while kills < 100 {
        let mut engine = child(project.path(), &id, u64::MAX);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(Duration::from_millis(random % 80));
        if engine.try_wait().unwrap().is_some() {
            break;
        }
        engine.kill().unwrap();
        engine.wait().unwrap();
        kills += 1;
    }
    println!("killed {kills} times");
    drive(&folder, &id);
    all_is_well(project.path(), &folder, &id, (width * layers) as usize);
    assert_eq!(kills, 100, "the run was over too early to prove much");
}

/// A long enough run that its engine makes a snapshot is killed soon after that, something happens to the snapshot, and it is
/// taken up again.
#[test]
fn killed_after_a_snapshot_the_next_engine_goes_on_whatever_became_of_it() {
    let torn = |file: &Path| {
        let whole = std::fs::read(file).unwrap();
        std::fs::write(file, &whole[..whole.len() / 2]).unwrap();
    };
    let flipped = |file: &Path| {
        let mut bytes = std::fs::read(file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        std::fs::write(file, bytes).unwrap();
    };
    for what in ["as it was left", "torn", "flipped", "gone"] {
        let project = tempfile::tempdir().unwrap();
        let mut tasks: Vec<Task> = (0..360).map(|number| noted(&format!("t{number}"), &[], "0")).collect();
        // Long, so that the run is not over when it is killed.
        tasks.push(noted("last", &(0..360).collect::<Vec<u32>>(), "0.5"));
        let (folder, id) = submitted(project.path(), &plan(8, tasks));
        let snapshot = folder.run(&id).snapshot();
        let mut engine = child(project.path(), &id, u64::MAX);
        wait_for("the snapshot", || snapshot.exists().then_some(()));
        engine.kill().unwrap();
        engine.wait().unwrap();
        let left = Follower::open(&folder, &id).unwrap();
        assert!(!left.run().is_over(), "{what}: it was over too early to prove anything");
        match what {
            "torn" => torn(&snapshot),
            "flipped" => flipped(&snapshot),
            "gone" => std::fs::remove_file(&snapshot).unwrap(),
            _ => (),
        }
        assert_eq!(Follower::open(&folder, &id).unwrap().run().last_seq(), left.run().last_seq(), "{what}");
        assert_eq!(drive(&folder, &id), RunState::Succeeded, "{what}");
        all_is_well(project.path(), &folder, &id, 361);
        let story = desk::story(&folder, &id).unwrap();
        let files = rebuild(left.run().plan().clone(), &story).unwrap();
        for (name, content) in files.into_iter().filter(|(name, _)| name.contains("timeline")) {
            let written = std::fs::read_to_string(folder.run(&id).path().join(&name)).unwrap();
            assert!(written == content, "{what}: {name}");
        }
    }
}

#[test]
fn a_killed_supervisor_loses_its_attempts_and_they_are_tried_again() {
    let project = tempfile::tempdir().unwrap();
    // Each first try waits for ever, in a process of its own session; each second one ends.
    let script =
        "if [ \"$BAND_ATTEMPT\" = 1 ]; then setsid sleep 1000 & sleep 1000; fi; echo \"E $BAND_TASK_ID\" >> log";
    let (folder, id) = submitted(project.path(), &plan(3, vec![task("a", script, &[]), task("b", script, &[])]));
    let mut engine = child(project.path(), &id, u64::MAX);
    let both_sleep = || marked(&id).len() >= 4;
    wait_for("both tries to be on their way", || both_sleep().then_some(()));
    let supervisor = supervisor_of(&folder, &id);
    kill_process(supervisor, Signal::KILL).unwrap();
    assert!(engine.wait().unwrap().success());
    let counted = lines(&project.path().join("log"));
    assert_eq!(counted.into_iter().collect::<Vec<_>>(), [("E a".to_owned(), 1), ("E b".to_owned(), 1)]);
    let follower = Follower::open(&folder, &id).unwrap();
    assert_eq!(follower.run().state(), RunState::Succeeded);
    wait_for("the last process to go", || marked(&id).is_empty().then_some(()));
}
