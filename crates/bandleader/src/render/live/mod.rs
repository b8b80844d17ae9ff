//! The live view of a run: one screen that answers, in this order, what needs me, is it going well, what is happening.
//!
//! `frame` is a pure function of the run and the time, so that it can be tested as text; `Painter` puts frames on a
//! terminal in place. Called by `band run`, `band watch` and, for a single frame, `band status`.

mod outlook;
mod painter;
mod phases;
mod tasks;
#[cfg(test)]
mod tests;

use bandleader_core::{Millis, Run, RunState, TaskId, Timestamp};

pub(crate) use outlook::{Outlook, lengths, outlook};
pub(crate) use painter::Painter;

use super::style::{ACTIVE, ALERT, BAD, GOOD, QUIET, STRONG, paint};
use super::text::{clean, fit, width};
use super::when::local;
use super::words::{clock, within_phase};

/// What a frame is drawn from.
pub(crate) struct Scene<'a> {
    /// The run's id.
    pub id: &'a str,
    /// The run.
    pub run: &'a Run,
    /// `lengths` of it.
    pub lengths: &'a [Millis],
    /// The time.
    pub now: Timestamp,
    /// What the person can do from here: the last line.
    pub hint: &'a str,
}

/// Columns and rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Columns.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
}

/// Lines, each at most as wide as `size` says, at most as many as its rows; with colours.
pub(crate) fn frame(scene: &Scene<'_>, size: Size) -> Vec<String> {
    let columns = size.columns.saturating_sub(1);
    let outlook = outlook(scene.run, scene.lengths, scene.now);
    let mut lines = vec![headline(scene, &outlook, columns)];
    let bars = phases::bars(scene.run, columns, if size.rows < 16 { 1 } else { 3 });
    let foot = foot(scene, &outlook, columns);
    let room = size.rows.saturating_sub(lines.len() + bars.len() + foot.len() + 3);
    let tasks = tasks::lines(scene, columns, room);
    lines.extend(bars);
    for block in [tasks, foot] {
        if !block.is_empty() {
            lines.push(String::new());
            lines.extend(block);
        }
    }
    lines.truncate(size.rows.saturating_sub(1).max(1));
    lines
}

/// ` Low-stock alerts   k3v9 · level 3 · 1:12:40 · ends 14:20-15:05`
fn headline(scene: &Scene<'_>, outlook: &Outlook, columns: usize) -> String {
    let run = scene.run;
    let (used, limit) = run.time_used(scene.now);
    let time = limit.map_or_else(|| clock(used), |limit| format!("{} of {}", clock(used), clock(limit)));
    let mut facts = vec![scene.id.to_owned(), format!("level {}", run.plan().level), time];
    if let Some((first, last)) = outlook.finish {
        let (first, last) = (local(first, scene.now), local(last, scene.now));
        facts.push(if first == last { format!("ends {first}") } else { format!("ends {first}-{last}") });
    }
    let facts = facts.join(" · ");
    let state = match run.state() {
        RunState::Running => String::new(),
        other => format!("  {}", state_words(other)),
    };
    let room = columns.saturating_sub(width(&facts) + width(&state) + 4);
    let mission = fit(&clean(&run.plan().mission), room.max(12)).into_owned();
    let state = paint(state_style(run.state()), state);
    format!(" {}{state}   {}", paint(STRONG, mission), paint(QUIET, facts))
}

/// Critical path, what is next, counts and what can be done.
fn foot(scene: &Scene<'_>, outlook: &Outlook, columns: usize) -> Vec<String> {
    let plan = scene.run.plan();
    let names = |ids: &[TaskId], between: &str, room: usize| {
        let names: Vec<String> = ids.iter().take(40).map(|id| within_phase(plan, *id)).collect();
        fit(&names.join(between), room).into_owned()
    };
    let mut lines = Vec::new();
    let label = |text: &str| paint(QUIET, format_args!(" {text:<14}"));
    let room = columns.saturating_sub(16);
    if !outlook.critical.is_empty() {
        lines.push(format!("{}{}", label("critical path"), names(&outlook.critical, " → ", room)));
    }
    if !outlook.next.is_empty() {
        lines.push(format!("{}{}", label("next"), names(&outlook.next, ", ", room)));
    }
    let counts = counts(scene.run);
    let used: usize = counts.iter().map(|(word, number, _)| word.len() + 1 + number.to_string().len() + 3).sum();
    let shown = counts.iter().map(|(word, number, style)| format!("{word} {}", paint(*style, number)));
    let hint = fit(scene.hint, columns.saturating_sub(used + 2)).into_owned();
    // The last count has no blanks behind it, and the line begins with one.
    let gap = (columns + 2).saturating_sub(used + width(&hint)).max(1);
    lines.push(format!(" {}{:gap$}{}", shown.collect::<Vec<_>>().join("   "), "", paint(QUIET, hint)));
    lines
}

fn counts(run: &Run) -> Vec<(&'static str, u32, anstyle::Style)> {
    let counts = run.counts();
    let plain = anstyle::Style::new();
    let all = [
        ("done", counts.completed, if counts.completed > 0 { GOOD } else { plain }),
        ("running", counts.running + counts.reviewing, if counts.running > 0 { ACTIVE } else { plain }),
        ("waiting", counts.pending + counts.ready, plain),
        ("blocked", counts.blocked, ALERT),
        ("skipped", counts.skipped, plain),
        ("cancelled", counts.cancelled, ALERT),
        ("undone", counts.compensated, ALERT),
        ("failed", counts.failed, if counts.failed > 0 { BAD } else { plain }),
    ];
    let always = ["done", "running", "waiting", "failed"];
    all.into_iter().filter(|(word, number, _)| *number > 0 || always.contains(word)).collect()
}

/// A run's state in people's words.
pub(crate) fn state_words(state: RunState) -> &'static str {
    match state {
        RunState::SucceededWithOverrides => "succeeded with overrides",
        RunState::OverBudget => "over budget",
        RunState::RateLimited => "rate limited",
        RunState::Waiting => "waiting for people",
        other => other.name(),
    }
}

/// And how it looks.
pub(crate) fn state_style(state: RunState) -> anstyle::Style {
    match state {
        RunState::Running => ACTIVE,
        RunState::Succeeded | RunState::SucceededWithOverrides => GOOD,
        RunState::Failed | RunState::OverBudget => BAD,
        RunState::Waiting | RunState::Paused | RunState::Cancelled | RunState::RateLimited => ALERT,
    }
}
