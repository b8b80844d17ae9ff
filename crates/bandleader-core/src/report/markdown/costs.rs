//! The parts of the page about what agents said and used. Left out where no agent did.

use std::fmt::Write as _;

use super::{Written, list, table};
use crate::BudgetUnit;
use crate::report::RunReport;
use crate::view::markdown::{code, text};
use crate::view::spent::{Spent, tokens};
use crate::view::when::time_on;
use crate::view::{Claim, amount};

pub(super) fn claim(claim: &Claim) -> String {
    let path = claim.path.as_ref().map(|path| format!("{}: ", code(path))).unwrap_or_default();
    format!("{path}{}, as {} says", text(&claim.text), code(&claim.task))
}

pub(super) fn insights(report: &RunReport, out: &mut String) -> Written {
    if report.insights.is_empty() {
        return Ok(());
    }
    let line = |one: &crate::view::Insight| {
        let at = time_on(report.started, one.at);
        format!("{at} **{}** ({}): {}", text(&one.agent), code(&one.task), text(&one.text))
    };
    list(out, "Insights", report.insights.iter().map(line))
}

pub(super) fn costs(report: &RunReport, out: &mut String) -> Written {
    if report.attempts.is_empty() && report.budgets.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Agent Costs\n")?;
    writeln!(
        out,
        "- In all: {} tokens in {} turns, cost {}",
        tokens(report.spent.tokens),
        report.spent.turns,
        cost(report.spent)
    )?;
    for budget in &report.budgets {
        let (used, limit) = (amount(budget.unit, budget.used), amount(budget.unit, budget.limit));
        // A sum of money that is known in part may be more than it looks.
        let least = if budget.unit == BudgetUnit::Cost && report.spent.cost_is_partial { "at least " } else { "" };
        writeln!(out, "- Budget of {}: {least}{used} of {limit} ({}%)", text(&budget.of), budget.percent)?;
    }
    writeln!(out)?;
    let used =
        report.agents.iter().filter(|row| row.spent.turns > 0 || row.spent.tokens > 0 || row.spent.cost_usd.is_some());
    let rows: Vec<Vec<String>> = used.map(|row| [vec![text(&row.agent)], figures(row.spent)].concat()).collect();
    table(out, &["Agent", "Turns", "Tokens in", "Of these cached", "Tokens out", "Cost"], rows.into_iter())?;
    let phases = report.phases.iter().filter(|row| row.spent.tokens > 0 && row.number.is_some());
    let rows: Vec<Vec<String>> = phases.map(|row| [vec![text(&row.name)], figures(row.spent)].concat()).collect();
    if !rows.is_empty() {
        table(out, &["Phase", "Turns", "Tokens in", "Of these cached", "Tokens out", "Cost"], rows.into_iter())?;
    }
    let rows = report.attempts.iter().map(|one| {
        let version = one.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let who =
            [code(&one.task), one.attempt.to_string(), text(&one.agent), text(&format!("{}{version}", one.driver))];
        let model = text(one.model.as_deref().unwrap_or("n/a"));
        [&who[..], &[model, tokens(one.spent.tokens), cost(one.spent)]].concat()
    });
    table(out, &["Task", "Attempt", "Agent", "Driver", "Model", "Tokens", "Cost"], rows)
}

fn figures(spent: Spent) -> Vec<String> {
    vec![
        spent.turns.to_string(),
        spent.input.to_string(),
        spent.cached.to_string(),
        spent.output.to_string(),
        cost(spent),
    ]
}

fn cost(spent: Spent) -> String {
    crate::view::spent::cost(spent.to_spending(), spent.cost_is_partial)
}
