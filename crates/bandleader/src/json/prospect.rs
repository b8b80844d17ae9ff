//! A plan before it runs, for programs: what is wrong with it, and what a run of it would be like.

use std::sync::Arc;

use bandleader_core::view::remaining;
use bandleader_core::{CostOutlook, Plan, Run, TaskId, Timestamp, rehearse};
use serde_json::{Value, json};

use crate::config;
use crate::graph::Longest;
use crate::plans::Prepared;
use crate::render::diagnostics;

/// Above this many tasks a plan is not rehearsed: it takes too long while somebody waits.
const REHEARSED: usize = 3_000;

/// The result of a check, and the prospect of a run if there can be one.
pub(crate) fn describe(prepared: &Prepared, now: Timestamp) -> Value {
    let checked = &prepared.checked;
    json!({
        "valid": checked.plan.is_some(), "can_start": checked.plan.is_some() && prepared.lacking.is_empty(),
        "diagnostics": diagnostics::plain(&checked.diagnostics, &checked.sources),
        "inputs": checked.parameters, "driver": prepared.picked, "lacking": prepared.lacking,
        "plan": checked.plan.as_ref().map(|plan| prospect(plan, now)),
    })
}

fn prospect(plan: &Plan, now: Timestamp) -> Value {
    let longest = Longest::of(plan);
    let path = |id: &TaskId| plan.task(*id).path.clone();
    let run = Run::new(Arc::new(plan.clone()));
    let known = plan.tasks.iter().any(|task| task.estimate.is_some());
    let left = known.then(|| remaining(&run, now));
    let rehearsed = (plan.tasks.len() <= REHEARSED).then(|| rehearse(plan));
    json!({
        "mission": plan.mission, "level": plan.level, "mode": plan.mode, "timeline": plan.timeline,
        "limits": { "time_ms": plan.limits.time, "cost_usd": plan.limits.cost_usd, "tokens": plan.limits.tokens },
        "parallel": plan.limits.parallel, "tasks": plan.ids().filter(|id| plan.task(*id).is_real()).count(),
        "phases": plan.groups.iter().filter(|group| group.parent.is_none()).map(|group| group.title.as_str()).collect::<Vec<_>>(),
        "agents": plan.agents.keys().collect::<Vec<_>>(),
        "decisions": plan.ids().filter(|id| plan.task(*id).question().is_some()).map(|id| path(&id)).collect::<Vec<_>>(),
        "critical_path": longest.critical.iter().map(path).collect::<Vec<_>>(), "critical_path_ms": longest.length,
        "without_estimate": longest.guessed, "makespan_ms": rehearsed.map(|rehearsed| rehearsed.makespan),
        "takes_ms": left.map(|left| [left.least, left.most]), "cost": cost(plan),
    })
}

/// What a run may cost, by the runs of this project.
pub(crate) fn outlook(plan: &Plan) -> CostOutlook {
    CostOutlook::of(plan, &config::past_costs())
}

/// The same for programs.
#[expect(clippy::cast_precision_loss, reason = "exact for more money than there is")]
pub(crate) fn cost(plan: &Plan) -> Value {
    let outlook = outlook(plan);
    let dollars = |millionths: u64| millionths as f64 / 1e6;
    json!({
        "least_usd": dollars(outlook.least()), "most_usd": outlook.most().map(dollars), "limit_usd": outlook.limit.map(dollars),
        "free_tasks": outlook.free, "known_tasks": outlook.known, "unknown_tasks": outlook.unknown, "words": outlook.words(),
    })
}
