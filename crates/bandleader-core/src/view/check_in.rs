//! A check-in: what was done, what runs, what comes next, what stands in the way and what people must decide, before they say whether
//! to go on.
//!
//! Pure. Faces print it; texts of agents in it may be hostile.

use serde::Serialize;

use super::phases::{PhaseProgress, phases};
use super::{History, note};
use crate::plan::{CheckIn, Deliverable, OutputSource, Work};
use crate::run::{Run, TaskContext, TaskState};
use crate::view::spent;
use crate::{Asker, BudgetScope, GroupId, Millis, TaskId, Timestamp, template};

/// Tasks that are told one by one at most, of each sort.
const TOLD: usize = 30;

/// What people see before they say whether to go on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The phase or group.
    pub title: String,
    /// Which end of it.
    pub moment: CheckIn,
    /// What is done in it.
    pub completed: Vec<Done>,
    /// What failed, was skipped or called off in it, with why.
    pub undone: Vec<Done>,
    /// What runs anywhere in the run.
    pub running: Vec<Ahead>,
    /// What comes next.
    pub upcoming: Vec<Ahead>,
    /// How many more than those come later.
    pub later: usize,
    /// What stands in the way of agents.
    pub blockers: Vec<String>,
    /// Other questions that are open: number and text.
    pub decisions: Vec<(u32, String)>,
    /// The whole run.
    pub progress: Progress,
}

/// One task that is over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Done {
    /// Its path.
    pub task: String,
    /// Who did it.
    pub agent: String,
    /// What it was, or why it was not done.
    pub what: String,
    /// What its agent said at its end.
    pub said: Option<String>,
    /// What it delivered.
    pub delivered: Vec<String>,
    /// Its time, its numbers, what it used: name and value.
    pub metrics: Vec<(String, String)>,
    /// What it found out.
    pub findings: Vec<String>,
}

/// One task that is not over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ahead {
    /// Its path.
    pub task: String,
    /// Who does it.
    pub agent: String,
    /// What it is.
    pub what: String,
    /// Since when it runs.
    pub since: Option<Timestamp>,
    /// How long it is expected to take.
    pub expected: Option<Millis>,
}

/// How far the run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Phases that are over, and all.
    pub phases: (usize, usize),
    /// Tasks that are completed.
    pub completed: u32,
    /// Tasks that are over, however they ended.
    pub over: u32,
    /// All tasks that the level has.
    pub tasks: u32,
    /// Since the run was created.
    pub elapsed: Millis,
}

/// The check-in that a task is, if it is one.
pub fn moment_of(run: &Run, task: TaskId) -> Option<(GroupId, CheckIn)> {
    let task = run.plan().task(task);
    match &task.work {
        Work::Decision { check_in: Some(moment), .. } => Some((task.group?, *moment)),
        _ => None,
    }
}

/// Whether people are asked at a check-in now: only then its summaries are worth reading a history for.
pub fn is_open(run: &Run) -> bool {
    let is_one = |asker: &Asker| matches!(asker, Asker::Task { task } if moment_of(run, *task).is_some());
    run.open_decisions().any(|(_, open)| is_one(&open.asker))
}

/// Check-ins that wait for people: their numbers and what they show.
pub fn open_check_ins(run: &Run, history: &History, now: Timestamp) -> Vec<(u32, Summary)> {
    let open = run.open_decisions().filter_map(|(number, open)| match open.asker {
        Asker::Task { task } => Some((number, summary(run, history, task, now)?)),
        _ => None,
    });
    open.collect()
}

