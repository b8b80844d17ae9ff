//! Questions to people: those that are open, then those that are over, with who decided what.

use bandleader_core::Decision;
use ratatui::layout::Rect;

use super::{Sight, list};
use crate::render::heard;
use crate::render::live::Scene;
use crate::render::style::{ALERT, GOOD, QUIET, paint};
use crate::render::text::{clean, fit};
use crate::render::when::local;
use crate::watch::page::Page;
use crate::watch::state::{Item, Seen};

/// Open ones by their number, then the others, the latest first.
pub(crate) fn items(scene: &Scene<'_>) -> Vec<Item> {
    let open = scene.run.open_decisions().map(|(number, _)| number);
    let over = scene.run.decisions().iter().rev().filter(|(_, one)| one.taken.is_some()).map(|(number, _)| *number);
    open.chain(over).map(Item::Decision).collect()
}

/// Draws them.
pub(super) fn draw(sight: &Sight<'_>, page: &mut Page<'_>, area: Rect, seen: &mut Seen) {
    let items = items(sight.scene);
    if items.is_empty() {
        page.line(area, 0, &paint(QUIET, " Nobody has asked anything so far."));
        return;
    }
    let columns = usize::from(area.width);
    let entries: Vec<list::Entry> = items.iter().copied().map(Some).collect();
    list::draw(sight.state, page, area, &entries, seen, |index| {
        let Some(Item::Decision(number)) = items.get(index) else { return String::new() };
        let decision = sight.scene.run.decisions().get(number);
        decision.map(|decision| line(sight.scene, *number, decision, columns)).unwrap_or_default()
    });
}

fn line(scene: &Scene<'_>, number: u32, decision: &Decision, columns: usize) -> String {
    let Some(taken) = &decision.taken else {
        return super::board::question_line(scene, number, decision, columns);
    };
    let (sign, style) = if taken.option.is_some() { ("✓", GOOD) } else { ("-", ALERT) };
    let text = format!(
        "{number}  {}: {} → {}",
        clean(&heard::asker(scene.run, &decision.asker)),
        clean(&decision.question.text),
        heard::taken(decision),
    );
    let at = local(taken.at, scene.now);
    let room = columns.saturating_sub(5 + at.len());
    format!(" {} {at} {}", paint(style, sign), paint(QUIET, fit(&text, room)))
}
