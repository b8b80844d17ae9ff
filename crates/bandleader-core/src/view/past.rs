//! The parts of a run's past: attempts, their gates, phases, and what people and rules did.
//!
//! Made by `History`; read by timeline, plan file and report.

use std::collections::BTreeMap;

use serde::Serialize;

use super::spent;
use crate::plan::{FailureClass, Plan, Question};
use crate::{
    Asker, AttemptId, BudgetUnit, By, Decider, Delivered, Event, GroupId, Heard, LeftOut, Millis, Recorded, Report,
    SkipReason, Spending, TaskId, Timestamp, Usage, Verdict,
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

/// What is worth a line under "Key Decisions".
pub(super) fn note(plan: &Plan, asked: &BTreeMap<u32, (Asker, Question)>, recorded: &Recorded) -> Option<Note> {
    let path = |task: &TaskId| plan.tasks.get(task.index()).map_or("?", |task| &task.path);
    let text = match &recorded.event {
        Event::RunPaused { by } => format!("Run paused by {}", who(by)),
        Event::RunResumed { by } => format!("Run resumed by {}", who(by)),
        Event::RunCancelled { by, .. } => format!("Run cancelled by {}", who(by)),
        Event::RunReopened { by } => format!("Run taken up again by {}", who(by)),
        Event::TimeBudgetReached { percent, limit } => {
            format!("{percent} % of the time limit of {limit} was used")
        }
        Event::TimeLimitRaised { limit, by } => format!("Time limit raised to {limit} by {}", who(by)),
        Event::TaskResolved { task, by } => format!("Task {} put right by hand, by {}", path(task), who(by)),
        Event::TaskReset { task, by } => format!("Task {} to be tried again, by {}", path(task), who(by)),
        Event::RetryScheduled { task, agent: Some(agent), .. } => {
            format!("Task {} handed to {agent} after its failure", path(task))
        }
        Event::CompensationStarted { task } => format!("Undoing of everything, because {} failed", path(task)),
        Event::TaskAccepted { task, by, because } => {
            format!("Task {} taken as done by {}: {because}", path(task), who(by))
        }
        Event::WorkAccepted { task, by, because } => {
            format!(
                "Work of task {} taken as done by {}, to be merged without its gates: {because}",
                path(task),
                who(by)
            )
        }
        Event::MergeWanted { branch, by: by @ By::Person { .. } } => {
            format!("Merge of the run's branch into {branch} wanted by {}", who(by))
        }
        Event::RunMerged { branch, verdict: Verdict::Passed, commit, message, .. } => {
            let commit = commit.as_deref().map(|commit| format!(", now at {}", short(commit))).unwrap_or_default();
            format!("The run's branch merged into {branch}: {message}{commit}")
        }
        Event::RunMerged { branch, message, .. } => format!("The run's branch not merged into {branch}: {message}"),
        Event::BudgetReached { scope, unit, percent, .. } => {
            format!("{percent} % of the {} of {} is used", unit_words(*unit), scope.words(plan))
        }
        Event::BudgetRaised { scope, unit, limit, by } => {
            let limit = amount(*unit, *limit);
            format!("The {} of {} raised to {limit} by {}", unit_words(*unit), scope.words(plan), who(by))
        }
        Event::MessageSent { task, text, by, .. } => format!("{} told {}: {text}", who(by), path(task)),
        Event::DecisionTaken { decision, option, by, because } => {
            decided(&asked.get(decision)?.1, option.as_deref(), by, because)?
        }
        Event::DecisionEscalated { decision } => {
            format!("Nobody answered in time, and more people are to be told: {}", asked.get(decision)?.1.text)
        }
        Event::AnswerKept { decision, option, by, .. } => {
            format!("Question {decision} answered with {option} by {}, after it was decided", who(by))
        }
        Event::DecisionCorrected { decision, option, by, because } => {
            let because = if because.is_empty() { String::new() } else { format!(": {because}") };
            format!("Decision {decision} corrected to {option} by {}{because}", who(by))
        }
        Event::AgentHeard { attempt, heard: Heard::Choice { question, choice, because, alternatives } } => {
            let others =
                if alternatives.is_empty() { String::new() } else { format!(", not {}", alternatives.join(", ")) };
            format!("{} chose {choice}{others} ({question}): {because}", path(&attempt.task))
        }
        Event::EngineBooted { epoch, .. } if *epoch > 1 => format!("Run resumed by engine {epoch}"),
        event => adjusted(plan, event)?,
    };
    Some(Note { at: recorded.at, text })
}

/// What people changed of the run's course.
fn adjusted(plan: &Plan, event: &Event) -> Option<String> {
    let path = |task: &TaskId| plan.tasks.get(task.index()).map_or("?", |task| &task.path);
    Some(match event {
        Event::LevelChanged { level, by } => format!("Level {level} from now on, by {}", who(by)),
        Event::ParallelChanged { parallel, by } => {
            format!("Up to {parallel} tasks at once from now on, by {}", who(by))
        }
        Event::TaskBroughtBack { task, by } => format!("Task {} to be done after all, by {}", path(task), who(by)),
        Event::TaskMoved { task, urgency, by } => {
            let place = if *urgency > 0 { "first" } else { "last" };
            format!("Task {} to be done {place}, by {}", path(task), who(by))
        }
        Event::TaskSkipped { task, reason: SkipReason::Asked(left), .. } => {
            format!("Task {} {}", path(task), left_out(left))
        }
        _ => return None,
    })
}

fn decided(question: &Question, option: Option<&str>, by: &Decider, because: &str) -> Option<String> {
    let by = match by {
        Decider::Person { name } => format!("by {name}"),
        Decider::Timeout => "because nobody answered".to_owned(),
        Decider::Policy => "by a rule of the plan".to_owned(),
        Decider::Withdrawn => return None,
    };
    let chosen = match option {
        Some(id) => {
            let name = question.option(id).map(|option| option.name.as_str()).filter(|name| *name != id);
            name.map_or_else(|| id.to_owned(), |name| format!("{id} ({name})"))
        }
        None => "nothing".to_owned(),
    };
    let because = if because.is_empty() { String::new() } else { format!(": {because}") };
    Some(format!("{} Decided: {chosen}, {by}{because}", question.text.trim_end()))
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
