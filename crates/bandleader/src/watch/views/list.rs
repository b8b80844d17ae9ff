//! A list with one chosen row that stays in sight. Only rows in sight are made.

use ratatui::layout::Rect;

use crate::watch::page::Page;
use crate::watch::state::{Item, Seen, State};

/// A row: what it is about, if it can be chosen.
pub(super) type Entry = Option<Item>;

/// Draws `entries` into `area`, `text` making the line of the one with that index; notes where they are.
pub(super) fn draw(
    state: &State,
    page: &mut Page<'_>,
    area: Rect,
    entries: &[Entry],
    seen: &mut Seen,
    text: impl Fn(usize) -> String,
) {
    let height = usize::from(area.height);
    let chosen = state.cursor.and_then(|cursor| entries.iter().position(|entry| *entry == Some(cursor)));
    let top = top(state.tops.get(state.tab.index()).copied().unwrap_or(0), chosen, entries.len(), height);
    for (row, (index, entry)) in entries.iter().enumerate().skip(top).take(height).enumerate() {
        page.line(area, row, &text(index));
        if chosen == Some(index) {
            page.choose(area, row);
        }
        if let Some(item) = entry {
            seen.entries.push((area.y + super::rows(row), *item));
        }
    }
    (seen.height, seen.top) = (height, top);
}

/// The first entry in sight: as before, but with the chosen one in sight and no room left below the end.
fn top(before: usize, chosen: Option<usize>, entries: usize, height: usize) -> usize {
    let mut top = before.min(entries.saturating_sub(height));
    if let Some(chosen) = chosen {
        // The heading over the first row is worth a look.
        let first = if chosen <= 1 { 0 } else { chosen };
        top = top.min(first).max((chosen + 1).saturating_sub(height));
    }
    top
}

#[cfg(test)]
mod tests {
    use super::top;

    #[test]
    fn the_chosen_row_is_in_sight_and_the_rest_stands_still() {
        assert_eq!(top(0, Some(5), 100, 10), 0);
        assert_eq!(top(0, Some(10), 100, 10), 1);
        assert_eq!(top(20, Some(25), 100, 10), 20);
        assert_eq!(top(20, Some(19), 100, 10), 19);
        assert_eq!(top(95, None, 100, 10), 90);
        assert_eq!(top(5, Some(0), 3, 10), 0);
    }
}
