//! `band schema`: the JSON Schema of the plan language, for editors.

use clap::Args;

use crate::error::{Exit, Outcome};
use crate::render::screen::Screen;

/// Print the JSON Schema of plans, for editors
#[derive(Debug, Args)]
#[command(after_help = "Example:
  band schema > .band/plans/plan.schema.json
and as the first line of a plan:
  # yaml-language-server: $schema=.band/plans/plan.schema.json")]
pub(crate) struct Arguments {}

/// Prints it.
pub(crate) fn run(_: &Arguments, screen: &mut Screen) -> Outcome {
    screen.json(&crate::plans::schema())?;
    Ok(Exit::Succeeded)
}
