//! `band serve`: what it answers, whom it lets in, and what it tells those who follow.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod document;
mod hostile;
mod incoming;
mod limits;
mod lists;
mod merged;
mod safety;
mod stage;
mod streams;
mod wire;
mod work;
mod writes;
