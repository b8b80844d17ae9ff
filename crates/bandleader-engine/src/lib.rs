//! The shell.

pub mod link;
pub mod output;
pub mod process;
pub mod supervisor;
pub mod sweep;
