//! Verbs that work on runs. Each file beside this one is a verb, or a few that belong together.

pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod status;
pub(crate) mod steer;
pub(crate) mod timeline;

use clap::Args;

use crate::error::{Failure, Outcome};

/// Which run.
#[derive(Clone, Debug, Args)]
pub(crate) struct WhichRun {
    /// The run: the beginning of its id is enough; the newest when left out
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
}

/// Which run, for verbs whose first word is a task.
#[derive(Clone, Debug, Args)]
pub(crate) struct OfRun {
    /// The run: the beginning of its id is enough; the newest when left out
    #[arg(short, long, value_name = "RUN")]
    pub run: Option<String>,
}

fn not_yet(verb: &str) -> Outcome {
    Err(Failure::internal(format!("`band {verb}` is not built yet")))
}
