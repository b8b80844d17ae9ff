//! `band run` and `band resume`: the engine at work, seen live.

use bandleader_core::{Command, RunState};
use bandleader_engine::engine::{Follower, NewMission, desk, submit};
use bandleader_engine::folder::Folder;
use clap::Args;

use super::{Seeing, WhichRun, drive, outcome, status};
use crate::config;
use crate::error::{Failure, Outcome};
use crate::plans::{self, Missing, PlanArguments};
use crate::render::live::state_words;
use crate::render::screen::Screen;

/// Run a plan, and watch it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band run plan.yaml
  band run review --input target=src
  band run plan.yaml --detach && band watch
Ctrl-C once: start nothing new, let running tasks finish. Twice: stop them politely. Three times: kill them.
Ends with 0 when all is done, 3 when tasks failed, 4 when a gate refused, 6 over budget, 130 when cancelled.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// How many tasks at once, in place of the plan's own number
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    parallel: Option<u32>,
    #[command(flatten)]
    seeing: Seeing,
}

/// Go on with a run: after a crash, a stop or a pause
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band resume              the newest run
  band resume k3v9         the run whose id begins so
Tasks that went on while nobody looked are found again and kept; completed ones are not repeated.")]
pub(crate) struct ResumeArguments {
    #[command(flatten)]
    which: WhichRun,
    #[command(flatten)]
    seeing: Seeing,
}

/// Freezes a plan as a run and drives it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let plan = plans::load(&arguments.plan, arguments.parallel, Missing::Ask, screen)?;
    let folder = Folder::find_or_create(&config::here()?)?;
    let plan_name = arguments.plan.plan.as_str();
    let id = submit(&folder, &NewMission { plan: &plan, plan_name, project: folder.project() })?;
    drive::go(&folder, &id, &arguments.seeing, screen)
}

/// Takes one up again. A run that another process drives is only watched; one that has ended is left as it is.
pub(crate) fn resume(arguments: &ResumeArguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    let follower = Follower::open(&folder, &id)?;
    let state = follower.run().state();
    if follower.run().is_over() {
        screen.note(&format!("run {id} has ended: {}", state_words(state)));
        if matches!(state, RunState::Failed | RunState::Cancelled) {
            screen.note(&format!("`band retry --failed --run {id}` takes it up again"));
        }
        return Ok(outcome::exit_of(follower.run()));
    }
    if state == RunState::Paused {
        desk::ask(&folder, &id, &Command::Resume).map_err(Failure::from)?;
    }
    let Some(pid) = desk::owner(&folder, &id) else {
        return drive::go(&folder, &id, &arguments.seeing, screen);
    };
    screen.note(&format!("run {id} is driven by process {pid}; watching it"));
    status::follow(&folder, &id, &arguments.seeing, screen)
}
