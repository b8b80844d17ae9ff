//! A body as JSON: limited in size, whole in time, and without members that nobody knows.

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// Plans with their texts are larger than anything else that is sent.
pub(crate) const LARGEST: usize = 4 << 20;

/// Reads it as it is, if it is no longer than this. What is announced as longer is refused before it comes.
pub(crate) async fn read_bytes(request: Request, limit: usize) -> Result<Bytes, Problem> {
    let announced =
        request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(Problem::too_large(limit));
    }
    to_bytes(request.into_body(), limit).await.map_err(|error| refused(&error, limit))
}

/// Reads it. Nothing at all counts as `{}`.
pub(crate) async fn read_json<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    let bytes = read_bytes(request, LARGEST).await?;
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    serde_json::from_slice(text).map_err(|error| Problem::bad(format!("the body is not what is expected: {error}")))
}

fn refused(error: &axum::Error, limit: usize) -> Problem {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(one) = cause {
        if one.to_string().contains("length limit exceeded") {
            return Problem::too_large(limit);
        }
        cause = one.source();
    }
    Problem::bad("the body did not arrive whole, or not in time")
}
