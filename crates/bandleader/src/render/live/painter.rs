//! Puts frames on a terminal, each over the one before, and lines above them that stay.

use std::fmt::Write as _;

use crate::error::Failure;
use crate::render::screen::Screen;

/// A part of the screen that is drawn over and over.
#[derive(Debug, Default)]
pub(crate) struct Painter {
    shown: usize,
}

impl Painter {
    /// Draws `lines` over the last frame; `above` scrolls away over it and stays. One write, so that nothing flickers.
    pub(crate) fn draw(&mut self, screen: &mut Screen, above: &[String], lines: &[String]) -> Result<(), Failure> {
        let mut text = String::from("\x1b[?25l");
        if self.shown > 0 {
            let _ = write!(text, "\x1b[{}F", self.shown);
        }
        for line in above.iter().chain(lines) {
            text.push_str(line);
            text.push_str("\x1b[K\n");
        }
        text.push_str("\x1b[J\x1b[?25h");
        self.shown = lines.len();
        screen.out_raw(&text)
    }
}
