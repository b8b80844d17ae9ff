//! The sign in front of a task, its state in a word, and the few figures that several panes show of it.

use anstyle::Style;
use bandleader_core::view::{spent, when};
use bandleader_core::{AttemptId, Millis, Run, TaskId, TaskState};

use crate::render::live::Scene;
use crate::render::style::{ACTIVE, ALERT, BAD, GOOD, QUIET, paint};
use crate::render::text::{clean, width};

/// Sign, word and look of a task's state. The word says it all: colour and sign only repeat it.
pub(crate) fn state(run: &Run, id: TaskId) -> (&'static str, &'static str, Style) {
    match &run.task(id).state {
        TaskState::Blocked { .. } if is_question(run, id) => ("?", "asks you", ALERT),
        TaskState::Pending => ("·", "waiting", QUIET),
        TaskState::Ready { .. } => ("○", "ready", Style::new()),
        TaskState::BackingOff { .. } => ("↻", "again", ALERT),
        TaskState::Running { .. } => ("●", "running", ACTIVE),
        TaskState::Reviewing { .. } => ("●", "reviewing", ACTIVE),
        TaskState::Failing | TaskState::Failed { .. } => ("✗", "failed", BAD),
        TaskState::Blocked { .. } => ("!", "blocked", ALERT),
        TaskState::Completed { .. } => ("✓", "done", GOOD),
        TaskState::Skipped { .. } => ("-", "skipped", QUIET),
        TaskState::Cancelled { .. } => ("×", "cancelled", ALERT),
        TaskState::Compensated { .. } => ("×", "undone", ALERT),
    }
}

/// The sign with its colour.
pub(super) fn sign(run: &Run, id: TaskId) -> String {
    let (sign, _, style) = state(run, id);
    paint(style, sign)
}

/// Whether people do it, by deciding.
fn is_question(run: &Run, id: TaskId) -> bool {
    run.plan().task(id).question().is_some()
}

/// Who does it: the agent, `people` or `command`.
pub(super) fn doer(run: &Run, id: TaskId) -> String {
    if is_question(run, id) {
        return "people".into();
    }
    run.agent_of(id).map_or_else(|| "command".into(), |name| clean(name).into_owned())
}

/// How long it runs, or its last attempt took; none while nothing of it runs.
pub(super) fn took(scene: &Scene<'_>, id: TaskId) -> Option<Millis> {
    let task = scene.run.task(id);
    let is_at_work = matches!(task.state, TaskState::Running { .. } | TaskState::Reviewing { .. });
    let end = if is_at_work { Some(scene.now) } else { task.state.over_at() };
    Some(end?.since(task.past().attempt_started?))
}

/// `45s`, `12m`, `1h 10m`: without the parts that nobody reads beside larger ones; rounded up.
pub(super) fn short(length: Millis) -> String {
    let unit = match length.0 {
        0..60_000 => 1_000,
        60_000..36_000_000 => 60_000,
        _ => 3_600_000,
    };
    let rounded = Millis(length.0.div_ceil(unit) * unit);
    if rounded.0 == 0 { "0s".into() } else { when::length(rounded) }
}

/// The widest name of an agent; nothing where a plan has none, and all that is done is commands.
pub(super) fn agent_columns(run: &Run, most: usize) -> usize {
    let names = run.plan().agents.keys().map(|name| width(&clean(name)));
    names.max().map_or(0, |widest| widest.clamp(7, most))
}

/// What it cost so far; empty where nothing is known.
pub(super) fn cost(scene: &Scene<'_>, id: TaskId) -> String {
    let run = scene.run;
    let counted = run.spent_on(id);
    let attempt = AttemptId { task: id, number: run.task(id).attempts };
    // The side channel is ahead of the log.
    let seen = scene.activities.get(&id).map(|activity| activity.spending).unwrap_or_default();
    let ahead = seen.cost.unwrap_or(0).saturating_sub(run.spent_so_far(attempt).cost.unwrap_or(0));
    match counted.cost.or(seen.cost) {
        Some(cost) => spent::money(if counted.cost.is_some() { cost + ahead } else { cost }),
        None => String::new(),
    }
}

/// How far a running task is, in percent: as its agent says, else by the plan's estimate; none where neither is known.
pub(super) fn percent(scene: &Scene<'_>, id: TaskId) -> Option<u64> {
    if let Some(said) = scene.activities.get(&id).and_then(|activity| activity.percent) {
        return Some(u64::from(said));
    }
    let estimate = scene.run.plan().task(id).estimate.filter(|length| length.0 > 0)?;
    Some(took(scene, id)?.0.saturating_mul(100) / estimate.0)
}

/// `████████░░ 80 %`, `██████████ over`; blanks where nothing is known.
pub(super) fn bar(percent: Option<u64>, cells: usize) -> String {
    let Some(percent) = percent else { return format!("{:blank$}", "", blank = cells + 6) };
    let full = usize::try_from(percent).unwrap_or(usize::MAX).saturating_mul(cells).div_euclid(100).min(cells);
    let style = if percent > 100 { ALERT } else { ACTIVE };
    let share = if percent > 100 { " over".into() } else { format!("{percent:>3} %") };
    format!("{}{} {share}", paint(style, "█".repeat(full)), paint(QUIET, "░".repeat(cells - full)))
}

/// `~3m`: what is left; `+4m`: by how much it is over; empty without an estimate.
pub(super) fn left(scene: &Scene<'_>, id: TaskId) -> String {
    let Some(estimate) = scene.run.plan().task(id).estimate.filter(|length| length.0 > 0) else { return String::new() };
    let Some(took) = took(scene, id) else { return String::new() };
    if took > estimate {
        return format!("+{}", short(Millis(took.0 - estimate.0)));
    }
    format!("~{}", short(Millis(estimate.0 - took.0)))
}
