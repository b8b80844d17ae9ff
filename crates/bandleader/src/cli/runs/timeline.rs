//! `band timeline`: what happened, in order.

use bandleader_core::view::Timeline;
use bandleader_core::{Run, RunId};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use clap::Args;
use serde_json::Value;

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
    if arguments.json {
        for line in lines(&folder, &id)? {
            screen.json_line(&line)?;
        }
        return Ok(Exit::Succeeded);
    }
    let follower = Follower::open(&folder, &id)?;
    let plan = follower.run().plan();
    let story = desk::story(&folder, &id)?;
    let mut run = Run::new(plan.clone());
    for recorded in &story {
        run.apply(recorded).map_err(|error| Failure::internal(error.to_string()))?;
        if let Some(line) = plain::line(&run, recorded) {
            screen.line(&line)?;
        }
    }
    Ok(Exit::Succeeded)
}

/// The lines of its timeline, for programs.
pub(crate) fn lines(folder: &Folder, id: &RunId) -> Result<Vec<Value>, Failure> {
    let follower = Follower::open(folder, id)?;
    let mut timeline = Timeline::new(follower.run().plan().clone());
    let story = desk::story(folder, id)?;
    Ok(story.iter().flat_map(|recorded| timeline.lines(recorded)).collect())
}
