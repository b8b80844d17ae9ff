//! Updates between the lines of the plain mode: when one is due, and what it says.

use bandleader_core::view::update::{Lately, Rhythm};
use bandleader_core::{Recorded, Run, Timestamp};

use crate::render::{plain, progress};

/// What has happened since people were told last, and how often they want to be told.
pub(super) struct News {
    lately: Lately,
    rhythm: Rhythm,
}

impl News {
    /// From `now` on.
    pub(super) fn new(rhythm: Rhythm, now: Timestamp) -> News {
        News { lately: Lately::new(now), rhythm }
    }

    /// One event, given the run as it is after it.
    pub(super) fn note(&mut self, run: &Run, recorded: &Recorded) {
        self.lately.note(run, recorded);
    }

    /// All that there was to tell was told otherwise.
    pub(super) fn told(&mut self, now: Timestamp) {
        self.lately = Lately::new(now);
    }

    /// The lines of an update, if one is due.
    pub(super) fn due(&mut self, run: &Run, now: Timestamp, columns: usize) -> Vec<String> {
        if !self.lately.is_due(run, self.rhythm, now) {
            return Vec::new();
        }
        let update = self.lately.take(run, now);
        let below = progress::lines(&update, columns.saturating_sub(2));
        let first = plain::update(&progress::headline(&update.progress), now);
        [first].into_iter().chain(below.into_iter().map(|line| format!("  {line}"))).collect()
    }
}
