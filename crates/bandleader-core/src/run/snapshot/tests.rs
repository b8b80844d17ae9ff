//! What a run is before and after it was bytes, and what becomes of bytes that are none of ours.

use super::*;
use crate::plan::FailureClass;
use crate::plan::tests::plan_of;
use crate::{
    AgentReport, AttemptId, By, Delivered, Event, Exit, Millis, Onward, Report, SkipReason, Step, StopHow, StopReason,
    Usage,
};

/// Told event by event, with something in every field that a report, a usage or a reason has.
fn story() -> Vec<Event> {
    let attempt = |task, number| AttemptId { task: TaskId(task), number };
    let by = By::Person { name: "ada".into() };
    let usage =
        Usage { started: Timestamp(1), ended: Timestamp(2), cpu: Millis(3), peak_kib: 4, output_bytes: 5, swept: 6 };
    let outputs =
        serde_json::json!({ "text": "é\n", "number": -7, "list": [1, [null, true]], "map": { "z": 1, "a": 2 } });
    let report = |exit| Report {
        exit,
        usage,
        outputs: serde_json::from_value(outputs.clone()).unwrap(),
        delivered: vec![Delivered { path: "out".into(), files: 2, bytes: u64::MAX }],
        missing: vec!["nothing".into()],
        output_lost: Some("the disk was full".into()),
        agent: Some(Box::new(AgentReport {
            driver: "claude".into(),
            session: Some("s1".into()),
            ..AgentReport::default()
        })),
    };
    let failed = |task, number, exit| Event::AttemptFailed {
        attempt: attempt(task, number),
        class: FailureClass::Exit,
        message: "why".into(),
        report: Some(report(exit)),
    };
    let started = |task, number, agent: Option<&str>| Event::AttemptStarted {
        attempt: attempt(task, number),
        agent: agent.map(str::to_owned),
    };
    vec![
        Event::RunCreated { plan: "ab".into(), mission: "test".into(), seed: u64::MAX },
        Event::EngineBooted { epoch: 1, pid: 1 },
        started(0, 1, None),
        started(1, 1, Some("other")),
        Event::StallNoticed { attempt: attempt(1, 1), silent: Millis(9) },
        failed(0, 1, Exit::Signal { signal: 9 }),
        Event::RetryScheduled { task: TaskId(0), at: Timestamp(5_000), agent: Some("third".into()) },
        Event::AttemptSucceeded { attempt: attempt(1, 1), report: report(Exit::Code { code: 0 }) },
        Event::TaskCompleted { task: TaskId(1) },
        Event::TaskReady { task: TaskId(0) },
        started(0, 2, None),
        failed(0, 2, Exit::NotStarted { message: "no such file".into() }),
        Event::TaskBlocked { task: TaskId(0), why: "a person must look".into() },
        Event::TaskAccepted { task: TaskId(0), by: by.clone(), because: "it will do".into() },
        started(2, 1, None),
        Event::StopRequested {
            job: JobId { attempt: attempt(2, 1), step: Step::Work },
            why: StopReason::Timeout,
            how: StopHow::Politely,
        },
        failed(2, 1, Exit::Unseen),
        Event::TaskFailed { task: TaskId(2), class: FailureClass::Timeout },
        Event::TaskSkipped {
            task: TaskId(3),
            reason: SkipReason::Upstream { need: TaskId(2) },
            onward: Onward::AtOnce,
        },
        Event::TaskSkipped {
            task: TaskId(4),
            reason: SkipReason::BadCondition { message: "of what?".into() },
            onward: Onward::AtOnce,
        },
        Event::TaskSkipped { task: TaskId(5), reason: SkipReason::Condition, onward: Onward::AtOnce },
        Event::TimeLimitRaised { limit: Millis(1), by: by.clone() },
        Event::TimeBudgetReached { percent: 80, limit: Millis(1) },
        Event::RunPaused { by },
    ]
}

fn plan() -> Arc<Plan> {
    let mut plan =
        plan_of(&[("a", 1, &[]), ("b", 1, &[]), ("c", 1, &[]), ("d", 1, &["c"]), ("e", 1, &["c"]), ("f", 1, &["c"])]);
    plan.tasks[2].timeout = Some(Millis(1_000));
    Arc::new(plan)
}

fn restore(plan: Arc<Plan>, bytes: &[u8]) -> Result<Run, ForeignSnapshot> {
    StoredRun::read(bytes)?.restore(plan)
}

/// The run after each of its events.
fn stages() -> Vec<Run> {
    let mut run = Run::new(plan());
    let mut stages = vec![run.clone()];
    for (event, at) in story().into_iter().zip(1..) {
        run.apply(&event.record(run.last_seq(), Timestamp(at * 100))).unwrap();
        stages.push(run.clone());
    }
    stages
}

#[test]
fn restored_is_what_it_was() {
    for run in stages() {
        let restored = restore(plan(), &run.snapshot().unwrap()).unwrap();
        assert_eq!(format!("{restored:?}"), format!("{run:?}"));
    }
}

#[test]
fn whatever_the_bytes_there_is_a_run_of_the_plan_or_a_refusal() {
    let whole = stages().pop().unwrap().snapshot().unwrap();
    for length in 0..whole.len() {
        assert!(restore(plan(), &whole[..length]).is_err(), "cut to {length}");
    }
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << bit;
            if let Ok(run) = restore(plan(), &bytes) {
                let ids = run.jobs().keys().map(|job| job.attempt.task).chain(run.unjudged()).chain(run.ready());
                assert!(ids.chain(run.undoable().iter().copied()).all(|id| id.index() < 6));
            }
        }
    }
    assert!(restore(plan(), &[whole.as_slice(), b"x"].concat()).is_err());
    let other = Arc::new(plan_of(&[("a", 1, &[]), ("b", 1, &[])]));
    assert!(restore(other, &whole).is_err());
}

#[test]
fn it_is_small() {
    let tasks: Vec<(String, u64)> = (0..1_000).map(|number| (format!("t{number}"), 1)).collect();
    let tasks: Vec<(&str, u64, &[&str])> =
        tasks.iter().map(|(name, length)| (name.as_str(), *length, &[][..])).collect();
    let mut run = Run::new(Arc::new(plan_of(&tasks)));
    let created = Event::RunCreated { plan: "ab".into(), mission: "test".into(), seed: 1 };
    run.apply(&created.record(0, Timestamp(1_700_000_000_000))).unwrap();
    assert!(run.snapshot().unwrap().len() < 64 * 1_024);
    let at = Timestamp(1_700_000_000_000);
    let usage = Usage { started: at, ended: at, cpu: Millis(1_000), peak_kib: 100_000, output_bytes: 10_000, swept: 0 };
    for task in 0..1_000 {
        let attempt = AttemptId { task: TaskId(task), number: 1 };
        let exit = Exit::Code { code: 0 };
        let events = [
            Event::AttemptStarted { attempt, agent: None },
            Event::AttemptSucceeded { attempt, report: Report { exit, usage, ..Report::default() } },
            Event::TaskCompleted { task: attempt.task },
        ];
        for event in events {
            run.apply(&event.record(run.last_seq(), at)).unwrap();
        }
    }
    let bytes = run.snapshot().unwrap().len();
    assert!(bytes < 256 * 1_024, "{bytes} bytes for 1,000 tasks (law 7)");
}
