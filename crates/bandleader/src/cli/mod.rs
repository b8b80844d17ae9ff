//! The command line: what can be typed, and which verb does it. One file per verb beside this one.

mod agents;
mod check;
mod completions;
mod doctor;
mod graph;
mod help;
mod init;
mod install;
mod levels;
pub(crate) mod plan;
mod policy;
mod rehearse;
pub(crate) mod runs;
mod schema;
mod serve;
mod webhooks;

pub(crate) use policy::describe as policy_of;
pub(crate) use runs::drive::start as start_engine;
pub(crate) use runs::people::{LEASE, RENEWAL};
pub(crate) use runs::steer::lend as lend_engine;

use std::borrow::Cow;
use std::path::PathBuf;
use std::process::ExitCode;

use bandleader_core::Plan;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::runs::orders::Orders;
use crate::error::{Exit, Failure, Outcome};
use crate::graph::Longest;
use crate::render::screen::{Colour, Screen};
use crate::render::style::{BAD, QUIET, paint};
use crate::render::text::{clean, clean_lines};
use crate::render::words::{brief, size};

/// Runs a plan of tasks truly in parallel over its dependencies, durably.
#[derive(Debug, Parser)]
#[command(name = "band", version, max_term_width = 100, disable_help_subcommand = true, arg_required_else_help = true)]
struct Arguments {
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", hide_possible_values = true)]
    #[arg(help = "Colour: auto, always or never (NO_COLOR is respected)")]
    color: Colour,
    /// Work as if started in this folder.
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    #[arg(help = "Work as if started in this folder")]
    directory: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

/// What can be done. The order and the headings of the overview are in `help`.
#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::Arguments),
    Plan(plan::Arguments),
    Check(check::Arguments),
    Graph(graph::Arguments),
    Rehearse(rehearse::Arguments),
    Policy(policy::Arguments),
    Levels(levels::Arguments),
    Schema(schema::Arguments),
    Agents(agents::Arguments),
    Run(runs::run::Arguments),
    Resume(runs::run::ResumeArguments),
    List(runs::list::Arguments),
    Status(runs::status::Arguments),
    Watch(runs::status::WatchArguments),
    Replay(runs::replay::Arguments),
    Logs(runs::logs::Arguments),
    Timeline(runs::timeline::Arguments),
    Report(runs::report::Arguments),
    Pause(runs::steer::PauseArguments),
    Cancel(runs::steer::CancelArguments),
    Retry(runs::steer::RetryArguments),
    Resolve(runs::steer::ResolveArguments),
    Accept(runs::steer::AcceptArguments),
    Merge(runs::merge::Arguments),
    Clean(runs::clean::Arguments),
    Tell(runs::talk::TellArguments),
    Decide(runs::people::DecideArguments),
    Approve(runs::approval::ApproveArguments),
    Reject(runs::approval::RejectArguments),
    Adjust(runs::adjust::Arguments),
    Inbox(runs::inbox::Arguments),
    Export(runs::export::Arguments),
    Serve(serve::Arguments),
    Traces(runs::traces::Arguments),
    Mcp(McpArguments),
    Webhooks(webhooks::Arguments),
    Install(install::Arguments),
    Doctor(doctor::Arguments),
    Completions(completions::Arguments),
}

/// Serve the Model Context Protocol, by which programs steer runs
///
/// Programs such as Claude Code plan, start, watch and answer runs with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  band install claude-code          registers it there; programs start it themselves
  band -C ~/shop mcp                for a client that starts its servers in another folder
Speaks on standard input and output. docs/MCP.md lists its tools.")]
struct McpArguments {
    /// Serve an agent of a run its own tools, for the attempt that the environment names; agents' programs start this
    #[arg(long)]
    attempt: bool,
}

/// Reads the command line, does what it asks for and says how that ended.
pub(crate) fn main() -> ExitCode {
    if let Some(orders) = Orders::of_this_process() {
        let mut screen = Screen::new(orders.colour);
        let outcome = runs::drive::run(&orders, &mut screen);
        return ExitCode::from(conclude(outcome, &mut screen).code());
    }
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return refuse(&error),
    };
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let mut screen = Screen::new(arguments.color);
    let outcome = enter(arguments.directory).and_then(|()| dispatch(arguments.verb, &mut screen));
    ExitCode::from(conclude(outcome, &mut screen).code())
}

/// The whole grammar, with the overview that groups the verbs.
fn command() -> clap::Command {
    help::with_overview(Arguments::command())
}

