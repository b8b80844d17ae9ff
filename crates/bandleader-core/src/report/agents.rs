//! Each agent's record: how many tasks, how many went well, how long they took.

use std::collections::BTreeMap;

use serde::Serialize;

use super::costs;
use crate::view::spent::Spent;
use crate::view::{History, Outcome};
use crate::{Millis, TaskId, Timestamp};

/// One agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AgentRow {
    /// Its name.
    pub agent: String,
    /// Different tasks that it tried.
    pub tasks: u32,
    /// Attempts at them.
    pub attempts: u32,
    /// Attempts that completed their task.
    pub completed: u32,
    /// Attempts that failed.
    pub failed: u32,
    /// Completed of those that ended, in percent; none if none ended.
    pub success_rate: Option<u64>,
    /// Average length of an attempt that ended.
    pub average: Millis,
    /// Length of all its attempts together.
    pub total: Millis,
    /// Processor time.
    pub cpu: Millis,
    /// What all its attempts used.
    pub spent: Spent,
    /// 0 to 100, where something measured it; nothing does yet.
    pub quality_score: Option<u32>,
}

/// All agents, the one with the most work first.
pub(super) fn rows(history: &History, end: Timestamp) -> Vec<AgentRow> {
    let mut rows: BTreeMap<&str, AgentRow> = BTreeMap::new();
    let mut tasks: BTreeMap<&str, Vec<TaskId>> = BTreeMap::new();
    for attempt in history.attempts() {
        let row = rows.entry(&attempt.agent).or_default();
        row.attempts += 1;
        row.total.0 += attempt.took(end).0;
        row.cpu.0 += attempt.usage.map_or(0, |usage| usage.cpu.0);
        match attempt.outcome {
            Outcome::Live => {}
            Outcome::Completed => row.completed += 1,
            Outcome::Failed { .. } => row.failed += 1,
        }
        tasks.entry(&attempt.agent).or_default().push(attempt.id.task);
    }
    let mut rows: Vec<AgentRow> =
        rows.into_iter().map(|(agent, row)| AgentRow { agent: agent.into(), ..row }).collect();
    let sums = costs::by_agent(history);
    for row in &mut rows {
        row.spent = sums.get(row.agent.as_str()).map(|sum| sum.spent()).unwrap_or_default();
        let mut tried = tasks.remove(row.agent.as_str()).unwrap_or_default();
        tried.sort_unstable();
        tried.dedup();
        row.tasks = u32::try_from(tried.len()).unwrap_or(u32::MAX);
        row.average = Millis(row.total.0 / u64::from(row.attempts.max(1)));
        let ended = row.completed + row.failed;
        row.success_rate = (ended > 0).then(|| super::percent(row.completed.into(), ended.into()));
    }
    rows.sort_by(|one, other| other.total.cmp(&one.total).then_with(|| one.agent.cmp(&other.agent)));
    rows
}
