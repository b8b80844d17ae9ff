//! How far the milestones are: which were reached and when, which comes next.
//!
//! Pure. Faces, updates and the plan file read it. Titles may be hostile text.

use serde::Serialize;

use super::remaining::left;
use crate::estimate::{self, Dependents};
use crate::run::{Run, TaskState};
use crate::{Millis, SkipReason, Timestamp};

/// One milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MilestoneProgress {
    /// What it is called in the plan.
    pub id: String,
    /// For people.
    pub title: String,
    /// How it stands.
    pub state: MilestoneState,
    /// When everything before it was over, if it is.
    pub reached: Option<Timestamp>,
    /// The question that people are asked there, while it is open.
    pub decision: Option<u32>,
    /// While it lies ahead: how long it takes at least, if the plan's estimates are right. People take the time that they take.
    pub left: Option<Millis>,
}

/// How a milestone stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneState {
    /// Not everything before it is over.
    Ahead,
    /// Everything is, and people are asked what to do.
    Asking,
    /// It is behind the run.
    Reached,
    /// It was reached, and people, or silence, said no.
    Refused,
    /// Something before it failed, or the run was called off.
    Missed,
    /// It is not part of this run: its level, or a person, has left it out.
    LeftOut,
}

impl MilestoneState {
    /// All words that `name` has.
    pub const NAMES: [&'static str; 6] = ["ahead", "asking", "reached", "refused", "missed", "left_out"];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            MilestoneState::Ahead => "ahead",
            MilestoneState::Asking => "asking",
            MilestoneState::Reached => "reached",
            MilestoneState::Refused => "refused",
            MilestoneState::Missed => "missed",
            MilestoneState::LeftOut => "left_out",
        }
    }
}

/// All of them, in plan order. Looks at the whole plan where there are any.
pub fn milestones(run: &Run, now: Timestamp) -> Vec<MilestoneProgress> {
    let plan = run.plan();
    if plan.milestones.is_empty() {
        return Vec::new();
    }
    let ends = ends(run, now);
    let progress = plan.milestones.iter().map(|one| {
        let task = run.task(one.task);
        let state = match (&task.state, task.past().reached) {
            (TaskState::Completed { .. }, _) => MilestoneState::Reached,
            (TaskState::Blocked { .. }, Some(_)) => MilestoneState::Asking,
            (TaskState::Failed { .. } | TaskState::Failing, Some(_)) => MilestoneState::Refused,
            (TaskState::Skipped { reason: SkipReason::Level | SkipReason::Asked(_), .. }, _) => MilestoneState::LeftOut,
            (state, _) if state.is_over() => MilestoneState::Missed,
            _ if run.is_over() => MilestoneState::Missed,
            _ => MilestoneState::Ahead,
        };
        MilestoneProgress {
            id: one.id.clone(),
            title: one.title.clone(),
            state,
            reached: task.past().reached,
            decision: run.question_about(one.task).map(|(number, _)| number),
            left: ends.get(one.task.index()).copied().filter(|_| state == MilestoneState::Ahead),
        }
    });
    progress.collect()
}

/// The one that is reached next: of those ahead the one that takes least; of equals the first in the plan.
pub fn next_milestone(all: &[MilestoneProgress]) -> Option<&MilestoneProgress> {
    all.iter().filter(|one| one.state == MilestoneState::Ahead).min_by_key(|one| one.left)
}

/// How long each node takes to be over at least, with all that is before it.
fn ends(run: &Run, now: Timestamp) -> Vec<Millis> {
    let plan = run.plan();
    let lengths = estimate::lengths(plan);
    let mut ends = vec![Millis(0); plan.tasks.len()];
    for id in estimate::topological(plan, &Dependents::of(plan)) {
        let before = plan.task(id).needs.iter().filter_map(|need| ends.get(need.index())).max();
        let own = left(run, id, lengths.get(id.index()).copied().unwrap_or_default(), now);
        let end = Millis(before.copied().unwrap_or_default().0 + own.0);
        if let Some(slot) = ends.get_mut(id.index()) {
            *slot = end;
        }
    }
    ends
}
