//! A bar for each phase: how much of it is done, what failed in it.

use bandleader_core::Run;
use bandleader_core::view::phases::{PhaseProgress, phases};

use super::super::style::{ACTIVE, BAD, GOOD, QUIET, paint};
use super::super::text::{clean, count, fit, width};

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
    let (over, open): (Vec<&PhaseProgress>, Vec<&PhaseProgress>) = phases.iter().partition(|phase| phase.is_over());
    let (active, ahead): (Vec<&PhaseProgress>, Vec<&PhaseProgress>) = open.into_iter().partition(|phase| phase.begun);
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

/// `build ███████░░░░░ 5/8` and its width.
fn cell(phase: &PhaseProgress, cells: usize) -> (usize, String) {
    let name = fit(&clean(&phase.path), NAME).into_owned();
    let total = phase.total.max(1);
    let bad = (phase.failed * cells).div_ceil(total);
    let missed = (phase.missed * cells).div_ceil(total).min(cells - bad);
    let good = (phase.done * cells / total).min(cells - bad - missed);
    let style = if phase.done == phase.total { GOOD } else { ACTIVE };
    let bar = format!(
        "{}{}{}{}",
        paint(style, "█".repeat(good)),
        paint(BAD, "▒".repeat(bad)),
        paint(QUIET, "▒".repeat(missed)),
        paint(QUIET, "░".repeat(cells - good - bad - missed)),
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
