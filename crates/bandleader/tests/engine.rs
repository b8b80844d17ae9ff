//! The engine with real processes: submit, drive, look at what is left.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bandleader_core::plan::{Limits, Plan, Resource, Task, Use, Work};
use bandleader_core::{RunId, RunState, TaskId};
use bandleader_engine::engine::{Engine, Follower, Leave, NewMission, Options, submit};
use bandleader_engine::folder::Folder;

fn task(path: &str, script: &str, needs: &[u32]) -> Task {
    Task {
        needs: needs.iter().copied().map(TaskId).collect(),
        uses: vec![Use { resource: 0, units: 1 }],
        ..Task::plain(path, Work::Script { script: script.into() })
    }
}

fn plan(parallel: u32, tasks: Vec<Task>) -> Plan {
    Plan {
        mission: "test".into(),
        level: 3,
        limits: Limits { parallel, ..Limits::default() },
        resources: vec![Resource { name: "slots".into(), capacity: parallel }],
        tasks,
        scopes: vec![BTreeMap::new()],
        ..Plan::default()
    }
}

fn run(project: &Path, plan: &Plan) -> (Folder, RunId, RunState) {
    let folder = Folder::create(project).unwrap();
    let id = submit(&folder, &NewMission { plan, plan_name: "test", project }).unwrap();
    let options = Options {
        exe: env!("CARGO_BIN_EXE_band").into(),
        leave: Leave::WhenWaiting,
        on_commit: Box::new(|_, batch: &Arc<[_]>| assert!(!batch.is_empty())),
    };
    let state = Engine::take(&folder, &id, options).unwrap().drive().unwrap();
    (folder, id, state)
}

#[test]
fn a_diamond_runs_in_order_and_succeeds() {
    let project = tempfile::tempdir().unwrap();
    let note = |name: &str| format!("echo {name} >> log");
    let tasks = vec![
        task("a", &note("a"), &[]),
        task("b", &note("b"), &[0]),
        task("c", &note("c"), &[0]),
        task("d", &note("d"), &[1, 2]),
    ];
    let (folder, id, state) = run(project.path(), &plan(4, tasks));
    assert_eq!(state, RunState::Succeeded);
    let log = std::fs::read_to_string(project.path().join("log")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!((lines.first(), lines.last(), lines.len()), (Some(&"a"), Some(&"d"), 4));
    let follower = Follower::open(&folder, &id).unwrap();
    assert_eq!(follower.run().counts().completed, 4);
}

#[test]
fn a_failure_skips_what_needs_it_and_nothing_else() {
    let project = tempfile::tempdir().unwrap();
    let tasks = vec![task("a", "exit 3", &[]), task("b", "true", &[0]), task("c", "true", &[])];
    let (folder, id, state) = run(project.path(), &plan(4, tasks));
    assert_eq!(state, RunState::Failed);
    let counts = Follower::open(&folder, &id).unwrap().run().counts();
    assert_eq!((counts.failed, counts.skipped, counts.completed), (1, 1, 1));
}

#[test]
fn a_thousand_no_ops_are_quick_enough_to_wait_for() {
    let project = tempfile::tempdir().unwrap();
    let tasks = (0..1_000)
        .map(|n| Task { work: Work::Program { argv: vec!["/bin/true".into()] }, ..task(&format!("t{n}"), "", &[]) });
    let start = std::time::Instant::now();
    let (_, _, state) = run(project.path(), &plan(8, tasks.collect()));
    assert_eq!(state, RunState::Succeeded);
    println!("1,000 no-ops: {:?}", start.elapsed());
}
