//! `band mcp`: two servers of the Model Context Protocol. `attempt` has the tools that agents of a run are given; `people` those with
//! which people's own programs plan, start, watch and answer runs, also at `/mcp` of `band serve`. `protocol` is the only file that knows the protocol's library.

mod attempt;
mod people;
mod protocol;
mod toolbox;

use std::io::IsTerminal as _;

use axum::Router;
use bandleader_engine::agent::speaker::Speaker;

pub(crate) use attempt::{Asked, OptionAsked, know, words_of};

use crate::error::{Failure, Outcome};
use crate::render::screen::Screen;

/// `band mcp --attempt`: started by an agent's program; the environment says for which attempt it speaks.
pub(crate) fn serve_attempt() -> Outcome {
    let speaker = Speaker::from_environment().map_err(|error| {
        Failure::usage(error.to_string()).hint("agents of a run are given this server; nobody else needs it")
    })?;
    protocol::serve(attempt::Tools::new(speaker))
}

/// `band mcp`: for a person's program, in the project that it is started in.
pub(crate) fn serve_people(screen: &mut Screen) -> Outcome {
    if std::io::stdin().is_terminal() {
        screen.note("this speaks the Model Context Protocol, and waits for a program to speak to it; Ctrl-D ends it");
        screen.note("`band install claude-code` (or codex, gemini, opencode) tells a program of it");
    }
    protocol::serve(people::Tools::here())
}

/// The same at `/mcp`, for clients that come over HTTP. Who may come in is for whoever mounts it to see to.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    protocol::over_http(people::Tools::here())
}
