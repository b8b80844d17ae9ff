//! What every driver is: one attempt of one agent, run to its end.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;

use bandleader_core::AgentFailure;
use bandleader_core::plan::FailureClass;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::assignment::AgentAssignment;
use super::event::{AgentEvent, Order};

/// Where orders come from. Ends when nobody will give any more.
pub type Orders = UnboundedReceiver<Order>;

/// A sort of program behind an agent.
///
/// `run` ends when the agent's program is gone, or of no more use to this attempt; a program that is still there then is ended by
/// whoever called. It never panics on what the program says: that is hostile input.
pub trait Driver {
    /// Runs one attempt to its end.
    fn run<'a>(&'a self, stage: Stage<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>>;
}

/// What a driver works with.
pub struct Stage<'a> {
    /// What is to be done.
    pub assignment: &'a AgentAssignment,
    /// Where the agent works. It exists.
    pub directory: &'a Path,
    /// An empty folder for configuration of this attempt alone, closed to other users. Not in the agent's own folder.
    pub home: &'a Path,
    /// The whole environment of the agent's program, without keys that are none of its business.
    pub environment: Vec<(String, String)>,
    /// How the agent reaches us.
    pub tools: ToolServer,
    /// What people and the engine want meanwhile.
    pub orders: Orders,
    /// Where everything is told.
    pub events: Events,
}

/// The MCP server that an agent is given (`band mcp`), as its program's configuration wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolServer {
    /// Its name: the tool `ask` is then `mcp__band__ask`, or whatever the program makes of it.
    pub name: String,
    /// Program first.
    pub command: Vec<String>,
    /// Says for which attempt it speaks.
    pub environment: Vec<(String, String)>,
    /// Its tools, which are allowed beforehand.
    pub tools: Vec<&'static str>,
}

/// Tells what happens. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Events(pub(super) UnboundedSender<Told>);

/// What a driver tells: what it understood, or what the program said, word for word.
#[derive(Debug)]
pub(super) enum Told {
    Event(AgentEvent),
    Raw(String),
}

impl Events {
    /// Something happened.
    pub fn tell(&self, event: AgentEvent) {
        // Nobody listens when the attempt is over already.
        let _ = self.0.send(Told::Event(event));
    }

    /// A line that the program said or heard, for the raw transcript.
    pub fn raw(&self, line: &str) {
        let _ = self.0.send(Told::Raw(line.to_owned()));
    }
}

/// How an attempt ended, by the program's own terminal event first, then by its exit code, then by what we did to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its last words, or why there are none.
    pub answer: Result<Answer, AgentFailure>,
}

/// What an agent says when it is done. That it is done is only its claim.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// In words.
    pub text: String,
    /// As JSON, when a schema was asked for and the program says that this fulfils it. Not checked yet.
    pub structured: Option<Value>,
}

impl Outcome {
    /// Done, it says.
    pub fn done(text: impl Into<String>) -> Outcome {
        Outcome { answer: Ok(Answer { text: text.into(), structured: None }) }
    }

    /// Not done.
    pub fn failed(class: FailureClass, message: impl Into<String>) -> Outcome {
        Outcome { answer: Err(AgentFailure { class, message: message.into(), until: None }) }
    }
}
