//! What would come back, and what a level would not bring.

use std::collections::BTreeSet;

use super::order::open_needs;
use super::{BroughtBack, Why};
use crate::plan::Work;
use crate::run::{Run, TaskState};
use crate::{Event, SkipReason, TaskId};

/// Tasks that would be done after all.
pub(super) fn brought_back(run: &Run, then: &Run, events: &[Event]) -> Vec<BroughtBack> {
    let plan = then.plan();
    let paths = |tasks: BTreeSet<TaskId>| tasks.iter().map(|id| plan.task(*id).path.clone()).collect();
    let one = |event: &Event| {
        let Event::TaskBroughtBack { task, .. } = event else { return None };
        if then.task(*task).state.is_over() {
            // Something that it needs did not succeed, or its condition is false: it is told with what is skipped.
            return None;
        }
        let is_of_level = run.level() != then.level() && plan.task(*task).levels.contains(then.level());
        let why = match &run.task(*task).state {
            TaskState::Skipped { reason: SkipReason::Level, .. } if is_of_level => Why::Level,
            _ => Why::Asked,
        };
        let (waits_for, gone_on) = (paths(open_needs(then, *task)), paths(gone_on(run, *task)));
        Some(BroughtBack { task: plan.task(*task).path.clone(), why, waits_for, gone_on })
    };
    events.iter().filter_map(one).collect()
}

/// What needs a task, seen through the ends of groups, and was tried without it.
fn gone_on(run: &Run, task: TaskId) -> BTreeSet<TaskId> {
    let (mut found, mut ahead) = (BTreeSet::new(), vec![task]);
    let mut seen = BTreeSet::new();
    while let Some(id) = ahead.pop() {
        for next in run.dependents(id).iter().filter(|next| seen.insert(**next)) {
            if !run.plan().task(*next).is_real() {
                ahead.push(*next);
            } else if run.task(*next).attempts > 0 || matches!(run.task(*next).state, TaskState::Completed { .. }) {
                found.insert(*next);
            }
        }
    }
    found
}

/// Tasks of a level whose work the run does not know.
pub(super) fn not_added(then: &Run, level: u8) -> Vec<String> {
    let plan = then.plan();
    let is_unknown = |id: &TaskId| plan.task(*id).levels.contains(level) && plan.task(*id).work == Work::Left;
    plan.ids().filter(is_unknown).map(|id| plan.task(id).path.clone()).collect()
}
