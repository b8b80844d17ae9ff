//! What agents cost in earlier runs of a project, for whoever asks what the next run may cost.

use bandleader_core::PastCosts;

use super::{EngineError, Follower, desk};
use crate::folder::Folder;

/// As many runs tell, the newest first: agents and prices change.
const RUNS: usize = 20;

/// As many events are read at most, all in all, so that nobody waits long. Runs of which a snapshot is kept cost less than that.
const EVENTS: u64 = 100_000;

/// What the newest runs tell of costs. A run that cannot be read tells nothing: `band status` says what is wrong with it.
///
/// # Errors
/// The log cannot be read at all.
pub fn past_costs(folder: &Folder) -> Result<PastCosts, EngineError> {
    let mut past = PastCosts::default();
    let mut read = 0;
    for row in desk::runs(folder)?.into_iter().take(RUNS) {
        read += row.last_seq;
        if read > EVENTS {
            break;
        }
        if let Ok(follower) = Follower::open(folder, &row.id) {
            past.take(follower.run());
        }
    }
    Ok(past)
}
