//! A run in bytes, so that a long log need not be folded again from its beginning.
//!
//! A cache and nothing else: `restore` of it and `replay` of the log give the same run, and whoever has no snapshot loses only time.
//! Everything that is folded is in it; the plan, and what is worked out from the plan, is not. The bytes mean something only to the
//! very sources that wrote them (`FOLD`), so there are no versions and no upcasts: another `band` passes them over.
//!
//! `forms` has the second shapes of what events are made of.

mod forms;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Accounts, Book, Counts, Intos, Job, Merges, Passing, Position, Ready, Run, Stage, Steered, Talk, TaskRun,
    TaskState, TimeBudget, Timer,
};
use crate::plan::Plan;
use crate::{JobId, TaskId, Timestamp};
use forms::as_json;
pub(super) use forms::{StoredReason, StoredUsage, report};

/// Changes whenever the sources of this crate do, and with them what a snapshot may mean.
pub const FOLD: &str = env!("BANDLEADER_CORE_SOURCES");

/// A snapshot that was read, but has no plan yet: plans of long runs are long, and may be read meanwhile.
pub struct StoredRun(Folded<'static>);

/// Bytes that are no snapshot of a run of this plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no snapshot of a run of this plan: {0}")]
pub struct ForeignSnapshot(String);

/// All of `Run` that is folded and cannot be worked out from the rest.
#[derive(Serialize, Deserialize)]
struct Folded<'a> {
    seed: u64,
    epoch: u32,
    stage: Stage,
    last: Position,
    created: Timestamp,
    tasks: Cow<'a, [TaskRun]>,
    free: Cow<'a, [u32]>,
    unjudged: Cow<'a, BTreeSet<TaskId>>,
    jobs: Cow<'a, BTreeMap<JobId, Job>>,
    timers: Cow<'a, BTreeSet<(Timestamp, Timer)>>,
    counts: Counts,
    open: u32,
    starts: u64,
    clock: TimeBudget,
    undoable: Cow<'a, [TaskId]>,
    unsound: u32,
    overrides: u32,
    #[serde(with = "as_json")]
    accounts: Cow<'a, Accounts>,
    #[serde(with = "as_json")]
    book: Cow<'a, Book>,
    #[serde(with = "as_json")]
    talk: Cow<'a, Talk>,
    merges: Cow<'a, Merges>,
    #[serde(with = "as_json")]
    intos: Cow<'a, Intos>,
    #[serde(with = "as_json")]
    steered: Cow<'a, Steered>,
    #[serde(with = "as_json")]
    passing: Cow<'a, Passing>,
}

impl StoredRun {
    /// Reads what `Run::snapshot` wrote, in a `band` of the same `FOLD`: the caller sees to that, and that the bytes are whole.
    ///
    /// # Errors
    /// The bytes are no snapshot.
    pub fn read(snapshot: &[u8]) -> Result<StoredRun, ForeignSnapshot> {
        let (folded, rest) = postcard::take_from_bytes(snapshot).map_err(|error| ForeignSnapshot(error.to_string()))?;
        if rest.is_empty() { Ok(StoredRun(folded)) } else { Err(ForeignSnapshot("something follows it".to_owned())) }
    }

    /// The sequence number of the last event in it.
    pub fn last_seq(&self) -> u64 {
        self.0.last.seq
    }

    /// The run that the snapshot was taken of, if it was one of this plan: the caller sees to that.
    ///
    /// # Errors
    /// It was not. Whatever the bytes were, there is no panic, and no run that points out of its plan.
    pub fn restore(self, plan: Arc<Plan>) -> Result<Run, ForeignSnapshot> {
        Run::new(plan).with(self.0)
    }
}

impl Run {
    /// The run in bytes, for `StoredRun::read`.
    ///
    /// # Errors
    /// None for a run that was folded from a log; the encoder's word otherwise.
    pub fn snapshot(&self) -> Result<Vec<u8>, ForeignSnapshot> {
        postcard::to_stdvec(&self.folded()).map_err(|error| ForeignSnapshot(error.to_string()))
    }

