//! `band levels`: what the five levels of rigor mean.

use bandleader_core::levels::{LEVELS, Level};
use clap::Args;

use crate::error::{Exit, Outcome};
use crate::render::screen::Screen;
use crate::render::style::{QUIET, STRONG, paint};
use crate::render::text::pad;
use crate::render::words::brief;

/// Show what the five levels of rigor mean
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band levels
  band check plan.yaml --level 4     what level 4 adds to a plan, and what it removes
Agents are told the quality bar of the plan's level. Mode and retries count where a plan says none.")]
pub(crate) struct Arguments {
    /// Print the table as JSON
    #[arg(long)]
    json: bool,
}

/// Shows it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    if arguments.json {
        screen.json(&LEVELS)?;
        return Ok(Exit::Succeeded);
    }
    for (place, level) in LEVELS.iter().enumerate() {
        if place > 0 {
            screen.line("")?;
        }
        for line in lines(level) {
            screen.line(&line)?;
        }
    }
    Ok(Exit::Succeeded)
}

fn lines(level: &Level) -> Vec<String> {
    let retries = if level.retries == 1 { "1 retry".to_owned() } else { format!("{} retries", level.retries) };
    let time = format!("{}.{}", level.deadline_tenths / 10, level.deadline_tenths % 10);
    let updates = brief(level.updates);
    let facts = paint(
        QUIET,
        format_args!("mode {}, {retries}, time to answer x{time}, updates every {updates}", level.mode.name()),
    );
    let head = format!("{}  {facts}", paint(STRONG, format_args!("{} {}", level.number, level.name)));
    let rows = level.quality.rows().map(|(side, bar)| format!("  {} {bar}", pad(side, 14)));
    [head].into_iter().chain(rows).collect()
}
