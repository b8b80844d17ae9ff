//! What a run may cost, as far as that is known before it begins: by what the same agents cost in earlier runs, and by the plan's limits.
//!
//! Pure. Every face says it by this one reckoning. What is not known is said to be unknown; no figure is made up.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Agent, Plan, Work};
use crate::run::{Run, TaskState};
use crate::view::spent::money;
use crate::{BudgetScope, TaskId};

/// What completed tasks of agents cost in earlier runs, by the agents' names: the least and the most, in millionths of a US dollar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastCosts {
    agents: BTreeMap<String, (u64, u64)>,
}

/// What a run may cost. Money is in millionths of a US dollar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostOutlook {
    /// Tasks that call no model: commands and questions to people.
    pub free: usize,
    /// Tasks by agents of which earlier runs tell what they cost.
    pub known: usize,
    /// Tasks by agents of which they do not.
    pub unknown: usize,
    /// What the known ones would cost, if each costs as little or as much as a task of its agent ever did.
    pub range: (u64, u64),
    /// Where the run stops and asks, whatever it does.
    pub limit: Option<u64>,
}

impl PastCosts {
    /// Counts a run. Tasks that did not complete, and those of which a part has no price, tell nothing.
    pub fn take(&mut self, run: &Run) {
        for task in run.plan().ids() {
            let Some(agent) = run.agent_of(task) else { continue };
            let is_done = matches!(run.task(task).state, TaskState::Completed { .. });
            let is_whole = !run.cost_is_partial(&BudgetScope::Task { task });
            let Some(cost) = run.spent_on(task).cost.filter(|_| is_done && is_whole) else { continue };
            let seen = self.agents.entry(agent.to_owned()).or_insert((cost, cost));
            *seen = (seen.0.min(cost), seen.1.max(cost));
        }
    }
}

impl CostOutlook {
    /// Of a plan.
    pub fn of(plan: &Plan, past: &PastCosts) -> CostOutlook {
        let mut outlook = CostOutlook::default();
        let mut paid = Vec::new();
        for id in plan.ids().filter(|id| plan.task(*id).is_real() && !plan.leaves_out(*id)) {
            let Some(agent) = paid_agent(plan, id) else {
                outlook.free += 1;
                continue;
            };
            paid.push((id, agent));
            match past.agents.get(agent) {
                Some((least, most)) => {
                    outlook.known += 1;
                    outlook.range = (outlook.range.0.saturating_add(*least), outlook.range.1.saturating_add(*most));
                }
                None => outlook.unknown += 1,
            }
        }
        let limits = [plan.limits.caps().cost, covered(plan, &paid)];
        outlook.limit = limits.into_iter().flatten().min().filter(|_| !paid.is_empty());
        outlook
    }

    /// It costs no less, as far as earlier runs tell.
    pub fn least(&self) -> u64 {
        self.limit.map_or(self.range.0, |limit| limit.min(self.range.0))
    }

    /// It costs no more, as far as that can be known.
    pub fn most(&self) -> Option<u64> {
        let by_past = (self.unknown == 0).then_some(self.range.1);
        [by_past, self.limit].into_iter().flatten().min()
    }

    /// For people: `$1.20 to $4.10, by what these agents cost before; at most $20.00, where it stops and asks`.
    pub fn words(&self) -> String {
        if self.known + self.unknown == 0 {
            return "nothing: no agent is called".into();
        }
        let mut parts = Vec::new();
        if self.known > 0 {
            let (least, most) = self.range;
            let range = if least == most { money(least) } else { format!("{} to {}", money(least), money(most)) };
            let which = if self.unknown > 0 { format!(" for {}", tasks(self.known)) } else { String::new() };
            parts.push(format!("{range}{which}, by what earlier runs cost"));
        }
        if self.unknown > 0 {
            parts.push(format!("not known for {} by agents without history", tasks(self.unknown)));
        }
        parts.push(match self.limit {
            Some(limit) => format!("at most {}, where it stops and asks", money(limit)),
            None => "no limit: `limits: { cost: 20 USD }` sets one".into(),
        });
        parts.join("; ")
    }
}

/// The agent of a task, if it costs anything.
fn paid_agent(plan: &Plan, id: TaskId) -> Option<&str> {
    let Work::Agent { agent, .. } = &plan.task(id).work else { return None };
    let is_command = plan.agents.get(agent).is_some_and(|agent| agent.driver == "command");
    (!is_command).then_some(agent)
}

