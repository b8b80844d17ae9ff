//! `band export`: everything that a run left, in one folder, rebuilt from its log.

use std::path::PathBuf;

use clap::Args;

use super::{WhichRun, not_yet};
use crate::error::Outcome;
use crate::render::screen::Screen;

/// Write a run's plan file, timeline, report and logs into a folder
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band export
  band export k3v9 --output /tmp/k3v9")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// The folder to make; `band-RUN` when left out. It must not exist
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Writes it.
pub(crate) fn run(arguments: &Arguments, _screen: &mut Screen) -> Outcome {
    let _ = (&arguments.which.run, &arguments.output);
    not_yet("export")
}
