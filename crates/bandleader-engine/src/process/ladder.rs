//! How a job comes to its end: asked, then killed, then looked for until nothing is left.
//!
//! Pure: says what is due; `watch` does it. A leader that ended by itself leaves leftovers, which climb the same ladder.

use std::time::{Duration, Instant};

use bandleader_core::StopHow;

/// What leftovers of an ended leader get, when nobody asked for its end. They have nobody to report to any more.
const LEFTOVER_GRACE: Duration = Duration::from_secs(2);

/// Between two looks at a job that is being killed.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The longest pause between two looks. A process in an uninterruptible wait may take its time.
const LOOK_AGAIN_AT_MOST: Duration = Duration::from_millis(500);

/// Where a job is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ladder {
    /// Nobody wants its end.
    Living,
    /// Asked to end; killed at that time.
    Asked { kill_at: Instant, look_at: Instant, pause: Duration },
    /// Killed; looked for again and again.
    Killed { look_at: Instant, pause: Duration },
}

/// What is to be sent to all that is alive of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Push {
    Ask,
    Kill,
}

impl Ladder {
    /// Somebody wants its end. What that asks for now, if it is more than was asked before.
    pub(super) fn stop(&mut self, how: StopHow, grace: Duration, now: Instant) -> Option<Push> {
        match (how, *self) {
            (_, Ladder::Killed { .. }) | (StopHow::Politely, Ladder::Asked { .. }) => None,
            (StopHow::Politely, Ladder::Living) => {
                *self = Ladder::Asked { kill_at: now + grace, look_at: now + LOOK_AGAIN, pause: LOOK_AGAIN };
                Some(Push::Ask)
            }
            (StopHow::AtOnce, _) => {
                *self = Ladder::Killed { look_at: now + LOOK_AGAIN, pause: LOOK_AGAIN };
                Some(Push::Kill)
            }
        }
    }

    /// The leader has ended, but others are left.
    pub(super) fn leader_left_others(&mut self, now: Instant) -> Option<Push> {
        match self {
            Ladder::Living => self.stop(StopHow::Politely, LEFTOVER_GRACE, now),
            Ladder::Asked { .. } => None,
            Ladder::Killed { .. } => Some(Push::Kill),
        }
    }

    /// When something is due.
    pub(super) fn due(&self, leader: Leader) -> Option<Instant> {
        match (self, leader) {
            (Ladder::Living, _) => None,
            // As long as the leader lives its end is waited for by itself.
            (Ladder::Asked { kill_at, .. }, Leader::Alive) => Some(*kill_at),
            (Ladder::Asked { kill_at, look_at, .. }, Leader::Ended) => Some(*kill_at.min(look_at)),
            (Ladder::Killed { look_at, .. }, _) => Some(*look_at),
        }
    }

    /// Time has passed: what is due now.
    pub(super) fn turn(&mut self, now: Instant) -> Option<Push> {
        match self {
            Ladder::Living => None,
            Ladder::Asked { kill_at, .. } if *kill_at <= now => self.stop(StopHow::AtOnce, Duration::ZERO, now),
            Ladder::Asked { look_at, pause, .. } => {
                wait_longer(look_at, pause, now);
                None
            }
            Ladder::Killed { look_at, pause } => {
                wait_longer(look_at, pause, now);
                Some(Push::Kill)
            }
        }
    }
}

/// Whether the process that was started is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leader {
    Alive,
    Ended,
}

fn wait_longer(look_at: &mut Instant, pause: &mut Duration, now: Instant) {
    if *look_at <= now {
        *pause = (*pause * 2).min(LOOK_AGAIN_AT_MOST);
        *look_at = now + *pause;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_then_killed_and_never_back() {
        let start = Instant::now();
        let mut ladder = Ladder::Living;
        let grace = Duration::from_secs(10);
        assert_eq!(ladder.stop(StopHow::Politely, grace, start), Some(Push::Ask));
        assert_eq!(ladder.stop(StopHow::Politely, grace, start), None);
        assert_eq!(ladder.due(Leader::Alive), Some(start + grace));
        assert_eq!(ladder.turn(start + grace / 2), None);
        assert_eq!(ladder.turn(start + grace), Some(Push::Kill));
        assert_eq!(ladder.stop(StopHow::Politely, grace, start), None);
        assert_eq!(ladder.turn(start + grace * 2), Some(Push::Kill));
    }

    #[test]
    fn leftovers_are_asked_once_and_get_a_short_grace() {
        let start = Instant::now();
        let mut ladder = Ladder::Living;
        assert_eq!(ladder.leader_left_others(start), Some(Push::Ask));
        assert_eq!(ladder.leader_left_others(start), None);
        assert_eq!(ladder.turn(start + LEFTOVER_GRACE), Some(Push::Kill));
    }
}
