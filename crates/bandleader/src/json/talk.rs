//! What is said and used in a run, for programs: parts of `band status --json`, and questions.

use bandleader_core::view::spent::Spent;
use bandleader_core::view::when::rfc3339;
use bandleader_core::{BudgetScope, Decision, Run, Spending};
use bandleader_engine::agent::notes::Activity;
use serde_json::{Value, json};

use crate::render::heard;

/// A question.
pub(crate) fn describe(run: &Run, number: u32, decision: &Decision) -> Value {
    json!({
        "decision": number, "asked_by": heard::asker(run, &decision.asker), "question": decision.question,
        "opened": rfc3339(decision.opened), "deadline": decision.deadline.map(rfc3339),
        "held": decision.held.as_ref().map(|held| json!({
            "until": held.until.map(rfc3339), "left_ms": held.left, "by": held.by,
        })),
        "escalated": decision.escalated.map(rfc3339), "took_ms": decision.took(),
        "late": decision.late.as_ref().map(|late| json!({
            "at": rfc3339(late.at), "option": late.option, "by": late.by, "because": late.because,
        })),
        "hangs_on_it": run.hangs_on(number).iter().map(|task| run.plan().task(*task).path.as_str()).collect::<Vec<_>>(),
        "taken": decision.taken.as_ref().map(|taken| json!({
            "at": rfc3339(taken.at), "option": taken.option, "by": taken.by, "because": taken.because,
        })),
    })
}

/// Tokens, turns and money; null where nothing was used.
pub(crate) fn used(run: &Run, scope: &BudgetScope, spending: Spending) -> Value {
    if spending.is_nothing() { Value::Null } else { json!(Spent::of(spending, run.cost_is_partial(scope))) }
}

/// What each agent used that used anything.
pub(crate) fn agents(run: &Run) -> Value {
    let plan = run.plan();
    let mut names: Vec<&str> =
        plan.ids().filter_map(|id| run.agent_of(id)).chain(plan.agents.keys().map(String::as_str)).collect();
    names.sort_unstable();
    names.dedup();
    let row = |name: &str| {
        let spending = run.spent_by(name);
        let scope = BudgetScope::Agent { name: name.to_owned() };
        (!spending.is_nothing()).then(|| json!({ "agent": name, "used": used(run, &scope, spending) }))
    };
    names.into_iter().filter_map(row).collect()
}

/// Everything that has a limit: cost in millionths of a dollar, tokens.
pub(crate) fn budgets(run: &Run) -> Value {
    let row = |(scope, unit, used, limit): (BudgetScope, bandleader_core::BudgetUnit, u64, u64)| {
        json!({ "of": scope.words(run.plan()), "unit": unit, "used": used, "limit": limit,
                "used_up": used >= limit, "at_least": run.cost_is_partial(&scope) })
    };
    run.budgets().into_iter().map(row).collect()
}

/// Providers that take no more now.
pub(crate) fn closed(run: &Run) -> Value {
    run.closed_accounts().map(|(account, until)| json!({ "provider": account, "until": rfc3339(until) })).collect()
}

/// What stands in the way of agents.
pub(crate) fn blockers(run: &Run) -> Value {
    let row = |one: &bandleader_core::Blocker| {
        json!({ "task": run.plan().task(one.attempt.task).path, "name": one.name, "severity": one.severity,
                "text": one.text, "needs": one.needs, "since": rfc3339(one.since) })
    };
    run.blockers().iter().map(row).collect()
}

/// What people said to those at work.
pub(crate) fn messages(run: &Run) -> Value {
    let row = |(number, one): (&u64, &bandleader_core::Message)| {
        json!({ "message": number, "task": run.plan().task(one.task).path, "text": one.text,
                "delivered_to_attempt": one.delivered.map(|attempt| attempt.number) })
    };
    run.messages().iter().map(row).collect()
}

/// What one at work does now: a side channel, which may be behind.
pub(crate) fn activity(activity: &Activity) -> Value {
    json!({
        "at": rfc3339(activity.at), "doing": activity.doing, "progress": activity.progress, "percent": activity.percent,
        "todo": activity.todo, "tools": activity.tools, "model": activity.model,
        "used": Spent::of(activity.spending, activity.spending.cost.is_none()),
        "waits_until": activity.waits_until.map(rfc3339),
    })
}
