//! What all runs ask people now.

use std::sync::Arc;

use axum::extract::State;
use bandleader_engine::engine::desk;
use bandleader_engine::store::RunRow;
use serde_json::Value;

use super::App;
use super::hub::Hub;
use super::reply::{self, Answer};
use crate::json::inbox::{can_ask, entry, rank};

/// `GET /inbox`
pub(super) async fn inbox(State(app): State<App>) -> Answer {
    let hub = Arc::clone(&app.hub);
    reply::made(move || Ok(open_questions(&hub, &desk::runs(hub.folder())?))).await
}

/// Every open question, the most pressing first. A run whose log is damaged asks nothing.
pub(super) fn open_questions(hub: &Hub, rows: &[RunRow]) -> Vec<Value> {
    let mut all = Vec::new();
    for row in rows.iter().filter(|row| can_ask(&row.state)) {
        let Ok(run) = hub.open(row.id.as_str()) else { continue };
        let asked = run.see(|sight| {
            let one = |(number, decision)| (rank(decision), entry(hub.folder(), &row.id, sight.run, number, decision));
            sight.run.open_decisions().filter(|(_, decision)| decision.asks_people()).map(one).collect::<Vec<_>>()
        });
        all.extend(asked.unwrap_or_default());
    }
    all.sort_by_key(|(rank, _)| *rank);
    all.into_iter().map(|(_, value)| value).collect()
}
