//! What people are asked about a budget that is used up - of the run, a phase, a task or an agent - and what follows from each answer.
//!
//! While they are asked nothing new starts at its expense: what was stopped for it, and what would start, is blocked. A task that is
//! blocked without a question of its own waits for a budget's.

use super::Rejected;
use super::again::with_skipped_behind;
use super::command::cancel;
use super::people::{Answer, Asking};
use crate::plan::{Choice, FailureClass, OnFailure, Plan, Question, QuestionKind};
use crate::run::TaskState;
use crate::view::{amount, unit_words};
use crate::{
    Asker, BudgetScope, BudgetUnit, By, Event, JobId, Millis, Onward, Run, SkipReason, StopHow, StopReason, TaskId,
};

/// Tasks named one by one in a question at most.
const NAMED: usize = 8;

/// The question, if there is something left that it would decide. The run is asked about always: its end depends on it.
pub(super) fn asking(run: &Run, scope: &BudgetScope, unit: BudgetUnit, limit: u64) -> Option<Asking> {
    let waiting = if *scope == BudgetScope::Run { Vec::new() } else { spenders(run, scope) };
    if waiting.is_empty() && *scope != BudgetScope::Run {
        return None;
    }
    let raised = raised(run, scope, unit, limit);
    let mut question = question(run.plan(), scope, unit, limit, raised);
    question.details = names(run.plan(), &waiting);
    Some(Asking { asker: Asker::Budget { scope: scope.clone(), unit }, question, patience: None, class: None })
}

/// What people are asked when a budget of `limit` is used up, and `raised` would be the next.
pub(crate) fn question(plan: &Plan, scope: &BudgetScope, unit: BudgetUnit, limit: u64, raised: u64) -> Question {
    let choice = |id: &str, name: String| Choice { id: id.into(), name, ..Choice::default() };
    let (finish, stop) = match scope {
        BudgetScope::Run => ("finish what runs and spends nothing, and start nothing new", "stop what runs"),
        BudgetScope::Task { .. } => ("leave it failed; what needs it is skipped", "stop the run"),
        _ => ("leave undone what would spend more of it, and go on with the rest", "stop the run"),
    };
    Question {
        text: format!(
            "The {} of {} ({}) is used up. How shall it go on?",
            unit_words(unit),
            scope.words(plan),
            amount(unit, limit)
        ),
        options: vec![
            choice("raise", format!("raise it to {}", amount(unit, raised))),
            choice("finish", finish.into()),
            choice("stop", stop.into()),
        ],
        recommend: Some("finish".into()),
        kind: QuestionKind::Cost,
        ..Question::default()
    }
}

/// Tasks that are not over and would spend more of it.
fn spenders(run: &Run, scope: &BudgetScope) -> Vec<TaskId> {
    let spends =
        |id: &TaskId| !run.task(*id).state.is_over() && run.agent_of(*id).is_some() && run.scopes(*id).contains(scope);
    run.plan().ids().filter(spends).collect()
}

fn names(plan: &Plan, tasks: &[TaskId]) -> Option<String> {
    let named: Vec<&str> = tasks.iter().take(NAMED).map(|task| plan.task(*task).path.as_str()).collect();
    let more = tasks.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| format!("Not done yet at its expense: {}{more}.", named.join(", ")))
}

/// As much again, on top of what is used already.
fn raised(run: &Run, scope: &BudgetScope, unit: BudgetUnit, limit: u64) -> u64 {
    let used = run.used_of(scope, unit);
    used.max(limit).saturating_add(limit)
}

/// What a person's answer brings about.
pub(super) fn answered(
    run: &Run,
    (scope, unit): (&BudgetScope, BudgetUnit),
    option: &str,
    answer: &Answer<'_>,
) -> Result<Vec<Event>, Rejected> {
    Ok(match option {
        "raise" => raise(run, scope, unit, answer.by),
        "stop" if *scope == BudgetScope::Run => {
            let running = run.jobs().iter().filter(|(_, job)| job.stop.is_none());
            let stop = |(job, _): (&JobId, _)| Event::StopRequested {
                job: *job,
                why: StopReason::Budget,
                how: StopHow::Politely,
            };
            running.map(stop).chain(settled(run, scope)).collect()
        }
        "stop" => cancel(run, StopHow::Politely, answer.by)?,
        _ => settled(run, scope),
    })
}

fn raise(run: &Run, scope: &BudgetScope, unit: BudgetUnit, by: &By) -> Vec<Event> {
    let by = by.clone();
    let raise = match unit {
        BudgetUnit::Time => {
            let limit = run.time_used(run.last_at()).1.unwrap_or_default().0;
            Event::TimeLimitRaised { limit: Millis(raised(run, scope, unit, limit)), by: by.clone() }
        }
        unit => {
            let limit = run.budget_limit(scope, unit).unwrap_or_default();
            let limit = raised(run, scope, unit, limit);
            Event::BudgetRaised { scope: scope.clone(), unit, limit, by: by.clone() }
        }
    };
    let waits = blocked(run, scope).chain(stopped(run, scope)).collect();
    let resets = with_skipped_behind(run, waits).into_iter();
    std::iter::once(raise).chain(resets.map(|task| Event::TaskReset { task, by: by.clone() })).collect()
}

/// Tasks that wait for the answer about a budget. Looks at the whole plan, at an answer and not at every event.
pub(super) fn blocked<'a>(run: &'a Run, scope: &'a BudgetScope) -> impl Iterator<Item = TaskId> + 'a {
    let waits = move |id: &TaskId| {
        matches!(run.task(*id).state, TaskState::Blocked { .. })
            && run.question_about(*id).is_none()
            && run.scopes(*id).contains(scope)
    };
    run.plan().ids().filter(waits)
}

/// What failed or was skipped for want of it before.
fn stopped<'a>(run: &'a Run, scope: &'a BudgetScope) -> impl Iterator<Item = TaskId> + 'a {
    let is_for_it = move |id: &TaskId| match &run.task(*id).state {
        TaskState::Failed { class: FailureClass::Budget, .. } => run.scopes(*id).contains(scope),
        TaskState::Skipped { reason: SkipReason::Budget { scope: other }, .. } => {
            *scope == BudgetScope::Run || other == scope
        }
        _ => false,
    };
    run.plan().ids().filter(is_for_it)
}

/// It is not raised: what waited for that is not done.
pub(super) fn settled(run: &Run, scope: &BudgetScope) -> Vec<Event> {
    let mut events = Vec::new();
    let mut undoes = run.is_compensating();
    for task in blocked(run, scope) {
        let was_stopped = run.task(task).past().failure.as_ref().is_some_and(|why| why.0 == FailureClass::Budget);
        if !was_stopped {
            let reason = SkipReason::Budget { scope: scope.clone() };
            events.push(Event::TaskSkipped { task, reason, onward: Onward::AtOnce });
            continue;
        }
        events.push(Event::TaskFailed { task, class: FailureClass::Budget });
        if run.plan().task(task).on_failure == OnFailure::Compensate && !undoes {
            undoes = true;
            events.push(Event::CompensationStarted { task });
        }
    }
    events
}
