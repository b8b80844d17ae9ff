//! When the next frame may be drawn: at most ten a second where keys ask for them; else two, one over ssh, and fewer where the terminal
//! takes them slowly.
//!
//! Pure: instants come in. A line that is too slow for every frame would carry old ones for a long time before it shows what is so now;
//! so a frame that took long is followed by a pause in which the line gets empty. A key waits for no such pause.

use std::time::{Duration, Instant};

/// At most so often, where somebody waits for it.
const FRAME: Duration = Duration::from_millis(100);
/// What nobody asked for may be half a second late. A line tells how fast it is only when 64 KB wait in it, so little is asked of any: a run
/// of a thousand tasks, forty at once, ending four a second, is less than 1 KB/s.
const LOCAL: Duration = Duration::from_millis(500);
/// Over ssh it tells nothing at all.
const REMOTE: Duration = Duration::from_secs(1);
/// But at least so often, if anything has changed, however slow the terminal is.
const LONGEST: Duration = Duration::from_secs(5);

/// The last frame, and how long the next one waits.
#[derive(Debug)]
pub(super) struct Pacing {
    last: Option<Instant>,
    least: Duration,
    pause: Duration,
    asked: Asked,
}

/// Whether somebody waits for the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    ByAKey,
    ByNobody,
}

impl Pacing {
    /// Before the first frame, on a line as the environment tells.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Pacing {
        let is_remote = variable("SSH_CONNECTION").is_some_and(|value| !value.is_empty());
        let least = if is_remote { REMOTE } else { LOCAL };
        Pacing { last: None, least, pause: least, asked: Asked::ByNobody }
    }

    /// A key was pressed: somebody waits for what it does.
    pub(super) fn ask(&mut self) {
        self.asked = Asked::ByAKey;
    }

    /// How long from `now` until a frame may be drawn.
    pub(super) fn rest(&self, now: Instant) -> Duration {
        let pause = if self.asked == Asked::ByAKey { FRAME } else { self.pause };
        self.last.map_or(Duration::ZERO, |last| pause.saturating_sub(now.saturating_duration_since(last)))
    }

    /// A frame was drawn, and the terminal had it.
    pub(super) fn drawn(&mut self, begun: Instant, ended: Instant) {
        let took = ended.saturating_duration_since(begun);
        self.pause = (took * 4).max(self.pause * 9 / 10).clamp(self.least, LONGEST);
        (self.last, self.asked) = (Some(ended), Asked::ByNobody);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_terminal_gets_time_and_a_key_does_not_wait_for_it() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacing = Pacing::of(|_| None);
        assert_eq!(pacing.rest(at(0)), Duration::ZERO);
        pacing.drawn(at(0), at(1));
        assert_eq!((pacing.rest(at(1)), pacing.rest(at(501))), (LOCAL, Duration::ZERO));
        pacing.drawn(at(600), at(1_100));
        assert_eq!(pacing.rest(at(1_100)), Duration::from_secs(2));
        pacing.ask();
        assert_eq!(pacing.rest(at(1_100)), FRAME);
        pacing.drawn(at(1_200), at(1_201));
        assert_eq!(pacing.rest(at(1_201)), Duration::from_millis(1_800), "it is trusted again only by and by");
        pacing.drawn(at(1_300), at(10_300));
        assert_eq!(pacing.rest(at(10_300)), LONGEST);
    }

    #[test]
    fn over_ssh_frames_that_nobody_asked_for_are_fewer() {
        let start = Instant::now();
        let mut pacing = Pacing::of(|name| (name == "SSH_CONNECTION").then(|| "10.0.0.1 1 10.0.0.2 22".to_owned()));
        pacing.drawn(start, start);
        assert_eq!(pacing.rest(start), REMOTE);
        pacing.ask();
        assert_eq!(pacing.rest(start), FRAME);
    }
}
