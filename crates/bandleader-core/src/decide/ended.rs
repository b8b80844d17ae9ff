//! What the shell saw of processes: work, gates and undoings that ended, were lost, or fell silent.

use super::failure::fail;
use super::said::withdraw;
use super::{Rejected, into, merge};
use crate::plan::{FailureClass, Gate};
use crate::run::TaskState;
use crate::{AttemptId, Event, Exit, JobId, Millis, Report, Run, Step, StopHow, StopReason, Timestamp, Usage, Verdict};

/// What was seen of a gate's process.
pub(super) struct GateSeen {
    pub(super) exit: Exit,
    pub(super) usage: Usage,
    pub(super) number: Option<f64>,
}

pub(super) fn alive(run: &Run, job: JobId) -> Result<Option<StopReason>, Rejected> {
    match run.jobs().get(&job) {
        Some(job) => Ok(job.stop.map(|(why, _)| why)),
        None => Err(Rejected::because(format!("job {job} is not alive"))),
    }
}

pub(super) fn work(run: &Run, attempt: AttemptId, report: Report, now: Timestamp) -> Result<Vec<Event>, Rejected> {
    let stop = alive(run, JobId { attempt, step: Step::Work })?;
    // Nobody waits for the answers to its questions any more.
    let mut events: Vec<Event> = withdraw(run, attempt).collect();
    let Some(failure) = judge(run, attempt, &report, stop) else {
        let is_done = run.gates_ahead(attempt.task) == 0 && report.work().is_none();
        events.push(Event::AttemptSucceeded { attempt, report });
        if is_done {
            events.push(Event::TaskCompleted { task: attempt.task });
        }
        return Ok(events);
    };
    events.extend(fail(run, attempt, failure, Some(report), stop, now));
    Ok(events)
}

/// Why the attempt failed, if it did. A process that we asked to go has failed for that reason, unless it had already
/// ended well by itself; one that is to be done anew is done anew all the same.
fn judge(run: &Run, attempt: AttemptId, report: &Report, stop: Option<StopReason>) -> Option<(FailureClass, String)> {
    let agent = report.agent.as_ref().and_then(|agent| agent.failure.as_ref());
    let went_well = report.exit == Exit::Code { code: 0 } && agent.is_none();
    match (stop, agent) {
        // It may have ended well, but not on what it should have worked from.
        (Some(StopReason::Retried), _) => Some(stopped(run, attempt, StopReason::Retried)),
        (Some(why), _) if !went_well => Some(stopped(run, attempt, why)),
        // What the agent's own program says counts before its exit code.
        (_, Some(failure)) => Some((failure.class, failure.message.clone())),
        _ => {
            let is_accepted = run.task(attempt.task).past().accepted.is_some();
            exit_failure(&report.exit).or_else(|| missing(report).filter(|_| !is_accepted))
        }
    }
}

/// What it promised and did not leave. An agent that was refused a tool would be refused it again.
fn missing(report: &Report) -> Option<(FailureClass, String)> {
    let missing = report.missing.join("; ");
    let denied = report.agent.as_ref().map(|agent| agent.denied.join(", ")).unwrap_or_default();
    match (missing.is_empty(), denied.is_empty()) {
        (true, _) => None,
        (false, true) => Some((FailureClass::Deliverable, missing)),
        (false, false) => Some((FailureClass::Denied, format!("{missing}; it was not allowed to use {denied}"))),
    }
}

pub(super) fn stopped(run: &Run, attempt: AttemptId, why: StopReason) -> (FailureClass, String) {
    let task = run.plan().task(attempt.task);
    let length = |length: Option<Millis>| length.unwrap_or_default().to_string();
    match why {
        StopReason::Timeout => {
            (FailureClass::Timeout, format!("it ran longer than its timeout of {}", length(task.timeout)))
        }
        StopReason::Stall => (FailureClass::Stall, format!("it was silent for {}", length(task.stall))),
        StopReason::Cancelled => (FailureClass::Cancelled, "it was cancelled".into()),
        StopReason::Budget => (FailureClass::Budget, "what it may spend is used up".into()),
        StopReason::Retried => (FailureClass::Cancelled, "it was stopped for another try".into()),
    }
}

fn exit_failure(exit: &Exit) -> Option<(FailureClass, String)> {
    match exit {
        Exit::Code { code: 0 } => None,
        Exit::Code { code: code @ (126 | 127) } => {
            Some((FailureClass::Start, format!("exit code {code}: a command was not found or may not be run")))
        }
        Exit::Code { code } => Some((FailureClass::Exit, format!("exit code {code}"))),
        Exit::Signal { signal } => Some((FailureClass::Crash, format!("ended by signal {signal}"))),
        Exit::NotStarted { message } => Some((FailureClass::Start, message.clone())),
        Exit::Unseen => Some((FailureClass::Lost, "nobody saw its end".into())),
    }
}

