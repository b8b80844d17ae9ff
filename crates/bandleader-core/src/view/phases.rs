//! How far each phase is: what bars are drawn from.
//!
//! Pure. Faces and updates read it. Tasks outside of every phase stand together at the end.

use serde::Serialize;

use crate::plan::{GroupKind, Work};
use crate::run::{Run, TaskState};
use crate::{GroupId, Millis, SkipReason, TaskId, Timestamp};

/// One top-level phase, or the tasks that stand in none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseProgress {
    /// Its path; `tasks` or `other` for those that stand in none. May be hostile text.
    pub path: String,
    /// What it is called. May be hostile text.
    pub title: String,
    /// Tasks that are over as they should be: completed, undone, or skipped because they are not needed.
    pub done: usize,
    /// Tasks that failed or were called off.
    pub failed: usize,
    /// Tasks that were skipped because something before them was not done, or because nothing was left to spend.
    pub missed: usize,
    /// All its tasks.
    pub total: usize,
    /// Whether any of them was tried or is over.
    pub begun: bool,
    /// When the first of them was started.
    pub started: Option<Timestamp>,
    /// When the last of those that are over was.
    pub ended: Option<Timestamp>,
}

impl PhaseProgress {
    /// Tasks that are over, however they ended.
    pub fn over(&self) -> usize {
        self.done + self.failed + self.missed
    }

    /// How long it took, when nothing of it is left.
    pub fn took(&self) -> Option<Millis> {
        Some(self.ended.filter(|_| self.is_over())?.since(self.started?))
    }

    /// Whether nothing of it is left.
    pub fn is_over(&self) -> bool {
        self.over() == self.total
    }
}

/// All that have anything to do at the plan's level, in plan order.
pub fn phases(run: &Run) -> Vec<PhaseProgress> {
    let plan = run.plan();
    let top = top(run);
    let fresh = |path: &str, title: &str| {
        let (path, title) = (path.to_owned(), title.to_owned());
        PhaseProgress { path, title, done: 0, failed: 0, missed: 0, total: 0, begun: false, started: None, ended: None }
    };
    let mut phases: Vec<PhaseProgress> =
        top.iter().map(|id| plan.group(*id)).map(|group| fresh(&group.path, &group.title)).collect();
    let loose = if top.is_empty() { "tasks" } else { "other" };
    let mut loose = fresh(loose, loose);
    // What the level leaves out was never to be done.
    let mut missed = vec![None; plan.tasks.len()];
    let counts = |id: &TaskId| plan.task(*id).is_real() && plan.task(*id).work != Work::Left;
    for id in plan.ids().filter(counts) {
        let phase = place(run, &top, id).and_then(|place| phases.get_mut(place)).unwrap_or(&mut loose);
        let task = run.task(id);
        phase.total += 1;
        phase.begun |= task.attempts > 0 || task.state.is_over();
        phase.started = phase.started.into_iter().chain(task.past().started).min();
        phase.ended = phase.ended.max(task.state.over_at());
        match &task.state {
            TaskState::Failed { .. } | TaskState::Cancelled { .. } => phase.failed += 1,
            TaskState::Skipped { .. } if is_missed(run, id, &mut missed) => phase.missed += 1,
            state if state.is_over() => phase.done += 1,
            _ => {}
        }
    }
    phases.push(loose);
    phases.retain(|phase| phase.total > 0);
    phases
}

/// Whether a task that was skipped should have been done: what it hangs on failed, and is not merely left out. `known` has what was found out
/// before, so that a long chain is walked once.
fn is_missed(run: &Run, id: TaskId, known: &mut [Option<bool>]) -> bool {
    let mut walked = Vec::new();
    let mut at = id;
    let found = loop {
        if let Some(found) = known.get(at.index()).copied().flatten() {
            break found;
        }
        walked.push(at);
        let is_bad =
            |need: &TaskId| matches!(run.task(*need).state, TaskState::Failed { .. } | TaskState::Cancelled { .. });
        match &run.task(at).state {
            TaskState::Skipped { reason: SkipReason::Upstream { need }, .. } if walked.len() <= known.len() => {
                at = *need;
            }
            TaskState::Skipped { reason: SkipReason::Budget { .. } | SkipReason::BadCondition { .. }, .. } => {
                break true;
            }
            // The end of a group fails with one of its members.
            _ => break is_bad(&at) || (!run.plan().task(at).is_real() && run.plan().task(at).needs.iter().any(is_bad)),
        }
    };
    for task in walked {
        if let Some(place) = known.get_mut(task.index()) {
            *place = Some(found);
        }
    }
    found
}

/// The path of the phase whose end `node` is.
pub(super) fn ended_by(run: &Run, node: TaskId) -> Option<&str> {
    let plan = run.plan();
    top(run).into_iter().map(|id| plan.group(id)).find(|group| group.end == node).map(|group| group.path.as_str())
}

fn top(run: &Run) -> Vec<GroupId> {
    let groups = (0_u32..).map(GroupId).zip(&run.plan().groups);
    groups.filter(|(_, group)| group.parent.is_none() && group.kind == GroupKind::Phase).map(|(id, _)| id).collect()
}

fn place(run: &Run, top: &[GroupId], task: TaskId) -> Option<usize> {
    top.binary_search(&run.plan().phase_of(task)?).ok()
}
