//! The full screen from the command line: whether it can be had, and what is said when it is left.

use std::io::{IsTerminal as _, stdin};

use bandleader_core::{Run, RunId};
use bandleader_engine::engine::Follower;
use bandleader_engine::folder::Folder;

use super::{Seeing, outcome};
use crate::error::{Exit, Failure, Outcome};
use crate::notice::{Bell, Notices};
use crate::render::live::state_words;
use crate::render::screen::Screen;
use crate::watch::{Abilities, Colours, Feed, Letters, Options, open};

/// Whether there is a terminal to draw on and to be typed at.
pub(super) fn is_possible() -> bool {
    Screen::is_live() && stdin().is_terminal()
}

/// Shows a run as it goes on until the person leaves.
pub(super) fn watch(folder: &Folder, id: &RunId, bell: Bell, screen: &mut Screen) -> Outcome {
    let feed = show(folder, id, Feed::live(Follower::open(folder, id)?), bell, screen)?;
    leave(folder, id, feed.run(), screen)
}

/// Shows what comes from a feed.
pub(super) fn show(folder: &Folder, id: &RunId, feed: Feed, bell: Bell, screen: &Screen) -> Result<Feed, Failure> {
    let colour = if screen.is_coloured() { Colours::Wanted } else { Colours::Unwanted };
    let letters = Letters::of_locale(|name| std::env::var(name).ok());
    let options = Options { abilities: Abilities { colour, letters }, notices: Notices::new(bell) };
    open(folder, id, feed, options)
}

/// How the run stands; one that goes on is no failure.
fn leave(folder: &Folder, id: &RunId, run: &Run, screen: &mut Screen) -> Outcome {
    if run.is_over() {
        let seeing = Seeing { plain: true, no_bell: true, ..Seeing::default() };
        outcome::tell(folder, id, run, &seeing, screen)?;
        return Ok(outcome::exit_of(run));
    }
    let counts = run.counts();
    let state = crate::json::runs::state_name(folder, id, state_words(run.state()));
    screen.note(&format!("run {id} is {state}: {} of {} tasks are over", counts.over(), counts.total));
    Ok(Exit::Succeeded)
}
