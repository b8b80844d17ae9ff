//! `band inbox`: what all runs of this project ask people now, the most pressing first.

use bandleader_core::{Decision, Run, RunId};
use bandleader_engine::engine::{Follower, desk};
use clap::Args;
use serde_json::Value;

use crate::error::{Exit, Outcome};
use crate::json::inbox::{can_ask, entry, moment, rank};
use crate::render::heard::question_line;
use crate::render::screen::Screen;
use crate::render::style::{QUIET, STRONG, paint};
use crate::render::text::{clean, fit};

/// List what all runs ask people now, the most pressing first
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band inbox
  band inbox --json | jq '.[0].question.text'
  band decide k3v9 2 B          answers one of them")]
pub(crate) struct Arguments {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let folder = super::folder()?;
    let mut runs: Vec<(RunId, Run)> = Vec::new();
    for row in desk::runs(&folder)?.iter().filter(|row| can_ask(&row.state)) {
        runs.push((row.id.clone(), Follower::open(&folder, &row.id)?.run().clone()));
    }
    let mut entries: Vec<(&RunId, &Run, u32, &Decision)> = runs
        .iter()
        .flat_map(|(id, run)| run.open_decisions().map(move |(number, decision)| (id, run, number, decision)))
        .filter(|(_, _, _, decision)| decision.asks_people())
        .collect();
    entries.sort_by_key(|(_, _, _, decision)| rank(decision));
    if arguments.json {
        let all: Vec<Value> =
            entries.iter().map(|(id, run, number, decision)| entry(&folder, id, run, *number, decision)).collect();
        screen.json(&all)?;
        return Ok(Exit::Succeeded);
    }
    if entries.is_empty() {
        screen.note("nobody asks anything now");
        return Ok(Exit::Succeeded);
    }
    let columns = screen.width();
    for entries in entries.chunk_by(|one, next| one.0 == next.0) {
        let [(id, run, number, _), others @ ..] = entries else { continue };
        let mission = clean(&run.plan().mission);
        let alone = if desk::owner(&folder, id).is_none() { " · no engine: its clock stands still" } else { "" };
        let head = format!(
            "{}  {}",
            paint(STRONG, id.as_str()),
            paint(QUIET, format_args!("{}{alone}", fit(&mission, columns.saturating_sub(48).max(20))))
        );
        screen.line(&head)?;
        let now = moment(&folder, id, run);
        for (_, run, number, decision) in entries {
            screen.line(&question_line(run, *number, decision, now, columns))?;
        }
        let which = if others.is_empty() { number.to_string() } else { "NUMBER".to_owned() };
        screen.line(&paint(QUIET, format_args!("   band decide {id} {which}")))?;
    }
    Ok(Exit::Succeeded)
}
