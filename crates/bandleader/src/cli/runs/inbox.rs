//! `band inbox`: what all runs of this project ask people now, the most pressing first.

use bandleader_core::{Run, RunId, Timestamp};
use bandleader_engine::engine::{Follower, desk};
use clap::Args;
use serde_json::{Value, json};

use super::talk::describe;
use crate::error::{Exit, Outcome};
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

/// Runs that can still ask something.
const ALIVE: &[&str] = &["created", "running", "waiting", "paused", "rate_limited"];

/// One question of one run.
struct Entry {
    /// When silence counts; those without come last.
    deadline: Option<Timestamp>,
    opened: Timestamp,
    id: RunId,
    run: usize,
    number: u32,
}

/// Lists it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let folder = super::folder()?;
    let mut runs: Vec<Run> = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    for row in desk::runs(&folder)?.iter().filter(|row| ALIVE.contains(&row.state.as_str())) {
        let run = Follower::open(&folder, &row.id)?.run().clone();
        let at = runs.len();
        entries.extend(run.open_decisions().map(|(number, open)| Entry {
            deadline: open.deadline,
            opened: open.opened,
            id: row.id.clone(),
            run: at,
            number,
        }));
        runs.push(run);
    }
    entries.sort_by_key(|entry| (entry.deadline.is_none(), entry.deadline, entry.opened));
    let known = |entry: &Entry| {
        let run = runs.get(entry.run)?;
        Some((run, run.decisions().get(&entry.number)?))
    };
    if arguments.json {
        let all: Vec<Value> = entries
            .iter()
            .filter_map(|entry| {
                let (run, decision) = known(entry)?;
                let mut value = describe(run, entry.number, decision);
                if let Value::Object(fields) = &mut value {
                    fields.insert("run".into(), json!(entry.id));
                    fields.insert("mission".into(), json!(run.plan().mission));
                    fields.insert("owner".into(), json!(desk::owner(&folder, &entry.id)));
                    let now = super::moment(&folder, &entry.id, run);
                    fields.insert("left_ms".into(), json!(decision.left(now)));
                }
                Some(value)
            })
            .collect();
        screen.json(&all)?;
        return Ok(Exit::Succeeded);
    }
    if entries.is_empty() {
        screen.note("nobody asks anything now");
        return Ok(Exit::Succeeded);
    }
    let columns = screen.width();
    for entries in entries.chunk_by(|one, next| one.id == next.id) {
        let [first, others @ ..] = entries else { continue };
        let Some((run, _)) = known(first) else { continue };
        let mission = clean(&run.plan().mission);
        let alone =
            if desk::owner(&folder, &first.id).is_none() { " · no engine: its clock stands still" } else { "" };
        let head = format!(
            "{}  {}",
            paint(STRONG, first.id.as_str()),
            paint(QUIET, format_args!("{}{alone}", fit(&mission, columns.saturating_sub(48).max(20))))
        );
        screen.line(&head)?;
        let now = super::moment(&folder, &first.id, run);
        for (entry, (run, decision)) in entries.iter().filter_map(|entry| Some((entry, known(entry)?))) {
            screen.line(&question_line(run, entry.number, decision, now, columns))?;
        }
        let which = if others.is_empty() { first.number.to_string() } else { "NUMBER".to_owned() };
        screen.line(&paint(QUIET, format_args!("   band decide {} {which}", first.id)))?;
    }
    Ok(Exit::Succeeded)
}
