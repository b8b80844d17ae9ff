//! `band mcp --attempt`: the tools that an agent is given, for its own attempt alone.

mod asking;
mod descriptions;
mod tools;

use bandleader_engine::agent::speaker::Speaker;
use serde_json::Value;

pub(crate) use asking::{Asked, OptionAsked, words_of};
pub(crate) use tools::know;

use super::toolbox::{Arguments, Description, Given, Said, Toolbox, Turn};

const INSTRUCTIONS: &str = "You work on one task of a larger plan, together with other agents. With these tools people and the \
     other agents see what you do: report progress now and then, record what others should know, say what stands in your way, and \
     ask when a decision is not yours to take. None of them ends your task.";

/// The tools of one attempt.
pub(super) struct Tools {
    speaker: Speaker,
}

impl Tools {
    pub(super) fn new(speaker: Speaker) -> Tools {
        Tools { speaker }
    }
}

impl Toolbox for Tools {
    fn instructions(&self) -> &'static str {
        INSTRUCTIONS
    }

    fn connected(&self) {
        // It only tells people that the tools are there.
        let _ = self.speaker.notes().mark_connected();
    }

    fn tools(&self) -> Vec<Description> {
        descriptions::all()
    }

    fn call(&self, tool: &str, arguments: Arguments, _given: Given) -> Turn {
        Turn::Said(match tools::call(&self.speaker, tool, Value::Object(arguments)) {
            Ok(words) => Said::Words(words),
            Err(words) => Said::Refused(words),
        })
    }
}
