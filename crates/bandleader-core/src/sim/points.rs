//! What must hold of milestones, and of what another level makes of tasks; called by `invariants`.

use crate::run::TaskState;
use crate::{Run, TaskId};

/// What starts for the first time has the gates and the tries of the level as it is now.
pub(super) fn follows_the_level(run: &Run, id: TaskId, seed: u64) {
    let (plan, task) = (run.plan(), run.plan().task(id));
    if run.task(id).attempts > 0 || !plan.by_level.retries {
        return;
    }
    let level = task.levels.nearest(run.level());
    let counted = plan.leveled_gates.get(&id).into_iter().flatten().filter(|one| one.levels.contains(level));
    let counted: Vec<_> = counted.map(|one| one.gate.clone()).collect();
    let is_so = !plan.leveled_gates.contains_key(&id) || *task.gates == counted;
    assert!(is_so, "seed {seed}: task {} starts with {} gates", id.0, task.gates.len());
    let tries = plan.levels.level(run.level()).retries;
    assert!(task.own_retry || task.retry.limit == tries, "seed {seed}: task {} starts with other tries", id.0);
}

/// What is reached has nothing before it that is not over, and what is not reached is neither done nor asked about.
pub(super) fn milestones_are_behind_what_they_need(run: &Run, seed: u64) {
    for milestone in &run.plan().milestones {
        let (id, task) = (milestone.task, run.task(milestone.task));
        let counts = matches!(task.state, TaskState::Completed { .. } | TaskState::Blocked { .. });
        let reached = task.past().reached.is_some();
        assert!(!counts || reached, "seed {seed}: milestone {} is {:?} and was not reached", id.0, task.state);
        assert!(!reached || task.state != TaskState::Pending, "seed {seed}: milestone {} was reached and waits", id.0);
    }
}
