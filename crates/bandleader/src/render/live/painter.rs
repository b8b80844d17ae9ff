//! Puts frames on a terminal, each over the one before, and lines above them that stay.

use std::fmt::Write as _;

use crate::error::Failure;
use crate::render::screen::Screen;
use crate::render::text::width;

/// A part of the screen that is drawn over and over.
#[derive(Debug, Default)]
pub(crate) struct Painter {
    shown: Vec<String>,
    columns: usize,
    /// Whether lines stay above the frame.
    has_told: bool,
}

/// Terminals that know this show what stands between at once; the others pass over it.
const TOGETHER: (&str, &str) = ("\x1b[?2026h", "\x1b[?2026l");

impl Painter {
    /// Draws `lines` over the last frame; `above` scrolls away over it and stays. One write, and none if nothing changed, so
    /// that nothing flickers.
    pub(crate) fn draw(&mut self, screen: &mut Screen, above: &[String], lines: &[String]) -> Result<(), Failure> {
        match self.sequence(screen.size().columns, above, lines) {
            Some(text) => screen.out_raw(&text),
            None => Ok(()),
        }
    }

    /// Takes the frame away. Whatever follows stands apart from the lines that stay.
    pub(crate) fn end(&mut self, screen: &mut Screen, mut above: Vec<String>) -> Result<(), Failure> {
        above.extend((self.has_told || !above.is_empty()).then(String::new));
        self.draw(screen, &above, &[])
    }

    /// What brings the last frame to this one, on a terminal of so many columns; none if that is nothing.
    fn sequence(&mut self, columns: usize, above: &[String], lines: &[String]) -> Option<String> {
        let rows = self.rows(columns);
        self.has_told |= !above.is_empty();
        if above.is_empty() && self.shown == lines && self.columns == columns {
            return None;
        }
        let mut text = format!("{}\x1b[?25l", TOGETHER.0);
        if rows > 0 {
            let _ = write!(text, "\x1b[{rows}F");
        }
        // Where nothing scrolls and no line was broken, a line that is there already is passed over: clocks and bars are a small part of
        // a frame, and lines to terminals can be slow.
        let stays = above.is_empty() && self.columns == columns && rows == self.shown.len();
        for (place, line) in above.iter().chain(lines).enumerate() {
            match self.shown.get(place).filter(|_| stays) {
                Some(before) if before == line => {}
                Some(before) => text.push_str(&change(before, line)),
                None => {
                    text.push_str(line);
                    text.push_str("\x1b[K");
                }
            }
            text.push('\n');
        }
        let _ = write!(text, "\x1b[J\x1b[?25h{}", TOGETHER.1);
        (self.shown, self.columns) = (lines.to_vec(), columns);
        Some(text)
    }

    /// Rows that the last frame takes on a terminal of so many columns: one that was made narrower has broken its lines.
    fn rows(&self, columns: usize) -> usize {
        let wide = |line: &String| width(&anstream::adapter::strip_str(line).to_string());
        self.shown.iter().map(|line| wide(line).div_ceil(columns.max(1)).max(1)).sum()
    }
}

/// What makes `line` of the line that is there, from the first column on: what both begin with is passed over. It ends before an ASCII
/// letter, which no accent joins with what stands there, and where no colour is on.
fn change(before: &str, line: &str) -> String {
    let (mut kept, mut escape, mut colour) = (0, false, false);
    for ((at, letter), other) in line.char_indices().zip(before.chars()) {
        if letter.is_ascii() && !escape && !colour {
            kept = at;
        }
        if letter != other {
            break;
        }
        match letter {
            '\x1b' => escape = true,
            'm' if escape => {
                escape = false;
                colour = !line.get(..=at).is_some_and(|so_far| so_far.ends_with("\x1b[0m"));
            }
            _ => {}
        }
    }
    let (same, rest) = line.split_at(kept);
    let column = width(&anstream::adapter::strip_str(same).to_string());
    let there = if column > 0 { format!("\x1b[{column}C") } else { String::new() };
    format!("{there}{rest}\x1b[K")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_takes_more_rows_when_the_window_gets_narrow() {
        let painter = Painter {
            shown: vec![String::new(), "x".repeat(79), "\x1b[1mab\x1b[0m".into()],
            columns: 80,
            has_told: false,
        };
        assert_eq!((painter.rows(80), painter.rows(40), painter.rows(10)), (3, 4, 10));
    }

    #[test]
    fn of_a_line_that_has_changed_only_the_end_is_sent() {
        assert_eq!(change("same", "same but longer"), "\x1b[3Ce but longer\x1b[K");
        assert_eq!(change("a 1", "b 1"), "b 1\x1b[K");
        let line = |clock| format!(" \x1b[36m●\x1b[0m api \x1b[36m██\x1b[0m 0:{clock}");
        assert_eq!(change(&line("08"), &line("09")), "\x1b[13C9\x1b[K");
        // Never from within a colour, and never before what may join with the letter that stands there.
        assert_eq!(change("\x1b[31mab\x1b[0m", "\x1b[31mac\x1b[0m"), "\x1b[31mac\x1b[0m\x1b[K");
        assert_eq!(change("xe y", "xe\u{301} y"), "\x1b[1Ce\u{301} y\x1b[K");
    }

    #[test]
    fn a_line_that_is_there_already_is_not_sent_again() {
        let mut painter = Painter::default();
        let lines = |clock: &str| ["mission", clock, "done 3"].map(str::to_owned);
        let all = painter.sequence(80, &[], &lines("0:01")).unwrap();
        assert!(all.contains("mission\x1b[K\n0:01\x1b[K\ndone 3\x1b[K\n"), "{all:?}");
        let changed = painter.sequence(80, &[], &lines("0:02")).unwrap();
        assert!(changed.contains("\x1b[3F\n\x1b[3C2\x1b[K\n\n\x1b[J"), "{changed:?}");
        assert_eq!(painter.sequence(80, &[], &lines("0:02")), None);
        // What scrolls, and what was broken by a narrower window, is drawn anew.
        let above = painter.sequence(80, &["failed".into()], &lines("0:03")).unwrap();
        assert!(above.contains("\x1b[3Ffailed\x1b[K\nmission\x1b[K\n"), "{above:?}");
        let narrow = painter.sequence(5, &[], &lines("0:04")).unwrap();
        assert!(narrow.contains("\x1b[5Fmission\x1b[K\n"), "{narrow:?}");
    }
}
