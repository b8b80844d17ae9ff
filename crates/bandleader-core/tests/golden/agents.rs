//! Events of agents at work, what they spend and what they are told.

use bandleader_core::{BudgetScope, BudgetUnit, Event, GroupId, Heard, Millis, Severity, Spending, Timestamp};

use super::{ATTEMPT, Golden, TASK, person};

pub(super) fn of_agents() -> Vec<Golden> {
    let heard = |heard| Event::AgentHeard { attempt: ATTEMPT, heard };
    let text = |text: &str| text.to_owned();
    let bare = Event::AgentStarted { attempt: ATTEMPT, driver: text("llm"), version: None, model: None, session: None };
    let budget = |scope, unit| Event::BudgetReached { scope, unit, percent: 100, limit: 20_000_000 };
    golden! {
        "agent_started" => Event::AgentStarted {
            attempt: ATTEMPT,
            driver: text("claude"),
            version: Some(text("2.1.328")),
            model: Some(text("claude-opus-5-5")),
            session: Some(text("01a1f84d")),
        },
        "agent_started.bare" => bare,
        "spending_noticed" => Event::SpendingNoticed {
            attempt: ATTEMPT,
            spending: Spending { input: 1_234, cached: 200, output: 56, cost: Some(6_056), turns: 2 },
        },
        "spending_noticed.no_price" => Event::SpendingNoticed {
            attempt: ATTEMPT,
            spending: Spending { input: 1_234, output: 56, ..Spending::default() },
        },
        "agent_heard.insight" => heard(Heard::Insight { text: text("the table has no index") }),
        "agent_heard.choice" => heard(Heard::Choice {
            question: text("which index"),
            choice: text("btree"),
            because: text("ranges are asked for"),
            alternatives: vec![text("hash")],
        }),
        "agent_heard.blocker" => heard(Heard::Blocker {
            name: text("staging"),
            severity: Severity::High,
            text: text("staging is down"),
            needs: Some(text("somebody with access")),
        }),
        "agent_heard.unblocked" => heard(Heard::Unblocked { name: text("staging"), how: text("it is up again") }),
        "agent_heard.deliverable" => heard(Heard::Deliverable { path: Some(text("docs/spec.md")), text: text("the spec") }),
        "agent_heard.context" => heard(Heard::Context {
            key: text("port"),
            value: text("8080"),
            ttl: Some(Millis::HOUR),
        }),
        "provider_limited" => Event::ProviderLimited {
            provider: text("anthropic"),
            until: Timestamp(1_700_000_900_000),
            message: text("usage limit reached"),
        },
        "provider_opened" => Event::ProviderOpened { provider: text("anthropic") },
        "budget_reached.run" => budget(BudgetScope::Run, BudgetUnit::Cost),
        "budget_reached.group" => budget(BudgetScope::Group { group: GroupId(1) }, BudgetUnit::Time),
        "budget_reached.task" => budget(BudgetScope::Task { task: TASK }, BudgetUnit::Tokens),
        "budget_reached.agent" => budget(BudgetScope::Agent { name: text("linter") }, BudgetUnit::Cost),
        "budget_raised" => Event::BudgetRaised {
            scope: BudgetScope::Run,
            unit: BudgetUnit::Cost,
            limit: 40_000_000,
            by: person(),
        },
        "message_sent" => Event::MessageSent { message: 1, task: TASK, text: text("use tabs"), by: person() },
        "message_delivered" => Event::MessageDelivered { message: 1, attempt: ATTEMPT },
    }
}