/// What the check-in `task` shows; none for any other task.
pub fn summary(run: &Run, history: &History, task: TaskId, now: Timestamp) -> Option<Summary> {
    let (group, moment) = moment_of(run, task)?;
    let plan = run.plan();
    // What a check-in before a phase tells of is what the phase was waiting for.
    let told: Vec<TaskId> = match moment {
        CheckIn::After => plan.ids().filter(|id| plan.is_within(*id, group)).collect(),
        CheckIn::Before => {
            let groups = plan.task(task).needs.iter().filter(|need| !plan.task(**need).is_real());
            let groups: Vec<GroupId> = groups.filter_map(|end| plan.task(*end).group).collect();
            let own = plan.task(task).needs.iter().copied();
            let within = plan.ids().filter(|id| groups.iter().any(|group| plan.is_within(*id, *group)));
            own.chain(within).collect()
        }
    };
    let is_work = |id: &TaskId| {
        let task = plan.task(*id);
        task.is_real() && !matches!(task.work, Work::Left | Work::Decision { check_in: Some(_), .. })
    };
    let state = |id: &TaskId| &run.task(*id).state;
    let over = || told.iter().copied().filter(is_work);
    let completed = over().filter(|id| matches!(state(id), TaskState::Completed { .. }));
    let undone = over().filter(|id| state(id).is_over() && !matches!(state(id), TaskState::Completed { .. }));
    let ahead: Vec<TaskId> = plan.ids().filter(is_work).filter(|id| !state(id).is_over()).collect();
    let runs = |id: &&TaskId| matches!(state(id), TaskState::Running { .. } | TaskState::Reviewing { .. });
    let waits: Vec<TaskId> = ahead.iter().copied().filter(|id| !runs(&id)).collect();
    let decisions = run.open_decisions().filter(|(_, open)| open.asker != Asker::Task { task });
    Some(Summary {
        title: plan.group(group).title.clone(),
        moment,
        completed: completed.take(TOLD).map(|id| done(run, found(history, run, id), id, now)).collect(),
        undone: undone.take(TOLD).map(|id| done(run, found(history, run, id), id, now)).collect(),
        running: ahead.iter().filter(runs).take(TOLD).map(|id| one_ahead(run, *id)).collect(),
        upcoming: next(run, task, &waits).map(|id| one_ahead(run, id)).collect(),
        later: waits.len().saturating_sub(next(run, task, &waits).count()),
        blockers: run.blockers().iter().map(|one| format!("{}: {}", one.name, one.text)).collect(),
        decisions: decisions.map(|(number, open)| (number, open.question.text.clone())).collect(),
        progress: Progress { phases: phases_over(run, group, moment), ..progress(run, now) },
    })
}

/// Phases that are over, and all. The one that is asked about is over when nothing of it but this question is left.
fn phases_over(run: &Run, group: GroupId, moment: CheckIn) -> (usize, usize) {
    let (path, all) = (&run.plan().group(group).path, phases(run));
    let ends =
        |phase: &PhaseProgress| moment == CheckIn::After && phase.path == *path && phase.over() + 1 == phase.total;
    let phases: Vec<&PhaseProgress> = all.iter().filter(|phase| is_phase(run, phase)).collect();
    (phases.iter().filter(|phase| phase.is_over() || ends(phase)).count(), phases.len())
}

/// A task outside of every phase is none.
fn is_phase(run: &Run, phase: &PhaseProgress) -> bool {
    run.plan().groups.iter().any(|group| group.path == phase.path)
}

/// What starts when this check-in is passed: what waits for nothing else that has not begun.
fn next<'a>(run: &'a Run, check_in: TaskId, waits: &'a [TaskId]) -> impl Iterator<Item = TaskId> + 'a {
    let plan = run.plan();
    let passed = move |need: &TaskId| {
        let is_end = !plan.task(*need).is_real();
        *need == check_in
            || run.task(*need).state.is_over()
            || (is_end
                && plan.task(*need).needs.iter().all(|inner| *inner == check_in || run.task(*inner).state.is_over()))
    };
    waits.iter().copied().filter(move |id| plan.task(*id).needs.iter().all(passed)).take(TOLD)
}

pub(super) fn one_ahead(run: &Run, id: TaskId) -> Ahead {
    let task = run.plan().task(id);
    let since = match &run.task(id).state {
        TaskState::Running { since, .. } | TaskState::Reviewing { since, .. } => Some(*since),
        _ => None,
    };
    Ahead { task: task.path.clone(), agent: agent(run, id), what: what(run, id), since, expected: task.estimate }
}

pub(super) fn agent(run: &Run, id: TaskId) -> String {
    run.task(id).past().agent.as_deref().unwrap_or(run.plan().task(id).agent_name()).to_owned()
}

fn what(run: &Run, id: TaskId) -> String {
    let task = run.plan().task(id);
    let first = |text: &str| super::markdown::first_line(text, 120);
    match (&task.title, &task.work) {
        (Some(title), _) => first(title),
        (None, Work::Agent { instruction, .. }) => first(&filled_in(run, id, instruction)),
        (None, Work::Script { script }) => first(script),
        (None, Work::Program { argv }) => first(&argv.join(" ")),
        (None, Work::Decision { question, .. }) => first(&question.text),
        (None, Work::Join | Work::Milestone | Work::Left) => String::new(),
    }
}

