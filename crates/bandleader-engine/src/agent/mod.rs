//! Agents: how an attempt of one is run by whichever program stands behind it, and what is understood of it.
//!
//! An agent's attempt is a job like any other: its process is `band attend` (`attend`), which gets an `AgentAssignment` on its standard
//! input, so that neither role nor instruction is in any argument list. It outlives the engine as every job does. A `Driver`
//! knows one sort of program and turns what that says into `AgentEvent`s and one `Outcome`; everything else is the same for
//! all of them: the readable transcript on standard output, the raw one, the figures, messages from people, the stop.
//!
//! The attendant leaves all it knows in the job's own folder (`notes`); the engine reads that when the job has ended.

mod acp;
mod answer;
mod arguments;
pub mod assignment;
mod attend;
mod child;
mod classes;
mod claude;
mod codex;
mod command;
pub mod driver;
mod drivers;
pub mod environment;
pub mod event;
mod gemini;
mod herald;
mod instruction;
mod ledger;
mod llm;
pub mod notes;
pub mod once;
mod opencode;
mod paragraphs;
mod provider;
mod record;
pub mod speaker;
mod transcript;

/// The tools of `band mcp`, which every agent is given.
pub const TOOLS: [&str; 9] = [
    "report_progress",
    "record_insight",
    "record_decision",
    "raise_blocker",
    "resolve_blocker",
    "submit_deliverable",
    "get_context",
    "put_context",
    "ask",
];

pub use answer::{check_schema, json_in};
pub use assignment::{AgentAssignment, Allowance, DriverName, Place, ToolRules};
pub(crate) use attend::VERB;
pub use attend::early_exit;
pub use child::{Child, Heard, Launch};
pub use driver::{Driver, Orders, Outcome, Stage};
pub use event::{AgentEvent, Order, Tally, TodoItem, TodoState};
