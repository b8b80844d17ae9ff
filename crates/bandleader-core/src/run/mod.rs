//! A run's state, folded from its events: what each task is doing, what is held, what should be alive.
//!
//! Pure. `apply` is the only way to change it; `decide` reads it; views and `wanted` look at it. Costs of an event depend
//! on what it touches, never on the size of the plan. Invariant: replaying the log gives the same state.

mod accounts;
mod again;
mod apply;
mod asked;
mod attempt;
mod budget;
mod context;
mod counts;
mod decision;
mod into;
mod leases;
mod merge;
mod passing;
mod ready;
mod settle;
mod snapshot;
mod spending;
mod stage;
mod state;
mod steered;
mod talk;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accounts::Accounts;
pub use asked::{Decision, Held, Late, Taken};
use budget::TimeBudget;
pub use context::TaskContext;
pub use counts::Counts;
pub(crate) use decision::CHOICE_OUTPUTS;
pub use into::BranchMerge;
use into::Intos;
pub(crate) use leases::clash;
pub(crate) use merge::MERGE_TIMEOUT;
use merge::Merges;
use passing::Passing;
pub(crate) use ready::{Class, Rank, Ready};
pub use snapshot::{FOLD, ForeignSnapshot, StoredRun};
use spending::Book;
pub(crate) use spending::SpentOut;
use stage::Stage;
pub use state::{GateResult, Job, Past, RunState, TaskRun, TaskState, Wanted};
use steered::Steered;
use talk::Talk;
pub use talk::{Blocker, Message};
pub(crate) use wanted::Timer;

use serde::{Deserialize, Serialize};

use crate::estimate::{self, Dependents};
use crate::plan::Plan;
use crate::{Event, JobId, Millis, Recorded, TaskId, Timestamp};

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    plan: Arc<Plan>,
    dependents: Arc<Dependents>,
    tails: Arc<Vec<Millis>>,
    seed: u64,
    epoch: u32,
    stage: Stage,
    last: Position,
    created: Timestamp,
    tasks: Vec<TaskRun>,
    /// Units left of each of `Plan::resources`.
    free: Vec<u32>,
    ready: Ready,
    /// Pending tasks whose needs call for a decision: start, skip or complete.
    unjudged: BTreeSet<TaskId>,
    jobs: BTreeMap<JobId, Job>,
    timers: BTreeSet<(Timestamp, Timer)>,
    counts: Counts,
    /// Nodes that are not over, group ends included.
    open: u32,
    /// Attempts started so far.
    starts: u64,
    clock: TimeBudget,
    /// Completed tasks that can be undone, in the order in which they completed.
    undoable: Vec<TaskId>,
    /// A failure that was not allowed, or a cancelled task: the run cannot end well.
    unsound: u32,
    /// Tasks that a person took as done although they were not proven.
    overrides: u32,
    accounts: Accounts,
    book: Book,
    talk: Talk,
    merges: Merges,
    intos: Intos,
    steered: Steered,
    passing: Passing,
}

/// The last event that was folded in.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Position {
    seq: u64,
    at: Timestamp,
}

/// The log says something that the state machine cannot have done.
#[derive(Debug, thiserror::Error)]
#[error(
    "event {seq} (`{event}`) does not follow from the events before it: {why}; the log was changed or is from another version"
)]
pub struct CorruptLog {
    /// Its place in the log.
    pub seq: u64,
    /// The event's name.
    pub event: &'static str,
    /// What was found instead.
    pub why: String,
}

