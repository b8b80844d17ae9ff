//! The shell.

pub mod link;
pub mod output;
