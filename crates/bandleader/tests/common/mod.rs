//! Plans made in code, and engines in this process or in a child that can be killed.
#![allow(clippy::allow_attributes, dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bandleader_core::plan::{Limits, Plan, Resource, Task, Use, Work};
use bandleader_core::{Recorded, Run, RunId, RunState, TaskId};
use bandleader_engine::engine::{Engine, Leave, NewMission, Options, submit};
use bandleader_engine::folder::Folder;
use rustix::process::Pid;

/// Waiting longer than this for anything means that it will not come.
pub(crate) const LONG: Duration = Duration::from_mins(1);

pub(crate) fn task(path: &str, script: &str, needs: &[u32]) -> Task {
    Task {
        needs: needs.iter().copied().map(TaskId).collect(),
        uses: vec![Use { resource: 0, units: 1 }],
        ..Task::plain(path, Work::Script { script: script.into() })
    }
}

pub(crate) fn plan(parallel: u32, tasks: Vec<Task>) -> Plan {
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

pub(crate) fn submitted(project: &Path, plan: &Plan) -> (Folder, RunId) {
    let folder = Folder::create(project).unwrap();
    let id = submit(&folder, &NewMission { plan, plan_name: "test", project, merge_into: None }).unwrap();
    (folder, id)
}

pub(crate) fn engine(
    folder: &Folder,
    id: &RunId,
    on_commit: impl FnMut(&Run, &Arc<[Recorded]>) + Send + 'static,
) -> Engine {
    let exe = env!("CARGO_BIN_EXE_band").into();
    let options = Options { exe, leave: Leave::WhenWaiting, on_commit: Box::new(on_commit) };
    Engine::take(folder, id, options).unwrap()
}

/// Runs to the end in this process.
pub(crate) fn drive(folder: &Folder, id: &RunId) -> RunState {
    engine(folder, id, |_, _| ()).drive().unwrap()
}

/// An engine in a process of its own: this test program again, in the test `killable_engine` of the same file.
pub(crate) fn child(project: &Path, id: &RunId, die_after_commits: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killable_engine", "--nocapture"])
        .env("BAND_TEST_PROJECT", project)
        .env("BAND_TEST_RUN", id.as_str())
        .env("BAND_TEST_DIE_AFTER", die_after_commits.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The body of the test `killable_engine`: nothing unless `child()` started it.
pub(crate) fn be_child() {
    let Ok(project) = std::env::var("BAND_TEST_PROJECT") else { return };
    let folder = Folder::find(Path::new(&project)).unwrap();
    let id = RunId::parse(&std::env::var("BAND_TEST_RUN").unwrap()).unwrap();
    let mut left: u64 = std::env::var("BAND_TEST_DIE_AFTER").unwrap().parse().unwrap();
    let die = move |_: &Run, _: &Arc<[Recorded]>| {
        left -= 1;
        if left == 0 {
            let me = rustix::process::getpid();
            rustix::process::kill_process(me, rustix::process::Signal::KILL).unwrap();
        }
    };
    engine(&folder, &id, die).drive().unwrap();
}

/// Waits until `found` gives something.
pub(crate) fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < LONG, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// How often each line stands in a file that tasks append to.
pub(crate) fn lines(file: &Path) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for line in std::fs::read_to_string(file).unwrap_or_default().lines() {
        *counts.entry(line.to_owned()).or_default() += 1;
    }
    counts
}

/// Processes that carry a run's marker in their environment.
pub(crate) fn marked(id: &RunId) -> Vec<u32> {
    let marker = format!("BAND_RUN={id}\0");
    let pids =
        std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let alive = std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
        alive && String::from_utf8_lossy(&environment).contains(&marker)
    })
    .collect()
}

/// The process that holds the run's supervisor lock, by its command line.
pub(crate) fn supervisor_of(folder: &Folder, id: &RunId) -> Pid {
    let run_folder = folder.run(id).path().to_string_lossy().into_owned();
    wait_for("the supervisor", || {
        std::fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let command = String::from_utf8_lossy(&command).into_owned();
            (command.contains("__supervisor") && command.contains(&run_folder)).then_some(())?;
            Pid::from_raw(pid)
        })
    })
}
