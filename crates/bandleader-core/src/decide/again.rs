//! What people have tried again, what they have put right by hand, and what they take as done: the task that they name, and what was
//! skipped or called off because of it.

use std::collections::BTreeSet;

use super::Rejected;
use super::command::find;
use super::redo::is_left_out;
use crate::run::TaskState;
use crate::{By, Event, JobId, Run, SkipReason, StopHow, StopReason, TaskId};

pub(super) fn retry(run: &Run, names: &[String], by: &By) -> Result<Vec<Event>, Rejected> {
    if run.is_cancelling() || run.is_compensating() {
        return Err(Rejected::because("the run is winding up; retry when it is over"));
    }
    let plan = run.plan();
    let mut events = Vec::new();
    let mut roots: BTreeSet<TaskId> = BTreeSet::new();
    for name in names {
        let task = find(run, name)?;
        match &run.task(task).state {
            TaskState::Running { attempt, .. } => {
                let job = JobId { attempt: crate::AttemptId { task, number: *attempt }, step: crate::Step::Work };
                events.push(Event::StopRequested { job, why: StopReason::Retried, how: StopHow::Politely });
            }
            TaskState::Blocked { .. } if run.plan().task(task).question().is_some() => {
                return Err(asked_already(run, task));
            }
            state if can_reset(state) => {
                roots.insert(task);
            }
            _ if is_left_out(run, task) => {
                let path = &plan.task(task).path;
                return Err(Rejected::because(format!(
                    "`{path}` was left out; `band adjust --bring-back {path}` does it after all"
                )));
            }
            state => {
                let (path, state) = (&plan.task(task).path, state.name());
                return Err(Rejected::because(format!(
                    "`{path}` is {state}; only what failed, was cancelled, is blocked or runs can be tried again"
                )));
            }
        }
    }
    if names.is_empty() {
        let is_open = |id: &TaskId| plan.task(*id).question().is_some() && run.question_about(*id).is_some();
        let can = |id: &TaskId| plan.task(*id).is_real() && can_reset(&run.task(*id).state) && !is_open(id);
        roots = plan.ids().filter(can).collect();
        if roots.is_empty() {
            return Err(Rejected::because("nothing failed, was cancelled or is blocked"));
        }
    }
    let resets = with_skipped_behind(run, roots);
    if run.is_over() && !resets.is_empty() {
        events.push(Event::RunReopened { by: by.clone() });
    }
    events.extend(resets.into_iter().map(|task| Event::TaskReset { task, by: by.clone() }));
    Ok(events)
}

pub(super) fn resolve(run: &Run, name: &str, by: &By) -> Result<Vec<Event>, Rejected> {
    let task = find(run, name)?;
    let (path, state) = (&run.plan().task(task).path, &run.task(task).state);
    match () {
        () if run.is_cancelling() || run.is_compensating() => {
            return Err(Rejected::because("the run is winding up"));
        }
        () if !matches!(state, TaskState::Failed { .. } | TaskState::Blocked { .. }) => {
            let state = state.name();
            return Err(Rejected::because(format!("`{path}` is {state}; only what failed or is blocked is resolved")));
        }
        () if !run.plan().has_worktree(task) => {
            return Err(Rejected::because(format!("`{path}` has no worktree of its own; `band retry` tries it again")));
        }
        () => (),
    }
    let skipped = with_skipped_behind(run, BTreeSet::from([task])).into_iter().filter(|id| *id != task);
    let reopened = run.is_over().then(|| Event::RunReopened { by: by.clone() });
    let resolved = Event::TaskResolved { task, by: by.clone() };
    let resets = skipped.map(|task| Event::TaskReset { task, by: by.clone() });
    Ok(reopened.into_iter().chain([resolved]).chain(resets).collect())
}

pub(super) fn accept(run: &Run, name: &str, because: &str, by: &By) -> Result<Vec<Event>, Rejected> {
    let task = find(run, name)?;
    let state = &run.task(task).state;
    if !matches!(state, TaskState::Failed { .. } | TaskState::Blocked { .. }) {
        let (path, state) = (&run.plan().task(task).path, state.name());
        return Err(Rejected::because(format!("`{path}` is {state}; only what failed or is blocked can be accepted")));
    }
    if run.is_cancelling() || run.is_compensating() {
        return Err(Rejected::because("the run is winding up"));
    }
    if run.plan().task(task).question().is_some() {
        return Err(asked_already(run, task));
    }
    let skipped = with_skipped_behind(run, BTreeSet::from([task])).into_iter().filter(|id| *id != task);
    let reopened = run.is_over().then(|| Event::RunReopened { by: by.clone() });
    let (by_whom, because) = (by.clone(), because.to_owned());
    let accepted = if run.plan().has_worktree(task) {
        Event::WorkAccepted { task, by: by_whom, because }
    } else {
        Event::TaskAccepted { task, by: by_whom, because }
    };
    let resets = skipped.map(|task| Event::TaskReset { task, by: by.clone() });
    Ok(reopened.into_iter().chain([accepted]).chain(resets).collect())
}

/// A task that is a question is neither tried nor taken as done: it is answered.
fn asked_already(run: &Run, task: TaskId) -> Rejected {
    let path = &run.plan().task(task).path;
    match run.question_about(task) {
        Some((decision, _)) => Rejected::because(format!("`{path}` is question {decision}; `band decide` answers it")),
        None => Rejected::because(format!("`{path}` is a question; `band retry {path}` asks it again")),
    }
}

fn can_reset(state: &TaskState) -> bool {
    match state {
        TaskState::Failed { .. }
        | TaskState::Blocked { .. }
        | TaskState::Cancelled { .. }
        | TaskState::Compensated { .. } => true,
        TaskState::Skipped { reason, .. } => {
            matches!(reason, SkipReason::Upstream { .. } | SkipReason::BadCondition { .. } | SkipReason::Budget { .. })
        }
        _ => false,
    }
}

/// The roots and everything behind them that was skipped or called off because of them; and what the roots themselves
/// were skipped for.
pub(super) fn with_skipped_behind(run: &Run, roots: BTreeSet<TaskId>) -> BTreeSet<TaskId> {
    let mut all = BTreeSet::new();
    let mut queue: Vec<TaskId> = roots.into_iter().collect();
    while let Some(task) = queue.pop() {
        if !can_reset(&run.task(task).state) || !all.insert(task) {
            continue;
        }
        queue.extend(behind_what_is_left_out(run, task).into_iter().filter(|id| reset_with_its_need(run, *id)));
        if let TaskState::Skipped { reason: SkipReason::Upstream { need }, .. } = &run.task(task).state {
            queue.push(*need);
        }
    }
    all
}

/// The nodes that need one, also through others that are left out.
fn behind_what_is_left_out(run: &Run, task: TaskId) -> BTreeSet<TaskId> {
    let (mut found, mut ahead) = (BTreeSet::new(), vec![task]);
    while let Some(id) = ahead.pop() {
        let is_out =
            |next: TaskId| matches!(&run.task(next).state, TaskState::Skipped { reason, .. } if reason.is_allowed());
        let new = run.dependents(id).iter().copied().filter(|next| found.insert(*next)).collect::<Vec<_>>();
        ahead.extend(new.into_iter().filter(|next| is_out(*next)));
    }
    found
}

fn reset_with_its_need(run: &Run, id: TaskId) -> bool {
    let state = &run.task(id).state;
    let is_end = !run.plan().task(id).is_real();
    matches!(state, TaskState::Skipped { reason: SkipReason::Upstream { .. }, .. }) || (is_end && can_reset(state))
}
