//! `band run` and `band resume`: the engine at work, seen live.

use clap::Args;

use super::{WhichRun, not_yet};
use crate::error::Outcome;
use crate::plans::{self, PlanArguments};
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

/// How the run is shown.
#[derive(Clone, Debug, Args)]
struct Seeing {
    /// Let it run in the background; print its id and return
    #[arg(short, long)]
    detach: bool,
    /// One line per fact instead of the live view (so it is without a terminal)
    #[arg(long)]
    plain: bool,
    /// One JSON object per event on stdout
    #[arg(long, conflicts_with_all = ["detach", "plain"])]
    json: bool,
    /// End with 5 instead of waiting for people
    #[arg(long)]
    no_wait: bool,
}

/// Starts a run.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let _plan = plans::load(&arguments.plan, screen)?;
    let Seeing { detach, plain, json, no_wait } = arguments.seeing;
    let _ = (arguments.parallel, detach, plain, json, no_wait);
    not_yet("run")
}

/// Takes one up again.
pub(crate) fn resume(arguments: &ResumeArguments, _screen: &mut Screen) -> Outcome {
    let _ = (&arguments.which.run, &arguments.seeing);
    not_yet("resume")
}
