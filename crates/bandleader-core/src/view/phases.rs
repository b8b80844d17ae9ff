//! How far each phase is: what bars are drawn from.
//!
//! Pure. Faces and updates read it. Tasks outside of every phase stand together at the end.

use serde::Serialize;

use crate::plan::GroupKind;
use crate::run::{Run, TaskState};
use crate::{GroupId, TaskId};

/// One top-level phase, or the tasks that stand in none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseProgress {
    /// Its path; `tasks` or `other` for those that stand in none. May be hostile text.
    pub path: String,
    /// What it is called. May be hostile text.
    pub title: String,
    /// Tasks that are over and did not fail: completed, skipped, undone.
    pub done: usize,
    /// Tasks that failed or were called off.
    pub failed: usize,
    /// All its tasks.
    pub total: usize,
    /// Whether any of them was tried or is over.
    pub begun: bool,
}

impl PhaseProgress {
    /// Tasks that are over, however they ended.
    pub fn over(&self) -> usize {
        self.done + self.failed
    }

    /// Whether nothing of it is left.
    pub fn is_over(&self) -> bool {
        self.over() == self.total
    }
}

/// All of them, in plan order.
pub fn phases(run: &Run) -> Vec<PhaseProgress> {
    let plan = run.plan();
    let top = top(run);
    let fresh = |path: &str, title: &str| {
        let (path, title) = (path.to_owned(), title.to_owned());
        PhaseProgress { path, title, done: 0, failed: 0, total: 0, begun: false }
    };
    let mut phases: Vec<PhaseProgress> =
        top.iter().map(|id| plan.group(*id)).map(|group| fresh(&group.path, &group.title)).collect();
    let loose = if top.is_empty() { "tasks" } else { "other" };
    let mut loose = fresh(loose, loose);
    for id in plan.ids().filter(|id| plan.task(*id).is_real()) {
        let phase = place(run, &top, id).and_then(|place| phases.get_mut(place)).unwrap_or(&mut loose);
        let task = run.task(id);
        phase.total += 1;
        phase.begun |= task.attempts > 0 || task.state.is_over();
        match &task.state {
            TaskState::Failed { .. } | TaskState::Cancelled { .. } => phase.failed += 1,
            state if state.is_over() => phase.done += 1,
            _ => {}
        }
    }
    if loose.total > 0 {
        phases.push(loose);
    }
    phases
}

/// Where in `phases` the phase stands whose end `node` is.
pub(super) fn ended_by(run: &Run, node: TaskId) -> Option<usize> {
    top(run).iter().position(|id| run.plan().group(*id).end == node)
}

fn top(run: &Run) -> Vec<GroupId> {
    let groups = (0_u32..).map(GroupId).zip(&run.plan().groups);
    groups.filter(|(_, group)| group.parent.is_none() && group.kind == GroupKind::Phase).map(|(id, _)| id).collect()
}

fn place(run: &Run, top: &[GroupId], task: TaskId) -> Option<usize> {
    top.binary_search(&run.plan().phase_of(task)?).ok()
}
