//! The grid of cells that views write their lines into, and what it becomes on terminals without colour or without UTF-8.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::ansi;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// Colours, or only bold and reverse.
    pub colour: Colours,
    /// Which letters.
    pub letters: Letters,
}

/// Whether there may be colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    /// There may.
    Wanted,
    /// `NO_COLOR`, `--color never`.
    Unwanted,
}

/// What the reader's locale has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letters {
    /// UTF-8.
    All,
    /// Anything else: signs are replaced, other letters become `?`.
    Ascii,
}

impl Letters {
    /// By the locale, in the order of POSIX: `LC_ALL`, `LC_CTYPE`, `LANG`. Where none is set it is UTF-8, as terminals are.
    pub(crate) fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Letters {
        let set =
            ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| variable(name).filter(|one| !one.is_empty()));
        let Some(locale) = set else { return Letters::All };
        let locale = locale.to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") { Letters::All } else { Letters::Ascii }
    }
}

/// A part of the screen.
pub(super) struct Page<'a> {
    buffer: &'a mut Buffer,
}

impl<'a> Page<'a> {
    /// The whole screen.
    pub(super) fn new(buffer: &'a mut Buffer) -> Page<'a> {
        Page { buffer }
    }

    /// Puts a line with colours into a row of `area`; what is wider is cut.
    pub(super) fn line(&mut self, area: Rect, row: usize, text: &str) {
        let Some(y) = self.row(area, row) else { return };
        self.buffer.set_line(area.x, y, &ansi::line(text), area.width);
    }

    /// Puts as many as there is room for, one below the other.
    pub(super) fn lines(&mut self, area: Rect, lines: &[String]) {
        for (row, line) in lines.iter().enumerate().take(usize::from(area.height)) {
            self.line(area, row, line);
        }
    }

    /// Shows that this row is chosen, from end to end: with the colours of its words it would be in patches.
    pub(super) fn choose(&mut self, area: Rect, row: usize) {
        let Some(y) = self.row(area, row) else { return };
        let rect = Rect { y, height: 1, ..area };
        let plain = Style::new().fg(Color::Reset).bg(Color::Reset).remove_modifier(Modifier::DIM);
        self.buffer.set_style(rect, plain.add_modifier(Modifier::REVERSED));
    }

    fn row(&self, area: Rect, row: usize) -> Option<u16> {
        let row = u16::try_from(row).ok().filter(|row| *row < area.height)?;
        Some(area.y.saturating_add(row)).filter(|y| *y < self.buffer.area.bottom())
    }

    /// Makes of it what the terminal can show.
    pub(super) fn suit(&mut self, abilities: Abilities) {
        for cell in &mut self.buffer.content {
            if abilities.colour == Colours::Unwanted {
                (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
            }
            if abilities.letters == Letters::Ascii && !cell.symbol().is_ascii() {
                let plain = cell.symbol().chars().next().map_or(' ', ascii);
                cell.set_char(plain);
            }
        }
    }
}

/// The nearest sign that every terminal has.
fn ascii(letter: char) -> char {
    match letter {
        '█' | '━' => '#',
        '▒' => '%',
        '░' | '·' => '.',
        '●' | '★' => '*',
        '○' => 'o',
        '✓' => '+',
        '✗' | '×' => 'x',
        '↻' => '@',
        '→' | '▸' => '>',
        '←' => '<',
        '↑' => '^',
        '↓' => 'v',
        '…' => '~',
        '─' => '-',
        '│' | '‖' | '▏' => '|',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_without_utf_8_and_colour_still_shows_everything() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        let mut page = Page::new(&mut buffer);
        page.line(Rect::new(0, 0, 12, 1), 0, "\u{1b}[31m✗ a → █░ ü");
        page.suit(Abilities { colour: Colours::Unwanted, letters: Letters::Ascii });
        let shown: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(shown, "x a > #. ?  ");
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset));
    }

    #[test]
    fn letters_follow_the_locale() {
        let of = |all: Option<&str>, lang: Option<&str>| {
            let (all, lang) = (all.map(str::to_owned), lang.map(str::to_owned));
            Letters::of_locale(move |name| match name {
                "LC_ALL" => all.clone(),
                "LANG" => lang.clone(),
                _ => None,
            })
        };
        assert_eq!(of(None, None), Letters::All);
        assert_eq!(of(None, Some("de_DE.UTF-8")), Letters::All);
        assert_eq!(of(Some("C"), Some("de_DE.utf8")), Letters::Ascii);
        assert_eq!(of(Some(""), Some("C.utf8")), Letters::All);
    }
}
