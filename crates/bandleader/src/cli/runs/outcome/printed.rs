//! What a failed task printed at its end: a few lines for a screen, more of them where lines are kept (`--plain`, CI). Masked as every
//! output is, escaped, and never more than fits.

use bandleader_core::{AttemptId, Event, JobId, Recorded, Run, RunId, Step, TaskId, Verdict};
use bandleader_engine::folder::Folder;

use crate::render::log::{Lines, Naming, Voice};
use crate::render::style::{QUIET, paint};
use crate::render::text::{clean, count, fit};
use crate::render::words::is_conflict;

/// Lines of each on a screen, and columns of each line.
const LAST: usize = 3;
const WIDE: usize = 160;
/// The same where lines are kept and scrolled.
const LAST_KEPT: usize = 20;
const WIDE_KEPT: usize = 400;

/// A task whose last try has just failed, for good or until somebody has said how it goes on.
pub(in crate::cli::runs) fn just_failed(run: &Run, recorded: &Recorded) -> Option<TaskId> {
    let (Event::TaskFailed { task, .. } | Event::TaskBlocked { task, .. }) = recorded.event else { return None };
    let has_failed = run.task(task).attempts > 0 && run.task(task).past().failure.is_some();
    (has_failed && !is_conflict(run, task)).then_some(task)
}

/// The last lines that the failed step of a task printed.
pub(in crate::cli::runs) fn last_word(folder: &Folder, id: &RunId, run: &Run, task: TaskId) -> Vec<String> {
    let (lines, _) = end(folder, id, run, task, LAST);
    let lines = lines.into_iter().filter(|line| !line.trim().is_empty());
    lines.map(|line| paint(QUIET, format_args!("    {}", fit(&line, WIDE)))).collect()
}

/// More of them, with where all of it is. Nothing where nothing was printed.
pub(in crate::cli::runs) fn whole(folder: &Folder, id: &RunId, run: &Run, task: TaskId) -> Vec<String> {
    let (mut lines, all) = end(folder, id, run, task, LAST_KEPT);
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    if lines.is_empty() {
        return lines;
    }
    let first = if all > lines.len() {
        let (path, all) = (clean(&run.plan().task(task).path), count(all, "line"));
        format!("    the last {} of {all} that it printed; all of it: `band logs {path} --run {id}`", lines.len())
    } else {
        "    it printed:".into()
    };
    std::iter::once(paint(QUIET, first))
        .chain(lines.iter().map(|line| format!("    | {}", fit(line, WIDE_KEPT))))
        .collect()
}

/// The last lines of the step that failed, without colours, and how many there are in all.
fn end(folder: &Folder, id: &RunId, run: &Run, task: TaskId, most: usize) -> (Vec<String>, usize) {
    let attempt = AttemptId { task, number: run.task(task).attempts };
    let gates = &run.task(task).past().gates;
    let step = match gates.iter().rposition(|gate| gate.verdict == Verdict::Refused) {
        Some(gate) => Step::Gate(u32::try_from(gate).unwrap_or_default()),
        None => Step::Work,
    };
    let job = JobId { attempt, step };
    let voice = Voice { naming: Naming::Bare, stream: None };
    let mut printed = Lines::new(folder.run(id).path(), job, String::new(), voice);
    let lines = printed.end(most).unwrap_or_default();
    (lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect(), printed.seen())
}
