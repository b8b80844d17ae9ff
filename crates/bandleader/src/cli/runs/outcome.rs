//! How a run ended: the last words after a view, and the exit code.

mod advice;
mod printed;

use advice::advice;
use bandleader_core::plan::FailureClass;
use bandleader_core::{BranchMerge, Run, RunId, RunState, SkipReason, TaskId, TaskState, Verdict};
use bandleader_engine::engine::Engine;
use bandleader_engine::folder::Folder;
use bandleader_engine::workspace::{run_branch, task_tree};
pub(super) use printed::{just_failed, last_word, whole};

use super::Seeing;
use crate::config;
use crate::error::{Exit, Failure, with_causes};
use crate::render::live::{left_out, state_style, state_words};
use crate::render::screen::Screen;
use crate::render::style::{ACTIVE, ALERT, BAD, GOOD, QUIET, STRONG, paint};
use crate::render::summary;
use crate::render::text::{clean, count, width};
use crate::render::words::{brief, is_conflict, why_blocked};
use crate::render::wrap::{hang, hang_coloured, wrap};

/// Failed tasks told one by one at most.
const TOLD: usize = 10;

/// The exit code of a run as it is (SPEC, "Exit codes"). One that stops short of its end was interrupted.
pub(super) fn exit_of(run: &Run) -> Exit {
    match run.state() {
        RunState::Succeeded | RunState::SucceededWithOverrides if is_unmerged(run) => Exit::Refused,
        RunState::Succeeded | RunState::SucceededWithOverrides => Exit::Succeeded,
        RunState::Failed if all_refused(run) => Exit::Refused,
        RunState::Failed => Exit::TasksFailed,
        RunState::Cancelled | RunState::Paused | RunState::Running => Exit::Cancelled,
        RunState::OverBudget => Exit::OverBudget,
        RunState::Waiting => Exit::Waiting,
        RunState::RateLimited => Exit::RateLimited,
    }
}

/// Whether a merge was wanted for when it has succeeded, and was refused.
fn is_unmerged(run: &Run) -> bool {
    let last = run.merged_into().iter().rev().find(|merge| Some(merge.branch.as_str()) == run.merge_wanted());
    last.is_some_and(|merge| merge.verdict == Verdict::Refused)
}

/// Whether every failure that spoils the run was a gate's.
fn all_refused(run: &Run) -> bool {
    let plan = run.plan();
    let needed = plan.ids().filter(|id| plan.task(*id).is_real() && !plan.task(*id).optional);
    let mut spoiled = needed
        .filter_map(|id| match &run.task(id).state {
            TaskState::Failed { class, .. } => Some(*class == FailureClass::Gate),
            TaskState::Cancelled { .. } | TaskState::Skipped { reason: SkipReason::BadCondition { .. }, .. } => {
                Some(false)
            }
            _ => None,
        })
        .peekable();
    spoiled.peek().is_some() && spoiled.all(|refused| refused)
}

/// What to say when the files of a run that was driven are not what its log says.
pub(super) fn files_behind(engine: &Engine) -> Option<String> {
    let words = clean(&with_causes(engine.files_behind()?)).into_owned();
    Some(format!("{} {words}", paint(ALERT, "warning:")))
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
    let lines = last_words(folder, id, run, screen.text_width());
    for line in lines {
        if seeing.json { screen.note(&line) } else { screen.line(&line)? }
    }
    Ok(())
}

fn blocked(run: &Run) -> impl Iterator<Item = TaskId> {
    run.plan().ids().filter(|id| matches!(run.task(*id).state, TaskState::Blocked { .. }))
}

/// What a person wants to know at the end.
fn last_words(folder: &Folder, id: &RunId, run: &Run, columns: usize) -> Vec<String> {
    let plan = run.plan();
    let state = paint(state_style(run.state()), state_words(run.state()));
    let took = brief(run.last_at().since(run.created()));
    let mission = clean(&plan.mission);
    let ended = format!("run {id} {state} after {took}");
    let wide = width(&mission) + 2 + width(&anstream::adapter::strip_str(&ended).to_string());
    let mut lines = if wide <= columns {
        vec![format!("{}  {ended}", paint(STRONG, mission))]
    } else {
        let mission = wrap(&mission, columns, usize::MAX);
        mission.into_iter().map(|line| paint(STRONG, line)).chain([ended]).collect()
    };
    let counts = run.counts();
    let left = left_out(run);
    let all = [
        (counts.completed, "completed", GOOD),
        (counts.failed, "failed", BAD),
        (counts.skipped.saturating_sub(left), "skipped", QUIET),
        (counts.cancelled, "cancelled", ALERT),
        (counts.blocked, "blocked", ALERT),
        (counts.compensated, "undone", ALERT),
        (counts.pending + counts.ready, "not begun", QUIET),
        (counts.running + counts.reviewing, "still running", ACTIVE),
    ];
    let some = all.iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<String> = some.map(|(number, word, style)| paint(*style, format_args!("{number} {word}"))).collect();
    let out = if left > 0 { format!("; level {} leaves out {left}", plan.level) } else { String::new() };
    let total = counts.total.saturating_sub(left) as usize;
    lines.push(format!("{}: {}{out}", count(total, "task"), parts.join(", ")));
    lines.extend(troubles(folder, id, run));
    for task in plan.ids() {
        let done = matches!(run.task(task).state, TaskState::Completed { .. });
        if let Some(because) = run.task(task).past().accepted.as_ref().filter(|_| done) {
            let path = clean(&plan.task(task).path);
            lines.push(format!("  {} {path} was accepted by a person: {}", paint(ALERT, "!"), clean(because)));
        }
    }
    lines.extend(summary::lines(run));
    let made = made(run);
    if !made.is_empty() {
        lines.extend(hang("made: ", 6, &made.join(", "), columns));
    }
    // Commands in these are broken between words, not within.
    let ways = branch(id, run).into_iter().chain(advice(folder, id, run).into_iter().map(|line| paint(QUIET, line)));
    lines.extend(ways.flat_map(|line| hang_coloured(&line, 2, columns)));
    lines
}