/// What the limits of tasks, agents and phases add up to, where one of them holds for every task; each is counted once.
fn covered(plan: &Plan, paid: &[(TaskId, &str)]) -> Option<u64> {
    let mut counted = BTreeSet::new();
    let mut sum = 0_u64;
    for (task, agent) in paid {
        let own = plan.task(*task).caps.cost.map(|cost| (BudgetScope::Task { task: *task }, cost));
        let of_agent = || {
            let cost = plan.agents.get(*agent).map(Agent::caps)?.cost?;
            Some((BudgetScope::Agent { name: (*agent).to_owned() }, cost))
        };
        let (scope, cost) = own.or_else(of_agent).or_else(|| of_group(plan, *task))?;
        if counted.insert(scope) {
            sum = sum.saturating_add(cost);
        }
    }
    Some(sum)
}

/// The nearest group around a task that has a limit.
fn of_group(plan: &Plan, task: TaskId) -> Option<(BudgetScope, u64)> {
    let mut around = plan.task(task).group;
    while let Some(group) = around {
        if let Some(cost) = plan.group(group).caps.cost {
            return Some((BudgetScope::Group { group }, cost));
        }
        around = plan.group(group).parent;
    }
    None
}

fn tasks(count: usize) -> String {
    if count == 1 { "1 task".into() } else { format!("{count} tasks") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;
    use crate::plan::{Caps, Task};

    /// Tasks by agents `a`, `b`, …: one for each letter; `-` is a command, and `c` an agent whose driver is a command.
    fn plan(who: &str) -> Plan {
        let names: Vec<String> = (0..who.len()).map(|number| format!("task-{number}")).collect();
        let tasks: Vec<(&str, u64, &[&str])> = names.iter().map(|name| (name.as_str(), 1, &[][..])).collect();
        let mut plan = plan_of(&tasks);
        for (task, agent) in plan.tasks.iter_mut().zip(who.chars()).filter(|(_, agent)| *agent != '-') {
            let work = Work::Agent { agent: agent.to_string(), instruction: String::new() };
            *task = Task { work, ..Task::plain(&task.path, Work::Join) };
        }
        for name in ["a", "b"] {
            plan.agents.insert(name.into(), Agent { driver: "llm".into(), ..Agent::default() });
        }
        plan.agents.insert("c".into(), Agent { driver: "command".into(), ..Agent::default() });
        plan
    }

    fn past(costs: &[(&str, u64, u64)]) -> PastCosts {
        PastCosts { agents: costs.iter().map(|(name, least, most)| ((*name).to_owned(), (*least, *most))).collect() }
    }

    fn check(plan: &Plan, past: &PastCosts, words: &str, least: u64, most: Option<u64>) {
        let outlook = CostOutlook::of(plan, past);
        assert_eq!((outlook.words().as_str(), outlook.least(), outlook.most()), (words, least, most));
    }

    #[test]
    fn commands_cost_nothing_and_what_nobody_knows_is_unknown() {
        let none = PastCosts::default();
        check(&plan("--c"), &none, "nothing: no agent is called", 0, Some(0));
        let words = "not known for 2 tasks by agents without history; no limit: `limits: { cost: 20 USD }` sets one";
        check(&plan("-aac"), &none, words, 0, None);
        let mut limited = plan("a-");
        limited.limits.cost_usd = Some(20.0);
        let words = "not known for 1 task by agents without history; at most $20.00, where it stops and asks";
        check(&limited, &none, words, 0, Some(20_000_000));
    }

    #[test]
    fn history_gives_a_range_and_only_for_whom_there_is_some() {
        let past = past(&[("a", 200_000, 900_000), ("b", 50_000, 50_000)]);
        let mut both = plan("aab-");
        let words = "$0.45 to $1.85, by what earlier runs cost; no limit: `limits: { cost: 20 USD }` sets one";
        check(&both, &past, words, 450_000, Some(1_850_000));
        both.limits.cost_usd = Some(1.0);
        let words = "$0.45 to $1.85, by what earlier runs cost; at most $1.00, where it stops and asks";
        check(&both, &past, words, 450_000, Some(1_000_000));
        let past = self::past(&[("b", 50_000, 50_000)]);
        let words = "$0.0500 for 1 task, by what earlier runs cost; not known for 2 tasks by agents without history; no limit: \
                     `limits: { cost: 20 USD }` sets one";
        check(&plan("aab"), &past, words, 50_000, None);
    }

    #[test]
    fn limits_of_parts_count_where_they_hold_for_everything() {
        let cap = |cost| Caps { cost: Some(cost), tokens: None };
        let mut parts = plan("aab-");
        parts.agents.get_mut("a").unwrap().cost_limit_usd = Some(3.0);
        assert_eq!(CostOutlook::of(&parts, &PastCosts::default()).limit, None, "nothing holds for b");
        parts.tasks[2].caps = cap(500_000).into();
        assert_eq!(
            CostOutlook::of(&parts, &PastCosts::default()).limit,
            Some(3_500_000),
            "an agent's limit is for all its tasks"
        );
        parts.limits.cost_usd = Some(2.0);
        assert_eq!(CostOutlook::of(&parts, &PastCosts::default()).limit, Some(2_000_000));
    }
}
