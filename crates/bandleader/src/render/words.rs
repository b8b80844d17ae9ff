//! How lengths, sizes and paths are said, everywhere alike.

use std::borrow::Cow;

use bandleader_core::plan::{FailureClass, GroupKind};
use bandleader_core::{Millis, Plan, Run, TaskId};

use super::text::{clean, count};

/// `2 phases, 14 tasks`, safe to show.
pub(crate) fn size(plan: &Plan) -> String {
    let phases = plan.groups.iter().filter(|group| group.kind == GroupKind::Phase).count();
    let tasks = plan.tasks.iter().filter(|task| task.is_real()).count();
    let tasks = count(tasks, "task");
    if phases > 0 { format!("{}, {tasks}", count(phases, "phase")) } else { tasks }
}

/// An estimate in as few words as it takes: `45 s`, `20 m`, `1 h 30 m`, `2 d`.
pub(crate) fn brief(length: Millis) -> String {
    let text = length.to_string();
    if length == Millis(0) {
        return "0".into();
    }
    for (tail, short) in [(" m 00 s", " m"), (" h 00 m", " h"), (" d 00 h", " d"), (".0 s", " s")] {
        if let Some(head) = text.strip_suffix(tail) {
            return format!("{head}{short}");
        }
    }
    text
}

/// A task's path without its phase's name in front, safe to show.
pub(crate) fn within_phase(plan: &Plan, id: TaskId) -> String {
    let path = plan.task(id).path.as_str();
    let phase = plan.phase_of(id).map(|group| plan.group(group).path.as_str());
    let short = phase.and_then(|phase| path.strip_prefix(phase)?.strip_prefix('.')).unwrap_or(path);
    // Every phase may have a check-in.
    let is_common = short == "check-in" || short == "check-in-before";
    clean(if is_common { path } else { short }).into_owned()
}

/// A length as a clock shows it: `0:07`, `12:05`, `3:07:09`. For columns of changing numbers.
pub(crate) fn clock(length: Millis) -> String {
    let seconds = length.0 / 1_000;
    match seconds {
        0..3_600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60),
    }
}

/// Whether a task is blocked because its work clashes with that of others.
pub(crate) fn is_conflict(run: &Run, task: TaskId) -> bool {
    run.task(task).past().failure.as_ref().is_some_and(|failure| failure.0 == FailureClass::Conflict)
}

/// Why a task is blocked, in one line: what to do about a conflict takes several, which `band status` shows.
pub(crate) fn why_blocked<'a>(run: &Run, task: TaskId, why: &'a str) -> Cow<'a, str> {
    let short = if is_conflict(run, task) { why.split_once("; ").map_or(why, |(short, _)| short) } else { why };
    clean(short)
}
