//! What lists show of a run without reading its events: kept in the run's row with every commit.

use bandleader_core::{BudgetScope, Counts, Run, RunState, Spending};
use serde::{Deserialize, Serialize};

use crate::store::RunRow;

/// How a run stood at its last commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glance {
    /// How many tasks were in which state.
    pub counts: Counts,
    /// What its agents had used.
    pub spent: Spending,
    /// That is not all: the price of some of it is not known.
    pub is_partial: bool,
    /// It was over; only a person could take it up again.
    pub is_over: bool,
}

impl Glance {
    /// Of the run as it is.
    pub(super) fn of(run: &Run) -> Glance {
        let is_partial = run.cost_is_partial(&BudgetScope::Run);
        Glance { counts: run.counts(), spent: run.spent(), is_partial, is_over: run.is_over() }
    }

    /// As the row has it; nothing of a run without a commit. Rows of earlier versions have the counts alone.
    pub fn at(row: &RunRow) -> Glance {
        let whole = serde_json::from_str(&row.summary);
        whole.unwrap_or_else(|_| {
            let counts = serde_json::from_str(&row.summary).unwrap_or_default();
            let is_over = RunState::ENDED.contains(&row.state.as_str());
            Glance { counts, is_over, ..Glance::default() }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use bandleader_core::{RunId, Timestamp};

    use super::*;

    #[test]
    fn rows_of_earlier_versions_are_read() {
        let row = |state: &str, summary: String| RunRow {
            id: RunId::parse("a").unwrap(),
            created_at: Timestamp(1),
            mission: String::new(),
            plan_hash: String::new(),
            plan_name: String::new(),
            project: PathBuf::new(),
            state: state.to_owned(),
            summary,
            last_seq: 1,
            last_at: Timestamp(2),
        };
        let counts = Counts { total: 3, completed: 3, ..Counts::default() };
        let spent = Spending { input: 5, cost: Some(7), ..Spending::default() };
        let glance = Glance { counts, spent, is_partial: true, is_over: true };
        assert_eq!(Glance::at(&row("failed", serde_json::to_string(&glance).unwrap())), glance);
        let old = serde_json::to_string(&counts).unwrap();
        assert_eq!(Glance::at(&row("succeeded", old.clone())), Glance { counts, is_over: true, ..Glance::default() });
        assert_eq!(Glance::at(&row("running", old)), Glance { counts, ..Glance::default() });
        assert_eq!(Glance::at(&row("created", "{}".into())), Glance::default());
    }
}
