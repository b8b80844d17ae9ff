//! `band rehearse PLAN`: the plan in virtual time, no process started.

use clap::Args;

use crate::error::{Failure, Outcome};
use crate::plans::{self, PlanArguments};
use crate::render::screen::Screen;

/// Run a plan in virtual time from its estimates: when would what happen?
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band rehearse plan.yaml
  band rehearse plan.yaml --parallel 12
  band rehearse plan.yaml --json | jq .makespan_ms")]
pub(crate) struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// How many tasks at once, in place of the plan's own number
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    parallel: Option<u32>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// Rehearses it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let _plan = plans::load(&arguments.plan, screen)?;
    let _ = (arguments.parallel, arguments.json);
    Err(Failure::internal("`band rehearse` is not built yet"))
}
