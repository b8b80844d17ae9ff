//! What follows from the state alone as time passes: timers, conditions, starts, and the end.

use super::schedule::schedule;
use super::{said, spending};
use crate::plan::{Join, Work};
use crate::run::{TaskContext, TaskState, Timer};
use crate::template;
use crate::{AttemptId, BudgetScope, Event, Run, RunEnd, SkipReason, StopHow, StopReason, TaskId, Timestamp};

/// One round. The shell calls it again on the new state until nothing follows.
pub(super) fn tick(run: &Run, now: Timestamp) -> Vec<Event> {
    if run.is_over() {
        return Vec::new();
    }
    if run.merging_into().is_some() {
        let timeouts = run.due(now).filter(|timer| matches!(timer, Timer::Timeout(_)));
        return timeouts.filter_map(|timer| due(run, timer)).collect();
    }
    let mut events: Vec<Event> = run.due(now).filter_map(|timer| due(run, timer)).collect();
    if run.is_cancelling() {
        return wind_up(run, events, RunEnd::Cancelled);
    }
    if run.is_compensating() {
        return compensate(run, events);
    }
    events.extend(budget(run, now));
    events.extend(spending::crossed(run));
    events.extend(run.unjudged().map(|task| judge(run, task)));
    if !events.is_empty() {
        return events;
    }
    events = spending::stop(run);
    if events.is_empty() && run.dispatches() {
        events = schedule(run);
    }
    if events.is_empty() && run.jobs().is_empty() {
        events.extend(end(run));
    }
    events
}

fn due(run: &Run, timer: Timer) -> Option<Event> {
    Some(match timer {
        Timer::Backoff(task) => Event::TaskReady { task },
        Timer::Timeout(job) => Event::StopRequested { job, why: StopReason::Timeout, how: StopHow::Politely },
        Timer::Account(resource) => Event::ProviderOpened { provider: run.account_name(resource).to_owned() },
        Timer::Decision(decision) => return said::silence(run, decision),
    })
}

fn budget(run: &Run, now: Timestamp) -> Option<Event> {
    let (used, limit) = run.time_used(now);
    let limit = limit?;
    let percent = if used >= limit {
        100
    } else if used.0 >= limit.0 * 8 / 10 {
        80
    } else {
        0
    };
    (percent > run.time_noticed()).then_some(Event::TimeBudgetReached { percent, limit })
}

/// A pending task whose needs are settled: it becomes ready, completes (the end of a group), or is skipped.
fn judge(run: &Run, id: TaskId) -> Event {
    let task = run.plan().task(id);
    if let Some(need) = missing_need(run, id) {
        return Event::TaskSkipped { task: id, reason: SkipReason::Upstream { need } };
    }
    let Some(when) = &task.when else {
        return if task.work == Work::Join { Event::TaskCompleted { task: id } } else { Event::TaskReady { task: id } };
    };
    let context = TaskContext { run, run_id: None, task: id }.to_value();
    match template::evaluate(when, &context) {
        Ok(true) => Event::TaskReady { task: id },
        Ok(false) => Event::TaskSkipped { task: id, reason: SkipReason::Condition },
        Err(error) => {
            let message = error.to_string();
            Event::TaskSkipped { task: id, reason: SkipReason::BadCondition { message } }
        }
    }
}

/// The need because of which a task cannot run, if there is one.
fn missing_need(run: &Run, id: TaskId) -> Option<TaskId> {
    let (task, needs) = (run.plan().task(id), run.task(id).needs);
    let blocked = match task.join {
        Join::AllSuccess => needs.bad > 0,
        Join::AllDone => false,
        Join::AnySuccess => needs.good == 0 && !task.needs.is_empty(),
    };
    let ended_badly = |need: &&TaskId| {
        let state = &run.task(**need).state;
        state.is_over()
            && !matches!(state, TaskState::Completed { .. })
            && !matches!(state, TaskState::Skipped { reason: SkipReason::Condition | SkipReason::Level, .. })
    };
    let culprit = || task.needs.iter().find(ended_badly).or(task.needs.first()).copied();
    if blocked { culprit() } else { None }
}

/// Nothing runs and nothing can start: is it over?
fn end(run: &Run) -> Option<Event> {
    if run.all_over() {
        return Some(Event::RunEnded { state: run.verdict() });
    }
    let used_up = run.time_noticed() >= 100 || run.is_used_up(&BudgetScope::Run);
    (used_up && !run.is_paused()).then_some(Event::RunEnded { state: RunEnd::OverBudget })
}

/// No new work: what waits is cancelled, what runs is waited for, then it is over.
fn wind_up(run: &Run, mut events: Vec<Event>, state: RunEnd) -> Vec<Event> {
    events.retain(|event| !matches!(event, Event::TaskReady { .. }));
    if run.all_over() {
        if run.jobs().is_empty() {
            events.push(Event::RunEnded { state });
        }
        return events;
    }
    let busy = |state: &TaskState| matches!(state, TaskState::Running { .. } | TaskState::Reviewing { .. });
    let waits = |id: &TaskId| {
        let state = &run.task(*id).state;
        !state.is_over() && (!busy(state) || run.waits_to_merge(*id))
    };
    let idle = run.plan().ids().filter(waits);
    events.extend(idle.map(|task| Event::TaskCancelled { task }));
    events
}

/// Undoes completed work, last first, one at a time, once nothing runs any more.
fn compensate(run: &Run, events: Vec<Event>) -> Vec<Event> {
    if !run.jobs().is_empty() {
        return events;
    }
    let Some(task) = run.undoable().last().copied() else { return wind_up(run, events, RunEnd::Failed) };
    vec![Event::UndoStarted { attempt: AttemptId { task, number: run.task(task).attempts } }]
}
