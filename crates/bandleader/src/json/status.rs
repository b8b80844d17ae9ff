//! How a run stands, for programs: `band status --json` and `GET /runs/{run}`.

use std::collections::BTreeMap;

use bandleader_core::plan::Plan;
use bandleader_core::view::milestones::{MilestoneProgress, milestones};
use bandleader_core::view::update::Lately;
use bandleader_core::{BudgetScope, Run, RunId, Verdict};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{EngineError, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::workspace::run_branch;
use serde_json::{Value, json};

use super::runs::state_name;
use super::{talk, task};
use crate::render::live::{lengths, outlook};
use crate::render::when::stamp;

/// As of when a run is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Now: with what its agents do, and whether an engine is there.
    Present,
    /// When its last event had just happened.
    Past,
}

/// Everything that is known of a run now.
pub(crate) fn describe(folder: &Folder, id: &RunId, run: &Run) -> Value {
    describe_at(folder, id, run, Moment::Present)
}

/// Events at the end of the log that what is told of late is taken from.
const TAIL: u64 = 2_000;
/// Tasks, findings and starts of late that are told one by one.
pub(crate) const LATELY: usize = 3;

/// The same with what happened last, where that can be told.
pub(crate) fn describe_with(folder: &Folder, id: &RunId, run: &Run, lately: Option<&Lately>) -> Value {
    let mut all = describe(folder, id, run);
    let now = Clock::start(run.last_at()).now();
    if let Value::Object(fields) = &mut all {
        fields.insert("lately".into(), json!(lately.map(|lately| lately.update(run, now, LATELY))));
    }
    all
}

/// What happened last, from the end of the log: a long story is not read for it. None where it is damaged: how the run stands is known
/// from its snapshot, and whoever reads its story says what is wrong with it.
pub(crate) fn lately(folder: &Folder, id: &RunId, run: &Run) -> Option<Lately> {
    let mut lately = Lately::new(run.created());
    let last = run.last_seq();
    let told = desk::tell(folder, id, last.saturating_sub(TAIL), last, |recorded| {
        lately.note(run, recorded);
        Ok::<(), EngineError>(())
    });
    told.is_ok().then_some(lately)
}

/// The same as of a moment: a run that is folded only so far is described as it was then.
pub(crate) fn describe_at(folder: &Folder, id: &RunId, run: &Run, moment: Moment) -> Value {
    let plan = run.plan();
    let is_present = moment == Moment::Present;
    let now = if is_present { Clock::start(run.last_at()).now() } else { run.last_at() };
    let path = |id: &bandleader_core::TaskId| plan.task(*id).path.clone();
    let activities = if is_present { desk::activities(folder, id, run) } else { BTreeMap::new() };
    let name = run.state().name();
    let state = if is_present { state_name(folder, id, name) } else { name };
    let owner = desk::owner(folder, id).filter(|_| is_present);
    let tasks = plan.ids().filter(|id| plan.task(*id).is_real()).map(|id| task::row(run, id, activities.get(&id)));
    let ahead = (!run.is_over()).then(|| outlook(run, &lengths(run), now));
    let (used, limit) = run.time_used(now);
    json!({
        "id": id, "mission": plan.mission, "state": state,
        "seq": run.last_seq(), "now": stamp(now), "level": run.level(), "mode": run.mode(), "owner": owner,
        "phases": phases(plan), "milestones": milestones(run, now).iter().map(milestone).collect::<Vec<_>>(),
        "created": stamp(run.created()), "last": stamp(run.last_at()), "time_used_ms": used, "time_limit_ms": limit,
        "counts": run.counts(), "used": talk::used(run, &BudgetScope::Run, run.spent()), "agents": talk::agents(run),
        "budgets": talk::budgets(run), "waits_for": talk::closed(run), "blockers": talk::blockers(run),
        "decisions": run.decisions().iter().map(|(number, one)| talk::describe(run, *number, one)).collect::<Vec<_>>(),
        "messages": talk::messages(run), "branch": branch(id, run),
        "critical_path": ahead.as_ref().map(|ahead| ahead.critical.iter().map(path).collect::<Vec<_>>()),
        "next": ahead.as_ref().map(|ahead| ahead.next.iter().map(path).collect::<Vec<_>>()),
        "finish": ahead.and_then(|ahead| ahead.finish).map(|(first, last)| json!([stamp(first), stamp(last)])),
        "tasks": tasks.collect::<Vec<_>>(), "points": points(plan),
    })
}

/// The nodes that are no tasks, the ends of groups and milestones: events name them by their numbers, too.
fn points(plan: &Plan) -> Vec<Value> {
    let groups = plan.groups.iter().map(|group| (group.end, &group.path, &group.title));
    let milestones = plan.milestones.iter().map(|one| (one.task, &one.id, &one.title));
    let points = groups.chain(milestones).filter(|(id, ..)| !plan.task(*id).is_real());
    points.map(|(id, path, title)| json!({ "id": id, "path": path, "title": title })).collect()
}

/// The phases of the plan, in its order.
fn phases(plan: &Plan) -> Vec<Value> {
    let phases = plan.groups.iter().filter(|group| group.parent.is_none());
    phases.map(|group| json!({ "path": group.path, "title": group.title })).collect()
}

/// How a milestone stands.
fn milestone(one: &MilestoneProgress) -> Value {
    json!({
        "id": one.id, "title": one.title, "state": one.state, "reached": one.reached.map(stamp),
        "decision": one.decision, "left_ms": one.left,
    })
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
