//! Events of an attempt, its gates and its undoing.

use std::collections::BTreeMap;

use bandleader_core::plan::FailureClass;
use bandleader_core::{
    AgentFailure, AgentReport, Delivered, Event, Exit, JobId, Millis, Report, Spending, Step, StopHow, StopReason,
    Timestamp, Usage, Verdict, WorkLeft,
};
use serde_json::json;

use super::{ATTEMPT, Golden};

pub(super) fn of_an_attempt() -> Vec<Golden> {
    let stop = |step, why, how| Event::StopRequested { job: JobId { attempt: ATTEMPT, step }, why, how };
    let gate = |verdict, message: &str| Event::GateEnded {
        attempt: ATTEMPT,
        gate: 1,
        verdict,
        message: message.into(),
        usage: usage(),
    };
    let undo = |verdict| Event::UndoEnded { attempt: ATTEMPT, verdict, message: "exit code 0".into() };
    let refused = Event::AttemptFailed {
        attempt: ATTEMPT,
        class: FailureClass::Gate,
        message: "gate `tests` refused it".into(),
        report: None,
    };
    let unstarted = Exit::NotStarted { message: "no such program".into() };
    golden! {
        "attempt_started" => Event::AttemptStarted { attempt: ATTEMPT, agent: None },
        "attempt_started.agent" => Event::AttemptStarted { attempt: ATTEMPT, agent: Some("linter".into()) },
        "stop_requested.timeout" => stop(Step::Work, StopReason::Timeout, StopHow::Politely),
        "stop_requested.stall" => stop(Step::Gate(4), StopReason::Stall, StopHow::Politely),
        "stop_requested.cancelled" => stop(Step::Undo, StopReason::Cancelled, StopHow::AtOnce),
        "stop_requested.budget" => stop(Step::Work, StopReason::Budget, StopHow::Politely),
        "stop_requested.retried" => stop(Step::Work, StopReason::Retried, StopHow::AtOnce),
        "stall_noticed" => Event::StallNoticed { attempt: ATTEMPT, silent: Millis::MINUTE },
        "attempt_succeeded" => Event::AttemptSucceeded { attempt: ATTEMPT, report: full_report() },
        "attempt_failed.exit" => failed(FailureClass::Exit, "exit code 2", seen(Exit::Code { code: 2 })),
        "attempt_failed.crash" => failed(FailureClass::Crash, "signal 11", seen(Exit::Signal { signal: 11 })),
        "attempt_failed.timeout" => failed(FailureClass::Timeout, "ran for 10 m", seen(Exit::Signal { signal: 15 })),
        "attempt_failed.stall" => failed(FailureClass::Stall, "silent for 5 m", seen(Exit::Signal { signal: 9 })),
        "attempt_failed.lost" => failed(FailureClass::Lost, "nobody saw its end", seen(Exit::Unseen)),
        "attempt_failed.deliverable" => failed(FailureClass::Deliverable, "`dist/` is empty", full_report()),
        "attempt_failed.gate" => refused,
        "attempt_failed.cancelled" => failed(FailureClass::Cancelled, "called off", seen(Exit::Signal { signal: 15 })),
        "attempt_failed.start" => failed(FailureClass::Start, "no such program", seen(unstarted)),
        "attempt_succeeded.agent" => Event::AttemptSucceeded { attempt: ATTEMPT, report: agents_report(None) },
        "attempt_failed.rate_limit" => agent_failed(FailureClass::RateLimit),
        "attempt_failed.overloaded" => agent_failed(FailureClass::Overloaded),
        "attempt_failed.network" => agent_failed(FailureClass::Network),
        "attempt_failed.auth" => agent_failed(FailureClass::Auth),
        "attempt_failed.context_overflow" => agent_failed(FailureClass::ContextOverflow),
        "attempt_failed.invalid" => agent_failed(FailureClass::Invalid),
        "attempt_failed.max_turns" => agent_failed(FailureClass::MaxTurns),
        "attempt_failed.budget" => agent_failed(FailureClass::Budget),
        "attempt_failed.denied" => agent_failed(FailureClass::Denied),
        "attempt_failed.conflict" => agent_failed(FailureClass::Conflict),
        "gate_ended.passed" => gate(Verdict::Passed, "81 >= 80"),
        "gate_ended.refused" => gate(Verdict::Refused, "exit code 1"),
        "undo_started" => Event::UndoStarted { attempt: ATTEMPT },
        "undo_ended.passed" => undo(Verdict::Passed),
        "undo_ended.refused" => undo(Verdict::Refused),
    }
}

fn usage() -> Usage {
    Usage {
        started: Timestamp(1_700_000_000_000),
        ended: Timestamp(1_700_000_042_500),
        cpu: Millis(1_250),
        peak_kib: 20_480,
        output_bytes: 4_096,
        swept: 0,
    }
}

fn full_report() -> Report {
    Report {
        exit: Exit::Code { code: 0 },
        usage: Usage { swept: 2, ..usage() },
        outputs: BTreeMap::from([
            ("score".to_owned(), json!(0.1 + 0.2)),
            ("tables".to_owned(), json!(["alert", {"name": "shop"}, null, true, -7])),
        ]),
        delivered: vec![Delivered { path: "docs/*.md".into(), files: 2, bytes: 9_000 }],
        missing: vec!["`dist/` is empty".into()],
        ..Report::default()
    }
}

fn failed(class: FailureClass, message: &str, report: Report) -> Event {
    Event::AttemptFailed { attempt: ATTEMPT, class, message: message.into(), report: Some(report) }
}

fn seen(exit: Exit) -> Report {
    Report { exit, usage: usage(), ..Report::default() }
}

fn agents_report(failure: Option<AgentFailure>) -> Report {
    let agent = AgentReport {
        driver: "claude".into(),
        version: Some("2.1.328".into()),
        model: Some("claude-opus-5-5".into()),
        session: Some("01a1f84d".into()),
        spending: Spending { input: 1_234, cached: 200, output: 56, cost: Some(6_056), turns: 2 },
        said: "Done: docs/spec.md".into(),
        denied: vec!["Bash".into()],
        failure,
        work: Some(WorkLeft { branch: "band/k3v9/api".into(), base: "a1".into(), commit: "b2".into(), files: 3 }),
    };
    Report { agent: Some(Box::new(agent)), ..seen(Exit::Code { code: 0 }) }
}

fn agent_failed(class: FailureClass) -> Event {
    let until = (class == FailureClass::RateLimit).then_some(Timestamp(1_700_000_900_000));
    let failure = AgentFailure { class, message: "the provider's words".into(), until };
    let report = if until.is_some() { agents_report(Some(failure)) } else { seen(Exit::Code { code: 1 }) };
    failed(class, "the provider's words", report)
}
