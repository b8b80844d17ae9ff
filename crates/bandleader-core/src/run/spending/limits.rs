//! Budgets: how much of each is used, which are about to be told of, and what they keep from starting.
//!
//! Invariant: `crossed` holds exactly the budgets of which a larger share is used than was told.

use super::Budget;
use crate::plan::{Agent, Caps};
use crate::run::Run;
use crate::{AttemptId, BudgetScope, BudgetUnit, GroupId, Spending, TaskId};

/// What is counted while agents work.
const METERED: [BudgetUnit; 2] = [BudgetUnit::Cost, BudgetUnit::Tokens];

/// How a budget that is used up keeps a task from starting.
pub(crate) enum SpentOut {
    /// People are asked how it shall go on.
    Asked(BudgetScope),
    /// It was not raised, or nobody was asked.
    Settled(BudgetScope),
}

impl Run {
    /// None for what the plan does not have: people name groups and tasks by numbers, too.
    fn caps(&self, scope: &BudgetScope) -> Caps {
        match scope {
            BudgetScope::Run => self.plan.limits.caps(),
            BudgetScope::Group { group } => {
                self.plan.groups.get(group.index()).map(|group| group.caps).unwrap_or_default()
            }
            BudgetScope::Task { task } => self.plan.tasks.get(task.index()).map(|task| *task.caps).unwrap_or_default(),
            BudgetScope::Agent { name } => self.plan.agents.get(name).map(Agent::caps).unwrap_or_default(),
        }
    }

    /// The limit of a budget, as the plan or a person set it.
    pub fn budget_limit(&self, scope: &BudgetScope, unit: BudgetUnit) -> Option<u64> {
        if let Some(raised) = self.book.raised.get(&(scope.clone(), unit)) {
            return Some(*raised);
        }
        let caps = self.caps(scope);
        match unit {
            BudgetUnit::Cost => caps.cost,
            BudgetUnit::Tokens => caps.tokens,
            BudgetUnit::Time => None,
        }
    }

    fn used(&self, scope: &BudgetScope, unit: BudgetUnit) -> u64 {
        let spent = match scope {
            BudgetScope::Run => self.spent(),
            BudgetScope::Group { group } => self.spent_in(*group),
            BudgetScope::Task { task } => self.spent_on(*task),
            BudgetScope::Agent { name } => self.spent_by(name),
        };
        match unit {
            BudgetUnit::Cost => spent.cost.unwrap_or_default(),
            BudgetUnit::Tokens => spent.tokens(),
            BudgetUnit::Time => 0,
        }
    }

    /// What is used of a budget so far: for time, up to the last event.
    pub(crate) fn used_of(&self, scope: &BudgetScope, unit: BudgetUnit) -> u64 {
        match unit {
            BudgetUnit::Time => self.time_used(self.last_at()).0.0,
            unit => self.used(scope, unit),
        }
    }

    /// Every budget with a limit: what it is of, what it is counted in, what is used and what may be. Looks at the whole plan.
    pub fn budgets(&self) -> Vec<(BudgetScope, BudgetUnit, u64, u64)> {
        let plan = &self.plan;
        let groups = (0_u32..).zip(&plan.groups).map(|(number, _)| BudgetScope::Group { group: GroupId(number) });
        let agents = plan.agents.keys().map(|name| BudgetScope::Agent { name: name.clone() });
        let tasks = plan.ids().filter(|id| plan.task(*id).is_real()).map(|task| BudgetScope::Task { task });
        let scopes = std::iter::once(BudgetScope::Run).chain(groups).chain(agents).chain(tasks);
        let both = scopes.flat_map(|scope| [(scope.clone(), BudgetUnit::Cost), (scope, BudgetUnit::Tokens)]);
        let row = |(scope, unit)| {
            let limit = self.budget_limit(&scope, unit)?;
            let used = self.used(&scope, unit);
            Some((scope, unit, used, limit))
        };
        both.filter_map(row).collect()
    }

