//! `band`: starts, watches and steers runs of plans. The faces only; what is true is decided in the core and kept by the
//! engine.

mod cli;
mod config;
mod error;
mod graph;
mod machine;
mod plans;
mod render;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
