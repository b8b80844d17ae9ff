//! What ran beside what: how much work there was, in how much time, and what that saved.

use serde::Serialize;

use crate::view::History;
use crate::{Millis, Timestamp};

/// Parallel execution in figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Parallel {
    /// All attempts one after another would have taken this long.
    pub work: Millis,
    /// At least one attempt was alive for this long.
    pub busy: Millis,
    /// The difference: what running them beside one another saved.
    pub saved: Millis,
    /// Exactly one attempt was alive for this long.
    pub alone: Millis,
    /// The most attempts that were alive at once.
    pub peak: u32,
    /// How many might have been.
    pub slots: u32,
    /// Ready attempts waited for a slot or another resource for this long, all together.
    pub waited: Millis,
}

impl Parallel {
    /// Sweeps over the starts and ends of all attempts; those that live count until `end`.
    pub(super) fn of(history: &History, end: Timestamp) -> Parallel {
        let mut sum = Parallel { slots: history.slots(), ..Parallel::default() };
        let mut edges: Vec<(Timestamp, i64)> = Vec::with_capacity(history.attempts().len() * 2);
        for attempt in history.attempts() {
            let over = attempt.ended.unwrap_or(end).max(attempt.started);
            sum.work.0 += over.since(attempt.started).0;
            sum.waited.0 += attempt.started.since(attempt.ready).0;
            edges.extend([(attempt.started, 1), (over, -1)]);
        }
        // Ends before starts of the same moment: a successor is not beside what it followed.
        edges.sort_unstable();
        let (mut alive, mut since) = (0_i64, Timestamp(0));
        for (at, change) in edges {
            let length = at.since(since).0;
            match alive {
                0 => {}
                1 => (sum.busy.0, sum.alone.0) = (sum.busy.0 + length, sum.alone.0 + length),
                _ => sum.busy.0 += length,
            }
            (alive, since) = (alive + change, at);
            sum.peak = sum.peak.max(u32::try_from(alive).unwrap_or(0));
        }
        sum.saved = Millis(sum.work.0.saturating_sub(sum.busy.0));
        sum
    }
}
