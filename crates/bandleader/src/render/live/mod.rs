//! The live view of a run: one screen that answers, in this order, what needs me, is it going well, what is happening.
//!
//! `frame` is a pure function of the run and the time, so that it can be tested as text; `Painter` puts frames on a
//! terminal in place. Called by `band run`, `band watch` and, for a single frame, `band status`.

mod outlook;
mod painter;
mod phases;
mod talk;
mod tasks;
#[cfg(test)]
mod tests;

use bandleader_core::plan::Work;
use bandleader_core::{Asker, Millis, Run, RunState, TaskId, Timestamp};

pub(crate) use outlook::{Outlook, lengths, outlook};
pub(crate) use painter::Painter;
pub(crate) use phases::bars;
pub(crate) use talk::Activities;
pub(crate) use tasks::notes;

use super::milestones;
use super::style::{ACTIVE, ALERT, BAD, GOOD, QUIET, STRONG, paint};
use super::text::{clean, clip, fit, width};
use super::when::span;
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
    /// What those at work do now, as far as is known.
    pub activities: &'a Activities,
    /// Whether anybody drives it.
    pub engine: Presence,
}

impl Scene<'_> {
    /// The time by the clocks of open questions: they stand while no engine is there.
    pub(crate) fn asking_now(&self) -> Timestamp {
        if self.engine == Presence::Gone { self.run.last_at() } else { self.now }
    }
}

/// Whether a run has an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It has one.
    Here,
    /// Its engine is gone, though it is not over.
    Gone,
}

/// Columns and rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Columns.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
}

/// Fewer rows than these, and all goes into what runs.
const LOW: usize = 14;

/// Lines, each at most as wide as `size` says, at most as many as its rows; with colours.
pub(crate) fn frame(scene: &Scene<'_>, size: Size) -> Vec<String> {
    let most = if size.rows < 16 { 1 } else { 3 };
    below(scene, size, phases::bars(scene.run, size.columns.saturating_sub(1), most))
}

/// The same where phases are told of elsewhere.
pub(crate) fn frame_without_bars(scene: &Scene<'_>, size: Size) -> Vec<String> {
    below(scene, size, Vec::new())
}

fn below(scene: &Scene<'_>, size: Size, bars: Vec<String>) -> Vec<String> {
    let columns = size.columns.saturating_sub(1);
    let outlook = outlook(scene.run, scene.lengths, scene.now);
    let mut lines = vec![headline(scene, &outlook, columns)];
    let low = size.rows < LOW;
    lines.extend(bars);
    let paths = if low { Vec::new() } else { paths(scene, &outlook, columns) };
    let foot = foot(scene, columns);
    let gaps = if low { 0 } else { 2 };
    let room = size.rows.saturating_sub(lines.len() + paths.len() + foot.len() + gaps + 1);
    let tasks = tasks::lines(scene, columns, room);
    for block in [tasks, [paths, foot].concat()] {
        if !low && !block.is_empty() {
            lines.push(String::new());
        }
        lines.extend(block);
    }
    lines.truncate(size.rows.saturating_sub(1).max(1));
    lines.into_iter().map(|line| clip(&line, columns)).collect()
}

/// ` Low-stock alerts   k3v9 · level 3 · 1:12:40 · ends 14:20-15:05`; in a narrow window the least telling facts go first.
fn headline(scene: &Scene<'_>, outlook: &Outlook, columns: usize) -> String {
    let run = scene.run;
    let (used, limit) = run.time_used(scene.now);
    let time = limit.map_or_else(|| clock(used), |limit| format!("{} of {}", clock(used), clock(limit)));
    let ends = outlook.finish.filter(|_| scene.engine == Presence::Here);
    let ends = ends.map(|(first, last)| format!("ends {}", span(first, last, scene.now)));
    let level = format!("level {}", run.level());
    let mut facts: Vec<String> = [Some(scene.id.to_owned()), Some(level), Some(time)].into_iter().flatten().collect();
    facts.extend(talk::usage(run, columns));
    facts.extend(ends);
    let (words, style) = match (run.state(), scene.engine) {
        (RunState::Running, Presence::Here) => ("", ACTIVE),
        (RunState::Running | RunState::Waiting, Presence::Gone) => ("interrupted", ALERT),
        (state, _) => (state_words(state), state_style(state)),
    };
    let state = if words.is_empty() { String::new() } else { format!("  {words}") };
    let mission = clean(&run.plan().mission);
    let wanted = width(&mission).min(columns / 3);
    for least_telling in [1, 0, 1, 1] {
        let used: usize = facts.iter().map(|fact| width(fact) + 3).sum();
        if used + width(&state) + wanted + 2 > columns && facts.len() > 1 {
            facts.remove(least_telling.min(facts.len() - 1));
        }
    }
    let facts = facts.join(" · ");
    let room = columns.saturating_sub(width(&facts) + width(&state) + 4);
    let mission = fit(&mission, room.max(8));
    format!(" {}{}   {}", paint(STRONG, mission), paint(style, state), paint(QUIET, facts))
}

