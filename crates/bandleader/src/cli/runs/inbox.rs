//! `band inbox`: what all runs of this project ask people now, the most pressing first.

use bandleader_core::{Decision, Run, RunId, Timestamp};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use clap::Args;
use serde_json::{Value, json};

use super::talk::describe;
use crate::error::{Exit, Failure, Outcome};
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

/// Open questions, the most pressing first, and the runs that ask them.
struct Inbox {
    runs: Vec<Run>,
    entries: Vec<Entry>,
}

impl Inbox {
    fn open(folder: &Folder) -> Result<Inbox, Failure> {
        let (mut runs, mut entries): (Vec<Run>, Vec<Entry>) = (Vec::new(), Vec::new());
        for row in desk::runs(folder)?.iter().filter(|row| ALIVE.contains(&row.state.as_str())) {
            let run = Follower::open(folder, &row.id)?.run().clone();
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
        Ok(Inbox { runs, entries })
    }

    fn known(&self, entry: &Entry) -> Option<(&Run, &Decision)> {
        let run = self.runs.get(entry.run)?;
        Some((run, run.decisions().get(&entry.number)?))
    }
}

/// All of them, for programs.
pub(crate) fn describe_all(folder: &Folder) -> Result<Vec<Value>, Failure> {
    let inbox = Inbox::open(folder)?;
    let one = |entry: &Entry| {
        let (run, decision) = inbox.known(entry)?;
        let mut value = describe(run, entry.number, decision);
        if let Value::Object(fields) = &mut value {
            fields.insert("run".into(), json!(entry.id));
            fields.insert("mission".into(), json!(run.plan().mission));
            fields.insert("owner".into(), json!(desk::owner(folder, &entry.id)));
        }
        Some(value)
    };
    Ok(inbox.entries.iter().filter_map(one).collect())
}

/// Lists it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let folder = super::folder()?;
    if arguments.json {
        screen.json(&describe_all(&folder)?)?;
        return Ok(Exit::Succeeded);
    }
    let inbox = Inbox::open(&folder)?;
    if inbox.entries.is_empty() {
        screen.note("nobody asks anything now");
        return Ok(Exit::Succeeded);
    }
    let (now, columns) = (Clock::start(Timestamp(0)).now(), screen.width());
    for entry in &inbox.entries {
        let Some((run, decision)) = inbox.known(entry) else { continue };
        let mission = clean(&run.plan().mission);
        let alone =
            if desk::owner(&folder, &entry.id).is_none() { " · no engine: its clock stands still" } else { "" };
        let head = format!(
            "{}  {}",
            paint(STRONG, entry.id.as_str()),
            paint(QUIET, format_args!("{}{alone}", fit(&mission, columns.saturating_sub(48).max(20))))
        );
        screen.line(&head)?;
        screen.line(&question_line(run, entry.number, decision, now, columns))?;
        screen.line(&paint(QUIET, format_args!("   band decide {} {}", entry.id, entry.number)))?;
    }
    Ok(Exit::Succeeded)
}
