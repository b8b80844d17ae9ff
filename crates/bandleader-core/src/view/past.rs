//! The parts of a run's past: attempts, their gates, phases, and what people and rules did.
//!
//! Made by `History`; read by timeline, plan file and report.

use serde::Serialize;

use super::spent;
use crate::plan::FailureClass;
use crate::{
    AttemptId, BudgetUnit, By, Delivered, GroupId, LeftOut, Millis, Report, Spending, Timestamp, Usage, Verdict,
};

/// One try at one task.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which.
    pub id: AttemptId,
    /// Who.
    pub agent: String,
    /// When its task was ready for it.
    pub ready: Timestamp,
    /// When it was started.
    pub started: Timestamp,
    /// When it was over, gates included; none while it lives.
    pub ended: Option<Timestamp>,
    /// How it ended.
    pub outcome: Outcome,
    /// Its gates that ended, in order.
    pub gates: Vec<GateSeen>,
    /// What its process used.
    pub usage: Option<Usage>,
    /// What it left behind.
    pub delivered: Vec<Delivered>,
    /// Silence was noticed.
    pub silent: Option<Millis>,
    /// What its agent used so far.
    pub spending: Spending,
    /// What ran its agent, if it has one.
    pub ran: Option<Ran>,
}

/// The program behind an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ran {
    /// The driver.
    pub driver: String,
    /// The program's version.
    pub version: Option<String>,
    /// The model.
    pub model: Option<String>,
}

/// A finding that an agent or a command made known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Insight {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub agent: String,
    /// On which task.
    pub task: String,
    /// What; may be hostile text.
    pub text: String,
}

/// What an agent or a command says that it made. Whether it is there is another matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// On which task.
    pub task: String,
    /// Where.
    pub path: Option<String>,
    /// What; may be hostile text.
    pub text: String,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has not.
    Live,
    /// Its task is proven done.
    Completed,
    /// It failed.
    Failed {
        /// What sort of failure.
        class: FailureClass,
        /// For people.
        message: String,
    },
}

/// One gate of one attempt.
#[derive(Clone, Debug)]
pub struct GateSeen {
    /// Index into `Task::gates`.
    pub gate: u32,
    /// Pass or not.
    pub verdict: Verdict,
    /// For people.
    pub message: String,
    /// How long it took.
    pub took: Millis,
}

/// One top-level phase.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Its group.
    pub group: GroupId,
    /// From 1, in plan order.
    pub number: u32,
    /// When its first attempt started.
    pub started: Option<Timestamp>,
    /// When its last task was over.
    pub ended: Option<Timestamp>,
    /// `success` if everything is done that had to be, `failed`, `cancelled`, `skipped`; `open` before its end.
    pub status: &'static str,
    /// Nodes of it that are not over.
    pub(super) open: u32,
}

/// Something that a person or a rule did.
#[derive(Clone, Debug)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// What, as a sentence without its full stop; may hold hostile text.
    pub text: String,
}

impl Attempt {
    /// How long it took, or has taken until `now`.
    pub fn took(&self, now: Timestamp) -> Millis {
        self.ended.unwrap_or(now).since(self.started)
    }

    /// Takes in a sum so far.
    pub(super) fn used(&mut self, spending: Spending) {
        self.spending = self.spending.plus(spending.since(self.spending));
    }

    /// Whether it used something at a price that is not known.
    pub fn is_unpriced(&self) -> bool {
        self.spending.cost.is_none() && self.spending.tokens() > 0
    }

    pub(super) fn saw(&mut self, report: &Report) {
        if let Some(agent) = &report.agent {
            self.used(agent.spending);
            let (version, model) = (agent.version.clone(), agent.model.clone());
            self.ran = Some(Ran { driver: agent.driver.clone(), version, model });
        }
        self.usage = Some(report.usage);
        self.delivered.clone_from(&report.delivered);
    }
}

/// Who left a task out, and why.
pub(crate) fn left_out(left: &LeftOut) -> String {
    let because = if left.because.is_empty() { String::new() } else { format!(": {}", left.because) };
    format!("left out by {}{because}", who(&left.by))
}

/// What a budget is counted in, for people.
pub(crate) fn unit_words(unit: BudgetUnit) -> &'static str {
    match unit {
        BudgetUnit::Cost => "cost limit",
        BudgetUnit::Tokens => "token limit",
        BudgetUnit::Time => "time limit",
    }
}

/// An amount in its unit, for people.
pub(crate) fn amount(unit: BudgetUnit, amount: u64) -> String {
    match unit {
        BudgetUnit::Cost => spent::money(amount),
        BudgetUnit::Tokens => format!("{} tokens", spent::tokens(amount)),
        BudgetUnit::Time => Millis(amount).to_string(),
    }
}

/// The beginning of a commit's name, by which people know it.
pub(crate) fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// The person's name, or the engine.
pub(super) fn who(by: &By) -> &str {
    match by {
        By::Person { name } => name,
        By::Engine => "the engine",
    }
}
