//! From the brief of an interview to the text of a plan: by a built-in template, or by what a planner answers.
//!
//! Pure. `fill` makes a plan of a template and a brief; `ask` is what a planner is told, `answer` what is taken from its answer; `yaml` writes
//! either as a file that people edit. What a planner says is data until the checks of plans have passed it, here as anywhere.

mod answer;
mod ask;
mod fill;
mod stack;
pub(crate) mod yaml;

pub use answer::{NoPlan, forbidden, pinned, plan_in};
pub use ask::{Colleague, instruction, once_more};
pub use fill::{BadTemplate, Filled, LeftOut, fill};
pub use stack::{MARKS, Tests, Toolchain, tests_for};
pub use yaml::{comment, write as write_plan};
