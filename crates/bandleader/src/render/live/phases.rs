//! A bar for each phase: how much of it is done, what failed in it.

use bandleader_core::plan::{GroupKind, Plan};
use bandleader_core::{GroupId, Run, TaskState};

use super::super::style::{ACTIVE, BAD, GOOD, QUIET, paint};
use super::super::text::{clean, count, fit, width};

/// One phase's numbers.
struct Phase {
    name: String,
    done: usize,
    failed: usize,
    begun: bool,
    total: usize,
}

/// Cells of a bar, from what one wishes to what one can live with.
const WIDTHS: [usize; 3] = [12, 8, 4];
/// Columns of the longest name.
const NAME: usize = 18;

/// At most `most` lines of bars. Where the phases are too many, those that are over and those to come are only counted.
pub(crate) fn bars(run: &Run, columns: usize, most: usize) -> Vec<String> {
    let phases = phases(run);
    for cells in WIDTHS {
        let lines = pack(phases.iter().map(|phase| cell(phase, cells)), columns);
        if lines.len() <= most {
            return lines;
        }
    }
    let (over, open): (Vec<&Phase>, Vec<&Phase>) =
        phases.iter().partition(|phase| phase.done + phase.failed == phase.total);
    let (active, ahead): (Vec<&Phase>, Vec<&Phase>) = open.into_iter().partition(|phase| phase.begun);
    let quiet = |number: usize, words: &str| {
        let text = format!("{} {words}", count(number, "phase"));
        (number > 0).then(|| (width(&text), paint(QUIET, text)))
    };
    let shown = active.iter().take(most * 2).map(|phase| cell(phase, 8));
    let rest = active.len().saturating_sub(most * 2);
    let ends = [quiet(over.len(), "done"), quiet(rest, "more active"), quiet(ahead.len(), "to come")];
    let mut lines = pack(shown.chain(ends.into_iter().flatten()), columns);
    lines.truncate(most);
    lines
}

fn phases(run: &Run) -> Vec<Phase> {
    let plan: &Plan = run.plan();
    let top: Vec<GroupId> = (0_u32..)
        .map(GroupId)
        .zip(&plan.groups)
        .filter(|(_, group)| group.parent.is_none() && group.kind == GroupKind::Phase)
        .map(|(id, _)| id)
        .collect();
    let fresh = |name: String| Phase { name, done: 0, failed: 0, begun: false, total: 0 };
    let mut phases: Vec<Phase> = top.iter().map(|id| fresh(clean(&plan.group(*id).path).into_owned())).collect();
    let mut loose = fresh(if top.is_empty() { "tasks".into() } else { "other".into() });
    for id in plan.ids().filter(|id| plan.task(*id).is_real()) {
        let place = plan.phase_of(id).and_then(|phase| top.binary_search(&phase).ok());
        let phase = place.and_then(|place| phases.get_mut(place)).unwrap_or(&mut loose);
        let task = run.task(id);
        phase.total += 1;
        phase.begun |= task.attempts > 0 || task.state.is_over();
        match &task.state {
            TaskState::Failed { .. } | TaskState::Cancelled { .. } => phase.failed += 1,
            state if state.is_over() => phase.done += 1,
            _ => {}
        }
    }
    if loose.total > 0 {
        phases.push(loose);
    }
    phases
}

/// `build ███████░░░░░ 5/8` and its width.
fn cell(phase: &Phase, cells: usize) -> (usize, String) {
    let name = fit(&phase.name, NAME).into_owned();
    let total = phase.total.max(1);
    let bad = (phase.failed * cells).div_ceil(total);
    let good = (phase.done * cells / total).min(cells - bad);
    let style = if phase.done == phase.total { GOOD } else { ACTIVE };
    let bar = format!(
        "{}{}{}",
        paint(style, "█".repeat(good)),
        paint(BAD, "▒".repeat(bad)),
        paint(QUIET, "░".repeat(cells - good - bad)),
    );
    let number = format!("{}/{}", phase.done, phase.total);
    let wide = width(&name) + 1 + cells + 1 + number.len();
    (wide, format!("{name} {bar} {number}"))
}

/// Cells side by side, three blanks between them.
fn pack(cells: impl Iterator<Item = (usize, String)>, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = columns;
    for (wide, text) in cells {
        if used + 3 + wide > columns {
            lines.push(format!(" {text}"));
            used = 1 + wide;
        } else if let Some(line) = lines.last_mut() {
            line.push_str("   ");
            line.push_str(&text);
            used += 3 + wide;
        }
    }
    lines
}
