//! Webhooks: who is told over HTTP what happens in runs, and who may tell us.
//!
//! A projection of the event log like the others: what is told are lines of the timeline, made from committed events alone. `book` keeps,
//! beside the log and never in its way, how far each hook has been told of each run and what became of every message; so a crash loses
//! nothing, and at worst tells something twice, under the same id. `courier` does the telling, in whichever process of a project runs:
//! an engine's or the server's, one at a time. `address` says where a message may go, `sign` who it is from, `message` what it says, `links`
//! by what people answer. `incoming` is the other way: who may tell the server how something went that a plan waits for.

mod address;
mod book;
mod courier;
pub mod incoming;
pub mod links;
mod message;
mod reader;
mod send;
mod sign;

use bandleader_core::Webhook;

pub use book::{Attempt, Book, BookError, Came, Delivery, Link, Received, Stands, State, Use};
pub use courier::{Courier, test};
pub use send::Answer;
pub use sign::{BadSecret, PlainSecret, Secret, ShortSecret};

/// A webhook with its secret.
#[derive(Clone, Debug)]
pub struct Hook {
    /// As it is configured.
    pub webhook: Webhook,
    /// What signs; or why there is none, in words for people.
    pub secret: Result<Option<Secret>, String>,
}

impl Hook {
    /// With the secret from the environment, as `read` knows it.
    pub fn new(webhook: Webhook, read: impl Fn(&str) -> Option<String>) -> Hook {
        let secret = match &webhook.secret_env {
            None => Ok(None),
            Some(name) => match read(name) {
                None => Err(format!("the environment variable `{name}` of its secret is not set")),
                Some(text) => Secret::parse(&text).map(Some).map_err(|error| format!("`{name}`: {error}")),
            },
        };
        Hook { webhook, secret }
    }
}
