//! `band timeline`: what happened, in order.

use clap::Args;

use super::{WhichRun, not_yet};
use crate::error::Outcome;
use crate::render::screen::Screen;

/// Show what happened in a run, in order
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band timeline
  band timeline k3v9 --json | jq -r 'select(.event == \"agent_failed\") | .task'")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// One JSON object per line, as in orchestration-timeline.jsonl
    #[arg(long)]
    json: bool,
}

/// Shows it.
pub(crate) fn run(arguments: &Arguments, _screen: &mut Screen) -> Outcome {
    let _ = (&arguments.which.run, arguments.json);
    not_yet("timeline")
}
