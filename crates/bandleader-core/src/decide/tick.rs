//! What follows from the state alone as time passes: timers, conditions, starts, and the end.

use std::collections::BTreeSet;

use super::schedule::schedule;
use super::{people, spending};
use crate::plan::{Join, Work};
use crate::run::{TaskContext, TaskState, Timer};
use crate::template;
use crate::{
    Asker, AttemptId, BudgetScope, Event, Onward, Run, RunEnd, SkipReason, StopHow, StopReason, TaskId, Timestamp,
};

/// One round. The shell calls it again on the new state until nothing follows.
pub(super) fn tick(run: &Run, now: Timestamp) -> Vec<Event> {
    if run.is_over() {
        return Vec::new();
    }
    if run.merging_into().is_some() {
        let timeouts = run.due(now).filter(|timer| matches!(timer, Timer::Timeout(_)));
        return timeouts.flat_map(|timer| due(run, timer)).collect();
    }
    let mut events: Vec<Event> = run.due(now).flat_map(|timer| due(run, timer)).collect();
    // Two budgets may have the same task waiting, and silence about both of them may come at once.
    let mut over = BTreeSet::new();
    events.retain(|event| settles(event).is_none_or(|task| over.insert(task)));
    let decided: Vec<u32> = events.iter().filter_map(taken).collect();
    let stale = people::stale(run).filter(|event| taken(event).is_none_or(|decision| !decided.contains(&decision)));
    events.extend(stale);
    if run.is_cancelling() {
        return wind_up(run, events, RunEnd::Cancelled);
    }
    if run.is_compensating() {
        return compensate(run, events);
    }
    let mut decision = run.next_decision();
    for reached in budget(run, now).into_iter().chain(spending::crossed(run)) {
        let asked = spending::asked(run, reached, decision, now);
        decision += opened(&asked);
        events.extend(asked.into_iter().filter(|event| settles(event).is_none_or(|task| over.insert(task))));
    }
    for task in run.unjudged() {
        let judged = judge(run, task, decision, now);
        decision += opened(&judged);
        events.extend(judged);
    }
    if !events.is_empty() {
        return events;
    }
    events = spending::stop(run);
    if events.is_empty() && run.dispatches() {
        events = schedule(run);
    }
    if events.is_empty() && run.jobs().is_empty() {
        events = end(run);
    }
    events
}

/// The question that an event ends.
fn taken(event: &Event) -> Option<u32> {
    match event {
        Event::DecisionTaken { decision, .. } => Some(*decision),
        _ => None,
    }
}

/// How many questions these events open.
fn opened(events: &[Event]) -> u32 {
    u32::try_from(events.iter().filter(|event| matches!(event, Event::DecisionOpened { .. })).count()).unwrap_or(0)
}

fn due(run: &Run, timer: Timer) -> Vec<Event> {
    vec![match timer {
        // What was decided before it may have been corrected since its last try.
        Timer::Backoff(task) => match unmet_condition(run, task) {
            Some(reason) => skipped(task, reason),
            None => Event::TaskReady { task },
        },
        Timer::Timeout(job) => Event::StopRequested { job, why: StopReason::Timeout, how: StopHow::Politely },
        Timer::Account(resource) => Event::ProviderOpened { provider: run.account_name(resource).to_owned() },
        Timer::Decision(decision) => return people::silence(run, decision),
    }]
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

/// A pending task whose needs are settled: it becomes ready, completes (the end of a group, a milestone), asks (a question, by this number), or
/// is skipped.
fn judge(run: &Run, id: TaskId, decision: u32, now: Timestamp) -> Vec<Event> {
    let task = run.plan().task(id);
    if let Some(need) = missing_need(run, id) {
        return vec![skipped(id, SkipReason::Upstream { need })];
    }
    if let Some(reason) = unmet_condition(run, id) {
        return vec![skipped(id, reason)];
    }
    let starts = || vec![Event::TaskReady { task: id }];
    let follows = match &task.work {
        Work::Join | Work::Milestone if task.when.is_none() => vec![Event::TaskCompleted { task: id }],
        _ => people::ask_task(run, id, decision, now).unwrap_or_else(starts),
    };
    let reached = run.plan().milestone(id).map(|_| Event::MilestoneReached { task: id });
    reached.into_iter().chain(follows).collect()
}

fn skipped(task: TaskId, reason: SkipReason) -> Event {
    Event::TaskSkipped { task, reason, onward: Onward::AtOnce }
}

/// Why its condition keeps a task from starting, if it does.
fn unmet_condition(run: &Run, id: TaskId) -> Option<SkipReason> {
    let when = run.plan().task(id).when.as_ref()?;
    let context = TaskContext { run, run_id: None, task: id }.to_value();
    match template::evaluate(when, &context) {
        Ok(true) => None,
        Ok(false) => Some(SkipReason::Condition),
        Err(error) => Some(SkipReason::BadCondition { message: error.to_string() }),
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
    if blocked { run.culprit(id) } else { None }
}

/// Nothing runs and nothing can start: is it over?
fn end(run: &Run) -> Vec<Event> {
    if run.all_over() {
        let open = run.open_decisions().map(|(decision, _)| people::withdrawn(decision));
        return open.chain([Event::RunEnded { state: run.verdict() }]).collect();
    }
    let used_up = run.time_noticed() >= 100 || run.is_used_up(&BudgetScope::Run);
    let is_asked = run.open_decisions().any(|(_, open)| matches!(open.asker, Asker::Budget { .. }));
    let is_end = used_up && !run.is_paused() && !is_asked;
    is_end.then_some(Event::RunEnded { state: RunEnd::OverBudget }).into_iter().collect()
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
    let settled: Vec<TaskId> = events.iter().filter_map(settles).collect();
    let idle: Vec<TaskId> = run.plan().ids().filter(waits).filter(|id| !settled.contains(id)).collect();
    events.extend(idle.into_iter().map(|task| Event::TaskCancelled { task }));
    events
}

/// The task that an event ends.
fn settles(event: &Event) -> Option<TaskId> {
    match event {
        Event::TaskCompleted { task } | Event::TaskFailed { task, .. } | Event::TaskSkipped { task, .. } => Some(*task),
        _ => None,
    }
}

/// Undoes completed work, last first, one at a time, once nothing runs any more.
fn compensate(run: &Run, events: Vec<Event>) -> Vec<Event> {
    if !run.jobs().is_empty() {
        return events;
    }
    let Some(task) = run.undoable().last().copied() else { return wind_up(run, events, RunEnd::Failed) };
    vec![Event::UndoStarted { attempt: AttemptId { task, number: run.task(task).attempts } }]
}
