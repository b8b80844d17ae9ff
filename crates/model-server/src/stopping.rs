//! The end of the server, which every pause of an answer must notice.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whether the server is to end, and who waits for that.
#[derive(Default)]
pub(crate) struct Stopping {
    told: Mutex<bool>,
    changed: Condvar,
}

impl Stopping {
    /// Waits so long, unless the server ends. Says whether it goes on.
    pub(crate) fn pause(&self, length: Duration) -> bool {
        let until = Instant::now() + length;
        let mut told = self.lock();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if *told || left.is_zero() {
                return !*told;
            }
            told = self.changed.wait_timeout(told, left).map_or_else(|error| error.into_inner().0, |(guard, _)| guard);
        }
    }

    pub(crate) fn tell(&self) {
        *self.lock() = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
