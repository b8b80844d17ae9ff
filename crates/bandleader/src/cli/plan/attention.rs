//! Who waits for a planner: hears what it does meanwhile, and may end it. At a terminal that is a person with a line that moves.

use std::time::Instant;

use bandleader_core::Millis;
use bandleader_engine::agent::notes::Activity;
use bandleader_engine::agent::once::Patience;

use super::interrupts::Interrupts;
use crate::render::screen::Screen;
use crate::render::style::{QUIET, paint};
use crate::render::text::{clean, clip};
use crate::render::words::clock;

/// Somebody who waits.
pub(crate) trait Attention {
    /// A remark in passing; safe to show.
    fn note(&mut self, words: &str);

    /// The planner of that name is at work since then. Called a few times a second.
    fn at_work(&mut self, name: &str, began: Instant, activity: Option<&Activity>) -> Patience;

    /// It has answered, or ended otherwise. Whether it was to end: then however far it came does not matter.
    fn ended(&mut self) -> Patience;
}

/// A person at a terminal, or a script that keeps stderr.
pub(super) struct AtTerminal<'a> {
    screen: &'a mut Screen,
    stop: Interrupts,
    is_live: bool,
}

impl AtTerminal<'_> {
    /// From now on a signal ends the planner, not this process.
    pub(super) fn watch(screen: &mut Screen) -> std::io::Result<AtTerminal<'_>> {
        let is_live = std::io::IsTerminal::is_terminal(&std::io::stderr());
        Ok(AtTerminal { screen, stop: Interrupts::watch()?, is_live })
    }

    fn patience(&self) -> Patience {
        if self.stop.is_asked_for() { Patience::Stop } else { Patience::Wait }
    }
}

/// The planner has ended, and whoever asked it goes on.
impl Drop for AtTerminal<'_> {
    fn drop(&mut self) {
        self.stop.answered();
    }
}

impl Attention for AtTerminal<'_> {
    fn note(&mut self, words: &str) {
        self.screen.note(&paint(QUIET, words));
    }

    fn at_work(&mut self, name: &str, began: Instant, activity: Option<&Activity>) -> Patience {
        if self.is_live {
            moving_line(name, began, activity, self.screen);
        }
        self.patience()
    }

    fn ended(&mut self) -> Patience {
        if self.is_live {
            self.screen.prompt("\r\u{1b}[K");
        }
        self.patience()
    }
}

/// `the planner is at work 0:12  Reading src/main.rs`, over itself.
fn moving_line(name: &str, began: Instant, activity: Option<&Activity>, screen: &mut Screen) {
    let doing = activity.map(|activity| clean(&activity.doing).into_owned()).unwrap_or_default();
    let elapsed = Millis(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
    let line = format!("{} is at work {}  {doing}", clean(name), clock(elapsed));
    let line = clip(&line, screen.width().saturating_sub(1));
    screen.prompt(&format!("\r{}\u{1b}[K", paint(QUIET, line)));
}
