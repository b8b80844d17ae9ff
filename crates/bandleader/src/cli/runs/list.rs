//! `band list`: the runs of this project.

use clap::Args;

use super::not_yet;
use crate::error::Outcome;
use crate::render::screen::Screen;

/// List the runs of this project, newest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band list
  band list -n 100 --json | jq '.[] | select(.state == \"failed\") | .id'")]
pub(crate) struct Arguments {
    /// How many at most; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    number: usize,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists them.
pub(crate) fn run(arguments: &Arguments, _screen: &mut Screen) -> Outcome {
    let _ = (arguments.number, arguments.json);
    not_yet("list")
}
