//! What stands in an address, taken out of it; what does not fit is refused like everything else, as a problem.

use axum::extract::{FromRequestParts, Path as PathOf, Query as QueryOf};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The parts of the path.
pub(super) struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Problem> {
        let found = PathOf::<T>::from_request_parts(parts, state).await;
        found
            .map(|found| Path(found.0))
            .map_err(|error| Problem::missing(format!("there is nothing at this path: {error}")))
    }
}

/// What follows the question mark. Names that are not known are refused, so that a slip of the pen is noticed.
pub(super) struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, Problem> {
        let found = QueryOf::<T>::from_request_parts(parts, state).await;
        found.map(|found| Query(found.0)).map_err(|error| Problem::bad(error.body_text()))
    }
}
