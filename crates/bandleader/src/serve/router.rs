//! Which path leads where. Everything under `/api/v1` but the exchange of a token needs one; pages do not.

use std::time::Duration;

use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::problem::Problem;
use super::{
    App, answer, answers, audit, changes, events, guard, inbox, incoming, logs, merged, metrics, onward, openapi,
    pages, plans, runs, session, tasks, views, webhooks, writes,
};

/// A body that stops coming for so long is given up.
const BODY: Duration = Duration::from_secs(10);

/// All of it.
pub(crate) fn router(app: &App) -> Router {
    let known = from_fn_with_state(app.clone(), guard::known);
    let api = Router::new()
        .route("/openapi.json", get(openapi::openapi))
        .route("/session", get(session::show))
        .route("/runs", get(runs::list).post(plans::begin))
        .route("/runs/{run}", get(runs::show))
        .route("/runs/{run}/state", get(views::state))
        .route("/runs/{run}/tasks", get(tasks::list))
        .route("/runs/{run}/tasks/{task}", get(tasks::show))
        .route("/runs/{run}/tasks/{task}/log", get(logs::log))
        .route("/runs/{run}/tasks/{task}/diff", get(tasks::diff))
        .route("/runs/{run}/log", get(merged::log))
        .route("/runs/{run}/graph", get(views::graph))
        .route("/runs/{run}/timeline", get(views::timeline))
        .route("/runs/{run}/resources", get(views::resources))
        .route("/runs/{run}/agents", get(views::agents))
        .route("/runs/{run}/costs", get(views::costs))
        .route("/runs/{run}/report", get(views::report))
        .route("/runs/{run}/plan", get(views::plan))
        .route("/runs/{run}/decisions", get(views::decisions))
        .route("/runs/{run}/decisions/{decision}", get(views::decision))
        .route("/runs/{run}/decisions/{decision}/answer", post(answers::answer))
        .route("/runs/{run}/decisions/{decision}/hold", post(answers::hold).delete(answers::release))
        .route("/runs/{run}/events", get(events::events))
        .route("/runs/{run}/pause", post(writes::pause))
        .route("/runs/{run}/resume", post(onward::resume))
        .route("/runs/{run}/cancel", post(writes::cancel))
        .route("/runs/{run}/retry", post(writes::retry))
        .route("/runs/{run}/tell", post(writes::tell))
        .route("/runs/{run}/accept", post(writes::accept))
        .route("/runs/{run}/resolve", post(writes::resolve))
        .route("/runs/{run}/adjust", post(onward::adjust))
        .route("/runs/{run}/merge", post(onward::merge))
        .route("/events", get(changes::changes))
        .route("/inbox", get(inbox::inbox))
        .route("/webhooks", get(webhooks::list))
        .route("/webhooks/messages", get(webhooks::messages))
        .route("/webhooks/received", get(webhooks::received))
        .route("/webhooks/replay", post(webhooks::replay))
        .route("/plans", get(plans::list))
        .route("/plans/check", post(plans::check))
        .route("/levels", get(plans::levels))
        .route("/policy", get(plans::policy))
        .layer(known.clone())
        .route("/session", post(session::begin).delete(session::end))
        .layer(from_fn_with_state(app.clone(), audit::record))
        .method_not_allowed_fallback(async || Problem::method());
    Router::new()
        .nest("/api/v1", api)
        .merge(Router::new().route("/metrics", get(metrics::metrics)).layer(known.clone()))
        // Another door of the same house, with the same rule for who may come in.
        .merge(crate::mcp::router().layer(known.clone()).layer(from_fn_with_state(app.clone(), audit::record)))
        // What comes by these is let in by a signature or by the link itself.
        .merge(
            Router::new()
                .route("/hooks/{name}", post(incoming::take))
                .method_not_allowed_fallback(async || Problem::method())
                .layer(from_fn_with_state(app.clone(), audit::record)),
        )
        .merge(answer::router(app))
        .fallback(pages::page)
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(RequestBodyTimeoutLayer::new(BODY))
        .layer(middleware::from_fn_with_state(app.clone(), guard::door))
        .with_state(app.clone())
}
