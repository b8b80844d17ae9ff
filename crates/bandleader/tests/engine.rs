//! The engine with real processes: submit, drive, look at what is left.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use bandleader_core::plan::{Task, Work};
use bandleader_core::{By, Event, Recorded, RunState};
use bandleader_engine::engine::{Engine, Follower, Leave, Options, Wake, desk};
use common::{drive, plan, submitted, task, wait_for};

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
    let (folder, id) = submitted(project.path(), &plan(4, tasks));
    assert_eq!(drive(&folder, &id), RunState::Succeeded);
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
    let (folder, id) = submitted(project.path(), &plan(4, tasks));
    assert_eq!(drive(&folder, &id), RunState::Failed);
    let counts = Follower::open(&folder, &id).unwrap().run().counts();
    assert_eq!((counts.failed, counts.skipped, counts.completed), (1, 1, 1));
}

#[test]
fn a_thousand_no_ops_all_run() {
    let project = tempfile::tempdir().unwrap();
    let no_op =
        |n| Task { work: Work::Program { argv: ["/bin/true".to_owned()].into() }, ..task(&format!("t{n}"), "", &[]) };
    let (folder, id) = submitted(project.path(), &plan(8, (0..1_000).map(no_op).collect()));
    assert_eq!(drive(&folder, &id), RunState::Succeeded);
    assert_eq!(Follower::open(&folder, &id).unwrap().run().counts().completed, 1_000);
}

#[test]
fn a_secret_reaches_neither_output_files_nor_the_log() {
    // The engine of this test runs in this process, whose environment is nobody else's to change: a child has the secret.
    let project = tempfile::tempdir().unwrap();
    let mut whisper =
        task("whisper", "echo \"it is $SHOP_TOKEN\"; echo \"told=$SHOP_TOKEN!\" >> \"$BAND_OUTPUT\"", &[]);
    whisper.outputs.insert("told".into(), bandleader_core::plan::OutputSource::Reported);
    let (folder, id) = submitted(project.path(), &plan(1, vec![whisper]));
    let resume = std::process::Command::new(env!("CARGO_BIN_EXE_band"))
        .args(["resume", id.as_str()])
        .current_dir(project.path())
        .env("SHOP_TOKEN", "sesame-open-now")
        .output()
        .unwrap();
    assert!(resume.status.success(), "{resume:?}");
    let run_folder = folder.run(&id);
    let log = std::fs::read_to_string(run_folder.jobs().join("0.1.log")).unwrap();
    assert_eq!(log, "it is ***\n");
    let follower = Follower::open(&folder, &id).unwrap();
    let report = follower.run().task(bandleader_core::TaskId(0)).past().report.clone().unwrap();
    assert_eq!(report.outputs["told"], "***!");
}

#[test]
fn the_record_names_who_asked_and_not_whose_engine_took_it() {
    let project = tempfile::tempdir().unwrap();
    let (folder, id) =
        submitted(project.path(), &plan(1, vec![task("a", "until test -f go; do sleep 0.02; done", &[])]));
    let band = |verb: &str, user: &str| {
        let mut band = std::process::Command::new(env!("CARGO_BIN_EXE_band"));
        band.args([verb, id.as_str()]).current_dir(project.path()).env("USER", user);
        band.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        band
    };
    let mut engine = band("resume", "grace").spawn().unwrap();
    wait_for("the engine", || desk::owner(&folder, &id));
    assert!(band("pause", "ada").status().unwrap().success());
    let paused = |recorded: &Recorded| match &recorded.event {
        Event::RunPaused { by } => Some(by.clone()),
        _ => None,
    };
    let by = wait_for("the pause", || desk::story(&folder, &id).unwrap().iter().find_map(paused));
    assert_eq!(by, By::Person { name: "ada".into() });
    std::fs::write(project.path().join("go"), "").unwrap();
    assert!(band("resume", "ada").status().is_ok());
    engine.wait().unwrap();
}

/// A task that only people can bring on.
fn asks() -> Task {
    let question = bandleader_core::plan::Question {
        text: "Which way?".into(),
        options: ["left", "right"]
            .map(|id| bandleader_core::plan::Choice { id: id.into(), ..Default::default() })
            .into(),
        timeout: Some(bandleader_core::plan::Patience::Unbounded),
        people_only: true,
        ..Default::default()
    };
    let mut ask = task("ask", "", &[]);
    ask.work = Work::Decision { question: Box::new(question), check_in: None };
    ask
}

#[test]
fn an_engine_that_begins_by_waiting_for_people_keeps_no_dead_child() {
    let project = tempfile::tempdir().unwrap();
    let (folder, id) = submitted(project.path(), &plan(1, vec![asks()]));
    let mut engine = std::process::Command::new(env!("CARGO_BIN_EXE_band"))
        .args(["resume", id.as_str()])
        .current_dir(project.path())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    wait_for("the question", || {
        let asked = Follower::open(&folder, &id).ok()?.run().open_decisions().count();
        (asked == 1).then_some(())
    });
    // The supervisor that it had started in advance is nobody's child, and what started that was waited for.
    let children = format!("/proc/{0}/task/{0}/children", engine.id());
    wait_for("no child", || std::fs::read_to_string(&children).unwrap().is_empty().then_some(()));
    engine.kill().unwrap();
    engine.wait().unwrap();
}

#[test]
fn an_engine_whose_project_was_deleted_does_not_wait_for_ever() {
    let project = tempfile::tempdir().unwrap();
    let (folder, id) = submitted(project.path(), &plan(1, vec![asks()]));
    let exe = env!("CARGO_BIN_EXE_band").into();
    let options = Options { exe, leave: Leave::WhenTold, on_commit: Box::new(|_, _| ()) };
    let mut engine = Engine::take(&folder, &id, options).unwrap();
    let waker = engine.waker();
    let driven = std::thread::spawn(move || engine.drive().map_err(|error| error.to_string()));
    wait_for("the question", || {
        let asked = Follower::open(&folder, &id).ok()?.run().open_decisions().count();
        (asked == 1).then_some(())
    });
    let run_folder = folder.run(&id).path().to_owned();
    // In one step: its files may be written at this moment.
    std::fs::rename(project.path().join(".band"), project.path().join("elsewhere")).unwrap();
    // Any wake will do; one comes by itself within a minute.
    waker.wake(Wake::Inbox);
    let expected =
        format!("the run's folder `{}` is gone, so this engine has nothing to drive and ends", run_folder.display());
    assert_eq!(driven.join().unwrap().unwrap_err(), expected);
}
