//! The runs of the project, and how one of them stands.

use std::sync::Arc;

use axum::extract::State;
use bandleader_engine::engine::desk;
use bandleader_engine::store::RunRow;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::extract::{Path, Query};
use super::hub::Hub;
use super::paging::{Asked, Paged};
use super::problem::Problem;
use super::reply::{self, Answer};
use crate::json::inbox::can_ask;
use crate::json::runs::{counts, prospects, row, state_name};
use crate::json::status;

/// Which of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskedRuns {
    /// What people call their plan, exactly.
    #[serde(default)]
    plan: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    search: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    after: Option<String>,
}

/// `GET /runs`
pub(super) async fn list(State(app): State<App>, Query(asked): Query<AskedRuns>) -> Answer {
    let hub = Arc::clone(&app.hub);
    let AskedRuns { plan, state, search, limit, after } = asked;
    let asked = Asked { state, search, limit, after };
    reply::made(move || page(&hub, plan.as_deref(), &asked)).await
}

fn page(hub: &Hub, plan: Option<&str>, asked: &Asked) -> Result<Value, Problem> {
    let folder = hub.folder();
    let of_plan = |row: &RunRow| plan.is_none_or(|plan| row.plan_name == plan);
    let found = desk::runs(folder)?.into_iter().filter(of_plan).filter(|row| {
        asked.has(state_name(folder, &row.id, &row.state))
            && asked.finds(&[&row.mission, &row.plan_name, row.id.as_str()])
    });
    let Paged { rows, next, total } = asked.cursor().cut(found.collect(), |row| row.id.as_str().to_owned())?;
    let rows: Vec<Value> = rows
        .iter()
        .map(|one| {
            let mut value = row(folder, one);
            if let Value::Object(fields) = &mut value {
                let counts = counts(one);
                let over = if counts.total == 0 { 0.0 } else { f64::from(counts.over()) / f64::from(counts.total) };
                fields.insert("seq".into(), json!(one.last_seq));
                fields.insert("progress".into(), json!(over));
                fields.insert("needs".into(), json!(0));
                if can_ask(&one.state)
                    && let Some(Value::Object(more)) = ahead(hub, one.id.as_str())
                {
                    fields.extend(more);
                }
            }
            value
        })
        .collect();
    Ok(json!({ "runs": rows, "next": next, "total": total }))
}

/// What is known of one that goes on; nothing if its log cannot be read, which looking at the run itself tells.
fn ahead(hub: &Hub, id: &str) -> Option<Value> {
    hub.open(id).and_then(|run| run.see(|sight| prospects(sight.run, sight.now))).ok()
}

/// `GET /runs/{run}`
pub(super) async fn show(State(app): State<App>, Path(run): Path<String>) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || run.see_lately(|it, lately| status::describe_with(&run.folder, &run.id, it, lately))).await
}