    /// What an attempt at this task may still use of its tightest budget: tokens, and millionths of a dollar.
    pub fn allowance(&self, task: TaskId) -> (Option<u64>, Option<u64>) {
        let left = |unit| {
            let scopes = self.scopes(task).into_iter();
            let left = |scope| Some(self.budget_limit(&scope, unit)?.saturating_sub(self.used(&scope, unit)));
            scopes.filter_map(left).min()
        };
        (left(BudgetUnit::Tokens), left(BudgetUnit::Cost))
    }

    /// How a budget keeps a task from starting, if one does.
    pub(crate) fn spent_out(&self, task: TaskId) -> Option<SpentOut> {
        if self.book.noticed.values().all(|percent| *percent < 100) {
            return None;
        }
        // Plain commands spend nothing, nor does work that a person has put right.
        self.agent_of(task).filter(|_| !self.task(task).past().resolved)?;
        let mut asked = None;
        for scope in self.scopes(task) {
            let used_up: Vec<BudgetUnit> =
                METERED.into_iter().filter(|unit| self.is_told_used_up(&scope, *unit)).collect();
            if used_up.iter().any(|unit| !self.is_asked_about(&scope, *unit)) {
                return Some(SpentOut::Settled(scope));
            }
            if !used_up.is_empty() {
                asked = asked.or(Some(SpentOut::Asked(scope)));
            }
        }
        asked
    }

    pub(crate) fn is_used_up(&self, scope: &BudgetScope) -> bool {
        METERED.into_iter().any(|unit| self.is_told_used_up(scope, unit))
    }

    /// Whether all of it is used, and that was told.
    pub(crate) fn is_told_used_up(&self, scope: &BudgetScope, unit: BudgetUnit) -> bool {
        self.book.noticed.get(&(scope.clone(), unit)).is_some_and(|percent| *percent >= 100)
    }

    /// Whether people are asked, or are about to be, about a budget that an attempt has used up; `used` is all that it used, where that
    /// is not counted yet.
    pub(crate) fn asks_about_budgets_of(&self, attempt: AttemptId, used: Option<Spending>) -> bool {
        let known = self.spent_so_far(attempt);
        let more = used.map(|used| used.since(known)).unwrap_or_default();
        let asks = |scope: &BudgetScope, unit| {
            let Some(limit) = self.budget_limit(scope, unit) else { return false };
            let comes = match unit {
                BudgetUnit::Cost => more.cost.unwrap_or_default(),
                _ => more.tokens(),
            };
            let is_told = self.is_told_used_up(scope, unit);
            self.is_asked_about(scope, unit) || !is_told && self.used(scope, unit).saturating_add(comes) >= limit
        };
        self.scopes(attempt.task).iter().any(|scope| METERED.into_iter().any(|unit| asks(scope, unit)))
    }

    /// Budgets of which a larger share is used than was told.
    pub(crate) fn crossed(&self) -> impl Iterator<Item = (&Budget, u32)> {
        self.book.crossed.iter().map(|(budget, percent)| (budget, *percent))
    }

    /// Looks at the budgets of a scope again.
    pub(super) fn weigh(&mut self, scope: &BudgetScope) {
        for unit in METERED {
            let budget = (scope.clone(), unit);
            self.book.crossed.retain(|(other, _)| *other != budget);
            let Some(limit) = self.budget_limit(scope, unit) else { continue };
            let used = self.used(scope, unit);
            let percent = if used >= limit {
                100
            } else if u128::from(used) * 100 >= u128::from(limit) * 80 {
                80
            } else {
                0
            };
            if percent > self.book.noticed.get(&budget).copied().unwrap_or_default() {
                self.book.crossed.insert((budget, percent));
            }
        }
    }

    pub(in crate::run) fn notice_budget(&mut self, scope: &BudgetScope, unit: BudgetUnit, percent: u32) {
        self.book.noticed.insert((scope.clone(), unit), percent);
        self.weigh(scope);
    }

    pub(in crate::run) fn raise_budget(&mut self, scope: &BudgetScope, unit: BudgetUnit, limit: u64) {
        self.book.noticed.remove(&(scope.clone(), unit));
        self.book.raised.insert((scope.clone(), unit), limit);
        self.weigh(scope);
        self.doubt_budget(scope, unit);
    }
}
