//! The panes of the full screen. Each makes lines of text with colours, from the run and from what the person looks at; `draw` puts
//! them together.
//!
//! Pure: the same state and scene give the same screen. Only rows that are in sight are made, so that a thousand tasks cost no more
//! than twenty.

pub(crate) mod board;
mod bottom;
pub(crate) mod decisions;
mod detail;
pub(crate) mod graph;
mod head;
mod help;
mod list;
mod log;
pub(crate) mod marks;
mod prospect;
mod question;
pub(crate) mod tasks;
#[cfg(test)]
mod tests;
pub(crate) mod timeline;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::page::{Abilities, Page};
use super::state::{Item, Seen, State, Tab};
use crate::render::live::{Outlook, Scene, outlook};
use crate::render::style::{QUIET, STRONG, paint};
use crate::render::text::width;

/// Smaller windows get a message.
pub(crate) const LEAST: (u16, u16) = (80, 24);
/// From so many columns on, what is chosen is told in full beside the list.
const WIDE: u16 = 120;
/// From so many rows on, there is room for blank lines and more of everything.
const TALL: u16 = 32;

/// What every pane is made from.
pub(super) struct Sight<'a> {
    pub(super) state: &'a State,
    pub(super) scene: &'a Scene<'a>,
    pub(super) outlook: Outlook,
}

/// Draws everything; says where it is.
pub(crate) fn draw(state: &State, scene: &Scene<'_>, abilities: Abilities, frame: &mut Frame<'_>) -> Seen {
    let area = frame.area();
    let mut page = Page::new(frame.buffer_mut());
    let mut seen = Seen { rows: area.height, ..Seen::default() };
    if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small(&mut page, area);
    } else {
        let sight = Sight { state, scene, outlook: outlook(scene.run, scene.lengths, scene.now) };
        whole(&sight, &mut page, area, &mut seen);
    }
    page.suit(abilities);
    seen
}

/// Header, phases, tabs, the pane, the bottom.
fn whole(sight: &Sight<'_>, page: &mut Page<'_>, area: Rect, seen: &mut Seen) {
    let columns = usize::from(area.width);
    let is_tall = area.height >= TALL;
    let head = head::lines(sight, columns, if is_tall { 3 } else { 1 });
    let tabs_at = area.y + rows(head.len());
    page.lines(area, &head);
    tabs(sight, page, Rect { y: tabs_at, height: 1, ..area }, seen);
    let foot = bottom::lines(sight, columns);
    let foot_at = area.bottom().saturating_sub(rows(foot.len()));
    page.lines(Rect { y: foot_at, height: rows(foot.len()), ..area }, &foot);
    let gap = u16::from(is_tall);
    let top = tabs_at + 1 + gap;
    let body = Rect { y: top, height: foot_at.saturating_sub(top + gap), ..area };
    pane(sight, page, body, seen);
}

fn pane(sight: &Sight<'_>, page: &mut Page<'_>, body: Rect, seen: &mut Seen) {
    if sight.state.help {
        return help::draw(page, body);
    }
    if let Some(dialog) = &sight.state.dialog {
        return question::draw(sight, dialog, page, body);
    }
    let tab = sight.state.tab;
    let beside = body.width >= WIDE && matches!(tab, Tab::Board | Tab::Tasks | Tab::Graph | Tab::Decisions);
    let (left, right) = if beside {
        let list = body.width * 3 / 5;
        let right = Rect { x: body.x + list + 2, width: body.width - list - 2, ..body };
        (Rect { width: list, ..body }, Some(right))
    } else {
        (body, None)
    };
    match tab {
        Tab::Board => board::draw(sight, page, left, seen),
        Tab::Tasks => tasks::draw(sight, page, left, seen),
        Tab::Graph => graph::draw(sight, page, left, seen),
        Tab::Timeline => timeline::draw(sight, page, left, seen),
        Tab::Decisions => decisions::draw(sight, page, left, seen),
        Tab::Log => log::draw(sight, page, left, seen),
    }
    if let Some(right) = right {
        for row in 0..usize::from(right.height) {
            let edge = Rect { x: right.x - 1, width: 1, ..right };
            page.line(edge, row, &paint(QUIET, "│"));
        }
        detail::draw(sight, page, Rect { x: right.x + 1, width: right.width - 1, ..right });
    }
}

/// ` 1 Board   2 Tasks …`; the one that is open stands out, and open questions are counted.
fn tabs(sight: &Sight<'_>, page: &mut Page<'_>, area: Rect, seen: &mut Seen) {
    let open = sight.scene.run.open_decisions().count();
    let (mut text, mut column) = (String::new(), 0_usize);
    for (number, tab) in (1..).zip(Tab::ALL) {
        let count = if tab == Tab::Decisions && open > 0 { format!(" ({open})") } else { String::new() };
        let name = format!(" {number} {}{count} ", tab.name());
        let wide = width(&name);
        let last = column + wide;
        seen.tabs.push((area.y, rows(column), rows(last), tab));
        let style = if tab == sight.state.tab { STRONG.invert() } else { QUIET };
        text.push_str(&paint(style, name));
        text.push(' ');
        column = last + 1;
    }
    page.line(area, 0, &text);
}

fn too_small(page: &mut Page<'_>, area: Rect) {
    let size = format!("{} columns, {} rows", area.width, area.height);
    let words = [
        format!(" This window has {size}."),
        format!(" The full screen needs {} by {}.", LEAST.0, LEAST.1),
        " Make it larger, or press q".to_owned(),
        " and use `band watch --plain`.".to_owned(),
    ];
    page.lines(area, &words);
}

fn rows(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// Whether what happened so far is to be seen: on its own page, and on the board below the rows.
pub(crate) fn tells_a_story(state: &State) -> bool {
    matches!(state.tab, Tab::Timeline | Tab::Board)
}

/// The rows that can be chosen on the page that is open, top to bottom.
pub(crate) fn items(state: &State, scene: &Scene<'_>) -> Vec<Item> {
    match state.tab {
        Tab::Board => board::items(scene),
        Tab::Tasks => tasks::items(state, scene),
        Tab::Graph => graph::items(scene),
        Tab::Timeline if state.events => Vec::new(),
        Tab::Timeline => timeline::items(state),
        Tab::Decisions => decisions::items(scene),
        Tab::Log => Vec::new(),
    }
}
