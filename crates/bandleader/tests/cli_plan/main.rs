//! `band plan`: answers from a file, an interview at a terminal, templates at every level, and a planner that gets it wrong.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails here, and says where")]

mod answers;
#[path = "../cli_support/mod.rs"]
mod cli_support;
mod interrupted;
mod planner;
mod screen;
mod stage;
