//! The shell: everything that touches the world - disk, clock, processes - so that the core need not.
//!
//! The binary calls it; it calls the core. It draws no screen and parses no arguments.

pub mod agent;
pub mod blob;
pub mod catalogue;
pub mod chance;
pub mod clock;
pub mod engine;
pub mod folder;
pub mod hooks;
pub mod inbox;
mod job;
pub mod link;
pub mod lock;
pub mod merged;
pub mod output;
pub mod process;
pub mod projector;
mod replace;
pub mod snapshot;
pub mod store;
pub mod supervisor;
pub mod sweep;
pub mod workspace;
