//! Tasks in git worktrees of their own, with real repositories: what lands, what clashes, what becomes of it in the person's branches, and
//! what a kill at any moment leaves.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accepted;
#[path = "../cli_support/mod.rs"]
mod cli_support;
mod into;
mod into_refused;
mod killed;
mod screen;
mod stage;
mod work;
