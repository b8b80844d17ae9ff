//! `band agents check`: every problem of agent files, each with its place and what it means for a run.

use std::path::PathBuf;

use bandleader_core::catalogue::Outcome as Came;
use bandleader_core::diag::Severity;
use bandleader_engine::catalogue::{AgentFile, Discovered, discover, look_at};
use clap::Args;
use serde_json::{Value, json};

use super::Folders;
use crate::config;
use crate::error::{Exit, Failure, Outcome};
use crate::render::diagnostics;
use crate::render::screen::Screen;
use crate::render::style::{ALERT, BAD, GOOD, paint};
use crate::render::text::count;

/// Find what is wrong or odd in agent files, and what it means for a run
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band agents check
  band agents check .claude/agents/reviewer.md ../team/agents
  band agents check --json | jq '.[] | select(.outcome == \"unusable\") | .file'
Ends with 0 when every file can be used (warnings included), with 2 when one cannot.")]
pub(super) struct Arguments {
    /// Files and folders to check; without any, all that a plan could use
    #[arg(value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    folders: Folders,
    /// Print a JSON array, one entry for each file
    #[arg(long)]
    json: bool,
}

/// Checks them.
pub(super) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    if let Some(none) = arguments.paths.iter().find(|path| !path.exists()) {
        return Err(Failure::usage(format!("`{}` is not there", none.display())));
    }
    let places = config::agent_places(&arguments.folders.agents)?;
    let found = if arguments.paths.is_empty() { discover(&places) } else { look_at(&arguments.paths, &places) };
    super::tell_troubles(&found, screen);
    // A file that was named and cannot be read is one that cannot be used.
    let is_bad = found.files.iter().any(|file| file.reading.outcome == Came::Unusable)
        || (!arguments.paths.is_empty() && !found.troubles.is_empty());
    let exit = if is_bad { Exit::Usage } else { Exit::Succeeded };
    if arguments.json {
        screen.json(&found.files.iter().map(describe).collect::<Vec<_>>())?;
        return Ok(exit);
    }
    let width = screen.width();
    for file in found.files.iter().filter(|file| !file.reading.diagnostics.is_empty()) {
        let sources = std::slice::from_ref(&file.reading.source);
        screen.note(diagnostics::graphical(&file.reading.diagnostics, sources, width).trim_end());
        screen.note("");
    }
    screen.line(&summary(&found))?;
    Ok(exit)
}

/// `12 agents, 1 file skipped, 1 file unusable: 1 error, 2 warnings`.
fn summary(found: &Discovered) -> String {
    let files = |wanted: fn(&Came) -> bool| found.files.iter().filter(|file| wanted(&file.reading.outcome)).count();
    let mut parts = vec![count(files(|came| matches!(came, Came::Agent(_))), "agent")];
    let skipped = files(|came| *came == Came::Skipped);
    let unusable = files(|came| *came == Came::Unusable);
    parts.extend((skipped > 0).then(|| format!("{} skipped", count(skipped, "file"))));
    parts.extend((unusable > 0).then(|| paint(BAD, format_args!("{} unusable", count(unusable, "file")))));
    let problems = |severity: Severity| {
        let all = found.files.iter().flat_map(|file| &file.reading.diagnostics);
        all.filter(|one| one.severity == severity).count()
    };
    let kinds =
        [(Severity::Error, "error", BAD), (Severity::Warning, "warning", ALERT), (Severity::Note, "note", GOOD)];
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|(severity, word, style)| (problems(severity), word, style))
        .filter(|(number, _, _)| *number > 0)
        .map(|(number, word, style)| paint(style, count(number, word)))
        .collect();
    let kinds = if kinds.is_empty() { "no problems".to_owned() } else { kinds.join(", ") };
    format!("{}: {kinds}", parts.join(", "))
}

fn describe(file: &AgentFile) -> Value {
    let reading = &file.reading;
    let (outcome, name) = match &reading.outcome {
        Came::Agent(role) => ("agent", Some(role.name.as_str())),
        Came::Skipped => ("skipped", None),
        Came::Unusable => ("unusable", None),
    };
    let problems = diagnostics::plain(&reading.diagnostics, std::slice::from_ref(&reading.source));
    json!({
        "file": reading.source.name, "from": file.shelf.word(), "outcome": outcome, "name": name, "problems": problems,
    })
}
