//! `band schema`: the JSON Schema of the plan language, for editors; and the description of the HTTP API.

use clap::Args;

use crate::error::{Exit, Outcome};
use crate::render::screen::Screen;

/// Print the JSON Schema of plans, for editors
#[derive(Debug, Args)]
#[command(after_help = "Example:
  band schema > .band/plans/plan.schema.json
and as the first line of a plan:
  # yaml-language-server: $schema=.band/plans/plan.schema.json")]
pub(crate) struct Arguments {
    /// Print the description of the HTTP API (OpenAPI 3.1) instead
    #[arg(long)]
    api: bool,
}

/// Prints it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let document = if arguments.api { crate::serve::openapi::document() } else { crate::plans::schema() };
    screen.json(&document)?;
    Ok(Exit::Succeeded)
}
