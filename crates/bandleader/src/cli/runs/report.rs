//! `band report`: what a run amounted to.

use bandleader_core::report::RunReport;
use bandleader_core::view::History;
use bandleader_engine::engine::{Follower, desk};
use clap::Args;

use super::WhichRun;
use crate::error::{Exit, Outcome};
use crate::render::screen::Screen;

/// Show what a run amounted to, as Markdown
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band report
  band report k3v9 > report.md
  band report k3v9 --json | jq .agents
A run that has not ended is reported as it stands.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// Shows it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    let story = desk::story(&folder, &id)?;
    let follower = Follower::open(&folder, &id)?;
    let history = History::replay(follower.run().plan().clone(), &story);
    let report = RunReport::of(follower.run(), &history);
    if arguments.json {
        screen.json(&report)?;
    } else {
        screen.out(&report.to_markdown())?;
    }
    Ok(Exit::Succeeded)
}
