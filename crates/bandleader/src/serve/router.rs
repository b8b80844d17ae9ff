//! Which path leads where. Everything under `/api/v1` but the exchange of a token needs one; pages do not.

use std::time::Duration;

use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::problem::Problem;
use super::{App, changes, events, guard, inbox, metrics, pages, runs, session};

/// A body that stops coming for so long is given up.
const BODY: Duration = Duration::from_secs(10);

/// All of it.
pub(crate) fn router(app: &App) -> Router {
    let known = from_fn_with_state(app.clone(), guard::known);
    let api = Router::new()
        .route("/session", get(session::show))
        .route("/runs", get(runs::list))
        .route("/runs/{run}", get(runs::show))
        .route("/runs/{run}/events", get(events::events))
        .route("/events", get(changes::changes))
        .route("/inbox", get(inbox::inbox))
        .layer(known.clone())
        .route("/session", post(session::begin).delete(session::end))
        .method_not_allowed_fallback(async || Problem::method());
    Router::new()
        .nest("/api/v1", api)
        .merge(Router::new().route("/metrics", get(metrics::metrics)).layer(known))
        // Other doors of the same house: each brings its own router, and its own rule for who may come in.
        .merge(Router::new())
        .fallback(pages::page)
        .layer(CompressionLayer::new())
        .layer(RequestBodyTimeoutLayer::new(BODY))
        .layer(middleware::from_fn_with_state(app.clone(), guard::door))
        .with_state(app.clone())
}
