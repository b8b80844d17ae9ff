//! What can be done now, as commands to copy.

use bandleader_core::plan::FailureClass;
use bandleader_core::{Millis, Run, RunId, RunState, TaskId, TaskState};
use bandleader_engine::folder::Folder;

use super::{blocked, failed};
use crate::config;
use crate::render::text::clean;
use crate::render::words::{brief, is_conflict};

/// The lines.
pub(super) fn advice(folder: &Folder, id: &RunId, run: &Run) -> Vec<String> {
    let mut advice = Vec::new();
    let path = |task: TaskId| clean(&run.plan().task(task).path).into_owned();
    if let Some(task) = failed(run).next().filter(|_| run.state() == RunState::Failed) {
        advice.push(format!("`band logs {} --run {id}` shows what it printed", path(task)));
        advice.push(format!("`band retry --failed --run {id}` tries again what failed"));
        if matches!(run.task(task).state, TaskState::Failed { class: FailureClass::Gate, .. }) {
            advice.push(format!("`band accept {} --run {id} --because …` takes its work as done", path(task)));
        }
    }
    if let Some((number, _)) = run.open_decisions().next().filter(|_| !run.is_over()) {
        advice.push(format!("`band decide {id} {number}` shows what is asked, and answers it"));
    }
    // What waits for the answer about a budget is helped by that answer alone.
    let is_stuck = |id: &TaskId| run.plan().task(*id).question().is_none() && run.question_about(*id).is_some();
    if let Some(blocked) = blocked(run).find(is_stuck) {
        let task = path(blocked);
        // The ways out of a conflict stand with it.
        if !is_conflict(run, blocked) {
            advice.push(format!("`band retry {task} --run {id}` tries it again"));
            advice.push(format!("`band accept {task} --run {id} --because …` takes its work as done"));
        }
        advice.push(format!("`band cancel {id}` ends the run"));
    }
    match run.state() {
        RunState::Paused | RunState::Running => advice.push(format!("`band resume {id}` goes on")),
        RunState::OverBudget => {
            let limit = run.time_used(run.last_at()).1.unwrap_or_default();
            advice.push(format!(
                "its time of {} is used up; `band resume {id} --time {}` gives it more",
                brief(limit),
                twice(limit)
            ));
        }
        _ => {}
    }
    if run.is_over() && folder.run(id).plan_file().exists() {
        advice.push(format!("its papers are in {}/", config::shown(folder.run(id).path())));
    }
    advice
}

/// Twice as long, as it is typed: `16h`, `90m`, `40s`.
fn twice(limit: Millis) -> String {
    let seconds = (limit.0 * 2).div_ceil(1_000);
    match () {
        () if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        () if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        () => format!("{seconds}s"),
    }
}
