//! What drivers say while an agent works, and what is said to them. One language for all of them.

use bandleader_core::plan::FailureClass;
use bandleader_core::{Millis, Spending, Timestamp};
use serde::{Deserialize, Serialize};

/// Something that an agent did, or that befell it. Texts are as the agent's program gave them: neither masked nor cleaned yet.
#[derive(Clone, Debug, PartialEq)]
pub enum AgentEvent {
    /// Its program is there and said who it is. What is none was not said; it may come again with more.
    Started {
        /// Version of the program.
        version: Option<String>,
        /// The model.
        model: Option<String>,
        /// The conversation's name, by which it can be taken up later.
        session: Option<String>,
    },
    /// Whether the agent's program reached our tools. Said by drivers whose programs report it.
    Connected {
        /// No means that the agent cannot report anything.
        ok: bool,
    },
    /// It said something, in whole paragraphs where the program allows.
    Said {
        /// The words.
        text: String,
    },
    /// It thought aloud.
    Thought {
        /// The words.
        text: String,
    },
    /// A tool of its own begins.
    ToolBegan {
        /// Names the call.
        id: String,
        /// The tool, in the program's words.
        name: String,
        /// What it is used on, in a line: a command, a path.
        detail: String,
    },
    /// The tool has ended.
    ToolEnded {
        /// Names the call.
        id: String,
        /// Whether it went well.
        ok: bool,
        /// The beginning of what came of it.
        detail: String,
    },
    /// Its own list of things to do, complete, in its order.
    Todo {
        /// The list.
        items: Vec<TodoItem>,
    },
    /// It used its model.
    Used {
        /// How much.
        spending: Spending,
        /// More than before, or in all.
        tally: Tally,
    },
    /// Its program tries a call of the model again by itself.
    Retrying {
        /// Why.
        class: FailureClass,
        /// After this long.
        wait: Option<Millis>,
        /// For people.
        message: String,
    },
    /// The provider asks for patience, or reported how much is left of a limit that is reached.
    Limited {
        /// Until when, if it is known.
        until: Option<Timestamp>,
        /// For people.
        message: String,
    },
    /// It wanted to use a tool and may not.
    Denied {
        /// The tool.
        tool: String,
    },
    /// A message from a person has reached it.
    Told {
        /// Which: `Order::Tell::id`.
        id: u64,
    },
    /// Its program printed something that is none of the above.
    Noise {
        /// A line.
        line: String,
    },
}

/// How figures of `AgentEvent::Used` are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// On top of those before.
    More,
    /// Everything of this attempt so far, those before included. The last word wins.
    Total,
}

/// A line of an agent's own list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodoItem {
    /// In the agent's words.
    pub text: String,
    /// How far it is.
    pub state: TodoState,
}

/// How far a line of an agent's list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TodoState {
    /// Not begun.
    Open,
    /// At work on it.
    Active,
    /// Done.
    Done,
}

/// What a driver is asked while it runs an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Say this to the agent as soon as it can hear it, and answer with `AgentEvent::Told`. A driver that cannot does nothing: the
    /// message then waits for the next attempt.
    Tell {
        /// Names the message.
        id: u64,
        /// From a person.
        text: String,
    },
    /// End the agent's turn in the most orderly way that its program knows, and return. Who asked knows what for.
    Stop,
}
