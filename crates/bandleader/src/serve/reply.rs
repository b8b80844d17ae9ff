//! What a request that is granted gets: JSON that is safe to show, and work that may block, done where nobody waits for it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bandleader_core::view::safe_json;
use serde::Serialize;

use super::problem::Problem;

/// The end of a request.
pub(crate) type Answer = Result<Response, Problem>;

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Answer {
    json_with(StatusCode::OK, value)
}

/// The same with another status.
pub(crate) fn json_with(status: StatusCode, value: &impl Serialize) -> Answer {
    let text =
        serde_json::to_string(value).map_err(|error| Problem::internal(format!("cannot write JSON: {error}")))?;
    Ok(of_type("application/json", status, safe_json(&text).into_owned()))
}

/// What work that may block makes, as JSON: a large value is written down where nobody waits for it, too.
pub(crate) async fn made<T: Serialize>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Answer {
    aside(move || json(&work()?)).await
}

/// A text of this media type.
pub(crate) fn of_type(media: &'static str, status: StatusCode, text: String) -> Response {
    let mut response = (status, text).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// Does what reads disks or folds logs in a thread of its own: the thread that answers never waits for a disk.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::internal("the request broke; nothing is known of what it did")))
}
