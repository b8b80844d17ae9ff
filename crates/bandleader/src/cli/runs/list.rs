//! `band list`: the runs of this project.

use bandleader_core::Timestamp;
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::desk;
use bandleader_engine::store::RunRow;
use clap::Args;

use crate::error::{Exit, Outcome};
use crate::json::runs::{counts, row, state_name};
use crate::render::screen::Screen;
use crate::render::style::{ALERT, BAD, GOOD, QUIET, paint};
use crate::render::text::{clean, fit, pad, pad_left};
use crate::render::when::local;
use crate::render::words::brief;

/// List the runs of this project, newest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band list
  band list -n 100 --json | jq '.[] | select(.state == \"failed\") | .id'")]
pub(crate) struct Arguments {
    /// How many at most; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    number: usize,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists them.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let folder = super::folder()?;
    let mut rows = desk::runs(&folder)?;
    let all = rows.len();
    if arguments.number > 0 {
        rows.truncate(arguments.number);
    }
    if arguments.json {
        screen.json(&rows.iter().map(|one| row(&folder, one)).collect::<Vec<_>>())?;
        return Ok(Exit::Succeeded);
    }
    if rows.is_empty() {
        screen.note("no runs yet; `band run PLAN` makes one");
        return Ok(Exit::Succeeded);
    }
    let (now, width) = (Clock::start(Timestamp(0)).now(), screen.width());
    screen.line(&paint(
        QUIET,
        format_args!("{:<10}{:<12}{:>9}  {:<10}{:>10}  MISSION", "RUN", "STATE", "DONE", "STARTED", "TOOK"),
    ))?;
    for row in &rows {
        screen.line(&line(row, state_name(&folder, &row.id, &row.state), now, width))?;
    }
    if all > rows.len() {
        screen.note(&format!("and {} older; `-n 0` lists all", all - rows.len()));
    }
    Ok(Exit::Succeeded)
}

fn line(row: &RunRow, word: &str, now: Timestamp, width: usize) -> String {
    let counts = counts(row);
    let state = word.replace('_', " ");
    let style = match word {
        "succeeded" | "succeeded_with_overrides" => GOOD,
        "failed" | "over_budget" => BAD,
        "running" => crate::render::style::ACTIVE,
        _ => ALERT,
    };
    let done = format!("{}/{}", counts.completed, counts.total);
    let until = if word == "running" { now } else { row.last_at };
    let took = brief(until.since(row.created_at));
    let mission = clean(&row.mission);
    format!(
        "{}{}{}  {}{}  {}",
        pad(row.id.as_str(), 10),
        paint(style, pad(&state, 12)),
        pad_left(&done, 9),
        pad(&local(row.created_at, now), 10),
        pad_left(&took, 10),
        fit(&mission, width.saturating_sub(57).max(10)),
    )
}
