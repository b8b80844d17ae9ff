//! Every key, on one page that fits the smallest window.

use ratatui::layout::Rect;

use crate::render::style::{QUIET, STRONG, paint};
use crate::render::text::pad;
use crate::watch::page::Page;

/// Key and what it does; a row without a key is a heading.
const LEFT: [(&str, &str); 18] = [
    ("", "Moving"),
    ("1 … 6, Tab", "pages"),
    ("↑ ↓, j k", "rows"),
    ("PgUp PgDn", "a page of rows"),
    ("Home End", "first row, last row"),
    ("Enter", "the question, or the log"),
    ("Esc", "back, all tasks again"),
    ("/", "filter tasks by words"),
    ("g", "graph of what waits"),
    ("v", "timeline: bars or events"),
    ("mouse", "choose, open, scroll"),
    ("q, Ctrl-C", "leave; the run goes on"),
    ("?", "this page"),
    ("", ""),
    ("", "In a log"),
    ("Home End", "beginning, follow the end"),
    (", .", "older, newer tries, gates"),
    ("!", "marks standard error"),
];
const RIGHT: [(&str, &str); 18] = [
    ("", "Doing"),
    ("d", "decide what is asked"),
    ("l", "log of the task"),
    ("t", "tell its agent something"),
    ("r", "try the task again"),
    ("a", "accept what failed: why?"),
    ("R", "resolve work that clashed"),
    ("x, X", "cancel the task, the run"),
    ("p", "pause the run, or go on"),
    ("", ""),
    ("", "In a question"),
    ("↑ ↓, A B …", "choose an option"),
    ("w", "say why"),
    ("Enter", "answer"),
    ("", ""),
    ("", "In a replay"),
    ("space, + -", "stop or go on, speed"),
    ("E, 0", "to the end, begin again"),
];

/// Draws it.
pub(super) fn draw(page: &mut Page<'_>, area: Rect) {
    for (row, (left, right)) in LEFT.iter().zip(&RIGHT).enumerate() {
        page.line(area, row, &format!(" {} {}", column(*left, 38), column(*right, 38)));
    }
}

fn column((key, text): (&str, &str), columns: usize) -> String {
    if key.is_empty() {
        return paint(STRONG, pad(text, columns));
    }
    format!("  {}{}", pad(key, 11), paint(QUIET, pad(text, columns - 13)))
}
