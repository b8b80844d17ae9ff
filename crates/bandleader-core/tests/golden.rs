//! Stored events never change their form: each variant, and each form that its parts can take, has a golden file.
//!
//! A golden file is never edited. A changed form is a new version of the event, with an upcast and a file of its own.

use std::collections::{BTreeMap, BTreeSet};

use bandleader_core::plan::{Choice, FailureClass, OnSilence, Patience, Question, QuestionKind, Weight};
use bandleader_core::{
    AgentFailure, AgentReport, Asker, AttemptId, BudgetScope, BudgetUnit, By, Decider, Delivered, Event, Exit, GroupId,
    Heard, JobId, LeftOut, Millis, Onward, Report, RunEnd, Severity, SkipReason, Spending, Step, StopHow, StopReason,
    TaskId, Timestamp, Usage, Verdict, WorkLeft,
};
use serde_json::json;

const TASK: TaskId = TaskId(3);
const ATTEMPT: AttemptId = AttemptId { task: TASK, number: 2 };

fn person() -> By {
    By::Person { name: "ada".into() }
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

fn left_out(because: String) -> SkipReason {
    SkipReason::Asked(Box::new(LeftOut { by: person(), because }))
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

/// Every golden file with the event that it holds.
macro_rules! golden {
    ($($name:literal => $event:expr,)*) => {
        vec![$(($name, include_str!(concat!("golden/", $name, ".json")), $event),)*]
    };
}

fn of_the_run() -> Vec<(&'static str, &'static str, Event)> {
    let cancelled = |by, how| Event::RunCancelled { by, how };
    let ended = |state| Event::RunEnded { state };
    golden! {
        "run_created" => Event::RunCreated { plan: "ab".repeat(32), mission: "Low-stock alerts".into(), seed: u64::MAX },
        "engine_booted" => Event::EngineBooted { epoch: 2, pid: 4711 },
        "run_paused" => Event::RunPaused { by: person() },
        "run_resumed" => Event::RunResumed { by: person() },
        "run_cancelled.politely" => cancelled(person(), StopHow::Politely),
        "run_cancelled.at_once" => cancelled(By::Engine, StopHow::AtOnce),
        "time_budget_reached" => Event::TimeBudgetReached { percent: 80, limit: Millis::HOUR },
        "time_limit_raised" => Event::TimeLimitRaised { limit: Millis::HOUR.times(2), by: person() },
        "run_ended.succeeded" => ended(RunEnd::Succeeded),
        "run_ended.succeeded_with_overrides" => ended(RunEnd::SucceededWithOverrides),
        "run_ended.failed" => ended(RunEnd::Failed),
        "run_ended.cancelled" => ended(RunEnd::Cancelled),
        "run_ended.over_budget" => ended(RunEnd::OverBudget),
        "run_reopened" => Event::RunReopened { by: person() },
        "merge_wanted" => Event::MergeWanted { branch: "main".into(), by: person() },
        "run_merged" => Event::RunMerged {
            branch: "main".into(),
            verdict: Verdict::Passed,
            commit: Some("c3".into()),
            onto: Some("a1".into()),
            message: "fast-forward".into(),
        },
        "run_merged.refused" => Event::RunMerged {
            branch: "main".into(),
            verdict: Verdict::Refused,
            commit: None,
            onto: None,
            message: "it clashes in `a.txt`".into(),
        },
        "compensation_started" => Event::CompensationStarted { task: TASK },
    }
}

fn of_a_task() -> Vec<(&'static str, &'static str, Event)> {
    let skipped = |reason| Event::TaskSkipped { task: TASK, reason, onward: Onward::AtOnce };
    let left_out_in_order =
        Event::TaskSkipped { task: TASK, reason: left_out("not today".into()), onward: Onward::AfterItsNeeds };
    let retry = |agent| Event::RetryScheduled { task: TASK, at: Timestamp(1_700_000_060_000), agent };
    golden! {
        "task_ready" => Event::TaskReady { task: TASK },
        "task_skipped.condition" => skipped(SkipReason::Condition),
        "task_skipped.level" => skipped(SkipReason::Level),
        "task_skipped.upstream" => skipped(SkipReason::Upstream { need: TaskId(1) }),
        "task_skipped.asked" => skipped(left_out("the shop has no stock page".into())),
        "task_skipped.asked_bare" => skipped(left_out(String::new())),
        "task_skipped.in_order" => left_out_in_order,
        "task_moved" => Event::TaskMoved { task: TASK, urgency: -2, by: person() },
        "task_brought_back" => Event::TaskBroughtBack { task: TASK, by: person() },
        "parallel_changed" => Event::ParallelChanged { parallel: 6, by: person() },
        "level_changed" => Event::LevelChanged { level: 4, by: person() },
        "task_skipped.budget" => skipped(SkipReason::Budget { scope: BudgetScope::Run }),
        "task_skipped.bad_condition" => skipped(SkipReason::BadCondition { message: "`x` is not known".into() }),
        "retry_scheduled" => retry(None),
        "retry_scheduled.agent" => retry(Some("backend-generalist".into())),
        "task_completed" => Event::TaskCompleted { task: TASK },
        "task_failed" => Event::TaskFailed { task: TASK, class: FailureClass::Exit },
        "task_blocked" => Event::TaskBlocked { task: TASK, why: "it asks \"why\"\u{1b}[31m\n\u{202e}ü".into() },
        "task_cancelled" => Event::TaskCancelled { task: TASK },
        "task_resolved" => Event::TaskResolved { task: TASK, by: person() },
        "task_reset" => Event::TaskReset { task: TASK, by: person() },
        "work_accepted" => Event::WorkAccepted { task: TASK, by: person(), because: "good enough for a beta".into() },
        "task_accepted" => Event::TaskAccepted { task: TASK, by: person(), because: "good enough for a beta".into() },
    }
}

fn of_an_attempt() -> Vec<(&'static str, &'static str, Event)> {
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

fn of_agents() -> Vec<(&'static str, &'static str, Event)> {
    let heard = |heard| Event::AgentHeard { attempt: ATTEMPT, heard };
    let text = |text: &str| text.to_owned();
    let bare = Event::AgentStarted { attempt: ATTEMPT, driver: text("llm"), version: None, model: None, session: None };
    let budget = |scope, unit| Event::BudgetReached { scope, unit, percent: 100, limit: 20_000_000 };
    golden! {
        "agent_started" => Event::AgentStarted {
            attempt: ATTEMPT,
            driver: text("claude"),
            version: Some(text("2.1.328")),
            model: Some(text("claude-opus-5-5")),
            session: Some(text("01a1f84d")),
        },
        "agent_started.bare" => bare,
        "spending_noticed" => Event::SpendingNoticed {
            attempt: ATTEMPT,
            spending: Spending { input: 1_234, cached: 200, output: 56, cost: Some(6_056), turns: 2 },
        },
        "spending_noticed.no_price" => Event::SpendingNoticed {
            attempt: ATTEMPT,
            spending: Spending { input: 1_234, output: 56, ..Spending::default() },
        },
        "agent_heard.insight" => heard(Heard::Insight { text: text("the table has no index") }),
        "agent_heard.choice" => heard(Heard::Choice {
            question: text("which index"),
            choice: text("btree"),
            because: text("ranges are asked for"),
            alternatives: vec![text("hash")],
        }),
        "agent_heard.blocker" => heard(Heard::Blocker {
            name: text("staging"),
            severity: Severity::High,
            text: text("staging is down"),
            needs: Some(text("somebody with access")),
        }),
        "agent_heard.unblocked" => heard(Heard::Unblocked { name: text("staging"), how: text("it is up again") }),
        "agent_heard.deliverable" => heard(Heard::Deliverable { path: Some(text("docs/spec.md")), text: text("the spec") }),
        "agent_heard.context" => heard(Heard::Context {
            key: text("port"),
            value: text("8080"),
            ttl: Some(Millis::HOUR),
        }),
        "provider_limited" => Event::ProviderLimited {
            provider: text("anthropic"),
            until: Timestamp(1_700_000_900_000),
            message: text("usage limit reached"),
        },
        "provider_opened" => Event::ProviderOpened { provider: text("anthropic") },
        "budget_reached.run" => budget(BudgetScope::Run, BudgetUnit::Cost),
        "budget_reached.group" => budget(BudgetScope::Group { group: GroupId(1) }, BudgetUnit::Time),
        "budget_reached.task" => budget(BudgetScope::Task { task: TASK }, BudgetUnit::Tokens),
        "budget_reached.agent" => budget(BudgetScope::Agent { name: text("linter") }, BudgetUnit::Cost),
        "budget_raised" => Event::BudgetRaised {
            scope: BudgetScope::Run,
            unit: BudgetUnit::Cost,
            limit: 40_000_000,
            by: person(),
        },
        "message_sent" => Event::MessageSent { message: 1, task: TASK, text: text("use tabs"), by: person() },
        "message_delivered" => Event::MessageDelivered { message: 1, attempt: ATTEMPT },
    }
}

fn of_merges() -> Vec<(&'static str, &'static str, Event)> {
    let text = |text: &str| text.to_owned();
    golden! {
        "work_merged" => Event::WorkMerged {
            attempt: ATTEMPT,
            verdict: Verdict::Passed,
            commit: Some(text("c3")),
            onto: Some(text("a1")),
            message: text("3 files"),
        },
        "work_merged.refused" => Event::WorkMerged {
            attempt: ATTEMPT,
            verdict: Verdict::Refused,
            commit: None,
            onto: None,
            message: text("src/lib.rs clashes"),
        },
        "work_landed" => Event::WorkLanded { attempt: ATTEMPT, verdict: Verdict::Passed, message: text("c3") },
    }
}

fn of_decisions() -> Vec<(&'static str, &'static str, Event)> {
    let text = |text: &str| text.to_owned();
    let option = |id: &str, name: &str| Choice { id: id.into(), name: name.into(), ..Choice::default() };
    let effort = Choice {
        columns: BTreeMap::from([(text("effort"), text("3 days"))]),
        details: Some(text("keeps a connection open")),
        ..option("A", "WebSocket")
    };
    let plain = Question {
        text: text("Which transport?"),
        options: vec![option("A", "WebSocket"), option("B", "Server-sent events")],
        ..Question::default()
    };
    let full = Question {
        options: vec![effort, option("B", "Server-sent events")],
        recommend: Some(text("B")),
        kind: QuestionKind::ApiDesign,
        weight: Weight::Critical,
        irreversible: true,
        on_silence: OnSilence::Park,
        ..plain.clone()
    };
    let opened = |asker, question, deadline| Event::DecisionOpened { decision: 4, asker, question, deadline };
    let taken = |option, by, because: &str| Event::DecisionTaken { decision: 4, option, by, because: because.into() };
    let soon = Some(Timestamp(1_700_000_300_000));
    golden! {
        "decision_opened" => opened(Asker::Agent { attempt: ATTEMPT, key: text("q1") }, full, None),
        "decision_opened.task" => opened(Asker::Task { task: TASK }, plain.clone(), soon),
        "decision_opened.phase" => opened(Asker::Phase { group: GroupId(1) }, plain.clone(), soon),
        "decision_opened.engine" => opened(Asker::Engine { task: TASK }, plain.clone(), soon),
        "decision_opened.run" => opened(Asker::Run, plain.clone(), soon),
        "decision_opened.budget" => opened(
            Asker::Budget { scope: BudgetScope::Run, unit: BudgetUnit::Cost },
            Question {
                options: vec![option("approve", "approve"), Choice { fails: true, ..option("reject", "reject") }],
                details: Some(text("what is known")),
                timeout: Some(Patience::For(Millis(30_000))),
                people_only: true,
                ..plain.clone()
            },
            soon,
        ),
        "decision_opened.unbounded" => opened(
            Asker::Task { task: TASK },
            Question { timeout: Some(Patience::Unbounded), ..plain },
            None,
        ),
        "decision_held" => Event::DecisionHeld { decision: 4, until: soon, by: person() },
        "decision_held.unbounded" => Event::DecisionHeld { decision: 4, until: None, by: person() },
        "decision_released" => Event::DecisionReleased { decision: 4, by: person() },
        "decision_escalated" => Event::DecisionEscalated { decision: 4 },
        "answer_kept" => Event::AnswerKept {
            decision: 4,
            option: text("A"),
            by: person(),
            because: text("I was at lunch"),
        },
        "decision_corrected" => Event::DecisionCorrected {
            decision: 4,
            option: text("A"),
            by: person(),
            because: text("we know it"),
        },
        "task_reopened" => Event::TaskReopened { task: TASK, by: person() },
        "decision_taken.person" => taken(Some(text("A")), Decider::Person { name: text("ada") }, "we know it"),
        "decision_taken.timeout" => taken(Some(text("B")), Decider::Timeout, "nobody answered in 5 m"),
        "decision_taken.policy" => taken(Some(text("B")), Decider::Policy, "mode autonomous"),
        "decision_taken.withdrawn" => taken(None, Decider::Withdrawn, ""),
    }
}

fn all() -> Vec<(&'static str, &'static str, Event)> {
    [of_the_run(), of_a_task(), of_an_attempt(), of_agents(), of_merges(), of_decisions()].concat()
}

#[test]
fn an_event_is_stored_as_it_always_was() {
    for (name, file, event) in all() {
        assert_eq!(serde_json::to_string_pretty(&event).unwrap(), file.trim_end(), "{name}");
    }
}

#[test]
fn what_was_stored_is_understood() {
    for (name, file, event) in all() {
        assert_eq!(serde_json::from_str::<Event>(file).unwrap(), event, "{name}");
    }
}

#[test]
fn the_stored_type_is_the_name_of_the_event() {
    for (name, file, event) in all() {
        let stored: serde_json::Value = serde_json::from_str(file).unwrap();
        assert_eq!(stored["type"], event.name(), "{name}");
        assert_eq!(name.split('.').next(), Some(event.name()));
    }
}

#[test]
fn a_field_that_nobody_knows_is_refused() {
    let text = r#"{"type":"task_completed","task":3,"praise":"well done"}"#;
    assert!(serde_json::from_str::<Event>(text).is_err());
}

#[test]
fn every_variant_has_a_golden_file() {
    let covered: BTreeSet<usize> = all().iter().map(|(_, _, event)| place(event)).collect();
    assert_eq!(covered, (0..VARIANTS).collect());
}

const VARIANTS: usize = 54;

/// Grows with `Event`: the compiler asks for a line here, and the rule above for its golden file.
fn place(event: &Event) -> usize {
    match event {
        Event::RunCreated { .. } => 0,
        Event::EngineBooted { .. } => 1,
        Event::RunPaused { .. } => 2,
        Event::RunResumed { .. } => 3,
        Event::RunCancelled { .. } => 4,
        Event::TimeBudgetReached { .. } => 5,
        Event::TimeLimitRaised { .. } => 6,
        Event::RunEnded { .. } => 7,
        Event::RunReopened { .. } => 8,
        Event::TaskReady { .. } => 9,
        Event::TaskSkipped { .. } => 10,
        Event::AttemptStarted { .. } => 11,
        Event::StopRequested { .. } => 12,
        Event::StallNoticed { .. } => 13,
        Event::AttemptSucceeded { .. } => 14,
        Event::AttemptFailed { .. } => 15,
        Event::GateEnded { .. } => 16,
        Event::RetryScheduled { .. } => 17,
        Event::TaskCompleted { .. } => 18,
        Event::TaskFailed { .. } => 19,
        Event::TaskBlocked { .. } => 20,
        Event::TaskCancelled { .. } => 21,
        Event::TaskReset { .. } => 22,
        Event::CompensationStarted { .. } => 23,
        Event::UndoStarted { .. } => 24,
        Event::UndoEnded { .. } => 25,
        Event::TaskAccepted { .. } => 26,
        Event::AgentStarted { .. } => 27,
        Event::SpendingNoticed { .. } => 28,
        Event::AgentHeard { .. } => 29,
        Event::ProviderLimited { .. } => 30,
        Event::BudgetReached { .. } => 31,
        Event::BudgetRaised { .. } => 32,
        Event::MessageSent { .. } => 33,
        Event::MessageDelivered { .. } => 34,
        Event::DecisionOpened { .. } => 35,
        Event::DecisionTaken { .. } => 36,
        Event::WorkMerged { .. } => 37,
        Event::WorkLanded { .. } => 38,
        Event::ProviderOpened { .. } => 39,
        Event::TaskResolved { .. } => 40,
        Event::MergeWanted { .. } => 41,
        Event::RunMerged { .. } => 42,
        Event::WorkAccepted { .. } => 43,
        Event::DecisionHeld { .. } => 44,
        Event::DecisionReleased { .. } => 45,
        Event::DecisionEscalated { .. } => 46,
        Event::AnswerKept { .. } => 47,
        Event::DecisionCorrected { .. } => 48,
        Event::TaskReopened { .. } => 49,
        Event::LevelChanged { .. } => 50,
        Event::TaskMoved { .. } => 51,
        Event::TaskBroughtBack { .. } => 52,
        Event::ParallelChanged { .. } => 53,
    }
}
