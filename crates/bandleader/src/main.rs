//! `band`: starts, watches and steers runs of plans. The faces only; what is true is decided in the core and kept by the
//! engine.

mod cli;
mod config;
mod error;
mod graph;
mod hooks;
mod json;
mod machine;
mod mcp;
mod notice;
mod plans;
mod programs;
mod render;
mod serve;
mod traces;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    let early = bandleader_engine::supervisor::early_exit().or_else(bandleader_engine::agent::early_exit);
    if let Some(code) = early.or_else(bandleader_engine::workspace::early_exit) {
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    cli::main()
}
