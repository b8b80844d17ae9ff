//! When each task ran, as bars over one axis of time; or what happened, in order.

use bandleader_core::view::Outcome;
use bandleader_core::{Millis, TaskId, Timestamp};
use ratatui::layout::Rect;

use super::{Sight, list, marks};
use crate::render::style::{ACTIVE, BAD, GOOD, QUIET, paint};
use crate::render::text::{clip, pad, pad_left, width};
use crate::render::when::{local, time_of_day};
use crate::render::words::{clock, within_phase};
use crate::watch::page::Page;
use crate::watch::state::{Item, Seen, State};
use crate::watch::story::Story;

/// Tasks that have begun, the earliest first.
pub(crate) fn items(state: &State) -> Vec<Item> {
    state.story.iter().flat_map(Story::begun).copied().map(Item::Task).collect()
}

/// The time that the axis spans.
struct Axis {
    first: Timestamp,
    length: Millis,
    cells: usize,
}

impl Axis {
    fn cell(&self, at: Timestamp) -> usize {
        let cells = u64::try_from(self.cells).unwrap_or(u64::MAX);
        let cell = at.since(self.first).0.saturating_mul(cells) / self.length.0.max(1);
        usize::try_from(cell).unwrap_or(usize::MAX).min(self.cells.saturating_sub(1))
    }
}

/// Draws it.
pub(super) fn draw(sight: &Sight<'_>, page: &mut Page<'_>, area: Rect, seen: &mut Seen) {
    let Some(story) = &sight.state.story else { return };
    if sight.state.events {
        return events(sight, story, page, area, seen);
    }
    let columns = usize::from(area.width);
    let run = sight.scene.run;
    let names = story.begun().iter().map(|id| width(&within_phase(run.plan(), *id))).max().unwrap_or(4);
    let names = names.clamp(4, columns / 4);
    let end = if run.is_over() { run.last_at() } else { sight.scene.now };
    let first = story.history().attempts().first().map_or(run.created(), |attempt| attempt.started);
    let axis = Axis { first, length: Millis(end.since(first).0.max(1_000)), cells: columns.saturating_sub(names + 15) };
    page.line(area, 0, &scale(sight, &axis, names, end));
    let items = items(sight.state);
    let entries: Vec<list::Entry> = items.iter().copied().map(Some).collect();
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if items.is_empty() {
        page.line(list, 0, &paint(QUIET, " Nothing has begun yet."));
    }
    list::draw(sight.state, page, list, &entries, seen, |index| match items.get(index) {
        Some(Item::Task(id)) => bar(sight, story, *id, names, &axis),
        _ => String::new(),
    });
}

/// The axis: when it begins, its middle and when it ends.
fn scale(sight: &Sight<'_>, axis: &Axis, names: usize, end: Timestamp) -> String {
    let now = sight.scene.now;
    let shown = |at| if axis.length < Millis::MINUTE.times(10) { time_of_day(at) } else { local(at, now) };
    let middle = shown(axis.first.plus(Millis(axis.length.0 / 2)));
    let (first, last) = (shown(axis.first), shown(end));
    let half = axis.cells / 2;
    let (left, right) = (pad(&first, half), pad(&middle, axis.cells.saturating_sub(half + width(&last))));
    let whole = clock(axis.length);
    paint(QUIET, format_args!("   {}  {left}{right}{last}  {}", pad("TASK", names), pad_left(&whole, 8)))
}

/// One task: a bar for each of its attempts, and how long they took.
fn bar(sight: &Sight<'_>, story: &Story, id: TaskId, names: usize, axis: &Axis) -> String {
    let (run, now) = (sight.scene.run, sight.scene.now);
    let mut cells: Vec<Option<anstyle::Style>> = vec![None; axis.cells];
    let (mut took, mut any) = (0, false);
    for attempt in story.history().attempts().iter().filter(|attempt| attempt.id.task == id) {
        let end = attempt.ended.unwrap_or(now);
        let style = match attempt.outcome {
            Outcome::Live => ACTIVE,
            Outcome::Completed => GOOD,
            Outcome::Failed { .. } => BAD,
        };
        for cell in cells.iter_mut().take(axis.cell(end) + 1).skip(axis.cell(attempt.started)) {
            *cell = Some(style);
        }
        took += end.since(attempt.started).0;
        any = true;
    }
    let mut drawn = String::new();
    for run_of in cells.chunk_by(|one, other| one == other) {
        let text = if run_of.first().is_some_and(Option::is_some) { "━" } else { "·" };
        let style = run_of.first().copied().flatten().unwrap_or(QUIET);
        drawn.push_str(&paint(style, text.repeat(run_of.len())));
    }
    let took = if any { clock(Millis(took)) } else { String::new() };
    let name = pad(&within_phase(run.plan(), id), names);
    format!(" {} {name}  {drawn}  {}", marks::sign(run, id), pad_left(&took, 8))
}

/// The last facts, or those from where the person has scrolled.
fn events(sight: &Sight<'_>, story: &Story, page: &mut Page<'_>, area: Rect, seen: &mut Seen) {
    let height = usize::from(area.height);
    let facts = story.facts();
    let back = sight.state.tops.get(sight.state.tab.index()).copied().unwrap_or(0);
    let top = facts.len().saturating_sub(height).saturating_sub(back);
    for (row, fact) in facts.iter().skip(top).take(height).enumerate() {
        page.line(area, row, &format!(" {}", clip(fact, usize::from(area.width).saturating_sub(1))));
    }
    seen.height = height;
    seen.top = back.min(facts.len().saturating_sub(height));
}
