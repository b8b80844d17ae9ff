//! A write as its handler gets it: who asks, what with, and under which key.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::App;
use super::audit::Done;
use super::body::read_json;
use super::problem::Problem;
use super::reply::{Answer, json_with};

/// The longest key that is taken.
const LONGEST_KEY: usize = 128;

/// A write: its body, which has only members that are known, and its key.
#[derive(Debug)]
pub(super) struct Asking<T> {
    pub body: T,
    /// With the same one, nothing happens twice.
    pub key: Option<String>,
}

impl<T: DeserializeOwned + Send> FromRequest<App> for Asking<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Asking<T>, Problem> {
        let key = key(request.headers())?;
        Ok(Asking { body: read_json(request).await?, key })
    }
}

/// The client's own key, told from the keys of others.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key
        .to_str()
        .ok()
        .map(|key| key.trim().trim_matches('"'))
        .filter(|key| (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    let key = key.ok_or_else(|| {
        Problem::bad(format!("`Idempotency-Key` has 1 to {LONGEST_KEY} letters, digits or signs, and no spaces"))
    })?;
    Ok(Some(format!("http:{key}")))
}

/// The answer to a write, with what was asked for, for the record.
pub(super) fn done(status: StatusCode, value: &Value, what: Value) -> Answer {
    let mut response: Response = json_with(status, value)?;
    response.extensions_mut().insert(Done(what));
    Ok(response)
}
