//! What people ask for. The inbox hands each over once; here it is weighed against the state.

use super::adjust::adjust;
use super::again::{accept, resolve, retry};
use super::correct::correct;
use super::people::{self, Answer};
use super::{Command, Rejected, about_budget, into, signal};
use crate::run::TaskState;
use crate::{BudgetScope, BudgetUnit, By, Event, JobId, Run, RunState, StopHow, StopReason, TaskId, Timestamp};

impl Command {
    /// Whether it is a person's to say: an answer, a judgement of work, a change of what is to be done or may be spent.
    pub fn is_for_people(&self) -> bool {
        match self {
            Command::Answer { .. }
            | Command::Correct { .. }
            | Command::Hold { .. }
            | Command::Adjust { .. }
            | Command::Accept { .. }
            | Command::Resolve { .. }
            | Command::RaiseBudget { .. }
            | Command::RaiseTimeLimit { .. }
            | Command::MergeInto { .. }
            // Said by a machine, but never by one that a task has started.
            | Command::Signal { .. } => true,
            Command::Pause
            | Command::Resume
            | Command::Cancel { .. }
            | Command::CancelTask { .. }
            | Command::Retry { .. }
            | Command::Tell { .. }
            | Command::Release { .. }
            | Command::OpenProvider { .. } => false,
        }
    }
}

pub(super) fn asked(run: &Run, command: &Command, by: &By, now: Timestamp) -> Result<Vec<Event>, Rejected> {
    if let Some(branch) = run.merging_into() {
        return into::while_merging(run, branch, command);
    }
    match command {
        Command::Pause if run.is_paused() => Err(Rejected::because("the run is paused already")),
        Command::Pause if running(run) => Ok(vec![Event::RunPaused { by: by.clone() }]),
        Command::Resume if run.is_paused() => Ok(vec![Event::RunResumed { by: by.clone() }]),
        Command::Resume => Err(Rejected::because(format!("the run is not paused but {}", run.state().name()))),
        Command::Cancel { how } => cancel(run, *how, by),
        Command::CancelTask { task } => cancel_task(run, task),
        Command::Retry { tasks } => retry(run, tasks, by),
        Command::Resolve { task } => resolve(run, task, by),
        Command::Accept { task, because } => accept(run, task, because, by),
        Command::MergeInto { branch } => into::wanted(run, branch, by),
        Command::RaiseTimeLimit { limit } => {
            let mut events = vec![Event::TimeLimitRaised { limit: *limit, by: by.clone() }];
            if run.state() == RunState::OverBudget {
                events.insert(0, Event::RunReopened { by: by.clone() });
            }
            Ok(events)
        }
        Command::RaiseBudget { scope, unit, limit } => raise(run, scope, *unit, *limit, by),
        Command::Tell { task, text } => {
            let told = tell(run, task, text, by)?;
            if run.is_over() {
                return Err(Rejected::because(format!("the run is over: {}", run.state().name())));
            }
            Ok(told)
        }
        Command::Answer { decision, option, because } => {
            people::answer(run, *decision, &Answer { option, because, by })
        }
        Command::Signal { decision, option, because, hook, message } => {
            signal::signal(run, *decision, &signal::Told { option, because, hook, message })
        }
        Command::Correct { decision, option, because } => correct(run, *decision, &Answer { option, because, by }),
        Command::Adjust { change } => adjust(run, change, by),
        Command::Hold { decision, lease } => people::hold(run, *decision, *lease, by, now),
        Command::Release { decision } => people::release(run, *decision, by, now),
        Command::OpenProvider { provider } => open_provider(run, provider.as_deref()),
        Command::Pause => Err(Rejected::because(format!("the run is {}", run.state().name()))),
    }
}

pub(super) fn raise(
    run: &Run,
    scope: &BudgetScope,
    unit: BudgetUnit,
    limit: u64,
    by: &By,
) -> Result<Vec<Event>, Rejected> {
    if unit == BudgetUnit::Time {
        return Err(Rejected::because("time is raised for the run alone"));
    }
    match run.budget_limit(scope, unit) {
        None => return Err(Rejected::because("there is no such budget")),
        Some(now) if limit <= now => return Err(Rejected::because(format!("the limit is {now} already"))),
        Some(_) => (),
    }
    let raised = Event::BudgetRaised { scope: scope.clone(), unit, limit, by: by.clone() };
    let reopened = (run.state() == RunState::OverBudget).then(|| Event::RunReopened { by: by.clone() });
    let waits = about_budget::blocked(run, scope).map(|task| Event::TaskReset { task, by: by.clone() });
    Ok(reopened.into_iter().chain([raised]).chain(waits).collect())
}

/// A message is an event, and events are small.
const LONGEST_MESSAGE: usize = 2_000;

