//! What a run's events tell beyond its present state: every attempt with its times, every phase, every notable act.
//!
//! Pure: a fold like `Run` (`fold` has it), over the same events, which `Run::apply` has accepted. Timeline, plan file and report read it.

mod fold;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::past::{Attempt, Claim, Insight, Note, Phase};
use crate::plan::{GroupKind, Plan, Question};
use crate::{Asker, GroupId, Recorded, RunEnd, TaskId, Timestamp};

/// The past of one run.
#[derive(Clone, Debug)]
pub struct History {
    plan: Arc<Plan>,
    phase_of: Vec<Option<u32>>,
    tasks: Vec<Memory>,
    attempts: Vec<Attempt>,
    phases: Vec<Phase>,
    notes: Vec<Note>,
    insights: Vec<Insight>,
    claims: Vec<Claim>,
    /// Questions that were open before the last event, and since when.
    asked: BTreeMap<u32, (Asker, Question, Timestamp)>,
    /// The one that the last event ended.
    over: Option<u32>,
    plan_hash: String,
    created: Timestamp,
    last_at: Timestamp,
    ended: Option<(Timestamp, RunEnd)>,
    slots: u32,
}

/// What is remembered of one node between its events.
#[derive(Clone, Debug, Default)]
struct Memory {
    ready: Option<Timestamp>,
    /// Index into `attempts`.
    latest: Option<u32>,
    /// Set by a retry that changes the agent.
    agent: Option<String>,
    over: Option<Over>,
}

/// How a node is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Completed,
    Failed,
    Skipped,
    Cancelled,
}

impl History {
    /// The past of a run of `plan` before its first event.
    pub fn new(plan: Arc<Plan>) -> History {
        let groups = (0_u32..).map(GroupId).zip(&plan.groups).filter(|(_, group)| group.kind == GroupKind::Phase);
        let mut phases: Vec<Phase> = (1..)
            .zip(groups)
            .map(|(number, (group, _))| Phase { group, number, started: None, ended: None, status: "open", open: 0 })
            .collect();
        let number = |group: GroupId| phases.iter().find(|phase| phase.group == group).map(|phase| phase.number);
        let phase_of: Vec<Option<u32>> = plan.ids().map(|id| plan.phase_of(id).and_then(number)).collect();
        // What the level leaves out is over from the start and has no event.
        let counted = plan.ids().zip(&phase_of).filter(|(id, _)| !plan.leaves_out(*id));
        for number in counted.filter_map(|(_, number)| *number) {
            if let Some(phase) = phases.get_mut(number as usize - 1) {
                phase.open += 1;
            }
        }
        let tasks = vec![Memory::default(); plan.tasks.len()];
        let (created, last_at) = (Timestamp(0), Timestamp(0));
        History {
            phase_of,
            tasks,
            attempts: Vec::new(),
            phases,
            notes: Vec::new(),
            insights: Vec::new(),
            claims: Vec::new(),
            asked: BTreeMap::new(),
            over: None,
            plan_hash: String::new(),
            created,
            last_at,
            ended: None,
            slots: plan.limits.parallel,
            plan,
        }
    }

    /// Folds a whole log.
    pub fn replay<'a>(plan: Arc<Plan>, log: impl IntoIterator<Item = &'a Recorded>) -> History {
        let mut history = History::new(plan);
        for recorded in log {
            history.apply(recorded);
        }
        history
    }

    /// The frozen plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// How many attempts might be alive at once, at the time when it was most.
    pub fn slots(&self) -> u32 {
        self.slots
    }

    /// Every attempt, in the order in which they started.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The latest attempt at a task.
    pub fn latest(&self, task: TaskId) -> Option<&Attempt> {
        self.attempts.get(self.tasks.get(task.index())?.latest? as usize)
    }

    /// How a task is over, in a word; none while it is not.
    pub(super) fn over(&self, task: TaskId) -> Option<&'static str> {
        let word = |over| match over {
            Over::Completed => "completed",
            Over::Failed => "failed",
            Over::Skipped => "skipped",
            Over::Cancelled => "cancelled",
        };
        self.tasks.get(task.index())?.over.map(word)
    }

    /// The top-level phases, in plan order.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// The phase that a node stands in.
    pub fn phase(&self, task: TaskId) -> Option<&Phase> {
        let number = (*self.phase_of.get(task.index())?)?;
        self.phases.get(number as usize - 1)
    }

    /// What people and rules did, oldest first.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What agents and commands found out, oldest first, up to a few thousand.
    pub fn insights(&self) -> &[Insight] {
        &self.insights
    }

    /// What agents and commands say that they made, oldest first, up to a few thousand.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Who asked what, of a question that is open or was ended by the last event.
    pub(super) fn question(&self, decision: u32) -> Option<(&Asker, &Question)> {
        self.asked.get(&decision).map(|(asker, question, _)| (asker, question))
    }

    /// When a question was asked that is open or was ended by the last event.
    pub(super) fn asked_at(&self, decision: u32) -> Option<Timestamp> {
        self.asked.get(&decision).map(|(_, _, opened)| *opened)
    }

    /// Content hash of the frozen plan.
    pub fn plan_hash(&self) -> &str {
        &self.plan_hash
    }

    /// When the run was created.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// When and how it ended, if that is its last word.
    pub fn ended(&self) -> Option<(Timestamp, RunEnd)> {
        self.ended
    }

    /// The time of its last event.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }
}
