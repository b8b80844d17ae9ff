//! The parts of a run's past: attempts, their gates, phases, and what people and rules did.
//!
//! Made by `History`; read by timeline, plan file and report.

use crate::plan::{FailureClass, Plan};
use crate::{AttemptId, By, Delivered, Event, GroupId, Millis, Recorded, Report, TaskId, Timestamp, Usage, Verdict};

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

    pub(super) fn saw(&mut self, report: &Report) {
        self.usage = Some(report.usage);
        self.delivered.clone_from(&report.delivered);
    }
}

/// What is worth a line under "Key Decisions".
pub(super) fn note(plan: &Plan, recorded: &Recorded) -> Option<Note> {
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
        Event::EngineBooted { epoch, .. } if *epoch > 1 => format!("Run resumed by engine {epoch}"),
        _ => return None,
    };
    Some(Note { at: recorded.at, text })
}

/// The person's name, or the engine.
pub(super) fn who(by: &By) -> &str {
    match by {
        By::Person { name } => name,
        By::Engine => "the engine",
    }
}
