//! `band graph PLAN`: the plan as a picture, in five formats.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::error::{Exit, Failure, Outcome};
use crate::graph::{self, Picture};
use crate::plans::{self, Missing, PlanArguments};
use crate::render::screen::Screen;

/// Draw a plan: as text, Mermaid, DOT, SVG or JSON
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band graph plan.yaml
  band graph plan.yaml --format svg --output plan.svg
  band graph plan.yaml --format dot | dot -Tpdf > plan.pdf")]
pub(crate) struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// How to draw it
    #[arg(short, long, value_enum, default_value_t)]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write it to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How to draw it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text, by phases, for a terminal
    #[default]
    Tree,
    /// A Mermaid flowchart, for Markdown
    Mermaid,
    /// Graphviz
    Dot,
    /// A picture
    Svg,
    /// Nodes, needs and the critical path, for programs
    Json,
}

/// Draws it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let plan = plans::load(&arguments.plan, None, Missing::Allow, screen)?;
    let picture = Picture::new(&plan);
    let format = if arguments.json { Format::Json } else { arguments.format };
    let text = match format {
        Format::Tree => graph::tree::draw(&picture, screen.width()),
        Format::Mermaid => graph::mermaid::draw(&picture),
        Format::Dot => graph::dot::draw(&picture),
        Format::Svg => graph::svg::draw(&picture),
        Format::Json => serde_json::to_string_pretty(&graph::json::describe(&plan, &picture))? + "\n",
    };
    let Some(path) = &arguments.output else {
        screen.out(&text)?;
        return Ok(Exit::Succeeded);
    };
    let text = anstream::adapter::strip_str(&text).to_string();
    std::fs::write(path, text)
        .map_err(|error| Failure::usage(format!("cannot write `{}`: {error}", path.display())))?;
    Ok(Exit::Succeeded)
}
