//! The driver for Claude Code: `claude -p` with JSON lines in both directions, and its control protocol on the same pipe.
//!
//! The role, the schema and the instruction go by that pipe; files of ours hold only our tools and that hooks do not run. The user's
//! login, settings and the project's own CLAUDE.md are read as always. One start of the program is one `Talk`; a conversation that
//! the program does not know is begun anew with a second one.
//!
//! Lines are read as `serde_json::Value`: the typed crate for this protocol (claude-codes) refuses a whole line for one field of another
//! type or one kind that it does not know, and the program brings new ones every few days.

mod figures;
mod hear;
mod launch;
mod outcome;
mod rules;
#[cfg(test)]
mod samples;
mod speech;
mod talk;
mod todo;

use std::pin::Pin;

use bandleader_core::plan::FailureClass;

use super::driver::{Driver, Outcome, Stage};
use super::event::AgentEvent;
use launch::Session;
use rules::Rules;
use talk::{Ended, Talk};

/// Runs Claude Code.
pub(super) struct ClaudeDriver;

impl Driver for ClaudeDriver {
    fn run<'a>(&'a self, stage: Stage<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>> {
        Box::pin(run(stage))
    }
}

async fn run(mut stage: Stage<'_>) -> Outcome {
    let rules = Rules::of(stage.assignment, &stage.tools.name);
    let anew = || Session::New(launch::own_session(stage.assignment));
    let mut session = match &stage.assignment.session {
        Some(name) => Session::Resume(name.clone()),
        None => anew(),
    };
    loop {
        let child = launch::of(&stage, &rules, &session).map_err(|error| {
            format!("the configuration of this attempt cannot be written to `{}`: {error}", stage.home.display())
        });
        let child = match child.and_then(|launch| launch.start()) {
            Ok(child) => child,
            Err(message) => return Outcome::failed(FailureClass::Start, message),
        };
        let name = session.name().map(str::to_owned);
        stage.events.tell(AgentEvent::Started { version: None, model: None, session: name });
        let (line, next) = match Talk::new(&mut stage, &rules, &session, child).run().await {
            Ended::With(outcome) => return outcome,
            Ended::NoSuchSession => ("it does not know the conversation any more; a new one begins", anew()),
            Ended::SessionTaken => {
                ("a conversation of that name is there already; another one begins", Session::Unnamed)
            }
        };
        stage.events.tell(AgentEvent::Noise { line: line.to_owned() });
        session = next;
    }
}
