//! Moving: the cursor in lists, what scrolls, the parts of a log, the mouse.
//!
//! Pure, like `update`, which calls it.

use termina::event::{MouseButton, MouseEvent, MouseEventKind};

use super::state::{End, LogView, State, Tab};
use super::update::{choose, enter, open};
use super::views;
use crate::render::live::Scene;

/// Rows that one notch of the wheel moves.
const NOTCH: isize = 3;

/// Moves the cursor, or what scrolls where there is none.
pub(super) fn step(state: &mut State, scene: &Scene<'_>, by: isize) {
    if state.tab == Tab::Log {
        return scroll(&mut state.log, state.seen.height, by);
    }
    if state.tab == Tab::Timeline && state.events {
        let all = state.story.as_ref().map_or(0, |story| story.facts().len());
        if let Some(back) = state.tops.get_mut(Tab::Timeline.index()) {
            *back = back.saturating_add_signed(by.saturating_neg()).min(all.saturating_sub(state.seen.height));
        }
        return;
    }
    let items = views::items(state, scene);
    let Some(last) = items.len().checked_sub(1) else { return };
    let at = state.cursor.and_then(|cursor| items.iter().position(|item| *item == cursor)).unwrap_or(state.place);
    choose(state, items.get(at.saturating_add_signed(by).min(last)).copied());
}

fn scroll(log: &mut LogView, height: usize, by: isize) {
    let last = log.total.saturating_sub(height);
    log.top = log.top.saturating_add_signed(by).min(last);
    log.end = if log.top == last && by > 0 { End::Followed } else { End::Held };
}

/// The next older or newer part of what the task printed.
pub(super) fn part(state: &mut State, scene: &Scene<'_>, by: isize) {
    let Some(task) = state.task() else { return };
    let parts = super::log::parts(scene.run, task);
    let at = state.log.job.and_then(|job| parts.iter().position(|part| *part == job)).unwrap_or_default();
    let wanted = parts.get(at.saturating_add_signed(by).min(parts.len().saturating_sub(1))).copied();
    state.log = LogView { wanted, ..LogView::default() };
}

/// Something that the mouse did.
pub(super) fn moused(state: &mut State, scene: &Scene<'_>, mouse: MouseEvent) {
    match mouse.kind {
        MouseEventKind::ScrollUp => step(state, scene, -NOTCH),
        MouseEventKind::ScrollDown => step(state, scene, NOTCH),
        MouseEventKind::Down(MouseButton::Left) if state.help => state.help = false,
        MouseEventKind::Down(MouseButton::Left) => clicked(state, scene, mouse.column, mouse.row),
        _ => {}
    }
}

/// A row is chosen, and opened when it was chosen already.
fn clicked(state: &mut State, scene: &Scene<'_>, column: u16, row: u16) {
    let on = |(y, first, last, _): &&(u16, u16, u16, Tab)| *y == row && (*first..*last).contains(&column);
    if let Some((.., tab)) = state.seen.tabs.iter().find(on).copied() {
        state.dialog = None;
        return open(state, tab);
    }
    let Some(item) = state.seen.entries.iter().find(|(y, _)| *y == row).map(|(_, item)| *item) else { return };
    if state.cursor == Some(item) { enter(state, scene) } else { choose(state, Some(item)) }
}
