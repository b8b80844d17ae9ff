//! `band agents`: the agents that plans may name, and what is wrong with their files.

mod check;
mod list;
mod show;

use std::path::PathBuf;

use bandleader_engine::catalogue::Discovered;
use clap::{Args, Subcommand};

use crate::error::Outcome;
use crate::render::screen::Screen;
use crate::render::style::{ALERT, paint};
use crate::render::text::clean;

/// See the agents that plans can name, and check their files
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Examples:
  band agents list
  band agents show backend-architect
  band agents check

Agent files are those of Claude Code. The first of a name counts: `--agents DIR`, then `.claude/agents` here and
above up to the top of the repository, then `~/.claude/agents` (or `$CLAUDE_CONFIG_DIR/agents`), then plugins."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Arguments),
    Show(show::Arguments),
    Check(check::Arguments),
}

/// Folders with further agent files.
#[derive(Debug, Args)]
struct Folders {
    /// A folder with agent files that win over all others; may be given several times
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    agents: Vec<PathBuf>,
}

/// Does what is asked for.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    match &arguments.verb {
        Verb::List(arguments) => list::run(arguments, screen),
        Verb::Show(arguments) => show::run(arguments, screen),
        Verb::Check(arguments) => check::run(arguments, screen),
    }
}

/// Says what could not be read.
fn tell_troubles(found: &Discovered, screen: &mut Screen) {
    for trouble in &found.troubles {
        screen.note(&format!("{} {}", paint(ALERT, "warning:"), clean(trouble)));
    }
}
