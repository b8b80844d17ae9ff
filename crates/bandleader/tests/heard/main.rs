//! Agents are heard: their tools, `band report` of commands, questions and their answers, messages, and what all of it costs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]
#![expect(clippy::panic, clippy::indexing_slicing, reason = "the same")]

mod asked;
#[path = "../cli_support/mod.rs"]
mod cli_support;
mod client;
mod costs;
mod reported;
mod told;
mod tools;
#[path = "../wire/mod.rs"]
mod wire;
