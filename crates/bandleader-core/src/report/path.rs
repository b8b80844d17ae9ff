//! The critical path as it happened: the chain of tasks that the end of the run waited for, found from its end.

use serde::Serialize;

use crate::run::Run;
use crate::view::History;
use crate::{Millis, TaskId, Timestamp};

/// One task on the path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Its path in the plan.
    pub task: String,
    /// Who did it.
    pub agent: String,
    /// When its first attempt started.
    pub started: Timestamp,
    /// When it was over.
    pub ended: Timestamp,
    /// Between the end of the task before and its own first start: it waited for a slot, a resource, or the engine.
    pub waited: Millis,
    /// How often it was tried.
    pub attempts: u32,
}

/// From the task that ended last, always on to the need that ended last. Group ends are passed through.
pub(super) fn critical_path(run: &Run, history: &History) -> Vec<Step> {
    let plan = run.plan();
    let over = |id: &TaskId| run.task(*id).state.over_at();
    let ran = |id: &TaskId| plan.task(*id).is_real() && run.task(*id).past().started.is_some();
    let mut path = Vec::new();
    // Of equals the last in plan order: it is the one that needs others.
    let mut next = plan.ids().filter(ran).filter(|id| over(id).is_some()).max_by_key(|id| (over(id), *id));
    while let Some(id) = next {
        if ran(&id) {
            path.push(id);
        }
        next = plan
            .task(id)
            .needs
            .iter()
            .copied()
            .filter(|need| over(need).is_some())
            .max_by_key(|need| (over(need), *need));
    }
    path.reverse();
    let mut before = history.created();
    let mut steps = Vec::with_capacity(path.len());
    for id in path {
        let task_run = run.task(id);
        let (Some(started), Some(ended)) = (task_run.past().started, over(&id)) else { continue };
        let agent = history.latest(id).map_or(plan.task(id).agent_name(), |latest| &latest.agent).to_owned();
        let (task, waited) = (plan.task(id).path.clone(), started.since(before));
        steps.push(Step { task, agent, started, ended, waited, attempts: task_run.attempts });
        before = ended;
    }
    steps
}
