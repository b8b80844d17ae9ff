//! The full screen: `band watch` and `band replay` at a terminal.
//!
//! A pure middle (`State`, `update`, `views::draw`) in a shell that reads keys, follows the log, draws when something has changed and
//! at most ten times a second, and asks of the run what the person wants. Looking changes nothing.

mod ansi;
mod dialog;
mod feed;
mod holding;
mod input;
mod log;
mod message;
mod moving;
mod pacing;
mod page;
mod request;
mod shell;
mod state;
mod story;
mod terminal;
mod update;
mod views;

pub(crate) use feed::{Feed, Player};
pub(crate) use pacing::usual_rest;
pub(crate) use page::{Abilities, Colours, Letters};
pub(crate) use shell::{Options, open};
