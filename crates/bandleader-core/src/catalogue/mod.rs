//! The catalogue: agent files in the form of Claude Code, read as they are, and the agents that they describe.
//!
//! Pure. The engine finds files and hands their bytes to [`read_agent`]; the [`Catalogue`] made of what came of them is an option of
//! the check of plans. Always true: a file never fails as a whole where something of it can be used, nothing of it is run, and whatever
//! is odd about it becomes a problem with words.

mod decode;
mod fields;
mod front;
mod keys;
mod lines;
mod list;
mod read;
mod remarks;
mod role;
mod suspect;
#[cfg(test)]
mod tests;

pub use fields::split_tools;
pub(crate) use list::nearest;
pub use list::{Catalogue, Entry, Found, Shadowed, Shelf};
pub use read::{MAX_FILE, Outcome, Reading, Way, read_agent};
pub use role::{PermissionMode, Role};
