//! What programs get to read of runs: one function for each thing, called by `--json` of the verb that shows it and by the HTTP API.
//!
//! Everything here is made from a run, or from what the engine's desk says; nothing is kept.

pub(crate) mod inbox;
pub(crate) mod jobs;
pub(crate) mod levels;
pub(crate) mod prospect;
pub(crate) mod runs;
pub(crate) mod status;
pub(crate) mod talk;
pub(crate) mod task;
pub(crate) mod timeline;
pub(crate) mod webhooks;
