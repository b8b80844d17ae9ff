//! A check-in as people read it: what was done, what runs, what comes next, what stands in the way.

use bandleader_core::plan::CheckIn;
use bandleader_core::view::check_in::{Ahead, Done, Summary};

use super::style::{ALERT, BAD, GOOD, QUIET, STRONG, paint};
use super::text::{clean, count};
use super::words::brief;

/// Columns of the bar.
const BAR: u32 = 20;

/// All of it, as lines.
pub(crate) fn lines(summary: &Summary) -> Vec<String> {
    let what = match summary.moment {
        CheckIn::Before => "is about to begin",
        CheckIn::After => "is done",
    };
    let title = format!("Check-in: {} {what}", clean(&summary.title));
    let mut lines = vec![paint(STRONG, title)];
    section(&mut lines, "Completed", summary.completed.iter().flat_map(|one| done(one, "✓")).collect());
    section(&mut lines, "Not done", summary.undone.iter().flat_map(|one| done(one, "✗")).collect());
    section(&mut lines, "Running", summary.running.iter().map(ahead).collect());
    let later = (summary.later > 0).then(|| format!("    and {} later", count(summary.later, "task")));
    section(&mut lines, "Upcoming", summary.upcoming.iter().map(ahead).chain(later).collect());
    let decisions = summary.decisions.iter();
    let decisions =
        decisions.map(|(number, text)| format!("  {} {}", paint(ALERT, format_args!("? {number}")), clean(text)));
    section(&mut lines, "Decisions needed", decisions.collect());
    let blockers = summary.blockers.iter().map(|one| format!("  {} {}", paint(ALERT, "!"), clean(one)));
    section(&mut lines, "Blockers", blockers.collect());
    if summary.blockers.is_empty() {
        lines.push("Blockers: none".into());
    }
    lines.push(progress(summary));
    lines
}

fn section(lines: &mut Vec<String>, title: &str, inner: Vec<String>) {
    if !inner.is_empty() {
        lines.push(paint(STRONG, title));
        lines.extend(inner);
    }
}

fn done(one: &Done, mark: &str) -> Vec<String> {
    let style = if mark == "✓" { GOOD } else { BAD };
    let mut lines = vec![format!(
        "  {} {} ({}): {}",
        paint(style, mark),
        paint(STRONG, clean(&one.agent)),
        clean(&one.task),
        clean(&one.what)
    )];
    let said = one.said.iter().map(|words| clean(words).into_owned());
    let output: Vec<String> = one.delivered.iter().map(|path| clean(path).into_owned()).chain(said).collect();
    if !output.is_empty() {
        lines.push(format!("      output: {}", output.join("; ")));
    }
    if !one.metrics.is_empty() {
        let metric = |(name, value): &(String, String)| format!("{} {}", clean(name), clean(value));
        lines.push(format!("      metrics: {}", one.metrics.iter().map(metric).collect::<Vec<_>>().join(", ")));
    }
    lines.extend(one.findings.iter().map(|finding| format!("      found: {}", clean(finding))));
    lines
}

fn ahead(one: &Ahead) -> String {
    let expected = one.expected.map(|expected| format!(", about {}", brief(expected))).unwrap_or_default();
    format!(
        "  · {} ({}): {}{}",
        paint(STRONG, clean(&one.agent)),
        clean(&one.task),
        clean(&one.what),
        paint(QUIET, expected)
    )
}

fn progress(summary: &Summary) -> String {
    let progress = &summary.progress;
    let full = u64::from(progress.over) * u64::from(BAR) / u64::from(progress.tasks.max(1));
    let full = usize::try_from(full).unwrap_or_default();
    let bar = format!("[{}{}]", "█".repeat(full), "░".repeat((BAR as usize).saturating_sub(full)));
    let phases = match progress.phases {
        (_, 0) => String::new(),
        (over, all) => format!("{over} of {} over, ", count(all, "phase")),
    };
    format!(
        "Overall: {bar} {phases}{} of {} completed, {} so far",
        progress.completed,
        count(progress.tasks as usize, "task"),
        brief(progress.elapsed)
    )
}
