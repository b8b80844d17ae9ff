//! Verbs that work on runs. Each file beside this one is a verb, or a few that belong together.

pub(crate) mod adjust;
mod answer;
pub(crate) mod approval;
pub(crate) mod clean;
pub(crate) mod drive;
pub(crate) mod export;
mod full;
pub(crate) mod inbox;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod merge;
mod news;
pub(crate) mod orders;
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
pub(crate) mod traces;

use bandleader_core::levels::Level;
use bandleader_core::view::update::Rhythm;
use bandleader_core::{RunId, parse_rhythm};
use bandleader_engine::engine::desk;
use bandleader_engine::folder::Folder;
use clap::Args;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(default)]
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
    /// How often plain lines say how far it is: 10m, none (else as `updates` in band.toml or the level says)
    #[arg(long, value_name = "LENGTH", value_parser = parse_rhythm)]
    pub updates: Option<Rhythm>,
}

impl Seeing {
    /// Whether a terminal rings when a decision is opened: never where nobody sees it.
    fn bell(&self) -> Bell {
        let is_seen = Screen::is_live() && !self.json && !self.detach;
        if self.no_bell || !is_seen { Bell::Off } else { crate::config::bell() }
    }

    /// How often plain lines say how far a run of this level is.
    fn rhythm(&self, level: &Level) -> Rhythm {
        self.updates.unwrap_or_else(|| crate::config::updates(level))
    }
}

/// The state folder of the project that we stand in.
pub(crate) fn folder() -> Result<Folder, Failure> {
    Ok(Folder::find(&crate::config::here()?)?)
}

/// The run that was meant.
pub(crate) fn find(wanted: Option<&str>) -> Result<(Folder, RunId), Failure> {
    let folder = folder()?;
    let id = desk::find(&folder, wanted)?.id;
    Ok((folder, id))
}
