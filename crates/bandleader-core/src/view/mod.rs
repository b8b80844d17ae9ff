//! What people and programs see of a run, all of it made from its plan and its events alone, so that it can be made again.
//!
//! Pure. The engine's projector writes it to files; faces show it. Texts from plans, agents and processes are made harmless
//! for Markdown (`markdown`) and for JSON (`safe_json`) here.

pub mod check_in;
mod history;
mod json;
pub mod markdown;
mod past;
mod plan_file;
mod remaining;
pub mod spans;
pub mod spent;
mod timeline;
pub mod when;

pub use history::History;
pub use json::safe_json;
pub use past::{Attempt, Claim, GateSeen, Insight, Note, Outcome, Phase, Ran};
pub(crate) use past::{amount, short, unit_words};
pub(crate) use plan_file::level_name;
pub use plan_file::plan_file;
pub use remaining::{Remaining, left, remaining};
pub use timeline::Timeline;
