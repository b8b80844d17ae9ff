//! `band check PLAN`: every problem of a plan at once, before anything runs.

use clap::Args;

use crate::error::{Exit, Outcome};
use crate::plans::{self, PlanArguments};
use crate::render::diagnostics;
use crate::render::screen::Screen;

/// Find every mistake in a plan before anything runs
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band check plan.yaml
  band check release --input version=1.4
  band check plan.yaml --json | jq '.[].message'
Ends with 0 when the plan can run (warnings included), with 2 when it cannot.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// Print the problems as a JSON array on stdout
    #[arg(long)]
    json: bool,
}

/// Checks it and says what it found.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let file = plans::find(&arguments.plan.plan)?;
    let checked = plans::check(&file, &arguments.plan);
    let exit = if checked.plan.is_some() { Exit::Succeeded } else { Exit::Usage };
    if arguments.json {
        screen.json(&diagnostics::plain(&checked.diagnostics, &checked.sources))?;
        return Ok(exit);
    }
    let width = screen.width();
    if !checked.diagnostics.is_empty() {
        screen.note(diagnostics::graphical(&checked.diagnostics, &checked.sources, width).trim_end());
        screen.note("");
    }
    screen.note(&diagnostics::summary(&checked.diagnostics, &file.name));
    if let Some(plan) = &checked.plan {
        screen.line(&super::overview(plan))?;
    }
    Ok(exit)
}
