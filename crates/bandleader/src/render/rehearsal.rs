//! A rehearsal as people read it: when each task would start and end, as numbers and as bars on one time axis; and what
//! is behind the total: critical path, peak use, other numbers of slots.

use std::fmt::Write as _;

use std::collections::BTreeMap;

use bandleader_core::{GroupId, Millis, Plan, Rehearsal, Slot, TaskId};

use super::style::{ACTIVE, QUIET, STRONG, paint};
use super::text::{clean, fit, pad, pad_left, width};
use super::words::{brief, size, within_phase};

/// What another number of slots would give.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub(crate) struct WhatIf {
    /// Tasks at once.
    pub parallel: u32,
    /// From the start to the end of the run.
    pub makespan_ms: Millis,
}

/// One line of the table.
struct Row {
    name: String,
    start: Millis,
    end: Millis,
    look: Look,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Phase,
    Task,
    Critical,
}

/// Draws it, `columns` wide, with colours.
pub(crate) fn draw(plan: &Plan, rehearsal: &Rehearsal, what_if: &[WhatIf], columns: usize) -> String {
    let mut text = format!(
        "{}\n{}, at most {} at once\n",
        paint(STRONG, fit(&clean(&plan.mission), columns)),
        size(plan),
        plan.limits.parallel
    );
    let _ = writeln!(text, "finished after {}\n", paint(STRONG, brief(rehearsal.makespan)));
    text.push_str(&table(plan, rehearsal, columns));
    text.push('\n');
    for (label, value) in facts(plan, rehearsal) {
        text.push_str(&folded(&label, &value, columns));
    }
    text.push_str(&what_if_lines(plan, rehearsal, what_if));
    text
}

fn table(plan: &Plan, rehearsal: &Rehearsal, columns: usize) -> String {
    let rows = rows(plan, rehearsal);
    let widest = |of: &dyn Fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or_default();
    let name = (2 + widest(&|row| width(&row.name))).clamp(10, columns * 2 / 5);
    let time = widest(&|row| width(&brief(row.end))).max(5);
    let bar = columns.saturating_sub(name + 2 * (time + 2) + 2);
    let mut text = String::new();
    let head = format!("{}  {}  {}", pad("", name), pad_left("start", time), pad_left("end", time));
    text.push_str(&paint(QUIET, head));
    text.push('\n');
    for row in &rows {
        let (lead, style) = match row.look {
            Look::Phase => ("", STRONG),
            Look::Task => ("○ ", anstyle::Style::new()),
            Look::Critical => ("● ", ACTIVE),
        };
        let label = pad(&format!("{lead}{}", row.name), name);
        let times = format!("{}  {}", pad_left(&brief(row.start), time), pad_left(&brief(row.end), time));
        let line = stretch(row, rehearsal.makespan, bar);
        let _ = writeln!(text, "{}  {times}  {}", paint(style, label), paint(style, line));
    }
    text
}

/// Rows by phase in plan order, tasks of a phase in the order of their start.
fn rows(plan: &Plan, rehearsal: &Rehearsal) -> Vec<Row> {
    let critical: std::collections::BTreeSet<TaskId> = rehearsal.critical_path.iter().copied().collect();
    let mut phases: BTreeMap<Option<GroupId>, Vec<Slot>> = BTreeMap::new();
    for slot in &rehearsal.tasks {
        phases.entry(plan.phase_of(slot.task)).or_default().push(*slot);
    }
    let mut rows = Vec::new();
    for (phase, slots) in phases {
        if let Some(phase) = phase {
            let start = slots.iter().map(|slot| slot.start).min().unwrap_or_default();
            let end = slots.iter().map(|slot| slot.end).max().unwrap_or_default();
            rows.push(Row { name: clean(&plan.group(phase).path).into_owned(), start, end, look: Look::Phase });
        }
        rows.extend(slots.into_iter().map(|slot| Row {
            name: within_phase(plan, slot.task),
            start: slot.start,
            end: slot.end,
            look: if critical.contains(&slot.task) { Look::Critical } else { Look::Task },
        }));
    }
    rows
}

