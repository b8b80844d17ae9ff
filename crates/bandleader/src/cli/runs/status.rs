//! `band status` and `band watch`: one run, once or until it ends.

use clap::Args;

use super::{WhichRun, not_yet};
use crate::error::Outcome;
use crate::render::screen::Screen;

/// Show how a run stands
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band status
  band status k3v9 --json | jq .counts")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// Follow a run live until it ends; looking changes nothing
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band watch
  band watch k3v9 --plain
Ctrl-C ends the looking, not the run.")]
pub(crate) struct WatchArguments {
    #[command(flatten)]
    which: WhichRun,
    /// One line per fact instead of the live view (so it is without a terminal)
    #[arg(long)]
    plain: bool,
    /// One JSON object per event on stdout
    #[arg(long, conflicts_with = "plain")]
    json: bool,
}

/// Shows it once.
pub(crate) fn run(arguments: &Arguments, _screen: &mut Screen) -> Outcome {
    let _ = (&arguments.which.run, arguments.json);
    not_yet("status")
}

/// Follows it.
pub(crate) fn watch(arguments: &WatchArguments, _screen: &mut Screen) -> Outcome {
    let _ = (&arguments.which.run, arguments.plain, arguments.json);
    not_yet("watch")
}
