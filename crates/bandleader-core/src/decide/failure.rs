//! What follows when an attempt fails: another try, another agent, a person, or the end.

use super::about_failure::{ask, is_asked};
use crate::plan::{FailureClass, OnFailure};
use crate::{AttemptId, Event, Millis, Report, Run, Spending, StopReason, Timestamp};

/// An attempt that is lost with its supervisor or machine is tried again this often, whatever its retry limit: the loss is
/// ours, not the task's. A task that takes the machine down with it must not do so for ever.
pub(super) const LOSSES_FORGIVEN: u32 = 10;

/// A provider that asks for patience without saying how much gets this much at first, twice as much the next time …
const FIRST_LIMIT: Millis = Millis(30_000);

/// … and this often, for one task, until that is taken for its failure.
const LIMITS_FORGIVEN: u32 = 30;

/// After another trouble of a provider, the same.
const FIRST_TROUBLE: Millis = Millis(5_000);
const TROUBLES_FORGIVEN: u32 = 6;

/// The longest pause before another try, when the plan names none.
const LONGEST_BACKOFF: Millis = Millis(600_000);

/// The failure and its consequence, for one commit.
pub(super) fn fail(
    run: &Run,
    attempt: AttemptId,
    failure: (FailureClass, String),
    report: Option<Report>,
    stop: Option<StopReason>,
    now: Timestamp,
) -> Vec<Event> {
    let (class, message) = failure;
    let told_until = report.as_ref().and_then(|report| report.agent.as_ref()?.failure.as_ref()?.until);
    let used = report.as_ref().and_then(|report| Some(report.agent.as_ref()?.spending));
    let mut events = vec![Event::AttemptFailed { attempt, class, message: message.clone(), report }];
    let task = attempt.task;
    if stop == Some(StopReason::Cancelled) || run.is_cancelling() {
        events.push(Event::TaskCancelled { task });
    } else if stop == Some(StopReason::Retried) {
        events.push(Event::RetryScheduled { task, at: now, agent: None });
    } else if class.is_providers()
        && let Some(at) = after_trouble(run, attempt, class, told_until, now)
    {
        if let (FailureClass::RateLimit, Some(provider)) = (class, run.account(task)) {
            events.push(Event::ProviderLimited { provider: provider.to_owned(), until: at, message });
        }
        events.push(Event::RetryScheduled { task, at, agent: None });
    } else if let Some(at) = next_try(run, attempt, class, now) {
        events.push(Event::RetryScheduled { task, at, agent: None });
    } else {
        events.extend(give_up(run, attempt, (class, message), used, now));
    }
    events
}

/// When an attempt whose provider was in trouble is tried again: that says nothing about the task, and costs it none of its tries.
/// A provider that asks for patience gets it for as long as it takes; any other trouble a few times.
fn after_trouble(
    run: &Run,
    attempt: AttemptId,
    class: FailureClass,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let troubles = run.task(attempt.task).past().troubles;
    match (class, until) {
        (FailureClass::RateLimit, Some(until)) => Some(until.max(now)),
        (FailureClass::RateLimit, None) if troubles < LIMITS_FORGIVEN => Some(patience(run, attempt, now)),
        (_, _) if troubles < TROUBLES_FORGIVEN => Some(doubling(run, attempt, FIRST_TROUBLE, troubles, now)),
        _ => None,
    }
}

/// Until when a provider is left alone that does not say so itself.
pub(super) fn patience(run: &Run, attempt: AttemptId, now: Timestamp) -> Timestamp {
    doubling(run, attempt, FIRST_LIMIT, run.limits_in_a_row(attempt.task), now)
}

fn doubling(run: &Run, attempt: AttemptId, first: Millis, times: u32, now: Timestamp) -> Timestamp {
    let pause = first.times(1_u64 << times.min(20)).min(LONGEST_BACKOFF);
    now.plus(jittered(pause, run.seed(), attempt))
}

/// When the next try may start, if one is left.
fn next_try(run: &Run, attempt: AttemptId, class: FailureClass, now: Timestamp) -> Option<Timestamp> {
    let (task, past) = (run.plan().task(attempt.task), run.task(attempt.task).past());
    if class == FailureClass::Lost && past.losses < LOSSES_FORGIVEN {
        return Some(now);
    }
    if class.is_providers() {
        return None;
    }
    let retry = &task.retry;
    let fits = if retry.on.is_empty() { class.is_transient() } else { retry.on.contains(&class) };
    // Losses that are not forgiven use up tries like failures: a task that takes its machine down does not do so for ever.
    let tried = past.failures + past.losses.saturating_sub(LOSSES_FORGIVEN);
    if !fits || tried >= retry.limit {
        return None;
    }
    let longest = if retry.max_backoff == Millis(0) { LONGEST_BACKOFF } else { retry.max_backoff };
    let doubled = retry.backoff.times(1_u64 << past.failures.min(20));
    Some(now.plus(jittered(doubled.min(longest), run.seed(), attempt)))
}

/// Between three and five quarters of `pause`, the same in every replay: tries of tasks that failed together drift apart.
fn jittered(pause: Millis, seed: u64, attempt: AttemptId) -> Millis {
    let share = mix(seed ^ (u64::from(attempt.task.0) << 32 | u64::from(attempt.number))) % 512;
    Millis(pause.0.saturating_mul(768 + share) / 1_024)
}

/// SplitMix64's finisher (Steele, Lea, Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

fn give_up(
    run: &Run,
    attempt: AttemptId,
    failure: (FailureClass, String),
    used: Option<Spending>,
    now: Timestamp,
) -> Vec<Event> {
    let ((class, message), task) = (failure, attempt.task);
    if is_asked(run, task, class) {
        return ask(run, task, class, message, now);
    }
    let declared = &run.plan().task(task).on_failure;
    if let OnFailure::RetryWith(agent) = declared
        && run.task(task).past().agent.as_deref() != Some(agent)
    {
        return vec![Event::RetryScheduled { task, at: now, agent: Some(agent.clone()) }];
    }
    if class == FailureClass::Budget && run.asks_about_budgets_of(attempt, used) {
        return vec![Event::TaskBlocked { task, why: message }];
    }
    let failed = Event::TaskFailed { task, class };
    match declared {
        OnFailure::Compensate if !run.is_compensating() => vec![failed, Event::CompensationStarted { task }],
        _ => vec![failed],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TaskId;

    #[test]
    fn jitter_stays_within_a_quarter_and_differs_between_tasks() {
        let pauses: Vec<u64> =
            (0..100).map(|task| jittered(Millis(1_000), 7, AttemptId { task: TaskId(task), number: 1 }).0).collect();
        assert!(pauses.iter().all(|pause| (750..=1_250).contains(pause)), "{pauses:?}");
        assert!(pauses.iter().collect::<std::collections::BTreeSet<_>>().len() > 50);
    }
}
