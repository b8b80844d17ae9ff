//! `band levels`: what the five levels of rigor mean here, and what `band.toml` says otherwise of them.

use bandleader_core::levels::{Level, LevelChange, LevelChanges};
use bandleader_core::{diag::Severity, settings_levels};
use clap::Args;

use crate::config;
use crate::error::{Exit, Failure, Outcome};
use crate::json;
use crate::render::diagnostics;
use crate::render::screen::Screen;
use crate::render::style::{ALERT, QUIET, STRONG, paint};
use crate::render::text::{clean, pad};
use crate::render::words::brief;

/// Show what the five levels of rigor mean
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band levels
  band check plan.yaml --level 4     what level 4 adds to a plan, and what it removes
  band levels --json | jq '.[] | select(.changed != []) | .number'
Agents are told the quality bar of the plan's level. Mode and retries count where a plan says none. Any cell is changed in `band.toml`, of
the project or the person:
  [levels.4]
  retries = 2
  testing = 'every page is tested on real devices'
Other keys: name, mode, time, code, documentation, security, scalability, interface. A run keeps what held when it began.")]
pub(crate) struct Arguments {
    /// Print the table as JSON
    #[arg(long)]
    json: bool,
}

/// Shows it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let changes = changes(screen)?;
    let rows = changes.rows();
    if arguments.json {
        screen.json(&json::levels::describe(&changes))?;
        return Ok(Exit::Succeeded);
    }
    for (place, level) in rows.iter().enumerate() {
        if place > 0 {
            screen.line("")?;
        }
        for line in lines(level, &changes.of(level.number)) {
            screen.line(&line)?;
        }
    }
    if changes != LevelChanges::default() {
        screen.line("")?;
        screen.line(&paint(QUIET, format_args!("{MARK} as `band.toml` says")))?;
    }
    Ok(Exit::Succeeded)
}

/// Stands with every cell that `band.toml` changes.
const MARK: &str = "*";

/// What the files of the project and the person say; the problems of both are shown, and a mistake ends the verb.
fn changes(screen: &mut Screen) -> Result<LevelChanges, Failure> {
    let mut is_wrong = false;
    for file in config::settings_files()? {
        let (_, problems, source) = settings_levels(&file);
        is_wrong |= problems.iter().any(|one| one.severity == Severity::Error);
        if !problems.is_empty() {
            screen.note(diagnostics::graphical(&problems, &[source], screen.width()).trim_end());
        }
    }
    if is_wrong {
        return Err(Failure::said(Exit::Usage));
    }
    json::levels::changes()
}

fn lines(level: &Level, change: &LevelChange) -> Vec<String> {
    let cells = change.cells();
    let mark = |cell: &str| if cells.contains(&cell) { paint(ALERT, MARK) } else { String::new() };
    let retries = if level.retries == 1 { "1 retry".to_owned() } else { format!("{} retries", level.retries) };
    let time = format!("{}.{}", level.deadline_tenths / 10, level.deadline_tenths % 10);
    let facts = [
        paint(QUIET, format_args!("mode {}", level.mode.name())) + &mark("mode"),
        paint(QUIET, retries) + &mark("retries"),
        paint(QUIET, format_args!("time to answer x{time}")) + &mark("time"),
        paint(QUIET, format_args!("updates every {}", brief(level.updates))) + &mark("updates"),
    ];
    let name = paint(STRONG, format_args!("{} {}", level.number, clean(&level.name))) + &mark("name");
    let head = format!("{name}  {}", facts.join(&paint(QUIET, ", ")));
    let rows = level.quality.rows().into_iter().zip(bandleader_core::levels::SIDES);
    let rows = rows.map(|((side, bar), cell)| format!("  {} {}{}", pad(side, 14), clean(bar), mark(cell)));
    std::iter::once(head).chain(rows).collect()
}
