//! `band report`: what a run amounted to.

use clap::Args;

use super::{WhichRun, not_yet};
use crate::error::Outcome;
use crate::render::screen::Screen;

/// Show what a run amounted to, as Markdown
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band report
  band report k3v9 --json | jq .agents")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// Shows it.
pub(crate) fn run(arguments: &Arguments, _screen: &mut Screen) -> Outcome {
    let _ = (&arguments.which.run, arguments.json);
    not_yet("report")
}
