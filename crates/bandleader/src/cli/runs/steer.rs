//! `band pause`, `band cancel`, `band retry`: a word to the engine that holds the run, through the run's inbox.

use clap::Args;

use super::{OfRun, WhichRun, not_yet};
use crate::error::Outcome;
use crate::render::screen::Screen;

/// Start nothing new in a run until `band resume`
#[derive(Debug, Args)]
#[command(after_help = "Running tasks go on to their end. `band resume` lifts the pause.")]
pub(crate) struct PauseArguments {
    #[command(flatten)]
    which: WhichRun,
}

/// Stop a run, or single tasks of it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band cancel                   the newest run: TERM, a grace, then KILL
  band cancel k3v9 --now        KILL at once
  band cancel --task build.api  only that task")]
pub(crate) struct CancelArguments {
    #[command(flatten)]
    which: WhichRun,
    /// Only this task; may be given several times
    #[arg(short, long = "task", value_name = "TASK")]
    tasks: Vec<String>,
    /// Kill at once instead of asking first
    #[arg(long)]
    now: bool,
}

/// Try tasks again
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band retry --failed           everything that failed, and what was skipped for it
  band retry build.api          one task
A run that has ended is taken up again.")]
pub(crate) struct RetryArguments {
    /// Tasks, or the ends of their paths
    #[arg(value_name = "TASK", required_unless_present = "failed")]
    tasks: Vec<String>,
    #[command(flatten)]
    of: OfRun,
    /// All that failed
    #[arg(long, conflicts_with = "tasks")]
    failed: bool,
}

/// Pauses it.
pub(crate) fn pause(arguments: &PauseArguments, _screen: &mut Screen) -> Outcome {
    let _ = &arguments.which.run;
    not_yet("pause")
}

/// Cancels it.
pub(crate) fn cancel(arguments: &CancelArguments, _screen: &mut Screen) -> Outcome {
    let _ = (&arguments.which.run, &arguments.tasks, arguments.now);
    not_yet("cancel")
}

/// Tries again.
pub(crate) fn retry(arguments: &RetryArguments, _screen: &mut Screen) -> Outcome {
    let _ = (&arguments.tasks, &arguments.of.run, arguments.failed);
    not_yet("retry")
}
