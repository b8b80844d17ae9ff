//! Planned against actual, by phase.

use serde::Serialize;

use super::costs::Sum;
use crate::plan::Plan;
use crate::view::spent::Spent;
use crate::view::{History, Phase};
use crate::{Millis, RunEnd, TaskId, Timestamp, estimate};

/// One phase; or the whole run, as the last row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseRow {
    /// Its number; none for the whole run.
    pub number: Option<u32>,
    /// Its title.
    pub name: String,
    /// Longest path through its tasks by their estimates.
    pub planned: Millis,
    /// From its first start to its end; none if it never started.
    pub actual: Option<Millis>,
    /// Length of its attempts, one after another.
    pub work: Millis,
    /// What its agents used.
    pub spent: Spent,
    /// `success`, `failed`, `cancelled`, `skipped`, or `open`.
    pub status: String,
}

/// All phases, and the whole run.
pub(super) fn rows(history: &History, end: Timestamp) -> Vec<PhaseRow> {
    let plan = history.plan();
    let order = estimate::topological(plan, &estimate::Dependents::of(plan));
    let lengths = estimate::lengths(plan);
    let longest = |phase: Option<&Phase>| longest_path(plan, &order, &lengths, |id| is_in(history, phase, id));
    let work = |phase: Option<&Phase>| {
        let mine = history.attempts().iter().filter(|attempt| is_in(history, phase, attempt.id.task));
        Millis(mine.map(|attempt| attempt.took(end).0).sum())
    };
    let spent = |phase: Option<&Phase>| {
        let mine = history.attempts().iter().filter(|attempt| is_in(history, phase, attempt.id.task));
        Sum::of(mine).spent()
    };
    let mut rows: Vec<PhaseRow> = history
        .phases()
        .iter()
        .map(|phase| PhaseRow {
            number: Some(phase.number),
            name: plan.group(phase.group).title.clone(),
            planned: longest(Some(phase)),
            actual: phase.started.map(|started| phase.ended.unwrap_or(end).since(started)),
            work: work(Some(phase)),
            spent: spent(Some(phase)),
            status: phase.status.to_owned(),
        })
        .collect();
    rows.push(PhaseRow {
        number: None,
        name: "Whole run".into(),
        planned: longest(None),
        actual: Some(end.since(history.created())),
        work: work(None),
        spent: spent(None),
        status: whole(history).to_owned(),
    });
    rows
}

fn whole(history: &History) -> &'static str {
    match history.ended() {
        None => "open",
        Some((_, RunEnd::Succeeded | RunEnd::SucceededWithOverrides)) => "success",
        Some((_, RunEnd::Cancelled)) => "cancelled",
        Some((_, RunEnd::Failed | RunEnd::OverBudget)) => "failed",
    }
}

fn is_in(history: &History, phase: Option<&Phase>, id: TaskId) -> bool {
    phase.is_none_or(|phase| history.phase(id).is_some_and(|other| other.number == phase.number))
}

/// The longest path that stays among the nodes that `wanted` names.
fn longest_path(plan: &Plan, order: &[TaskId], lengths: &[Millis], wanted: impl Fn(TaskId) -> bool) -> Millis {
    let mut ends: Vec<u64> = vec![0; plan.tasks.len()];
    let mut longest = 0;
    for id in order.iter().copied().filter(|id| wanted(*id)) {
        let before = plan.task(id).needs.iter().filter_map(|need| ends.get(need.index())).max().copied();
        let end = before.unwrap_or(0) + lengths.get(id.index()).map_or(0, |length| length.0);
        longest = longest.max(end);
        if let Some(slot) = ends.get_mut(id.index()) {
            *slot = end;
        }
    }
    Millis(longest)
}
