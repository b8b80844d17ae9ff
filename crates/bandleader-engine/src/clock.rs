//! What time it is for a run. The engine reads it once a turn and hands it to the core.
//!
//! Invariant: never earlier than the last event of the run, and never backwards, even when somebody sets the system's
//! clock back or the machine sleeps: the wall clock is read once, at the start, and from there on a clock counts that
//! nobody can set and that goes on during suspend.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bandleader_core::{Millis, Timestamp};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// A source of the time; clones of it agree.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    /// `start`, plus what passed since the machine's uptime was `uptime`.
    Machine { start: Timestamp, uptime: Millis },
    /// Stands still until it is moved.
    ByHand(Arc<AtomicU64>),
}

impl Clock {
    /// A clock for a run whose last event is of `last_seen` (zero for a new run). If the system's clock is behind that, the
    /// run's time goes on from `last_seen`.
    pub fn start(last_seen: Timestamp) -> Clock {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall = Timestamp(u64::try_from(wall.as_millis()).unwrap_or(u64::MAX));
        Clock(Source::Machine { start: wall.max(last_seen), uptime: uptime() })
    }

    /// A clock that stands at `at` until `advance` moves it: for tests and rehearsals.
    pub fn by_hand(at: Timestamp) -> Clock {
        Clock(Source::ByHand(Arc::new(AtomicU64::new(at.0))))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Machine { start, uptime: then } => start.plus(Millis(uptime().0.saturating_sub(then.0))),
            Source::ByHand(at) => Timestamp(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a clock made `by_hand`, and all clones of it, forward. The machine's clock cannot be moved: nothing happens.
    pub fn advance(&self, length: Millis) {
        if let Source::ByHand(at) = &self.0 {
            at.fetch_add(length.0, Ordering::SeqCst);
        }
    }
}

/// Time since the machine came up, suspend included.
fn uptime() -> Millis {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(tv_sec).unwrap_or(0);
    let millis = u64::try_from(tv_nsec / 1_000_000).unwrap_or(0);
    Millis(seconds.saturating_mul(1_000).saturating_add(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_goes_on_from_the_last_event() {
        let in_a_century = Timestamp(Clock::start(Timestamp(0)).now().0 + 100 * 365 * 24 * Millis::HOUR.0);
        let clock = Clock::start(in_a_century);
        let now = clock.now();
        assert!(now >= in_a_century);
        assert!(now.since(in_a_century) < Millis::MINUTE, "it counts on, it does not jump");
    }

    #[test]
    fn a_new_run_starts_at_the_time_of_the_wall() {
        let now = Clock::start(Timestamp(0)).now();
        assert!(now > Timestamp(1_700_000_000_000), "later than 2023: {now:?}");
    }

    #[test]
    fn it_never_goes_backwards() {
        let clock = Clock::start(Timestamp(0));
        let mut last = clock.now();
        for _ in 0..10_000 {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
    }

    #[test]
    fn a_clock_by_hand_moves_only_when_told_and_with_its_clones() {
        let clock = Clock::by_hand(Timestamp(5));
        let other = clock.clone();
        assert_eq!(other.now(), Timestamp(5));
        clock.advance(Millis(37));
        assert_eq!(other.now(), Timestamp(42));
    }
}
