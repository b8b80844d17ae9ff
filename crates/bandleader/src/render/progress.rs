//! How far a run is, in words: updates as it goes on, and the pieces that check-ins have in common with them.

use bandleader_core::view::check_in::{Ahead, Done, Progress};
use bandleader_core::view::phases::PhaseProgress;
use bandleader_core::view::update::{Found, Update};

use super::milestones;
use super::style::{ALERT, BAD, GOOD, QUIET, STRONG, paint};
use super::text::{clean, count, fit, pad, width};
use super::words::brief;
use super::wrap::hang;

/// Cells of a bar.
const BAR: usize = 20;
/// Columns of the longest title.
const TITLE: usize = 32;
/// Columns of a title, where there are few.
const LEAST: usize = 16;

/// An update as lines of at most `columns`, where text of people and agents is not a single long word; without its first line.
pub(crate) fn lines(update: &Update, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(update.completed.iter().flat_map(|one| done(one, columns)));
    lines.extend(update.undone.iter().flat_map(|one| undone(one, columns)));
    if update.more > 0 {
        lines.push(format!("  and {} before", count(update.more, "task")));
    }
    section(&mut lines, "Key findings", findings(&update.findings, columns));
    section(&mut lines, "Progress", bars(update, columns));
    section(&mut lines, "Milestones", milestones::lines(&update.milestones, columns));
    let running = (update.running > 0).then(|| {
        let more = if update.starting.is_empty() { "" } else { "more " };
        let (number, word) = (update.running, if update.running == 1 { "task" } else { "tasks" });
        format!("  · {number} {more}{word} at work")
    });
    let starting = update.starting.iter().flat_map(|one| ahead(one, columns)).chain(running).collect();
    section(&mut lines, if update.starting.is_empty() { "Now" } else { "Now starting" }, starting);
    section(&mut lines, "Decisions needed", questions(&update.decisions, columns));
    section(&mut lines, "Blockers", blockers(&update.blockers, columns));
    lines
}

/// What happened of late, for one look: below what says the rest.
pub(crate) fn lately(update: &Update, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let over = update.completed.iter().flat_map(|one| done(one, columns));
    let over = over.chain(update.undone.iter().flat_map(|one| undone(one, columns))).collect();
    section(&mut lines, "Lately", over);
    section(&mut lines, "Key findings", findings(&update.findings, columns));
    section(&mut lines, "Progress", bars(update, columns));
    section(&mut lines, "Milestones", milestones::lines(&update.milestones, columns));
    lines
}

/// `3 of 19 tasks completed, 1 failed, 14 m so far`: what an update begins with.
pub(crate) fn headline(progress: &Progress) -> String {
    let others = progress.over.saturating_sub(progress.completed);
    let others = if others > 0 { format!(", {others} over otherwise") } else { String::new() };
    let tasks = count(progress.tasks as usize, "task");
    format!("{} of {tasks} completed{others}, {} so far", progress.completed, brief(whole_seconds(progress.elapsed)))
}

/// A title and what stands below it; nothing where there is nothing.
pub(super) fn section(lines: &mut Vec<String>, title: &str, inner: Vec<String>) {
    if !inner.is_empty() {
        lines.push(paint(STRONG, title));
        lines.extend(inner);
    }
}

/// A task that is done.
pub(super) fn done(one: &Done, columns: usize) -> Vec<String> {
    over(one, &paint(GOOD, "✓"), columns)
}

/// One that is over without being done.
pub(super) fn undone(one: &Done, columns: usize) -> Vec<String> {
    over(one, &paint(BAD, "✗"), columns)
}

fn over(one: &Done, mark: &str, columns: usize) -> Vec<String> {
    let mut lines = whose(&format!("  {mark} "), &one.agent, &one.task, &one.what, columns);
    let said = one.said.iter().map(|words| clean(words).into_owned());
    let output: Vec<String> = one.delivered.iter().map(|path| clean(path).into_owned()).chain(said).collect();
    if !output.is_empty() {
        lines.extend(hang("      output: ", 8, &output.join("; "), columns));
    }
    if !one.metrics.is_empty() {
        let metric = |(name, value): &(String, String)| format!("{} {}", clean(name), clean(value));
        let metrics = one.metrics.iter().map(metric).collect::<Vec<_>>().join(", ");
        lines.extend(hang("      metrics: ", 8, &metrics, columns));
    }
    lines.extend(one.findings.iter().flat_map(|finding| hang("      found: ", 8, &clean(finding), columns)));
    lines
}

/// A task that is not over.
pub(super) fn ahead(one: &Ahead, columns: usize) -> Vec<String> {
    let expected = one.expected.map(|expected| format!(", about {}", brief(expected))).unwrap_or_default();
    let what = if expected.is_empty() { one.what.as_str() } else { one.what.trim_end_matches('.') };
    whose("  · ", &one.agent, &one.task, &format!("{what}{expected}"), columns)
}

/// Questions that are open.
pub(super) fn questions(decisions: &[(u32, String)], columns: usize) -> Vec<String> {
    let line = |(number, text): &(u32, String)| {
        let mark = format!("? {number}");
        let indent = mark.len() + 3;
        hang(&format!("  {} ", paint(ALERT, &mark)), indent, &clean(text), columns)
    };
    decisions.iter().flat_map(line).collect()
}

