//! `band replay`: a run again, from its log, faster than it was.

use std::thread;
use std::time::Instant;

use bandleader_core::RunId;
use bandleader_engine::folder::Folder;
use clap::Args;

use super::{WhichRun, full};
use crate::error::{Exit, Failure, Outcome};
use crate::notice::Bell;
use crate::render::plain;
use crate::render::screen::Screen;
use crate::watch::{Feed, Player};

/// Play a run again, as it was seen
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band replay                   the newest run, in about a minute
  band replay k3v9 --speed 60   an hour a minute
  band replay --plain --speed 1000
Keys: space stops and goes on, + and - change the speed, E jumps to the end, 0 begins again, q leaves.
A stretch in which nothing happened takes three seconds at most. A run that still goes on is followed from there.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// So many times as fast as it was; when left out, all of it takes about a minute
    #[arg(short, long, value_name = "N", value_parser = speed)]
    speed: Option<f64>,
    /// One line per fact instead of the full screen (so it is without a terminal)
    #[arg(long)]
    plain: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let number: f64 =
        text.trim_end_matches('x').parse().map_err(|_| "expected a number, such as 8 or 0.5".to_owned())?;
    if (0.01..=1e6).contains(&number) { Ok(number) } else { Err("expected a number from 0.01 to 1000000".into()) }
}

/// Plays it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    let player = Player::open(&folder, &id, arguments.speed)?;
    if arguments.plain || !full::is_possible() {
        return told(player, &id, screen);
    }
    seen(&folder, &id, player, screen)
}

fn seen(folder: &Folder, id: &RunId, player: Player, screen: &Screen) -> Outcome {
    full::show(folder, id, Feed::Again(Box::new(player)), Bell::Off, screen)?;
    Ok(Exit::Succeeded)
}

/// In lines, each when its time comes.
fn told(mut player: Player, id: &RunId, screen: &mut Screen) -> Outcome {
    screen.line(&plain::beginning(id.as_str(), player.run(), player.run().last_at()))?;
    while !player.is_over() {
        thread::sleep(player.pause());
        for recorded in player.advance(Instant::now())? {
            if let Some(line) = plain::line(player.run(), &recorded) {
                screen.line(&line)?;
            }
        }
    }
    Ok::<Exit, Failure>(Exit::Succeeded)
}