/// What was found out at a task.
fn found(history: &History, run: &Run, id: TaskId) -> Vec<String> {
    let path = &run.plan().task(id).path;
    history.insights().iter().filter(|one| one.task == *path).map(|one| one.text.clone()).collect()
}

/// A text of a task as it is told to whoever does it, as far as that is known by now.
pub fn filled_in(run: &Run, task: TaskId, text: &str) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    let context = TaskContext { run, run_id: None, task }.to_value();
    template::render(text, &context).unwrap_or_else(|_| text.to_owned())
}

pub(super) fn done(run: &Run, findings: Vec<String>, id: TaskId, now: Timestamp) -> Done {
    let (task, past) = (run.plan().task(id), run.task(id).past());
    let report = past.report.as_ref();
    let described = task.deliverables.iter().filter_map(|one| match one {
        Deliverable::Described(text) => Some(text.clone()),
        Deliverable::Path(_) => None,
    });
    let files = report.map(|report| report.delivered.iter().map(|one| one.path.clone()).collect::<Vec<_>>());
    let is_good = matches!(run.task(id).state, TaskState::Completed { .. });
    let why = past.failure.as_ref().filter(|_| !is_good).map(|failure| failure.1.clone());
    let said = report.and_then(|report| Some(report.agent.as_ref()?.said.trim().to_owned()));
    Done {
        task: task.path.clone(),
        agent: agent(run, id),
        what: decided(run, id).or(why).unwrap_or_else(|| what(run, id)),
        said: said.filter(|words| !words.is_empty()).map(|words| super::markdown::first_line(&words, 300)),
        delivered: files.unwrap_or_default().into_iter().chain(described.filter(|_| is_good)).collect(),
        metrics: metrics(run, id, now),
        findings,
    }
}

/// What people, silence or a rule have chosen, where the task is a question.
fn decided(run: &Run, id: TaskId) -> Option<String> {
    let asker = Asker::Task { task: id };
    let last = run.plan().task(id).question().and_then(|_| run.decisions().values().rfind(|one| one.asker == asker))?;
    let taken = last.taken.as_ref()?;
    let words = note::decided(&last.question, taken.option.as_deref(), &taken.by, &taken.because)?;
    Some(super::markdown::first_line(&words, 300))
}

/// Its time; numbers and short words that it reported; numbers that its gates found; what its agents used.
fn metrics(run: &Run, id: TaskId, now: Timestamp) -> Vec<(String, String)> {
    let (task, past) = (run.plan().task(id), run.task(id).past());
    let took = past.started.map(|started| run.task(id).state.over_at().unwrap_or(now).since(started));
    let mut metrics: Vec<(String, String)> = Vec::new();
    metrics.extend(took.map(|took| ("time".to_owned(), super::when::length(took))));
    // What a question hands on is its answer, which is told in words.
    let report = past.report.iter().filter(|_| task.question().is_none());
    for (name, value) in report
        .flat_map(|report| &report.outputs)
        .filter(|(name, _)| task.outputs.get(*name) == Some(&OutputSource::Reported))
    {
        let words = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !words.trim().is_empty() && words.len() <= 60 && !words.contains('\n') {
            metrics.push((name.clone(), words));
        }
    }
    for (gate, seen) in task.gates.iter().zip(&past.gates) {
        if let Some(number) = seen.message.strip_prefix("passed with ") {
            metrics.push((gate.name.clone(), number.to_owned()));
        }
    }
    let spending = run.spent_on(id);
    if !spending.is_nothing() {
        let partial = run.cost_is_partial(&BudgetScope::Task { task: id });
        metrics.push(("used".into(), spent::words(spending, partial)));
    }
    metrics
}

pub(super) fn progress(run: &Run, now: Timestamp) -> Progress {
    let all = phases(run);
    let sum = |of: fn(&PhaseProgress) -> usize| u32::try_from(all.iter().map(of).sum::<usize>()).unwrap_or(u32::MAX);
    let over: Vec<bool> = all.iter().filter(|phase| is_phase(run, phase)).map(PhaseProgress::is_over).collect();
    Progress {
        phases: (over.iter().filter(|is_over| **is_over).count(), over.len()),
        completed: run.counts().completed,
        over: sum(PhaseProgress::over),
        tasks: sum(|phase| phase.total),
        elapsed: now.since(run.created()),
    }
}
