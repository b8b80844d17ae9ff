//! Which place tasks would have among those that have not begun.

use std::collections::BTreeSet;

use super::Moved;
use crate::plan::Work;
use crate::run::{Run, TaskState};
use crate::{Event, TaskId};

/// Tasks that have not begun, in plan order.
fn waiting(run: &Run) -> Vec<TaskId> {
    let waits = |state: &TaskState| {
        matches!(state, TaskState::Pending | TaskState::Ready { .. } | TaskState::BackingOff { .. })
    };
    let works = |id: &TaskId| {
        !matches!(run.plan().task(*id).work, Work::Join | Work::Milestone | Work::Left | Work::Decision { .. })
            && waits(&run.task(*id).state)
    };
    run.plan().ids().filter(works).collect()
}

pub(super) fn moved(run: &Run, then: &Run, events: &[Event]) -> Vec<Moved> {
    let plan = run.plan();
    let named: BTreeSet<TaskId> = events
        .iter()
        .filter_map(|event| match event {
            Event::TaskMoved { task, .. } => Some(*task),
            _ => None,
        })
        .collect();
    // Places are counted among what has not begun before the change, without what it leaves out and with what it brings back.
    let is_back = |event: &Event| match event {
        Event::TaskBroughtBack { task, .. } => Some(*task),
        _ => None,
    };
    let back = events.iter().filter_map(is_back);
    let mut before: Vec<TaskId> = waiting(run).into_iter().chain(back).filter(|id| !is_left_out(then, *id)).collect();
    before.sort_by_key(|id| run.rank(*id));
    let mut after = before.clone();
    after.sort_by_key(|id| then.rank(*id));
    let place = |tasks: &[TaskId], id: TaskId| tasks.iter().position(|other| *other == id).map(|place| place + 1);
    let one = |id: &TaskId| {
        let waits_for = open_needs(then, *id).iter().map(|need| plan.task(*need).path.clone()).collect();
        let (from, to) = (place(&before, *id)?, place(&after, *id)?);
        Some(Moved { task: plan.task(*id).path.clone(), from, to, waits_for })
    };
    let mut moved: Vec<Moved> = after.iter().filter(|id| named.contains(id)).filter_map(one).collect();
    moved.sort_by_key(|one| one.to);
    moved
}

/// What a task still waits for, seen through the ends of groups and what is left out.
pub(super) fn open_needs(run: &Run, task: TaskId) -> BTreeSet<TaskId> {
    let plan = run.plan();
    let (mut found, mut behind) = (BTreeSet::new(), vec![task]);
    while let Some(id) = behind.pop() {
        for need in plan.task(id).needs.iter().filter(|need| !run.is_behind(**need)) {
            if plan.task(*need).is_real() && !run.task(*need).state.is_over() {
                found.insert(*need);
            } else {
                behind.push(*need);
            }
        }
    }
    found
}

fn is_left_out(run: &Run, id: TaskId) -> bool {
    matches!(run.task(id).state, TaskState::Skipped { .. })
}
