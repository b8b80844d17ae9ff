//! What the chosen task prints, followed as it grows, or held where the person reads.

use bandleader_core::Step;
use bandleader_engine::output::Stream;
use ratatui::layout::Rect;

use super::{Sight, marks};
use crate::render::style::{ALERT, QUIET, STRONG, paint};
use crate::render::text::{clean, count};
use crate::watch::page::Page;
use crate::watch::state::{End, LogLine, Seen};

/// Draws it.
pub(super) fn draw(sight: &Sight<'_>, page: &mut Page<'_>, area: Rect, seen: &mut Seen) {
    let log = &sight.state.log;
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    seen.height = usize::from(body.height);
    let Some(job) = log.job else {
        let words = match sight.state.task() {
            Some(id) => format!(" {} has not begun.", clean(&sight.scene.run.plan().task(id).path)),
            None => " Choose a task on another page first.".to_owned(),
        };
        return page.line(area, 0, &paint(QUIET, words));
    };
    let run = sight.scene.run;
    let id = job.attempt.task;
    let (_, word, _) = marks::state(run, id);
    let step = match job.step {
        Step::Work => String::new(),
        Step::Gate(gate) => format!(", gate {}", gate + 1),
        Step::Undo => ", undo".into(),
        Step::Merge(_) => ", merge".into(),
        Step::MergedGate(_) => ", gate on merged work".into(),
        Step::Land(_) => ", landing".into(),
        Step::Into(_) => ", into your branch".into(),
    };
    let tries = if run.task(id).attempts > 1 { format!(", try {}", job.attempt.number) } else { String::new() };
    let last = (log.top + log.lines.len()).min(log.total);
    let place = match (log.total, log.end) {
        (0, _) => "nothing printed so far".to_owned(),
        (total, End::Followed) => format!("{}, following", count(total, "line")),
        (total, End::Held) => format!("lines {} to {last} of {total}", log.top + 1),
    };
    let name = clean(&run.plan().task(id).path).into_owned();
    let head = format!(" {} {}", paint(STRONG, &name), paint(QUIET, format_args!("{word}{tries}{step} · {place}")));
    page.line(area, 0, &head);
    for (row, line) in log.lines.iter().enumerate().take(seen.height) {
        let text = fit_coloured(&line.text, usize::from(body.width).saturating_sub(2));
        page.line(body, row, &format!("{} {text}", mark(line)));
    }
}

/// What a line has in front of it, as in `band logs`: `!` is standard error, `·` what was left out of the log.
pub(super) fn mark(line: &LogLine) -> String {
    match line.stream {
        Stream::Stdout => " ".into(),
        Stream::Stderr => paint(ALERT, "!"),
        Stream::Note => paint(QUIET, "·"),
    }
}

fn fit_coloured(line: &str, columns: usize) -> String {
    if line.contains('\t') { line.to_owned() } else { crate::render::text::clip(line, columns) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_tabs_is_cut_by_the_screen_alone() {
        assert_eq!(fit_coloured("a\tb", 2), "a\tb");
        assert_eq!(fit_coloured("abc", 2), "a…\u{1b}[0m");
    }
}