    fn folded(&self) -> Folded<'_> {
        // Without `..`: a new field must be stored, or worked out in `restore`.
        let Run {
            plan: _,
            dependents: _,
            tails: _,
            ready: _,
            seed,
            epoch,
            stage,
            last,
            created,
            tasks,
            free,
            unjudged,
            jobs,
            timers,
            counts,
            open,
            starts,
            clock,
            undoable,
            unsound,
            overrides,
            accounts,
            book,
            talk,
            merges,
            intos,
            steered,
            passing,
        } = self;
        Folded {
            seed: *seed,
            epoch: *epoch,
            stage: *stage,
            last: *last,
            created: *created,
            tasks: Cow::Borrowed(tasks),
            free: Cow::Borrowed(free),
            unjudged: Cow::Borrowed(unjudged),
            jobs: Cow::Borrowed(jobs),
            timers: Cow::Borrowed(timers),
            counts: *counts,
            open: *open,
            starts: *starts,
            clock: *clock,
            undoable: Cow::Borrowed(undoable),
            unsound: *unsound,
            overrides: *overrides,
            accounts: Cow::Borrowed(accounts),
            book: Cow::Borrowed(book),
            talk: Cow::Borrowed(talk),
            merges: Cow::Borrowed(merges),
            intos: Cow::Borrowed(intos),
            steered: Cow::Borrowed(steered),
            passing: Cow::Borrowed(passing),
        }
    }

    fn with(self, folded: Folded<'_>) -> Result<Run, ForeignSnapshot> {
        folded.points_into(&self.plan)?;
        let Folded {
            seed,
            epoch,
            stage,
            last,
            created,
            tasks,
            free,
            unjudged,
            jobs,
            timers,
            counts,
            open,
            starts,
            clock,
            undoable,
            unsound,
            overrides,
            accounts,
            book,
            talk,
            merges,
            intos,
            steered,
            passing,
        } = folded;
        let mut fresh = self;
        fresh.put_back(steered.is_put_back().iter().copied());
        fresh.follow_levels(steered.levelled());
        let Run { plan, dependents, tails, mut ready, .. } = fresh;
        for id in plan.ids().zip(tasks.iter()).filter(|(_, task)| matches!(task.state, TaskState::Ready { .. })) {
            ready.insert(Ready::rank(&plan, &tails, steered.urgency(id.0), id.0));
        }
        Ok(Run {
            plan,
            dependents,
            tails,
            ready,
            seed,
            epoch,
            stage,
            last,
            created,
            tasks: tasks.into_owned(),
            free: free.into_owned(),
            unjudged: unjudged.into_owned(),
            jobs: jobs.into_owned(),
            timers: timers.into_owned(),
            counts,
            open,
            starts,
            clock,
            undoable: undoable.into_owned(),
            unsound,
            overrides,
            accounts: accounts.into_owned(),
            book: book.into_owned(),
            talk: talk.into_owned(),
            merges: merges.into_owned(),
            intos: intos.into_owned(),
            steered: steered.into_owned(),
            passing: passing.into_owned(),
        })
    }
}

impl Folded<'_> {
    /// Refuses what an index into the plan would stumble over.
    fn points_into(&self, plan: &Plan) -> Result<(), ForeignSnapshot> {
        let known = |task: &TaskId| task.index() < plan.tasks.len();
        let timed = |timer: &(Timestamp, Timer)| match timer.1 {
            Timer::Backoff(task) => known(&task),
            Timer::Timeout(job) => known(&job.attempt.task),
            Timer::Account(resource) => (resource as usize) < plan.resources.len(),
            Timer::Decision(_) => true,
        };
        let fits = self.tasks.len() == plan.tasks.len()
            && self.free.len() == plan.resources.len()
            && self.steered.is_put_back().iter().all(known)
            && self.steered.levelled().keys().all(known)
            && self.passing.tasks().all(known)
            && self.unjudged.iter().all(known)
            && self.undoable.iter().all(known)
            && self.merges.tasks().all(known)
            && self.jobs.keys().all(|job| known(&job.attempt.task))
            && self.timers.iter().all(timed);
        if fits { Ok(()) } else { Err(ForeignSnapshot("the plan is another one".to_owned())) }
    }
}

#[cfg(test)]
mod tests;