/// What stands in the way.
pub(super) fn blockers(blockers: &[String], columns: usize) -> Vec<String> {
    blockers.iter().flat_map(|one| hang(&format!("  {} ", paint(ALERT, "!")), 4, &clean(one), columns)).collect()
}

fn findings(findings: &[Found], columns: usize) -> Vec<String> {
    let several = findings.iter().any(|one| findings.first().is_some_and(|first| first.agent != one.agent));
    let line = |(number, one): (usize, &Found)| {
        let who = if several { format!("{}: ", clean(&one.agent)) } else { String::new() };
        hang(&format!("  {number:>2}. "), 6, &format!("{who}{}", clean(&one.text)), columns)
    };
    (1..).zip(findings).flat_map(line).collect()
}

/// Phases that are under way, and the whole, below each other.
fn bars(update: &Update, columns: usize) -> Vec<String> {
    let titles = update.phases.iter().map(|phase| width(&clean(&phase.title)));
    let room = columns.saturating_sub(2 + 2 + BAR + 2 + 7 + 24).clamp(LEAST, TITLE);
    let wide = titles.chain([width(OVERALL)]).max().unwrap_or_default().min(room);
    let mut lines: Vec<String> = update.phases.iter().map(|phase| phase_line(phase, wide)).collect();
    if update.to_come > 0 {
        lines.push(paint(QUIET, format_args!("  {} to come", count(update.to_come, "phase"))));
    }
    lines.push(overall(&update.progress, wide));
    lines
}

/// What the bar of the whole run is called.
const OVERALL: &str = "Overall";

/// `, 1 failed, 7 not done`; nothing where all was done so far.
pub(crate) fn not_done(phase: &PhaseProgress) -> String {
    let part = |number: usize, word: &str| if number > 0 { format!(", {number} {word}") } else { String::new() };
    part(phase.failed, "failed") + &part(phase.missed, "not done")
}

fn phase_line(phase: &PhaseProgress, wide: usize) -> String {
    let title = pad(&fit(&clean(&phase.title), wide), wide);
    let (share, tasks) = (percent(phase.over(), phase.total), count(phase.total, "task"));
    let failed = not_done(phase);
    let bar = bar(phase.done, phase.failed + phase.missed, phase.total);
    let took = phase.took().map(|took| format!(", {}", brief(whole_seconds(took)))).unwrap_or_default();
    format!("  {title}  {bar}  {share:>3} %  {}/{tasks}{failed}{took}", phase.done)
}

/// The bar of the whole run, its name filled up to `wide` columns.
fn overall(progress: &Progress, wide: usize) -> String {
    let (over, all) = (progress.over as usize, progress.tasks as usize);
    let phases = match progress.phases {
        (_, 0) => String::new(),
        (over, all) => format!(", {over}/{}", count(all, "phase")),
    };
    let (bar, share, tasks) = (bar(over, 0, all), percent(over, all), count(all, "task"));
    format!("  {}  {bar}  {share:>3} %  {}/{tasks}{phases}", pad(OVERALL, wide), progress.completed)
}

/// `Overall: [████░░] `, and `1 of 3 phases over, 2 of 9 tasks completed, 5 m so far`.
pub(super) fn whole(progress: &Progress) -> (String, String) {
    let phases = match progress.phases {
        (_, 0) => String::new(),
        (over, all) => format!("{over} of {} over, ", count(all, "phase")),
    };
    let bar = bar(progress.over as usize, 0, progress.tasks as usize);
    (format!("{OVERALL}: {bar} "), format!("{phases}{}", headline(progress)))
}

/// `[████▒░░░]`: done, failed, still to do.
fn bar(done: usize, failed: usize, total: usize) -> String {
    let bad = (failed * BAR).div_ceil(total.max(1)).min(BAR);
    let good = (done * BAR / total.max(1)).min(BAR - bad);
    format!("[{}{}{}]", "█".repeat(good), "▒".repeat(bad), "░".repeat(BAR - good - bad))
}

fn percent(part: usize, whole: usize) -> usize {
    part * 100 / whole.max(1)
}

fn whole_seconds(length: bandleader_core::Millis) -> bandleader_core::Millis {
    if length.0 < 1_000 { length } else { bandleader_core::Millis(length.0 / 1_000 * 1_000) }
}

/// `agent (task): what`, the agent standing out.
fn whose(mark: &str, agent: &str, task: &str, what: &str, columns: usize) -> Vec<String> {
    let (agent, task) = (clean(agent), clean(task));
    let who = if agent == task { task.into_owned() } else { format!("{agent} ({task})") };
    let what = clean(what);
    let text = if what.is_empty() { who } else { format!("{who}: {what}") };
    let mut lines = hang(mark, 4, &text, columns);
    if let Some(first) = lines.first_mut()
        && let Some(rest) = first.strip_prefix(mark).and_then(|rest| rest.strip_prefix(&*agent))
    {
        *first = format!("{mark}{}{rest}", paint(STRONG, &agent));
    }
    lines
}

#[cfg(test)]
mod tests;
