//! `band` and the real coding agents, from npm, in one repository, against the scripted model server: whole runs of plans in which
//! all four work at once, are outlived, fail in every way, and are heard.
//!
//! `.ci/agents` installs them; where they are not, each test says so loudly and passes. They take up to 600 MB each and both cores,
//! so one test runs at a time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]
#![expect(clippy::panic, clippy::indexing_slicing, reason = "the same")]

#[path = "../cli_support/mod.rs"]
mod cli_support;
mod four;
mod heard;
#[path = "../installed/mod.rs"]
mod installed;
mod killed;
mod outcomes;
mod planner;
mod stage;
