//! What agents say, ask and use, on the page. Sections that would say nothing are left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{LISTED, Page, Written, capped, list};
use crate::view::markdown::{code, text};
use crate::view::spent;
use crate::view::when::{length, time_on};
use crate::{Asker, AttemptId, BudgetScope, Spending, TaskId};

impl Page<'_> {
    /// What agents used: in all, by agent, by phase.
    pub(super) fn costs(&self, out: &mut String) -> Written {
        let all = self.run.spent();
        if all.is_nothing() {
            return Ok(());
        }
        writeln!(out, "## Costs")?;
        let line = |scope: BudgetScope, spending: Spending| {
            let words = spent::words(spending, self.run.cost_is_partial(&scope));
            format!("{} in {} turns", words, spending.turns)
        };
        writeln!(out, "- In all: {}", line(BudgetScope::Run, all))?;
        let mut agents: BTreeMap<&str, Spending> = BTreeMap::new();
        for attempt in self.history.attempts() {
            agents.entry(&attempt.agent).or_insert_with(|| self.run.spent_by(&attempt.agent));
        }
        agents.retain(|_, spending| !spending.is_nothing());
        for (name, spending) in agents {
            let scope = BudgetScope::Agent { name: name.to_owned() };
            writeln!(out, "- **{}**: {}", text(name), line(scope, spending))?;
        }
        for phase in self.history.phases() {
            let spending = self.run.spent_in(phase.group);
            if !spending.is_nothing() {
                let scope = BudgetScope::Group { group: phase.group };
                writeln!(out, "- Phase {}: {}", phase.number, line(scope, spending))?;
            }
        }
        for (account, until) in self.run.closed_accounts() {
            let at = time_on(self.run.created(), until);
            writeln!(out, "- {} takes no more until {at}", code(account))?;
        }
        writeln!(out)
    }

    pub(super) fn insights(&self, out: &mut String) -> Written {
        let insights = self.history.insights();
        if insights.is_empty() {
            return Ok(());
        }
        // The latest are of the most use while it goes on.
        let late = insights.iter().rev().take(LISTED).rev();
        let line = |one: &crate::view::Insight| {
            let at = time_on(self.run.created(), one.at);
            format!("{at} **{}** ({}): {}", text(&one.agent), code(&one.task), text(&one.text))
        };
        let mut lines: Vec<String> = late.map(line).collect();
        let before = insights.len().saturating_sub(LISTED);
        if before > 0 {
            lines.insert(0, format!("{before} before these"));
        }
        list(out, "Insights", lines)
    }

    pub(super) fn questions(&self, out: &mut String) -> Written {
        let line = |(number, open): (u32, &crate::run::Decision)| {
            let options: Vec<String> = open
                .question
                .options
                .iter()
                .map(|option| format!("{}: {}", text(&option.id), text(&option.name)))
                .collect();
            let recommended = open.question.recommend.as_ref().map(|id| format!(", recommended {}", text(id)));
            let until = open.deadline.map(|at| format!(", silence counts at {}", time_on(self.run.created(), at)));
            format!(
                "{number}. {} ({}): {}{}{}",
                text(&open.question.text),
                text(&self.asker(&open.asker)),
                options.join("; "),
                recommended.unwrap_or_default(),
                until.unwrap_or_default()
            )
        };
        let lines: Vec<String> = self.run.open_decisions().map(line).collect();
        if lines.is_empty() { Ok(()) } else { list(out, "Open Questions", capped(lines)) }
    }

    fn asker(&self, asker: &Asker) -> String {
        let path = |task: &TaskId| self.run.plan().task(*task).path.clone();
        match asker {
            Asker::Agent { attempt, .. } => path(&attempt.task),
            Asker::Task { task } | Asker::Engine { task } => path(task),
            Asker::Phase { group } => self.run.plan().group(*group).path.clone(),
            Asker::Run => "the run".into(),
            Asker::Budget { scope, .. } => scope.words(self.run.plan()),
        }
    }

    pub(super) fn blockers(&self) -> Vec<String> {
        let line = |blocker: &crate::run::Blocker| {
            let needs = blocker.needs.as_ref().map(|needs| format!("; needs: {}", text(needs))).unwrap_or_default();
            let (path, since) = (&self.run.plan().task(blocker.attempt.task).path, self.now.since(blocker.since));
            let severity = format!("{:?}", blocker.severity).to_lowercase();
            let (name, what) = (text(&blocker.name), text(&blocker.text));
            format!("{} {name} ({severity}, for {}): {what}{needs}", code(path), length(since))
        };
        capped(self.run.blockers().iter().map(line).collect())
    }

    /// What the attempt that goes on has used.
    pub(super) fn used_now(&self, id: TaskId) -> String {
        let attempt = AttemptId { task: id, number: self.run.task(id).attempts };
        let spending = self.run.spent_so_far(attempt);
        if spending.is_nothing() {
            return String::new();
        }
        format!(", {}", spent::words(spending, spending.cost.is_none()))
    }
}
