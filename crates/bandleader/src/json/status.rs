//! How a run stands, for programs: `band status --json` and `GET /runs/{run}`.

use bandleader_core::{BudgetScope, Run, RunId, TaskId, Verdict};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::desk;
use bandleader_engine::folder::Folder;
use bandleader_engine::workspace::run_branch;
use serde_json::{Value, json};

use super::runs::state_name;
use super::talk;
use crate::render::live::{lengths, outlook};
use crate::render::when::stamp;

/// Everything that is known of a run now.
pub(crate) fn describe(folder: &Folder, id: &RunId, run: &Run) -> Value {
    let plan = run.plan();
    let now = Clock::start(run.last_at()).now();
    let path = |id: &bandleader_core::TaskId| plan.task(*id).path.clone();
    let activities = desk::activities(folder, id, run);
    let tasks = plan.ids().filter(|id| plan.task(*id).is_real()).map(|id| {
        let task = run.task(id);
        json!({
            "id": id, "path": path(&id), "phase": plan.phase_of(id).map(|phase| plan.group(phase).path.clone()),
            "state": task.state.name(), "agent": task.past().agent.as_deref().unwrap_or_else(|| plan.task(id).agent_name()),
            "attempts": task.attempts, "started": task.past().started.map(stamp), "ended": task.state.over_at().map(stamp),
            "spent_ms": task.past().spent, "estimate_ms": plan.task(id).estimate,
            "used": talk::used(run, &BudgetScope::Task { task: id }, run.spent_on(id)),
            "work": work(run, id), "session": task.past().session, "activity": activities.get(&id).map(talk::activity),
            "failure": task.past().failure.as_ref().map(|failure| json!({ "class": failure.0, "message": failure.1 })),
        })
    });
    let ahead = (!run.is_over()).then(|| outlook(run, &lengths(run), now));
    let (used, limit) = run.time_used(now);
    json!({
        "id": id, "mission": plan.mission, "state": state_name(folder, id, run.state().name()),
        "seq": run.last_seq(), "level": plan.level, "owner": desk::owner(folder, id),
        "created": stamp(run.created()), "last": stamp(run.last_at()), "time_used_ms": used, "time_limit_ms": limit,
        "counts": run.counts(), "used": talk::used(run, &BudgetScope::Run, run.spent()), "agents": talk::agents(run),
        "budgets": talk::budgets(run), "waits_for": talk::closed(run), "blockers": talk::blockers(run),
        "decisions": run.decisions().iter().map(|(number, one)| talk::describe(run, *number, one)).collect::<Vec<_>>(),
        "messages": talk::messages(run), "branch": branch(id, run),
        "critical_path": ahead.as_ref().map(|ahead| ahead.critical.iter().map(path).collect::<Vec<_>>()),
        "next": ahead.as_ref().map(|ahead| ahead.next.iter().map(path).collect::<Vec<_>>()),
        "finish": ahead.and_then(|ahead| ahead.finish).map(|(first, last)| json!([stamp(first), stamp(last)])),
        "tasks": tasks.collect::<Vec<_>>(),
    })
}

/// What the latest attempt at a task changed in its worktree.
fn work(run: &Run, id: TaskId) -> Value {
    let past = run.task(id).past();
    let work = past.report.as_ref().and_then(|report| report.work());
    work.map_or(
        Value::Null,
        |work| json!({ "branch": work.branch, "commit": work.commit, "files": work.files, "landed": past.landed }),
    )
}

/// The run's branch, and what it was merged into.
fn branch(id: &RunId, run: &Run) -> Value {
    let Some(repository) = &run.plan().repository else { return Value::Null };
    let merged = run.merged_into().iter().map(|merge| {
        let status = if merge.verdict == Verdict::Passed { "success" } else { "refused" };
        json!({
            "into": merge.branch, "status": status, "at": stamp(merge.at), "commit": merge.commit, "onto": merge.onto,
            "message": merge.message,
        })
    });
    json!({
        "name": run_branch(id), "base": repository.base, "merge_into": run.merge_wanted(),
        "merged": merged.collect::<Vec<_>>(),
    })
}
