//! What agents used: in all, by agent, by attempt, and what of the budgets is left.
//!
//! Figures are those of the attempts, so that every sum is the sum of the rows below it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::run::Run;
use crate::view::spent::Spent;
use crate::view::{Attempt, History};
use crate::{BudgetUnit, Spending};

/// A sum over attempts, with what is not known of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) spending: Spending,
    pub(super) partial: bool,
}

impl Sum {
    pub(super) fn of<'a>(attempts: impl Iterator<Item = &'a Attempt>) -> Sum {
        attempts.fold(Sum::default(), |sum, attempt| Sum {
            spending: sum.spending.plus(attempt.spending),
            partial: sum.partial || attempt.is_unpriced(),
        })
    }

    pub(super) fn spent(self) -> Spent {
        Spent::of(self.spending, self.partial)
    }
}

/// One attempt of an agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttemptCost {
    /// Its task.
    pub task: String,
    /// Which try.
    pub attempt: u32,
    /// Who.
    pub agent: String,
    /// The driver that ran it.
    pub driver: String,
    /// The program's version.
    pub version: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// What it used.
    pub spent: Spent,
}

/// One budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BudgetRow {
    /// What it is of: `the run`, `phase build`, `task build.api`, `agent linter`.
    pub of: String,
    /// What it is counted in.
    pub unit: BudgetUnit,
    /// Millionths of a dollar, or tokens.
    pub used: u64,
    /// The same.
    pub limit: u64,
    /// Used of the limit.
    pub percent: u64,
}

/// Attempts that a program ran or that used something, in the order of their starts.
pub(super) fn attempts(history: &History) -> Vec<AttemptCost> {
    let agents = history.attempts().iter().filter(|attempt| attempt.ran.is_some() || !attempt.spending.is_nothing());
    let row = |attempt: &Attempt| {
        let ran = attempt.ran.clone().unwrap_or_default();
        AttemptCost {
            task: history.plan().task(attempt.id.task).path.clone(),
            attempt: attempt.id.number,
            agent: attempt.agent.clone(),
            driver: ran.driver,
            version: ran.version,
            model: ran.model,
            spent: Spent::of(attempt.spending, attempt.is_unpriced()),
        }
    };
    agents.map(row).collect()
}

/// The sum of each agent, by name.
pub(super) fn by_agent(history: &History) -> BTreeMap<&str, Sum> {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for attempt in history.attempts() {
        let sum = sums.entry(&attempt.agent).or_default();
        sum.spending = sum.spending.plus(attempt.spending);
        sum.partial |= attempt.is_unpriced();
    }
    sums
}

/// Everything that has a limit.
pub(super) fn budgets(run: &Run) -> Vec<BudgetRow> {
    let row = |(scope, unit, used, limit): (crate::BudgetScope, BudgetUnit, u64, u64)| BudgetRow {
        of: scope.words(run.plan()),
        unit,
        used,
        limit,
        percent: super::percent(used, limit),
    };
    run.budgets().into_iter().map(row).collect()
}
