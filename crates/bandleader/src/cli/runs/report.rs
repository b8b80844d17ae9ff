//! `band report`: what a run amounted to.

use bandleader_core::RunId;
use bandleader_core::report::RunReport;
use bandleader_core::view::History;
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use clap::Args;

use super::{WhichRun, say};
use crate::error::{Exit, Failure, Outcome};
use crate::render::screen::Screen;

/// Show what a run amounted to; within a task: report to its run
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Examples:
  band report
  band report k3v9 > report.md
  band report k3v9 --json | jq .agents
A run that has not ended is reported as it stands.
The commands of a task report to their own run, which they know by their environment:
  band report progress 40 --doing 'running the tests'
  band report insight 'the index is built twice'
  choice=$(band report ask 'Which region?' -o A=Frankfurt -o B=Dublin -r A)"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    say: Option<say::Say>,
}

/// Shows it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    if let Some(said) = &arguments.say {
        return say::run(said, screen);
    }
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    let report = of(&folder, &id)?;
    if arguments.json {
        screen.json(&report)?;
    } else {
        screen.out(&report.to_markdown())?;
    }
    Ok(Exit::Succeeded)
}

/// What it amounts to so far.
pub(crate) fn of(folder: &Folder, id: &RunId) -> Result<RunReport, Failure> {
    let story = desk::story(folder, id)?;
    let follower = Follower::open(folder, id)?;
    let history = History::replay(follower.run().plan().clone(), &story);
    Ok(RunReport::of(follower.run(), &history))
}