/// The time from start to end on an axis of `columns`; at least one sign for whatever runs at all.
fn stretch(row: &Row, whole: Millis, columns: usize) -> String {
    let cells = u64::try_from(columns).unwrap_or(u64::MAX);
    let at = |time: Millis| time.0.saturating_mul(cells).checked_div(whole.0).unwrap_or(0);
    let start = at(row.start).min(cells.saturating_sub(1));
    let length = at(row.end).saturating_sub(start).max(1).min(cells - start);
    let sign = if row.look == Look::Phase { "─" } else { "█" };
    let times = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    format!("{}{}", " ".repeat(times(start)), sign.repeat(times(length)))
}

fn facts(plan: &Plan, rehearsal: &Rehearsal) -> Vec<(String, String)> {
    let names = |ids: &[TaskId]| {
        let shown = ids.iter().take(24).map(|id| clean(&plan.task(*id).path).into_owned());
        let more = (ids.len() > 24).then(|| format!("and {} more", ids.len() - 24));
        shown.chain(more).collect::<Vec<_>>()
    };
    let path = format!("{} ({})", names(&rehearsal.critical_path).join(" → "), brief(rehearsal.critical_length));
    let mut facts = vec![("critical path".to_owned(), path)];
    let saved = rehearsal.work.0.saturating_sub(rehearsal.makespan.0);
    let work = format!("{} of work; {} saved by working side by side", brief(rehearsal.work), brief(Millis(saved)));
    facts.push(("all tasks".to_owned(), work));
    let peaks = plan.resources.iter().zip(&rehearsal.peaks);
    let peaks = peaks.map(|(resource, peak)| format!("{} {peak} of {}", clean(&resource.name), resource.capacity));
    facts.push(("peak use".to_owned(), peaks.collect::<Vec<_>>().join(" · ")));
    if !rehearsal.skipped.is_empty() {
        facts.push(("would not run".to_owned(), names(&rehearsal.skipped).join(", ")));
    }
    if rehearsal.unestimated > 0 {
        let number = rehearsal.unestimated;
        let text = format!("{number} tasks have no estimate and count as the plan's median, or a minute");
        facts.push(("mind".to_owned(), text));
    }
    facts
}

/// A label and a text that goes on below itself.
pub(crate) fn folded(label: &str, value: &str, columns: usize) -> String {
    const LABEL: usize = 15;
    let mut text = paint(QUIET, pad(label, LABEL));
    let mut used = LABEL;
    for (number, word) in value.split(' ').enumerate() {
        let space = usize::from(number > 0);
        if number > 0 && used + space + width(word) > columns {
            let _ = write!(text, "\n{:LABEL$}", "");
            used = LABEL;
        } else if number > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += width(word);
    }
    text.push('\n');
    text
}

fn what_if_lines(plan: &Plan, rehearsal: &Rehearsal, what_if: &[WhatIf]) -> String {
    let mut text = String::new();
    for (number, other) in what_if.iter().enumerate() {
        let label = if number == 0 { "what if" } else { "" };
        let note = match other.makespan_ms.0.cmp(&rehearsal.makespan.0) {
            _ if other.parallel == plan.limits.parallel => "as planned".to_owned(),
            std::cmp::Ordering::Equal => "no change".to_owned(),
            std::cmp::Ordering::Less => format!("{} sooner", brief(Millis(rehearsal.makespan.0 - other.makespan_ms.0))),
            std::cmp::Ordering::Greater => {
                format!("{} later", brief(Millis(other.makespan_ms.0 - rehearsal.makespan.0)))
            }
        };
        let value = format!("--parallel {:<5} {:>12}   {note}", other.parallel, brief(other.makespan_ms));
        let _ = writeln!(text, "{}{value}", paint(QUIET, pad(label, 15)));
    }
    text
}
