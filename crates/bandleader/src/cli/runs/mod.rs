//! Verbs that work on runs. Each file beside this one is a verb, or a few that belong together.

pub(crate) mod adjust;
pub(crate) mod approval;
pub(crate) mod clean;
pub(crate) mod drive;
pub(crate) mod export;
mod full;
pub(crate) mod inbox;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod merge;
mod outcome;
pub(crate) mod people;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod run;
mod say;
mod show;
pub(crate) mod status;
pub(crate) mod steer;
pub(crate) mod talk;
pub(crate) mod timeline;

use bandleader_core::{Run, RunId, Timestamp};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::desk;
use bandleader_engine::folder::Folder;
use clap::Args;

use crate::error::Failure;
use crate::notice::Bell;
use crate::render::screen::Screen;

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

/// How the run is shown while it goes on.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Clone, Debug, Args)]
pub(crate) struct Seeing {
    /// Let it run in the background; print its id and return
    #[arg(short, long)]
    pub detach: bool,
    /// One line per fact instead of the live view (so it is without a terminal)
    #[arg(long)]
    pub plain: bool,
    /// One JSON object per event on stdout
    #[arg(long, conflicts_with_all = ["detach", "plain"])]
    pub json: bool,
    /// End with 5 instead of waiting for people
    #[arg(long)]
    pub no_wait: bool,
    /// Do not ring when a decision is opened
    #[arg(long)]
    pub no_bell: bool,
}

impl Seeing {
    /// Whether a terminal rings when a decision is opened: never where nobody sees it.
    fn bell(&self) -> Bell {
        let is_seen = Screen::is_live() && !self.json && !self.detach;
        if self.no_bell || !is_seen { Bell::Off } else { crate::config::bell() }
    }
}

/// The state folder of the project that we stand in.
fn folder() -> Result<Folder, Failure> {
    Ok(Folder::find(&crate::config::here()?)?)
}

/// The run that was meant.
fn find(wanted: Option<&str>) -> Result<(Folder, RunId), Failure> {
    let folder = folder()?;
    let id = desk::find(&folder, wanted)?.id;
    Ok((folder, id))
}

/// The moment as which the clocks of a run's questions are read: now, or where no engine is the last thing that happened in it, because
/// nobody's time goes by while nobody can answer.
fn moment(folder: &Folder, id: &RunId, run: &Run) -> Timestamp {
    match desk::owner(folder, id) {
        Some(_) => Clock::start(run.last_at()).now(),
        None => run.last_at(),
    }
}

/// The state of a run in a word. One that should go on although no engine is there was interrupted: `band resume` is for it.
fn state_name<'a>(folder: &Folder, id: &RunId, state: &'a str) -> &'a str {
    let moves = matches!(state, "running" | "created");
    if moves && desk::owner(folder, id).is_none() { "interrupted" } else { state }
}
