//! Logs made without processes, as a run would write them: core and store alone. For `bench/run`.
//!
//! - `ledger steps DIR TASKS AT_ONCE` says how many tasks a second complete durably, `AT_ONCE` ending together.
//! - `ledger runs DIR RUNS EVENTS` leaves a folder with a long history.
//! - `ledger open DIR EVENTS PROGRAM` leaves a run that was interrupted after so many events; what is left of it runs `PROGRAM`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bandleader_core::plan::{Gate, Limits, Plan, Resource, Task, Use, Work};
use bandleader_core::{Exit, Input, JobId, Millis, Recorded, Report, Run, RunId, Step, Timestamp, Usage, decide};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{NewMission, submit};
use bandleader_engine::folder::Folder;
use bandleader_engine::snapshot::Snapshots;
use bandleader_engine::store::{Batch, Store, Summary};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Events of a task that goes well: started, succeeded, completed.
const EVENTS_PER_TASK: u32 = 3;

/// Gates of the tasks of a run that is left open, each with an event of its own: so a hundred thousand events stay within the
/// number of tasks that a run may have.
const GATES: u32 = 3;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["steps", folder, tasks, at_once] => measure_steps(Path::new(folder), tasks.parse()?, at_once.parse()?),
        ["runs", folder, runs, events] => make_runs(Path::new(folder), runs.parse()?, events.parse()?),
        ["open", folder, events, program] => leave_open(Path::new(folder), events.parse()?, program),
        _ => Err("ledger steps DIR TASKS AT_ONCE | runs DIR RUNS EVENTS | open DIR EVENTS PROGRAM".into()),
    }
}

fn measure_steps(project: &Path, tasks: u32, at_once: u32) -> Outcome<()> {
    let mut ledger = Ledger::new(&Folder::create(project)?, &plan(tasks, at_once, "true"))?;
    let begun = Instant::now();
    while !ledger.run.is_over() {
        ledger.turn()?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let said = serde_json::json!({ "seconds": seconds, "per_second": f64::from(tasks) / seconds, "events": ledger.run.last_seq() });
    writeln!(std::io::stdout(), "{said}")?;
    Ok(())
}

fn make_runs(project: &Path, runs: u32, events: u32) -> Outcome<()> {
    let folder = Folder::create(project)?;
    let tasks = events / EVENTS_PER_TASK;
    // All end together: few commits, so that making them does not take long.
    let plan = plan(tasks, tasks, "true");
    for _ in 0..runs {
        let mut ledger = Ledger::new(&folder, &plan)?;
        while !ledger.run.is_over() {
            ledger.turn()?;
        }
    }
    Ok(())
}

fn leave_open(project: &Path, events: u32, program: &str) -> Outcome<()> {
    let at_once = 8;
    let mut plan = plan(events / (EVENTS_PER_TASK + GATES) + 2 * at_once, at_once, program);
    for task in &mut plan.tasks {
        let gate = |number| Gate { name: format!("g{number}"), run: "true".into(), timeout: None, number: None };
        task.gates = (0..GATES).map(gate).collect::<Vec<_>>().into();
    }
    let folder = Folder::create(project)?;
    let mut ledger = Ledger::new(&folder, &plan)?;
    // As an engine that was killed leaves them.
    let plan_hash = ledger.store.run(&ledger.id)?.plan_hash;
    ledger.snapshots = Some(Snapshots::new(&folder.run(&ledger.id), &ledger.id, &plan_hash, 0));
    while ledger.run.last_seq() < u64::from(events) {
        ledger.turn()?;
    }
    Ok(())
}

/// Tasks side by side, `at_once` at a time.
fn plan(tasks: u32, at_once: u32, program: &str) -> Plan {
    let task = |number: u32| {
        let (path, argv) = (format!("t{number}"), vec![program.to_owned(), format!("t{number}"), "0".to_owned()]);
        Task { uses: vec![Use { resource: 0, units: 1 }], ..Task::plain(&path, Work::Program { argv: argv.into() }) }
    };
    Plan {
        mission: "a ledger".into(),
        level: 3,
        limits: Limits { parallel: at_once, ..Limits::default() },
        resources: vec![Resource { name: "slots".into(), capacity: at_once }],
        tasks: (0..tasks).map(task).collect(),
        scopes: vec![BTreeMap::new()],
        ..Plan::default()
    }
}

/// One run and its log, without a world.
struct Ledger {
    store: Store,
    id: RunId,
    run: Run,
    clock: Clock,
    snapshots: Option<Snapshots>,
}

impl Ledger {
    fn new(folder: &Folder, plan: &Plan) -> Outcome<Ledger> {
        let id =
            submit(folder, &NewMission { plan, plan_name: "ledger", project: folder.project(), merge_into: None })?;
        let store = Store::open(folder)?;
        let run = Run::replay(Arc::new(plan.clone()), &store.events(&id, 0)?)?;
        let mut ledger = Ledger { clock: Clock::start(run.last_at()), store, id, run, snapshots: None };
        ledger.commit(vec![Input::Boot { epoch: 1, pid: std::process::id() }])?;
        Ok(ledger)
    }

    /// Whatever runs ends well, and what follows is decided: the engine's turn, the same commit.
    fn turn(&mut self) -> Outcome<()> {
        let now = self.clock.now();
        let ended = self.run.jobs().keys().map(|job| ended(*job, now));
        self.commit(ended.collect())
    }

    fn commit(&mut self, inputs: Vec<Input>) -> Outcome<()> {
        let (now, after) = (self.clock.now(), self.run.last_seq());
        let mut batch = Vec::new();
        for input in inputs {
            self.stage(input, now, &mut batch)?;
        }
        let taken: Vec<i64> = self.store.waiting(&self.id)?.into_iter().map(|waiting| waiting.id).collect();
        while self.stage(Input::Tick, now, &mut batch)? {}
        let body = serde_json::to_string(&self.run.counts())?;
        let summary = Summary { state: self.run.state().name(), body: &body };
        let batch = Batch { run: &self.id, after, events: &batch, taken: &taken, summary: Some(summary) };
        let mark = self.store.commit(&batch)?;
        if let Some(snapshots) = &mut self.snapshots {
            snapshots.now_and_then(&self.run, &mark);
        }
        Ok(())
    }

    fn stage(&mut self, input: Input, now: Timestamp, batch: &mut Vec<Recorded>) -> Outcome<bool> {
        let events = decide(&self.run, input, now)?;
        let any = !events.is_empty();
        for event in events {
            let recorded = event.record(self.run.last_seq(), now);
            self.run.apply(&recorded)?;
            batch.push(recorded);
        }
        Ok(any)
    }
}

/// The end of a process, and a good one.
fn ended(job: JobId, now: Timestamp) -> Input {
    let (attempt, exit) = (job.attempt, Exit::Code { code: 0 });
    let usage = Usage { started: now, ended: now, cpu: Millis(1), peak_kib: 1900, ..Usage::default() };
    match job.step {
        Step::Work => Input::WorkEnded { attempt, report: Report { exit, usage, ..Report::default() } },
        Step::Gate(gate) => Input::GateEnded { attempt, gate, exit, usage, number: None },
        Step::Undo => Input::UndoEnded { attempt, exit },
        Step::Merge(_) | Step::MergedGate(_) | Step::Land(_) | Step::Into(_) => Input::Lost { job },
    }
}
