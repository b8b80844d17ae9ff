//! The runs of a project, for programs: `band list --json` and `GET /runs`.

use bandleader_core::view::spent::Spent;
use bandleader_core::{BudgetScope, Counts, Run, RunId, Timestamp};
use bandleader_engine::engine::{Glance, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::store::RunRow;
use serde_json::{Value, json};

use super::talk;
use crate::render::live::{lengths, outlook};
use crate::render::when::stamp;

/// All words that `state_name` has: those of the core, and `created` and `interrupted`.
pub(crate) const STATES: [&str; 11] = [
    "created",
    "running",
    "interrupted",
    "waiting",
    "paused",
    "rate_limited",
    "succeeded",
    "succeeded_with_overrides",
    "failed",
    "cancelled",
    "over_budget",
];

/// The state of a run in a word. One that should go on although no engine is there was interrupted: `band resume` is for it.
pub(crate) fn state_name<'a>(folder: &Folder, id: &RunId, state: &'a str) -> &'a str {
    let moves = matches!(state, "running" | "created");
    if moves && desk::owner(folder, id).is_none() { "interrupted" } else { state }
}

/// How many tasks are in which state, as the run's last commit said.
pub(crate) fn counts(row: &RunRow) -> Counts {
    Glance::at(row).counts
}

/// One run as lists show it.
pub(crate) fn row(folder: &Folder, row: &RunRow) -> Value {
    let glance = Glance::at(row);
    let length = row.last_at.since(row.created_at);
    let used = (!glance.spent.is_nothing()).then(|| Spent::of(glance.spent, glance.is_partial));
    json!({
        "id": row.id, "state": state_name(folder, &row.id, &row.state), "owner": desk::owner(folder, &row.id),
        "mission": row.mission, "plan": row.plan_name, "plan_hash": row.plan_hash, "project": row.project,
        "created": stamp(row.created_at), "last": stamp(row.last_at), "length_ms": length,
        "ended": glance.is_over.then(|| stamp(row.last_at)), "took_ms": glance.is_over.then_some(length),
        "used": used, "counts": glance.counts,
    })
}

/// Of a run that goes on: when it may end, what it used, and of what.
pub(crate) fn prospects(run: &Run, now: Timestamp) -> Value {
    let finish = outlook(run, &lengths(run), now).finish;
    json!({
        "needs": run.open_decisions().filter(|(_, decision)| decision.asks_people()).count(), "finish": finish.map(|(first, last)| [stamp(first), stamp(last)]),
        "used": talk::used(run, &BudgetScope::Run, run.spent()), "budgets": talk::budgets(run),
    })
}
