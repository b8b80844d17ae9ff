//! A run as its log says, by the shortest way: from its snapshot if that counts, else from the first event.

use std::sync::Arc;
use std::thread;

use bandleader_core::{CorruptLog, Plan, Recorded, Run, StoredRun};

use super::{EngineError, freeze};
use crate::folder::Folder;
use crate::snapshot::Snapshot;
use crate::store::{RunRow, Store, StoreError};

/// A run, and the event of the snapshot that it was folded from (0: from none).
pub(super) struct Replayed {
    pub(super) run: Run,
    pub(super) snapshot: u64,
}

/// So many events after a snapshot are read before the plan is there; there are hardly ever more.
const TAIL: usize = 10_000;

/// Why the log could not be folded.
enum Stop {
    Log(StoreError),
    Fold(CorruptLog),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Log(error)
    }
}

/// Folds the log of a run.
///
/// # Errors
/// The frozen plan is gone; the log is damaged where it was read.
pub(super) fn replay(folder: &Folder, store: &Store, row: &RunRow) -> Result<Replayed, EngineError> {
    let thaw = || freeze::thaw(folder, &row.plan_hash).map(Arc::new);
    let plan = match Snapshot::find(&folder.run(&row.id), &row.id, &row.plan_hash) {
        Some(snapshot) if store.goes_through(&row.id, &snapshot.mark)? => {
            let (plan, (state, tail)) = beside(thaw, || read(store, row, &snapshot));
            let plan = plan?;
            if let Some(state) = state
                && let Some(run) = go_on(Arc::clone(&plan), state, &tail?, store, row)?
            {
                return Ok(Replayed { run, snapshot: snapshot.mark.seq });
            }
            plan
        }
        _ => thaw()?,
    };
    let mut run = Run::new(plan);
    match fold(&mut run, store, row) {
        Ok(()) => Ok(Replayed { run, snapshot: 0 }),
        Err(Stop::Log(error)) => Err(error.into()),
        Err(Stop::Fold(error)) => Err(error.into()),
    }
}

/// The plan of a long run takes longer to read than its snapshot and what came after: both at the same time.
fn beside<A: Send, B>(one: impl Fn() -> A + Sync, other: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, &one);
        let other = other();
        let one = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => one(),
        };
        (one, other)
    })
}

/// What does not need the plan: the snapshot's state, and the events after it.
fn read(store: &Store, row: &RunRow, snapshot: &Snapshot) -> (Option<StoredRun>, Result<Vec<Recorded>, StoreError>) {
    (snapshot.state(), store.some_events(&row.id, snapshot.mark.seq, TAIL))
}

/// The run from a snapshot on; none if the log does not follow from it: what is true is then for the whole log to say.
fn go_on(
    plan: Arc<Plan>,
    state: StoredRun,
    tail: &[Recorded],
    store: &Store,
    row: &RunRow,
) -> Result<Option<Run>, EngineError> {
    let Ok(mut run) = state.restore(plan) else { return Ok(None) };
    if tail.iter().try_for_each(|recorded| run.apply(recorded)).is_err() {
        return Ok(None);
    }
    match fold(&mut run, store, row) {
        Ok(()) => Ok(Some(run)),
        Err(Stop::Log(error)) => Err(error.into()),
        Err(Stop::Fold(_)) => Ok(None),
    }
}

/// Folds in what the log has beyond the run.
fn fold(run: &mut Run, store: &Store, row: &RunRow) -> Result<(), Stop> {
    let after = run.last_seq();
    store.pages(&row.id, after, u64::MAX, |page| {
        page.iter().try_for_each(|recorded| run.apply(recorded)).map_err(Stop::Fold)
    })
}

#[cfg(test)]
mod tests;
