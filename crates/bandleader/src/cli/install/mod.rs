//! `band install CLIENT`: tells a person's program of `band mcp`, and offers its commands there.
//!
//! The change is shown first, and made only when somebody says yes. What is in a file beside it stays as it is, letter by letter; a
//! file that cannot be read is left alone. The other way round is `--uninstall`.

mod clients;
mod edit;
mod speech;
mod write;

use std::io::{self, BufRead as _, IsTerminal as _};

use clap::{Args, ValueEnum};
use similar::TextDiff;

use crate::config;
use crate::error::{Exit, Failure, Outcome};
use crate::render::screen::Screen;
use crate::render::style::{BAD, GOOD, QUIET, STRONG, paint};
use crate::render::text::clean;
use clients::Scope;
use write::Change;

/// A program that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    /// Claude Code
    ClaudeCode,
    /// Codex
    Codex,
    /// Gemini CLI
    Gemini,
    /// OpenCode
    Opencode,
}

/// Tell Claude Code, Codex, Gemini CLI or OpenCode of the runs here
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band install claude-code          in this project: .mcp.json and .claude/commands/band
  band install gemini --user        for all of your projects
  band install codex --dry-run      only show what would change
  band install opencode --uninstall
Shows the change and asks. What else is in the file stays as it is; the file as it was is kept beside it.
Codex has one configuration for all projects, so there it is always yours. docs/MCP.md says what each program can do then.")]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct Arguments {
    /// The program
    #[arg(value_enum, value_name = "CLIENT")]
    client: Client,
    /// In your own configuration instead of the project's
    #[arg(long)]
    user: bool,
    /// Take it out again
    #[arg(long)]
    uninstall: bool,
    /// No commands, only the server
    #[arg(long)]
    no_commands: bool,
    /// Do not ask
    #[arg(short, long, conflicts_with = "dry_run")]
    yes: bool,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
}

/// Shows the change, asks, makes it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let scope = if arguments.user { Scope::User } else { Scope::Project };
    let client = clients::find(arguments.client, scope)?;
    let mut changes = vec![client.register(!arguments.uninstall)?];
    let commands = if arguments.no_commands { Vec::new() } else { speech::commands(&client) };
    for (path, text) in &commands {
        changes.extend(write::own_file(path, text, !arguments.uninstall, screen)?);
    }
    changes.retain(|change| change.before != change.after);
    if changes.is_empty() {
        let state = if arguments.uninstall { "is not registered" } else { "is registered already" };
        screen.note(&format!("`band` {state} in {}; nothing to do", client.name));
        return Ok(Exit::Succeeded);
    }
    for change in &changes {
        show(change, screen)?;
    }
    if arguments.dry_run {
        return Ok(Exit::Succeeded);
    }
    if !arguments.yes && !agreed(screen)? {
        screen.note("nothing was changed");
        return Ok(Exit::Usage);
    }
    for change in &changes {
        if let Some(backup) = change.make()? {
            screen.note(&paint(QUIET, format_args!("as it was: {}", config::shown(&backup))));
        }
    }
    if !arguments.uninstall {
        screen.note(&format!("{} knows `band` now: {}", client.name, client.next));
        if !commands.is_empty() {
            screen.note(&format!("commands there: {}", speech::how(&client)));
        }
    }
    Ok(Exit::Succeeded)
}

/// The change as a unified diff.
fn show(change: &Change, screen: &mut Screen) -> Result<(), Failure> {
    let (before, after) = (change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
    let name = config::shown(&change.path);
    let verb = match (&change.before, &change.after) {
        (None, _) => "new",
        (_, None) => "removed",
        _ => "changed",
    };
    screen.line(&format!("{} {}", paint(STRONG, &name), paint(QUIET, verb)))?;
    let diff = TextDiff::from_lines(before, after);
    for line in diff.unified_diff().context_radius(3).to_string().lines() {
        let clean = clean(line);
        let painted = match line.chars().next() {
            Some('+') => paint(GOOD, &clean),
            Some('-') => paint(BAD, &clean),
            Some('@') => paint(QUIET, &clean),
            _ => clean.into_owned(),
        };
        screen.line(&painted)?;
    }
    Ok(())
}

/// Whether the person says yes; where none can be asked, nobody has.
fn agreed(screen: &mut Screen) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::usage("nobody is here to say yes to this").hint("`--yes` says it, `--dry-run` only looks"));
    }
    screen.prompt("Do it? (y/N) ");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::usage(format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
