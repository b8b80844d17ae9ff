//! The supervisor with real processes: what jobs do, what is done to them, and what is left of them.

mod ends;
mod harness;
mod output;
mod survival;
