//! Bandleader's pure core: what a plan is, what a run is, and what follows from what.
//!
//! Nothing here does IO, reads a clock or draws chance; both arrive as arguments (docs/ARCHITECTURE.md, law 3).

pub mod diag;
mod event;
mod id;
pub mod plan;
pub mod redact;
mod time;

pub use event::{
    By, Delivered, Event, Exit, Recorded, Report, RunEnd, SkipReason, StopHow, StopReason, Usage, Verdict,
};
pub use id::{AttemptId, BadRunId, GroupId, JobId, RunId, Step, TaskId};
pub use plan::Plan;
pub use time::{Millis, Timestamp};
