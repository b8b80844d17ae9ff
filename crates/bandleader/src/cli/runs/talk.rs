//! `band tell`: a word to those at work.

use bandleader_core::Command;
use bandleader_engine::engine::desk;
use clap::Args;

use super::OfRun;
use crate::error::{Exit, Failure, Outcome};
use crate::render::screen::Screen;

/// Say something to the agent that works on a task
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band tell build.api 'use the v2 endpoints'
  band tell api --run k3v9 - < notes.txt
It reaches an agent at work where its program can hear; otherwise its next attempt begins with it.
`band timeline` shows when it has arrived.")]
pub(crate) struct TellArguments {
    /// The task, or the end of its path
    #[arg(value_name = "TASK")]
    task: String,
    /// The words; `-` reads them from standard input
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    of: OfRun,
}

/// Says it.
pub(crate) fn tell(arguments: &TellArguments, screen: &mut Screen) -> Outcome {
    let text = if arguments.text == "-" {
        std::io::read_to_string(std::io::stdin())
            .map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?
    } else {
        arguments.text.clone()
    };
    let (folder, id) = super::find(arguments.of.run.as_deref())?;
    let task = arguments.task.clone();
    desk::ask(&folder, &id, &Command::Tell { task, text: text.trim_end().to_owned() })?;
    match desk::owner(&folder, &id) {
        Some(_) => screen.note(&format!("run {id} was told")),
        None => screen.note(&format!("run {id} has no engine now; it is told when `band resume {id}` takes it up")),
    }
    Ok(Exit::Succeeded)
}
