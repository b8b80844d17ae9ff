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
}

/// Terminals that know this show what stands between at once; the others pass over it.
const TOGETHER: (&str, &str) = ("\x1b[?2026h", "\x1b[?2026l");

impl Painter {
    /// Draws `lines` over the last frame; `above` scrolls away over it and stays. One write, and none if nothing changed, so
    /// that nothing flickers.
    pub(crate) fn draw(&mut self, screen: &mut Screen, above: &[String], lines: &[String]) -> Result<(), Failure> {
        let columns = screen.size().columns;
        let rows = self.rows(columns);
        if above.is_empty() && self.shown == lines && self.columns == columns {
            return Ok(());
        }
        let mut text = format!("{}\x1b[?25l", TOGETHER.0);
        if rows > 0 {
            let _ = write!(text, "\x1b[{rows}F");
        }
        for line in above.iter().chain(lines) {
            text.push_str(line);
            text.push_str("\x1b[K\n");
        }
        let _ = write!(text, "\x1b[J\x1b[?25h{}", TOGETHER.1);
        (self.shown, self.columns) = (lines.to_vec(), columns);
        screen.out_raw(&text)
    }

    /// Rows that the last frame takes on a terminal of so many columns: one that was made narrower has broken its lines.
    fn rows(&self, columns: usize) -> usize {
        let wide = |line: &String| width(&anstream::adapter::strip_str(line).to_string());
        self.shown.iter().map(|line| wide(line).div_ceil(columns.max(1)).max(1)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_takes_more_rows_when_the_window_gets_narrow() {
        let painter = Painter { shown: vec![String::new(), "x".repeat(79), "\x1b[1mab\x1b[0m".into()], columns: 80 };
        assert_eq!((painter.rows(80), painter.rows(40), painter.rows(10)), (3, 4, 10));
    }
}
