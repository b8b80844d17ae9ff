//! `band timeline`: what happened, in order.

use bandleader_core::Run;
use bandleader_core::view::Timeline;
use bandleader_engine::engine::{Follower, desk};
use clap::Args;

use super::WhichRun;
use crate::error::{Exit, Failure, Outcome};
use crate::render::plain;
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
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    let follower = Follower::open(&folder, &id)?;
    let plan = follower.run().plan();
    let story = desk::story(&folder, &id)?;
    if arguments.json {
        let mut timeline = Timeline::new(plan.clone());
        for line in story.iter().flat_map(|recorded| timeline.lines(recorded)) {
            screen.json_line(&line)?;
        }
        return Ok(Exit::Succeeded);
    }
    let mut run = Run::new(plan.clone());
    for recorded in &story {
        run.apply(recorded).map_err(|error| Failure::internal(error.to_string()))?;
        if let Some(line) = plain::line(&run, recorded) {
            screen.line(&line)?;
        }
    }
    Ok(Exit::Succeeded)
}