impl Run {
    /// A run of `plan` before its first event.
    pub fn new(plan: Arc<Plan>) -> Run {
        let dependents = Dependents::of(&plan);
        let tails = estimate::tails(&plan, &dependents, &estimate::lengths(&plan));
        let tasks: Vec<TaskRun> = plan.tasks.iter().map(|task| TaskRun::fresh(task.needs.len())).collect();
        let counts = Counts::fresh(plan.tasks.iter().filter(|task| task.is_real()).count());
        Run {
            free: plan.resources.iter().map(|resource| resource.capacity).collect(),
            ready: Ready::of(&plan),
            clock: TimeBudget { limit: plan.limits.time, ..TimeBudget::default() },
            dependents: Arc::new(dependents),
            tails: Arc::new(tails),
            plan,
            seed: 0,
            epoch: 0,
            stage: Stage::Unborn,
            last: Position::default(),
            created: Timestamp(0),
            unjudged: BTreeSet::new(),
            jobs: BTreeMap::new(),
            timers: BTreeSet::new(),
            counts,
            open: u32::try_from(tasks.len()).unwrap_or(u32::MAX),
            tasks,
            starts: 0,
            undoable: Vec::new(),
            unsound: 0,
            overrides: 0,
            accounts: Accounts::default(),
            book: Book::default(),
            talk: Talk::default(),
            merges: Merges::default(),
            intos: Intos::default(),
            steered: Steered::default(),
            passing: Passing::default(),
        }
    }

    /// Folds a whole log.
    pub fn replay<'a>(plan: Arc<Plan>, log: impl IntoIterator<Item = &'a Recorded>) -> Result<Run, CorruptLog> {
        let mut run = Run::new(plan);
        for recorded in log {
            run.apply(recorded)?;
        }
        Ok(run)
    }

    /// The frozen plan, with the work that people have brought back since, and what another level made of it.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Which engine owns it, counted from 1; 0 before the first.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Where jitter comes from.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The sequence number of the last event; 0 before the first.
    pub fn last_seq(&self) -> u64 {
        self.last.seq
    }

    /// The time of the last event.
    pub fn last_at(&self) -> Timestamp {
        self.last.at
    }

    /// When it was created.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// What a task is doing.
    #[expect(clippy::indexing_slicing, reason = "`tasks` is as long as the plan, and ids point into it")]
    pub fn task(&self, id: TaskId) -> &TaskRun {
        &self.tasks[id.index()]
    }

    #[expect(clippy::indexing_slicing, reason = "`tasks` is as long as the plan, and ids point into it")]
    fn task_mut(&mut self, id: TaskId) -> &mut TaskRun {
        &mut self.tasks[id.index()]
    }

    /// How many tasks are in which state; group ends are not counted.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The nodes that need `task`.
    pub fn dependents(&self, task: TaskId) -> &[TaskId] {
        self.dependents.on(task)
    }

    /// Its expected length plus the longest path behind it.
    pub fn tail(&self, task: TaskId) -> Millis {
        self.tails.get(task.index()).copied().unwrap_or_default()
    }

    /// Units left of a resource.
    pub fn free(&self, resource: u32) -> u32 {
        self.free.get(resource as usize).copied().unwrap_or_default()
    }

    /// Ready tasks in the order in which they would start.
    pub fn ready(&self) -> Vec<TaskId> {
        self.ready.ranked()
    }

    /// Attempts started so far, over all tasks.
    pub fn starts(&self) -> u64 {
        self.starts
    }

    pub(crate) fn unjudged(&self) -> impl Iterator<Item = TaskId> {
        self.unjudged.iter().copied()
    }

    pub(crate) fn queue(&self) -> &Ready {
        &self.ready
    }

    pub(crate) fn free_all(&self) -> &[u32] {
        &self.free
    }

    /// Whether every node is over.
    pub(crate) fn all_over(&self) -> bool {
        self.open == 0
    }

    pub(crate) fn undoable(&self) -> &[TaskId] {
        &self.undoable
    }

    fn corrupt(recorded: &Recorded, why: impl Into<String>) -> CorruptLog {
        CorruptLog { seq: recorded.seq, event: recorded.event.name(), why: why.into() }
    }
}

impl Event {
    /// Puts the event in the log's next place.
    pub fn record(self, after: u64, at: Timestamp) -> Recorded {
        Recorded { seq: after + 1, at, event: self }
    }
}