pub(super) fn gate(run: &Run, job: JobId, index: u32, seen: &GateSeen, now: Timestamp) -> Result<Vec<Event>, Rejected> {
    let (stop, attempt) = (alive(run, job)?, job.attempt);
    let gates = &run.plan().task(attempt.task).gates;
    let Some(gate) = gates.get(index as usize) else {
        return Err(Rejected::because(format!("there is no gate {index}")));
    };
    let refusal = match stop {
        Some(StopReason::Timeout) => Some(format!("took longer than {}", gate.timeout.unwrap_or_default())),
        Some(_) => Some("was stopped".to_owned()),
        None => refusal(gate, seen),
    };
    let verdict = if refusal.is_none() { Verdict::Passed } else { Verdict::Refused };
    let message = refusal.clone().unwrap_or_else(|| found(seen.number));
    let mut events = vec![Event::GateEnded { attempt, gate: index, verdict, message, usage: seen.usage }];
    match refusal {
        Some(why) => {
            let class = if seen.exit == Exit::Unseen { FailureClass::Lost } else { FailureClass::Gate };
            let class = if stop == Some(StopReason::Cancelled) { FailureClass::Cancelled } else { class };
            let merged =
                if matches!(job.step, Step::MergedGate(_)) { ", on its work merged with that of others" } else { "" };
            let message = format!("gate `{}` {why}{merged}", gate.name);
            events.extend(fail(run, attempt, (class, message), None, stop, now));
        }
        None if index as usize + 1 == gates.len() && !run.needs_merge(attempt.task) => {
            events.push(Event::TaskCompleted { task: attempt.task });
        }
        None => (),
    }
    Ok(events)
}

/// A gate on merged work; its index counts on over the tries.
pub(super) fn merged_gate(
    run: &Run,
    attempt: AttemptId,
    index: u32,
    seen: &GateSeen,
    now: Timestamp,
) -> Result<Vec<Event>, Rejected> {
    let job = JobId { attempt, step: Step::MergedGate(index) };
    alive(run, job)?;
    let gates = u32::try_from(run.plan().task(attempt.task).gates.len()).unwrap_or(u32::MAX);
    let gate = index.checked_rem(gates).ok_or_else(|| Rejected::because("it has no gates"))?;
    self::gate(run, job, gate, seen, now)
}

/// Why a gate refuses, if it does.
fn refusal(gate: &Gate, seen: &GateSeen) -> Option<String> {
    if let Some((_, message)) = exit_failure(&seen.exit) {
        return Some(format!("refused: {message}"));
    }
    let bounds = gate.number.as_ref()?;
    let Some(number) = seen.number else {
        return Some(format!("refused: no number matches `{}` in its output", bounds.parse));
    };
    if let Some(min) = bounds.min.filter(|min| number < *min || number.is_nan()) {
        return Some(format!("refused: {number} is under {min}"));
    }
    bounds.max.filter(|max| number > *max || number.is_nan()).map(|max| format!("refused: {number} is over {max}"))
}

fn found(number: Option<f64>) -> String {
    number.map_or_else(|| "passed".to_owned(), |number| format!("passed with {number}"))
}

pub(super) fn undo(run: &Run, attempt: AttemptId, exit: &Exit) -> Result<Vec<Event>, Rejected> {
    alive(run, JobId { attempt, step: Step::Undo })?;
    let failure = exit_failure(exit);
    let verdict = if failure.is_none() { Verdict::Passed } else { Verdict::Refused };
    let message = failure.map_or_else(|| "undone".to_owned(), |(_, message)| message);
    Ok(vec![Event::UndoEnded { attempt, verdict, message }])
}

pub(super) fn lost(run: &Run, job: JobId, now: Timestamp) -> Result<Vec<Event>, Rejected> {
    let attempt = job.attempt;
    match job.step {
        Step::Work => {
            let stop = alive(run, job)?;
            let failure = match stop {
                Some(why) => stopped(run, attempt, why),
                None => (FailureClass::Lost, "its supervisor died and took it along".to_owned()),
            };
            let mut events: Vec<Event> = withdraw(run, attempt).collect();
            events.extend(fail(run, attempt, failure, None, stop, now));
            Ok(events)
        }
        Step::Gate(index) => {
            let seen = GateSeen { exit: Exit::Unseen, usage: Usage::default(), number: None };
            gate(run, job, index, &seen, now)
        }
        Step::Merge(_) | Step::MergedGate(_) | Step::Land(_) => merge::lost(run, job, now),
        Step::Into(_) => into::lost(run, job),
        Step::Undo => undo(run, attempt, &Exit::Unseen),
    }
}

/// Half of the stall time is worth a notice, all of it ends the attempt.
pub(super) fn silent(run: &Run, attempt: AttemptId, silent: Millis) -> Result<Vec<Event>, Rejected> {
    let job = JobId { attempt, step: Step::Work };
    if alive(run, job)?.is_some() {
        return Err(Rejected::because("it is being stopped"));
    }
    let task = run.plan().task(attempt.task);
    let (Some(stall), TaskState::Running { .. }) = (task.stall, &run.task(attempt.task).state) else {
        return Err(Rejected::because("it has no stall time"));
    };
    if silent >= stall {
        return Ok(vec![Event::StopRequested { job, why: StopReason::Stall, how: StopHow::Politely }]);
    }
    match run.task(attempt.task).past().silent {
        Some(known) if known >= silent => Err(Rejected::because("known")),
        _ => Ok(vec![Event::StallNoticed { attempt, silent }]),
    }
}
