//! How a run ended: the last words after a view, and the exit code.

use bandleader_core::plan::FailureClass;
use bandleader_core::{AttemptId, JobId, Run, RunId, RunState, Step, TaskId, TaskState};
use bandleader_engine::folder::Folder;

use super::Seeing;
use crate::config;
use crate::error::{Exit, Failure};
use crate::render::live::{state_style, state_words};
use crate::render::log::{Lines, Voice};
use crate::render::screen::Screen;
use crate::render::style::{BAD, QUIET, STRONG, paint};
use crate::render::text::{clean, count, fit};
use crate::render::words::brief;

/// Failed tasks told one by one at most.
const TOLD: usize = 10;

/// The exit code of a run as it is (SPEC, "Exit codes").
pub(super) fn exit_of(run: &Run) -> Exit {
    match run.state() {
        RunState::Succeeded | RunState::SucceededWithOverrides | RunState::Running => Exit::Succeeded,
        RunState::Failed if all_refused(run) => Exit::Refused,
        RunState::Failed => Exit::TasksFailed,
        RunState::Cancelled | RunState::Paused => Exit::Cancelled,
        RunState::OverBudget => Exit::OverBudget,
        RunState::Waiting => Exit::Waiting,
        RunState::RateLimited => Exit::RateLimited,
    }
}

/// Whether every failure was a gate's.
fn all_refused(run: &Run) -> bool {
    let classes: Vec<FailureClass> = failed(run)
        .filter_map(|id| match run.task(id).state {
            TaskState::Failed { class, .. } => Some(class),
            _ => None,
        })
        .collect();
    !classes.is_empty() && classes.iter().all(|class| *class == FailureClass::Gate)
}

fn failed(run: &Run) -> impl Iterator<Item = TaskId> {
    let plan = run.plan();
    plan.ids().filter(|id| plan.task(*id).is_real() && matches!(run.task(*id).state, TaskState::Failed { .. }))
}

/// Says it: data on stdout unless that carries JSON.
pub(super) fn tell(
    folder: &Folder,
    id: &RunId,
    run: &Run,
    seeing: &Seeing,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let lines = last_words(folder, id, run);
    for line in lines {
        if seeing.json { screen.note(&line) } else { screen.line(&line)? }
    }
    Ok(())
}

/// What a person wants to know at the end.
fn last_words(folder: &Folder, id: &RunId, run: &Run) -> Vec<String> {
    let plan = run.plan();
    let state = paint(state_style(run.state()), state_words(run.state()));
    let took = brief(run.last_at().since(run.created()));
    let mission = paint(STRONG, clean(&plan.mission));
    let mut lines = vec![format!("{mission}  run {id} {state} after {took}")];
    let counts = run.counts();
    let all = [
        (counts.completed, "completed"),
        (counts.failed, "failed"),
        (counts.skipped, "skipped"),
        (counts.cancelled, "cancelled"),
        (counts.blocked, "blocked"),
        (counts.compensated, "undone"),
        (counts.pending + counts.ready, "not begun"),
        (counts.running + counts.reviewing, "still running"),
    ];
    let parts: Vec<String> =
        all.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    lines.push(format!("{}: {}", count(counts.total as usize, "task"), parts.join(", ")));
    let failed: Vec<TaskId> = failed(run).collect();
    for task in failed.iter().take(TOLD) {
        let why = run.task(*task).failure.as_ref().map(|failure| clean(&failure.1).into_owned()).unwrap_or_default();
        lines.push(format!("  {} {}: {why}", paint(BAD, "✗"), clean(&plan.task(*task).path)));
        if let Some(word) = last_word(folder, id, run, *task) {
            lines.push(format!("    {}", paint(QUIET, word)));
        }
    }
    if failed.len() > TOLD {
        lines.push(format!("  {} and {} more", paint(BAD, "✗"), failed.len() - TOLD));
    }
    let made = made(run);
    if !made.is_empty() {
        lines.push(format!("made: {}", made.join(", ")));
    }
    lines.extend(advice(folder, id, run, &failed).into_iter().map(|line| paint(QUIET, line)));
    lines
}

/// Deliverables of completed tasks, a few of them; what tasks left for each other in the state folder is not among them.
fn made(run: &Run) -> Vec<String> {
    let plan = run.plan();
    let done = plan.ids().filter(|id| matches!(run.task(*id).state, TaskState::Completed { .. }));
    let reports = done.filter_map(|id| run.task(id).report.as_ref());
    let inner = format!("{}/", bandleader_engine::folder::NAME);
    let delivered = reports.flat_map(|report| &report.delivered).filter(|one| !one.path.starts_with(&inner));
    let paths: Vec<String> = delivered.map(|one| clean(&one.path).into_owned()).collect();
    let more = paths.len().saturating_sub(TOLD);
    let more = (more > 0).then(|| format!("and {more} more"));
    paths.into_iter().take(TOLD).chain(more).collect()
}

/// The last line that the work of a failed task printed.
fn last_word(folder: &Folder, id: &RunId, run: &Run, task: TaskId) -> Option<String> {
    let attempt = AttemptId { task, number: run.task(task).attempts };
    let job = JobId { attempt, step: Step::Work };
    let lines = Lines::new(folder.run(id).path(), job, String::new(), Voice::Bare).read(Some(5), true).ok()?;
    let line = lines.into_iter().rev().find(|line| !line.trim().is_empty())?;
    Some(fit(&anstream::adapter::strip_str(&line).to_string(), 160).into_owned())
}

fn advice(folder: &Folder, id: &RunId, run: &Run, failed: &[TaskId]) -> Vec<String> {
    let mut advice = Vec::new();
    if let Some(task) = failed.first() {
        advice.push(format!("`band logs {}` shows what it printed", clean(&run.plan().task(*task).path)));
        advice.push("`band retry --failed` tries again what failed".to_owned());
    }
    match run.state() {
        RunState::Paused | RunState::Running => advice.push(format!("`band resume {id}` goes on")),
        RunState::OverBudget => advice.push("a limit of the plan was reached before everything was done".to_owned()),
        _ => {}
    }
    if run.is_over() && folder.run(id).plan_file().exists() {
        advice.push(format!("its papers are in {}/", config::shown(folder.run(id).path())));
    }
    advice
}
