//! What another level makes of the tasks that have not started.

use super::GateChange;
use crate::TaskId;
use crate::plan::{Gate, Work};
use crate::run::Run;

/// Tasks of which another level may change something, and that are done with it and without it.
fn changed<'a>(run: &'a Run, then: &'a Run) -> impl Iterator<Item = TaskId> + 'a {
    let counts = |id: &TaskId| {
        let (was, is) = (run.plan().task(*id), then.plan().task(*id));
        was.work != Work::Left && is.work != Work::Left && !run.task(*id).state.is_over() && was != is
    };
    run.plan().ids().filter(counts)
}

/// How many further tries there are where the plan says nothing: what it was, what it would be.
pub(super) fn retries(run: &Run, then: &Run) -> Option<(u32, u32)> {
    let limits = |id| (run.plan().task(id).retry.limit, then.plan().task(id).retry.limit);
    changed(run, then).map(limits).find(|(was, is)| was != is)
}

/// Gates that would be checked, or not any more, task by task.
pub(super) fn gates(run: &Run, then: &Run) -> Vec<GateChange> {
    let mut all = Vec::new();
    for id in changed(run, then) {
        let (was, is) = (&run.plan().task(id).gates, &then.plan().task(id).gates);
        let mut add = |from: &[Gate], without: &[Gate], checked| {
            let new = from.iter().filter(|gate| !without.contains(gate));
            let task = &run.plan().task(id).path;
            all.extend(new.map(|gate| GateChange { task: task.clone(), gate: gate.name.clone(), checked }));
        };
        add(is, was, true);
        add(was, is, false);
    }
    all
}
