//! What people and programs see of a run, all of it made from its plan and its events alone, so that it can be made again.
//!
//! Pure. The engine's projector writes it to files; faces show it. Texts from plans, agents and processes are made harmless
//! for Markdown (`markdown`) and for JSON (`safe_json`) here.

mod adjustment;
pub mod check_in;
mod history;
mod json;
pub mod markdown;
pub mod milestones;
mod note;
mod past;
pub mod phases;
mod plan_file;
mod remaining;
pub mod spans;
pub mod spent;
mod timeline;
pub mod update;
pub mod when;

pub use adjustment::{
    Adjustment, BroughtBack, GateChange, Moved, Raised, Skipped, Span, Told, Why, Without, adjustment,
};
pub use history::History;
pub use json::safe_json;
pub use past::{Attempt, Claim, GateSeen, Insight, Note, Outcome, Phase, Ran};
pub(crate) use past::{amount, left_out, short, unit_words};
pub use plan_file::plan_file;
pub use remaining::{Remaining, left, remaining};
pub use timeline::Timeline;
