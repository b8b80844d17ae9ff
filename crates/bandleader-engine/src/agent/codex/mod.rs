//! The driver for Codex: by `codex app-server`, or by `codex exec --json` where that is not there or does not answer.
//!
//! The app-server is the better one: it asks before it goes too far, can be interrupted and spoken to, and counts each call.
//! `settings` says what Codex is told beforehand, `conversation` what is understood of it; both are the same for both ways.

#![expect(clippy::indexing_slicing, reason = "only JSON is indexed, and what it lacks reads as null")]

mod approval;
mod conversation;
mod ending;
mod exec;
mod failure;
mod item;
mod keys;
mod link;
mod opening;
mod schema;
mod server;
mod settings;
mod usage;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::pin::Pin;

use bandleader_core::plan::FailureClass;

use super::child::Launch;
use super::driver::{Answer, Driver, Outcome, Stage};
use super::event::AgentEvent;
use conversation::{Conversation, End};

/// All of it is in the raw transcript.
const LONGEST_NOISE: usize = 2_000;

/// Runs `codex`, or the assignment's own command.
pub(super) struct CodexDriver;

/// Why we end a turn.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    /// We were told to.
    Asked,
    /// It called its model this often.
    MaxTurns(u32),
}

impl Driver for CodexDriver {
    fn run<'a>(&'a self, stage: Stage<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>> {
        Box::pin(run(stage))
    }
}

async fn run(mut stage: Stage<'_>) -> Outcome {
    keys::restore(&mut stage.environment);
    own_temporary_folder(&mut stage);
    for tool in settings::not_enforced(stage.assignment) {
        let line = format!("codex cannot be kept from the tool `{tool}`: it has no switch for it");
        stage.events.tell(AgentEvent::Noise { line });
    }
    match server::run(&mut stage).await {
        Ok(outcome) => outcome,
        Err(why) => {
            let line = format!("codex app-server is of no use here ({why}); codex exec is used");
            stage.events.tell(AgentEvent::Noise { line });
            exec::run(stage).await
        }
    }
}

/// A folder for temporary files of this attempt alone, unless the plan gives one. In one that it shares with others, its sandbox
/// leaves an empty `.git` behind when it is killed, and then everything in there counts as one repository.
fn own_temporary_folder(stage: &mut Stage<'_>) {
    let folder = stage.home.join("tmp");
    let given = stage.assignment.given.iter().any(|name| name == "TMPDIR");
    if !given && std::fs::create_dir_all(&folder).is_ok() {
        stage.environment.retain(|(name, _)| name != "TMPDIR");
        stage.environment.push(("TMPDIR".into(), folder.to_string_lossy().into_owned()));
    }
}

/// The program with these arguments.
fn launch(stage: &Stage<'_>, arguments: &[&str]) -> Launch {
    let own = &stage.assignment.command;
    let mut argv = if own.is_empty() { vec!["codex".to_owned()] } else { own.clone() };
    argv.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    Launch { argv, environment: stage.environment.clone(), directory: stage.directory.to_owned() }
}

/// What came of a turn that was not stopped by us.
fn outcome(stage: &Stage<'_>, end: End, talk: Conversation) -> Outcome {
    match end {
        End::Completed => {
            let structured = stage.assignment.schema.as_ref().and_then(|_| schema::structured(&talk.said));
            Outcome { answer: Ok(Answer { text: talk.said, structured }) }
        }
        End::Interrupted => Outcome::failed(FailureClass::Exit, "its turn was interrupted, and not by us"),
        End::Failed(failure) => Outcome { answer: Err(failure) },
    }
}

fn cancelled() -> Outcome {
    Outcome::failed(FailureClass::Cancelled, "it was stopped")
}

/// What is said of an agent that may not call its model any more.
fn out_of_turns(calls: u32) -> Outcome {
    Outcome::failed(FailureClass::MaxTurns, format!("it used up the {calls} calls of its model that it may make"))
}

/// A line that nobody understood, or its beginning.
fn noise(line: &str) -> AgentEvent {
    AgentEvent::Noise { line: line.chars().take(LONGEST_NOISE).collect() }
}

/// Lines of a program's complaints that are worth reading: without colours, and without the log that we asked for ourselves.
fn worth_reading(complaints: &str) -> impl Iterator<Item = String> {
    let plain = complaints.lines().map(without_colours);
    plain.filter(|line| !line.is_empty() && !line.contains(" codex_http_client"))
}

fn without_colours(line: &str) -> String {
    let mut plain = String::new();
    let mut parts = line.split("\u{1b}[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}
