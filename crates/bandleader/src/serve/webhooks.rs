//! Who is told over HTTP what happens in runs, who may tell us, and what became of every message.

use std::sync::Arc;

use axum::extract::State;
use bandleader_core::Timestamp;
use bandleader_engine::clock::Clock;
use bandleader_engine::hooks::{Book, BookError, Stands as Fate, State as Stands};
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::asking::Asking;
use super::extract::Query;
use super::hub::Hub;
use super::problem::Problem;
use super::reply::{Answer, made};
use crate::error::with_causes;
use crate::hooks;
use crate::json::webhooks;

/// Messages of one answer when nobody says how many.
const USUAL: u32 = 50;

/// Messages of one answer at most.
const MOST: u32 = 500;

/// `GET /webhooks`
pub(super) async fn list(State(app): State<App>) -> Answer {
    let hub = Arc::clone(&app.hub);
    made(move || {
        let all = hooks::all().map_err(|failure| Problem::internal(failure.message))?;
        let rows = webhooks::all(&all, Some(&book(&hub)?)).map_err(|error| trouble(&error))?;
        let incoming = hooks::incoming().map_err(|failure| Problem::internal(failure.message))?;
        let incoming = webhooks::hooks(&incoming, Some(&book(&hub)?)).map_err(|error| trouble(&error))?;
        Ok(json!({ "webhooks": rows, "hooks": incoming }))
    })
    .await
}

/// What follows the question mark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    webhook: Option<String>,
    state: Option<Stands>,
    limit: Option<u32>,
    id: Option<String>,
}

/// `GET /webhooks/messages`: the newest first; one of them with its tries and its body.
pub(super) async fn messages(State(app): State<App>, Query(wanted): Query<Wanted>) -> Answer {
    let hub = Arc::clone(&app.hub);
    made(move || {
        let book = book(&hub)?;
        if let Some(id) = &wanted.id {
            let one = book.message(id).map_err(|error| trouble(&error))?;
            let one = one.ok_or_else(|| Problem::missing("there is no message of this id"))?;
            let whole = webhooks::whole(&book, &one).map_err(|error| trouble(&error))?;
            return Ok(json!({ "messages": [whole] }));
        }
        let limit = wanted.limit.unwrap_or(USUAL).clamp(1, MOST);
        let found = book.newest(wanted.webhook.as_deref(), wanted.state, limit).map_err(|error| trouble(&error))?;
        Ok(json!({ "messages": found.iter().map(webhooks::message).collect::<Vec<_>>() }))
    })
    .await
}

/// What follows the question mark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Came {
    hook: Option<String>,
    state: Option<Fate>,
    limit: Option<u32>,
    number: Option<u64>,
}

/// `GET /webhooks/received`: the newest first; one of them with its body.
pub(super) async fn received(State(app): State<App>, Query(wanted): Query<Came>) -> Answer {
    let hub = Arc::clone(&app.hub);
    made(move || {
        let book = book(&hub)?;
        if let Some(number) = wanted.number {
            let one = book.delivery(number).map_err(|error| trouble(&error))?;
            let one = one.ok_or_else(|| Problem::missing("nothing of this number came"))?;
            let whole = webhooks::whole_received(&book, &one).map_err(|error| trouble(&error))?;
            return Ok(json!({ "received": [whole] }));
        }
        let limit = wanted.limit.unwrap_or(USUAL).clamp(1, MOST);
        let found = book.received(wanted.hook.as_deref(), wanted.state, limit).map_err(|error| trouble(&error))?;
        let rows: Result<Vec<_>, BookError> = found.iter().map(|one| webhooks::received(&book, one)).collect();
        Ok(json!({ "received": rows.map_err(|error| trouble(&error))? }))
    })
    .await
}

/// What is told again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Again {
    /// One message.
    id: Option<String>,
    /// All that was given up, of this webhook.
    failed: Option<String>,
}

/// `POST /webhooks/replay`
pub(super) async fn replay(State(app): State<App>, asking: Asking<Again>) -> Answer {
    let hub = Arc::clone(&app.hub);
    made(move || {
        let (mut book, now) = (book(&hub)?, Clock::start(Timestamp(0)).now());
        let again = match (&asking.body.id, &asking.body.failed) {
            (Some(id), None) => usize::from(book.replay(id, now).map_err(|error| trouble(&error))?),
            (None, Some(name)) => book.replay_failed(name, now).map_err(|error| trouble(&error))?,
            _ => return Err(Problem::bad("give either `id`, of a message, or `failed`, the name of a webhook")),
        };
        if again == 0 && asking.body.id.is_some() {
            return Err(Problem::missing("there is no message of this id"));
        }
        Ok(json!({ "again": again }))
    })
    .await
}

fn book(hub: &Hub) -> Result<Book, Problem> {
    Book::open(hub.folder()).map_err(|error| trouble(&error))
}

fn trouble(error: &BookError) -> Problem {
    Problem::internal(with_causes(error))
}
