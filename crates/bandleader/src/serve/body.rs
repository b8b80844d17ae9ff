//! A body as JSON: limited in size, whole in time, and without members that nobody knows.

use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// Plans with their texts are larger than anything else that is sent.
pub(crate) const LARGEST: usize = 4 << 20;

/// All of a body must be there within this time, however steadily it drips.
const WHOLE: Duration = Duration::from_secs(30);

/// Reads it as it is, if it is no longer than this. What is announced as longer is refused before it comes.
pub(crate) async fn read_bytes(request: Request, limit: usize) -> Result<Bytes, Problem> {
    let announced =
        request.headers().get("content-length").and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(Problem::too_large(limit));
    }
    let read = tokio::time::timeout(WHOLE, to_bytes(request.into_body(), limit)).await;
    read.map_err(|_| late())?.map_err(|error| refused(&error, limit))
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
    late()
}

fn late() -> Problem {
    Problem::bad("the body did not arrive whole, or not in time")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;
    use futures_util::stream;

    use super::*;

    /// The clock goes on by itself whenever nothing else can.
    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_given_up() {
        let begun = tokio::time::Instant::now();
        let drops = stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), ()))
        });
        let request = Request::new(Body::from_stream(drops));
        assert!(read_bytes(request, LARGEST).await.is_err());
        assert_eq!(begun.elapsed(), WHOLE);
    }
}