/// The critical path and what is next.
fn paths(scene: &Scene<'_>, outlook: &Outlook, columns: usize) -> Vec<String> {
    let plan = scene.run.plan();
    let line = |label: &str, ids: &[TaskId], between: &str| {
        let names: Vec<String> = ids.iter().take(40).map(|id| within_phase(plan, *id)).collect();
        let names = fit(&names.join(between), columns.saturating_sub(16)).into_owned();
        (!ids.is_empty()).then(|| format!("{}{names}", paint(QUIET, format_args!(" {label:<14}"))))
    };
    let critical = line("critical path", &outlook.critical, " → ");
    let milestone = milestones::next(scene.run, scene.now).map(|words| {
        let words = fit(&words, columns.saturating_sub(16)).into_owned();
        format!("{}{words}", paint(QUIET, format_args!(" {:<14}", "milestone")))
    });
    critical.into_iter().chain(line("next", &outlook.next, ", ")).chain(milestone).collect()
}

/// Counts, and what can be done: on a line of its own where both do not fit.
fn foot(scene: &Scene<'_>, columns: usize) -> Vec<String> {
    let mut counts = counts(scene.run);
    let wide =
        |counts: &[Count]| counts.iter().map(|(word, number, _)| word.len() + 1 + number.to_string().len() + 3).sum();
    if wide(&counts) > columns {
        counts.retain(|(_, number, _)| *number > 0);
    }
    let used: usize = wide(&counts);
    let shown = counts.iter().map(|(word, number, style)| format!("{word} {}", paint(*style, number)));
    let shown = format!(" {}", shown.collect::<Vec<_>>().join("   "));
    let hint = width(scene.hint);
    // The last count has no blanks behind it, and the line begins with one.
    match (columns + 2).checked_sub(used + hint) {
        Some(gap) if gap >= 2 => vec![format!("{shown}{:gap$}{}", "", paint(QUIET, scene.hint))],
        _ if hint == 0 => vec![shown],
        _ => vec![shown, format!(" {}", paint(QUIET, fit(scene.hint, columns.saturating_sub(1))))],
    }
}

/// A word, how many, and how the number looks.
pub(crate) type Count = (&'static str, u32, anstyle::Style);

/// How many tasks are in which state: the usual four, and whatever else there is.
pub(crate) fn counts(run: &Run) -> Vec<Count> {
    let counts = run.counts();
    let asking = run.open_decisions().filter(|(_, open)| matches!(open.asker, Asker::Task { .. })).count();
    let asking = u32::try_from(asking).unwrap_or(u32::MAX);
    let plain = anstyle::Style::new();
    let all = [
        ("done", counts.completed, if counts.completed > 0 { GOOD } else { plain }),
        ("running", counts.running + counts.reviewing, if counts.running > 0 { ACTIVE } else { plain }),
        ("waiting", counts.pending + counts.ready, plain),
        ("asking you", asking, ALERT),
        ("blocked", counts.blocked.saturating_sub(asking), ALERT),
        ("skipped", counts.skipped.saturating_sub(left_out(run)), plain),
        ("cancelled", counts.cancelled, ALERT),
        ("undone", counts.compensated, ALERT),
        ("failed", counts.failed, if counts.failed > 0 { BAD } else { plain }),
    ];
    let always = ["done", "running", "waiting", "failed"];
    all.into_iter().filter(|(word, number, _)| *number > 0 || always.contains(word)).collect()
}

/// Tasks that the level leaves out, which were never to be done.
pub(crate) fn left_out(run: &Run) -> u32 {
    let left = run.plan().tasks.iter().filter(|task| task.work == Work::Left && task.is_real()).count();
    u32::try_from(left).unwrap_or(u32::MAX)
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
