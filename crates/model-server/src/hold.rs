//! Answers that wait until they are let go: how a test has several agents at work at the same time without looking at a clock.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// All holds of a server.
#[derive(Default)]
pub(crate) struct Holds {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Answers that wait now, whatever the name.
    waiting: usize,
    released: BTreeSet<String>,
    over: bool,
}

impl Holds {
    /// Waits until the hold of this name is released, unless the server ends. Says whether it was released.
    pub(crate) fn pass(&self, name: &str) -> bool {
        let mut state = self.state();
        state.waiting += 1;
        self.changed.notify_all();
        while !state.over && !state.released.contains(name) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
        !state.over
    }

    /// Lets go what waits for this name, now and from now on.
    pub(crate) fn release(&self, name: &str) {
        self.state().released.insert(name.to_owned());
        self.changed.notify_all();
    }

    /// Waits until so many answers wait at the same time. Says whether they do.
    pub(crate) fn wait(&self, answers: usize, longest: Duration) -> bool {
        let until = Instant::now() + longest;
        let mut state = self.state();
        while state.waiting < answers {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state =
                self.changed.wait_timeout(state, left).map_or_else(|error| error.into_inner().0, |(guard, _)| guard);
        }
        true
    }

    /// The server ends, and with it every hold.
    pub(crate) fn end(&self) {
        self.state().over = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
