//! The driver for OpenCode: by the server of `opencode serve`, one for each attempt, on loopback and behind a password.
//!
//! The server is better than `opencode run`: it tells what it does as it does it, also that it tries its provider again, which it does
//! silently and for ever otherwise; it can be interrupted and spoken to; and it keeps sums of each session. `settings` says what it
//! is told beforehand, `server` starts it and asks it, `hear` is what is understood of its events, `turn` the course of an attempt,
//! `ending` what came of it.

#![expect(clippy::indexing_slicing, reason = "only JSON is indexed, and what it lacks reads as null")]

mod ending;
mod figures;
mod hear;
mod server;
mod settings;
mod stream;
mod turn;

use std::pin::Pin;

use bandleader_core::plan::FailureClass;

use super::driver::{Driver, Outcome, Stage};
use super::event::AgentEvent;

/// All of it is in the raw transcript.
const LONGEST_NOISE: usize = 2_000;

/// Runs `opencode`, or the assignment's own command.
pub(super) struct OpencodeDriver;

impl Driver for OpencodeDriver {
    fn run<'a>(&'a self, stage: Stage<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>> {
        Box::pin(turn::run(stage))
    }
}

fn noise(line: &str) -> AgentEvent {
    AgentEvent::Noise { line: line.chars().take(LONGEST_NOISE).collect() }
}

fn cancelled() -> Outcome {
    Outcome::failed(FailureClass::Cancelled, "it was stopped")
}