/// What went wrong, task by task, with the last lines that each printed.
pub(super) fn troubles(folder: &Folder, id: &RunId, run: &Run) -> Vec<String> {
    let plan = run.plan();
    let mut lines = Vec::new();
    for task in blocked(run).take(TOLD) {
        let TaskState::Blocked { why, .. } = &run.task(task).state else { continue };
        let path = clean(&plan.task(task).path);
        if let (Some((number, open)), Some(_)) = (run.question_about(task), plan.task(task).question()) {
            let (mark, text) = (paint(ALERT, "?"), clean(&open.question.text));
            lines.push(format!("  {mark} {path} waits for an answer to question {number}: {text}"));
            continue;
        }
        let waits = format!("  {} {path} waits for a person:", paint(ALERT, "!"));
        if is_conflict(run, task) {
            // What to do about it stands below, as commands to copy.
            lines.push(format!("{waits} {}", why_blocked(run, task, why)));
            lines.extend(settling(folder, id, run, task));
        } else {
            lines.push(format!("{waits} {}", clean(why)));
            lines.extend(last_word(folder, id, run, task));
        }
    }
    let failed: Vec<TaskId> = failed(run).collect();
    for task in failed.iter().take(TOLD) {
        let why =
            run.task(*task).past().failure.as_ref().map(|failure| clean(&failure.1).into_owned()).unwrap_or_default();
        lines.push(format!("  {} {}: {why}", paint(BAD, "✗"), clean(&plan.task(*task).path)));
        lines.extend(last_word(folder, id, run, *task));
    }
    if failed.len() > TOLD {
        lines.push(format!("  {} and {} more", paint(BAD, "✗"), failed.len() - TOLD));
    }
    lines
}

/// The two ways out of a conflict.
fn settling(folder: &Folder, id: &RunId, run: &Run, task: TaskId) -> [String; 3] {
    let (path, branch) = (clean(&run.plan().task(task).path), run_branch(id));
    let tree = config::shown(&task_tree(folder.run(id).path(), task, &path));
    // As a shell takes it.
    let is_plain = tree.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let tree = if is_plain { tree } else { format!("'{}'", tree.replace('\'', r"'\''")) };
    let again = if run.agent_of(task).is_some() { "or have its agent do it" } else { "or have it done again" };
    [
        format!("      {:<26}cd {tree} && git merge {branch}", "settle it by hand:"),
        format!("      {:<26}band resolve {path} --run {id}", "when its files are right:"),
        format!("      {:<26}band retry {path} --run {id}", format!("{again}:")),
    ]
}

/// Where the work of tasks in worktrees is, and how it is had, or what it was merged into.
pub(super) fn branch(id: &RunId, run: &Run) -> Vec<String> {
    let landed = run.plan().ids().filter(|id| run.task(*id).past().landed.is_some()).count();
    if landed == 0 {
        return Vec::new();
    }
    let (branch, tasks) = (run_branch(id), count(landed, "task"));
    let mut lines: Vec<String> = run.merged_into().iter().rev().take(1).map(merge_line).collect();
    let is_merged = run.merged_into().iter().any(|merge| merge.verdict == Verdict::Passed);
    let wanted = run.merge_wanted().filter(|_| !run.is_over()).map(clean);
    lines.push(match (is_merged, wanted) {
        (true, _) => format!("work of {tasks} is on the branch {branch}"),
        (false, Some(into)) => {
            format!("work of {tasks} is on the branch {branch}, to be merged into {into} when the run has succeeded")
        }
        (false, None) => format!(
            "work of {tasks} is on the branch {branch}; `git merge {branch}` brings it into yours, or `band merge {id}`"
        ),
    });
    lines
}

fn merge_line(merge: &BranchMerge) -> String {
    let mark = if merge.verdict == Verdict::Passed { paint(GOOD, "✓") } else { paint(ALERT, "!") };
    format!("{mark} {}", merge_words(merge))
}

/// What came of a merge: `merged into main (fast-forward, now at 0123456789ab)`, or that nothing was changed and why.
pub(super) fn merge_words(merge: &BranchMerge) -> String {
    let (into, message) = (clean(&merge.branch), clean(&merge.message));
    match &merge.commit {
        Some(commit) => {
            let commit: String = commit.chars().take(12).collect();
            format!("merged into {into} ({message}, now at {commit})")
        }
        None => format!("not merged into {into}, and nothing was changed: {message}"),
    }
}

/// Deliverables of completed tasks, a few of them; what tasks left for each other in the state folder is not among them.
fn made(run: &Run) -> Vec<String> {
    let plan = run.plan();
    let done = plan.ids().filter(|id| matches!(run.task(*id).state, TaskState::Completed { .. }));
    let reports = done.filter_map(|id| run.task(id).past().report.as_ref());
    let inner = format!("{}/", bandleader_engine::folder::NAME);
    let delivered = reports.flat_map(|report| &report.delivered).filter(|one| !one.path.starts_with(&inner));
    let paths: Vec<String> = delivered.map(|one| clean(&one.path).into_owned()).collect();
    let more = paths.len().saturating_sub(TOLD);
    let more = (more > 0).then(|| format!("and {more} more"));
    paths.into_iter().take(TOLD).chain(more).collect()
}
