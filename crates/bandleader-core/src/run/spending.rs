//! What agents used, by everything that may have a budget; `limits` has the budgets themselves.
//!
//! An attempt counts for its run, its task, its agent, and every group around its task, with all its retries. A figure is the
//! attempt's own sum so far, so that only what is new in it is added.

mod limits;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Run;
use crate::plan::Work;
use crate::{AttemptId, BudgetScope, BudgetUnit, GroupId, Spending, TaskId};

pub(crate) use limits::SpentOut;

/// A budget: what it is of, and what it is counted in.
pub(crate) type Budget = (BudgetScope, BudgetUnit);

/// The figures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Book {
    run: Spending,
    groups: BTreeMap<GroupId, Spending>,
    tasks: BTreeMap<TaskId, Spending>,
    agents: BTreeMap<String, Spending>,
    /// Of attempts that go on: what was counted of them.
    #[serde(with = "pairs")]
    live: BTreeMap<AttemptId, Spending>,
    /// 80 or 100.
    #[serde(with = "pairs")]
    noticed: BTreeMap<Budget, u32>,
    #[serde(with = "pairs")]
    raised: BTreeMap<Budget, u64>,
    crossed: BTreeSet<(Budget, u32)>,
    /// Attempts ended that used something at a price that nobody knows.
    unpriced: BTreeSet<BudgetScope>,
}

impl Run {
    /// What the whole run used.
    pub fn spent(&self) -> Spending {
        self.book.run
    }

    /// What all attempts at a task used.
    pub fn spent_on(&self, task: TaskId) -> Spending {
        self.book.tasks.get(&task).copied().unwrap_or_default()
    }

    /// What all attempts of an agent used.
    pub fn spent_by(&self, agent: &str) -> Spending {
        self.book.agents.get(agent).copied().unwrap_or_default()
    }

    /// What a group's tasks used.
    pub fn spent_in(&self, group: GroupId) -> Spending {
        self.book.groups.get(&group).copied().unwrap_or_default()
    }

    /// Whether the cost of a scope leaves out what somebody used at a price that is not known: it is a lower bound then.
    pub fn cost_is_partial(&self, scope: &BudgetScope) -> bool {
        let open = |(attempt, spent): (&AttemptId, &Spending)| {
            spent.cost.is_none() && spent.tokens() > 0 && self.scopes(attempt.task).contains(scope)
        };
        self.book.unpriced.contains(scope) || self.book.live.iter().any(open)
    }

    /// What was counted of an attempt that goes on.
    pub fn spent_so_far(&self, attempt: AttemptId) -> Spending {
        self.book.live.get(&attempt).copied().unwrap_or_default()
    }

    /// The agent that an attempt at this task has now.
    pub fn agent_of(&self, task: TaskId) -> Option<&str> {
        match &self.plan.task(task).work {
            Work::Agent { agent, .. } => Some(self.task(task).past().agent.as_deref().unwrap_or(agent)),
            _ => None,
        }
    }

    /// Everything that an attempt at this task counts for.
    pub(crate) fn scopes(&self, task: TaskId) -> Vec<BudgetScope> {
        let mut scopes = vec![BudgetScope::Run, BudgetScope::Task { task }];
        scopes.extend(self.agent_of(task).map(|name| BudgetScope::Agent { name: name.to_owned() }));
        let mut group = self.plan.task(task).group;
        while let Some(id) = group {
            scopes.push(BudgetScope::Group { group: id });
            group = self.plan.group(id).parent;
        }
        scopes
    }

    /// Takes in what an attempt used so far.
    pub(super) fn count_spending(&mut self, attempt: AttemptId, spending: Spending, ended: bool) {
        let known = self.spent_so_far(attempt);
        let more = spending.since(known);
        if ended {
            self.book.live.remove(&attempt);
            let all = known.plus(more);
            if all.cost.is_none() && all.tokens() > 0 {
                let scopes = self.scopes(attempt.task);
                self.book.unpriced.extend(scopes);
            }
        } else {
            self.book.live.insert(attempt, known.plus(more));
        }
        if more.is_nothing() {
            return;
        }
        for scope in self.scopes(attempt.task) {
            let sum = match &scope {
                BudgetScope::Run => &mut self.book.run,
                BudgetScope::Group { group } => self.book.groups.entry(*group).or_default(),
                BudgetScope::Task { task } => self.book.tasks.entry(*task).or_default(),
                BudgetScope::Agent { name } => self.book.agents.entry(name.clone()).or_default(),
            };
            *sum = sum.plus(more);
            self.weigh(&scope);
        }
    }
}

/// A map as a list: JSON, in which snapshots keep it, knows no keys but texts.
mod pairs {
    use std::collections::BTreeMap;

    use serde::de::DeserializeOwned;
    use serde::{Deserialize as _, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(map)
    }

    pub(super) fn deserialize<'a, K: DeserializeOwned + Ord, V: DeserializeOwned, D: Deserializer<'a>>(
        from: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(from)?.into_iter().collect())
    }
}