/// Help and version are data; a mistake is explained on stderr. clap knows which is which.
fn refuse(error: &clap::Error) -> ExitCode {
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Succeeded };
    let words = error.to_string();
    match clean_lines(&words) {
        // It repeats words of the command line, which may be hostile: then they are shown escaped, and without colour.
        Cow::Owned(safe) => Screen::new(Colour::Never).note(safe.trim_end()),
        Cow::Borrowed(_) => drop(error.print()),
    }
    ExitCode::from(exit.code())
}

fn enter(directory: Option<PathBuf>) -> Result<(), Failure> {
    let Some(directory) = directory else { return Ok(()) };
    std::env::set_current_dir(&directory)
        .map_err(|error| Failure::usage(format!("cannot work in `{}`: {error}", directory.display())))
}

fn dispatch(verb: Verb, screen: &mut Screen) -> Outcome {
    match verb {
        Verb::Init(arguments) => init::run(&arguments, screen),
        Verb::Plan(arguments) => plan::run(&arguments, screen),
        Verb::Check(arguments) => check::run(&arguments, screen),
        Verb::Graph(arguments) => graph::run(&arguments, screen),
        Verb::Rehearse(arguments) => rehearse::run(&arguments, screen),
        Verb::Policy(arguments) => policy::run(&arguments, screen),
        Verb::Levels(arguments) => levels::run(&arguments, screen),
        Verb::Schema(arguments) => schema::run(&arguments, screen),
        Verb::Agents(arguments) => agents::run(&arguments, screen),
        Verb::Run(arguments) => runs::run::run(&arguments, screen),
        Verb::Resume(arguments) => runs::run::resume(&arguments, screen),
        Verb::List(arguments) => runs::list::run(&arguments, screen),
        Verb::Status(arguments) => runs::status::run(&arguments, screen),
        Verb::Watch(arguments) => runs::status::watch(&arguments, screen),
        Verb::Replay(arguments) => runs::replay::run(&arguments, screen),
        Verb::Logs(arguments) => runs::logs::run(&arguments, screen),
        Verb::Timeline(arguments) => runs::timeline::run(&arguments, screen),
        Verb::Report(arguments) => runs::report::run(&arguments, screen),
        Verb::Pause(arguments) => runs::steer::pause(&arguments, screen),
        Verb::Cancel(arguments) => runs::steer::cancel(&arguments, screen),
        Verb::Retry(arguments) => runs::steer::retry(&arguments, screen),
        Verb::Resolve(arguments) => runs::steer::resolve(&arguments, screen),
        Verb::Accept(arguments) => runs::steer::accept(&arguments, screen),
        Verb::Merge(arguments) => runs::merge::run(&arguments, screen),
        Verb::Clean(arguments) => runs::clean::run(&arguments, screen),
        Verb::Tell(arguments) => runs::talk::tell(&arguments, screen),
        Verb::Decide(arguments) => runs::people::decide(&arguments, screen),
        Verb::Approve(arguments) => runs::approval::approve(&arguments, screen),
        Verb::Reject(arguments) => runs::approval::reject(&arguments, screen),
        Verb::Adjust(arguments) => runs::adjust::run(&arguments, screen),
        Verb::Inbox(arguments) => runs::inbox::run(&arguments, screen),
        Verb::Export(arguments) => runs::export::run(&arguments, screen),
        Verb::Serve(arguments) => serve::run(&arguments, screen),
        Verb::Traces(arguments) => runs::traces::run(&arguments, screen),
        Verb::Mcp(McpArguments { attempt: true }) => crate::mcp::serve_attempt(),
        Verb::Mcp(McpArguments { attempt: false }) => crate::mcp::serve_people(screen),
        Verb::Webhooks(arguments) => webhooks::run(&arguments, screen),
        Verb::Install(arguments) => install::run(&arguments, screen),
        Verb::Doctor(arguments) => doctor::run(&arguments, screen),
        Verb::Completions(arguments) => completions::run(&arguments, screen),
    }
}

/// Says on stderr what went wrong and what to do.
fn conclude(outcome: Outcome, screen: &mut Screen) -> Exit {
    match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            if !failure.message.is_empty() {
                screen.note(&format!("{} {}", paint(BAD, "error:"), clean_lines(&failure.message)));
            }
            if let Some(hint) = &failure.hint {
                screen.note(&format!("{} {}", paint(QUIET, " help:"), clean_lines(hint)));
            }
            failure.exit
        }
    }
}

/// A plan in one line: `Low-stock alerts: level 3, 2 phases, 6 tasks, at least 2 h 20 m`.
pub(crate) fn overview(plan: &Plan) -> String {
    let longest = Longest::of(plan);
    let length = match longest.guessed {
        0 => format!(", at least {}", brief(longest.length)),
        _ => String::new(),
    };
    format!("{}: level {}, {}{length}", clean(&plan.mission), plan.level, size(plan))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_grammar_holds_together() {
        super::command().debug_assert();
    }
}
