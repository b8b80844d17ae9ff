//! `band logs`: what tasks printed.

use clap::Args;

use super::{OfRun, not_yet};
use crate::error::Outcome;
use crate::render::screen::Screen;

/// Show what tasks printed
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band logs                     the end of every task's output
  band logs build.api           all of one task's newest attempt
  band logs -f build.api        go on as it grows
  band logs build.api --raw > api.log
Control characters are shown as escapes unless --raw is given.")]
pub(crate) struct Arguments {
    /// Tasks, or the ends of their paths; all when left out
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
    #[command(flatten)]
    of: OfRun,
    /// Go on as it grows, until the run ends
    #[arg(short, long)]
    follow: bool,
    /// Only the last lines of each
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<usize>,
    /// Which attempt; the newest when left out
    #[arg(long, value_name = "N")]
    attempt: Option<u32>,
    /// The bytes as they were written
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    /// One JSON object per piece of output
    #[arg(long)]
    json: bool,
}

/// Shows them.
pub(crate) fn run(arguments: &Arguments, _screen: &mut Screen) -> Outcome {
    let Arguments { tasks, of, follow, lines, attempt, raw, json } = arguments;
    let _ = (tasks, &of.run, follow, lines, attempt, raw, json);
    not_yet("logs")
}
