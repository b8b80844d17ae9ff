//! Planned against actual, for drawings of a run over time: `GET /runs/{run}/timeline`; and what was held when.

use std::collections::BTreeMap;

use bandleader_core::view::{History, Outcome, left};
use bandleader_core::{Plan, Run, TaskId, Timestamp, estimate, rehearse};
use serde_json::{Value, json};

use crate::render::live::{lengths, outlook};
use crate::render::when::stamp;

/// Above this many tasks a plan is not rehearsed for a drawing: it takes too long while somebody waits.
const REHEARSED: usize = 3_000;

/// Bars, marks and paths. Points in time are milliseconds since 1970, so that drawings need not parse them.
pub(crate) fn describe(run: &Run, history: &History, now: Timestamp) -> Value {
    let plan = run.plan();
    let path = |id: &TaskId| plan.task(*id).path.clone();
    let attempts = history.attempts().iter().map(|one| {
        let outcome = match one.outcome {
            Outcome::Live => "live",
            Outcome::Completed => "completed",
            Outcome::Failed { .. } => "failed",
        };
        json!({
            "task": path(&one.id.task), "attempt": one.id.number, "agent": one.agent, "ready": one.ready,
            "started": one.started, "ended": one.ended, "outcome": outcome,
        })
    });
    let phases = history.phases().iter().map(|phase| {
        let group = plan.group(phase.group);
        json!({
            "path": group.path, "title": group.title, "number": phase.number, "started": phase.started,
            "ended": phase.ended, "status": phase.status,
        })
    });
    let decisions = run.decisions().iter().map(|(number, one)| {
        json!({
            "decision": number, "text": one.question.text, "opened": one.opened, "deadline": one.deadline,
            "taken": one.taken.as_ref().map(|taken| taken.at),
            "option": one.taken.as_ref().and_then(|taken| taken.option.as_deref()),
        })
    });
    let ahead = (!run.is_over()).then(|| outlook(run, &lengths(run), now));
    json!({
        "created": history.created(), "now": now, "ended": history.ended().map(|(at, _)| at),
        "finish": ahead.as_ref().and_then(|ahead| ahead.finish).map(|(first, last)| [first, last]),
        "planned": planned(plan, history.created()), "expected": expected(run, now),
        "attempts": attempts.collect::<Vec<_>>(), "phases": phases.collect::<Vec<_>>(),
        "decisions": decisions.collect::<Vec<_>>(),
        "notes": history.notes().iter().map(|note| json!({ "at": note.at, "text": note.text })).collect::<Vec<_>>(),
        "critical_path": ahead.as_ref().map_or_else(
            || estimate::critical_path(plan).iter().map(path).collect::<Vec<_>>(),
            |ahead| ahead.critical.iter().map(path).collect(),
        ),
        "critical_is_of": if ahead.is_some() { "what is left" } else { "the plan" },
    })
}

/// When each task would have been done by the plan's own estimates.
fn planned(plan: &Plan, begin: Timestamp) -> Value {
    if plan.tasks.len() > REHEARSED {
        return Value::Null;
    }
    let slots = rehearse(plan).tasks;
    let bar = slots.iter().map(|slot| {
        json!({ "task": plan.task(slot.task).path, "start": begin.plus(slot.start), "end": begin.plus(slot.end) })
    });
    bar.collect()
}

/// When what runs now is expected to end.
fn expected(run: &Run, now: Timestamp) -> Value {
    let (plan, lengths) = (run.plan(), lengths(run));
    let at_work = run.jobs().keys().map(|job| job.attempt.task);
    let mut tasks: Vec<TaskId> = at_work.filter(|id| plan.task(*id).is_real()).collect();
    tasks.dedup();
    let end = |id: &TaskId| {
        let length = lengths.get(id.index()).copied().unwrap_or_default();
        json!({ "task": plan.task(*id).path, "end": now.plus(left(run, *id, length, now)) })
    };
    tasks.iter().map(end).collect()
}

/// So many changes of a resource are told at most; of more, every so-many-th.
const CHANGES: usize = 2_000;

/// Each thing with a capacity: how much of it is free now, and how much was held since when.
pub(crate) fn resources(run: &Run, history: &History) -> Value {
    let plan = run.plan();
    let mut changes: Vec<BTreeMap<Timestamp, i64>> = vec![BTreeMap::new(); plan.resources.len()];
    for one in history.attempts() {
        for hold in &plan.task(one.id.task).uses {
            let Some(changes) = changes.get_mut(hold.resource as usize) else { continue };
            *changes.entry(one.started).or_default() += i64::from(hold.units);
            if let Some(ended) = one.ended {
                *changes.entry(ended).or_default() -= i64::from(hold.units);
            }
        }
    }
    let rows = (0_u32..).zip(&plan.resources).zip(changes).map(|((number, resource), changes)| {
        let mut held = 0;
        let all: Vec<(Timestamp, i64)> = changes
            .into_iter()
            .map(|(at, change)| {
                held += change;
                (at, held)
            })
            .collect();
        let every = all.len().div_ceil(CHANGES).max(1);
        let told: Vec<Value> = all.iter().step_by(every).map(|(at, held)| json!({ "at": at, "held": held })).collect();
        json!({
            "name": resource.name, "capacity": if number == 0 { run.parallel() } else { resource.capacity }, "free": run.free(number),
            "peak": all.iter().map(|(_, held)| *held).max().unwrap_or_default(), "held": told, "is_thinned": every > 1,
        })
    });
    json!({ "resources": rows.collect::<Vec<_>>(), "since": stamp(history.created()), "until": stamp(history.last_at()) })
}