pub(super) fn tell(run: &Run, name: &str, text: &str, by: &By) -> Result<Vec<Event>, Rejected> {
    let task = find(run, name)?;
    let path = &run.plan().task(task).path;
    let state = &run.task(task).state;
    match () {
        () if run.agent_of(task).is_none() => Err(Rejected::because(format!("`{path}` is a command; nobody listens"))),
        () if state.is_over() => Err(Rejected::because(format!("`{path}` is {} already", state.name()))),
        () if text.trim().is_empty() => Err(Rejected::because("there is nothing to say")),
        () if text.chars().count() > LONGEST_MESSAGE => {
            Err(Rejected::because(format!("it is longer than {LONGEST_MESSAGE} characters; write a file and name it")))
        }
        () => Ok(vec![Event::MessageSent { message: run.next_message(), task, text: text.to_owned(), by: by.clone() }]),
    }
}

fn open_provider(run: &Run, provider: Option<&str>) -> Result<Vec<Event>, Rejected> {
    let closed = run.closed_accounts().filter(|(name, _)| provider.is_none_or(|provider| provider == *name));
    let events: Vec<Event> = closed.map(|(name, _)| Event::ProviderOpened { provider: name.to_owned() }).collect();
    if events.is_empty() { Err(Rejected::because("no provider is waited for")) } else { Ok(events) }
}

fn running(run: &Run) -> bool {
    !run.is_over() && !run.is_cancelling() && !run.is_compensating()
}

pub(super) fn cancel(run: &Run, how: StopHow, by: &By) -> Result<Vec<Event>, Rejected> {
    if run.is_over() {
        return Err(Rejected::because(format!("the run is over: {}", run.state().name())));
    }
    let stop = |(id, job): (&JobId, &crate::run::Job)| {
        let harder = job.stop.is_none_or(|(_, now)| now < how);
        let why = job.stop.map_or(StopReason::Cancelled, |(why, _)| why);
        harder.then_some(Event::StopRequested { job: *id, why, how })
    };
    let stops: Vec<Event> = run.jobs().iter().filter_map(stop).collect();
    if run.is_cancelling() && stops.is_empty() {
        return Err(Rejected::because("the run is being cancelled already"));
    }
    let mut events = stops;
    if !run.is_cancelling() {
        events.insert(0, Event::RunCancelled { by: by.clone(), how });
    }
    Ok(events)
}

/// The task with this path, or with this last segment if only one has it.
pub(super) fn find(run: &Run, name: &str) -> Result<TaskId, Rejected> {
    let plan = run.plan();
    let ends_so = |id: &TaskId| {
        let path = &plan.task(*id).path;
        plan.task(*id).is_real() && (path == name || path.strip_suffix(name).is_some_and(|head| head.ends_with('.')))
    };
    let exact = plan.find(name).filter(|id| plan.task(*id).is_real());
    let candidates: Vec<TaskId> = exact.map_or_else(|| plan.ids().filter(ends_so).collect(), |id| vec![id]);
    match candidates.as_slice() {
        [task] => Ok(*task),
        [] if plan.milestones.iter().any(|one| one.id == name) => {
            Err(Rejected::because(format!("`{name}` is a milestone; what leads to it can be named, and it follows")))
        }
        [] => Err(Rejected::because(format!("no task is called `{name}`"))),
        several => {
            let names: Vec<String> = several.iter().take(5).map(|id| format!("`{}`", plan.task(*id).path)).collect();
            Err(Rejected::because(format!("`{name}` may be any of {}; give the whole path", names.join(", "))))
        }
    }
}

fn cancel_task(run: &Run, name: &str) -> Result<Vec<Event>, Rejected> {
    let task = find(run, name)?;
    if !running(run) {
        return Err(Rejected::because(format!("the run is {}", run.state().name())));
    }
    let jobs: Vec<Event> = run
        .jobs()
        .iter()
        .filter(|(id, job)| id.attempt.task == task && job.stop.is_none())
        .map(|(id, _)| Event::StopRequested { job: *id, why: StopReason::Cancelled, how: StopHow::Politely })
        .collect();
    match &run.task(task).state {
        state if state.is_over() => {
            Err(Rejected::because(format!("`{}` is {} already", run.plan().task(task).path, state.name())))
        }
        TaskState::Reviewing { .. } if run.waits_to_merge(task) => Ok(vec![Event::TaskCancelled { task }]),
        TaskState::Running { .. } | TaskState::Reviewing { .. } if jobs.is_empty() => {
            Err(Rejected::because("it is being stopped already"))
        }
        TaskState::Running { .. } | TaskState::Reviewing { .. } => Ok(jobs),
        _ => Ok(vec![Event::TaskCancelled { task }]),
    }
}
