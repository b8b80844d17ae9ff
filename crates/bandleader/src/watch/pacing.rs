//! When the next frame may be drawn: at most ten a second where keys ask for them; else two, one over ssh, and fewer where the terminal
//! takes them slowly. Never while the last one is still on its way.
//!
//! Pure: instants come in. Whatever lies between us and a terminal - its kernel's buffer, an ssh, a modem - takes in more than it has
//! shown, up to megabytes, and says nothing of it; old frames would then come for a long time before what is so now, or before the shell
//! again after `q`. So behind each frame the terminal is asked where its cursor is, which it answers when it has come there. A terminal
//! that answers nothing is judged by how long writing takes.

use std::time::{Duration, Instant};

/// At most so often, where somebody waits for it.
const FRAME: Duration = Duration::from_millis(100);
/// What nobody asked for may be half a second late: a run of a thousand tasks, forty at once, ending four a second, is less than 1 KB/s.
const LOCAL: Duration = Duration::from_millis(500);
/// And a second over ssh.
const REMOTE: Duration = Duration::from_secs(1);
/// But at least so often, if anything has changed, however slow the terminal is.
const LONGEST: Duration = Duration::from_secs(5);
/// An answer that takes longer than this was lost: no frame is as large as to be so long on its way.
const LOST: Duration = Duration::from_secs(20);
/// For so long an answer is waited for before the terminal is given back; its shell would take a later one for something typed.
const PARTING: Duration = Duration::from_secs(5);
/// And for so long, from the first question on, where none has ever come. Before that nothing is asked: whoever leaves as soon as they came is
/// not kept waiting by a terminal that may be one that never answers.
const FIRST: Duration = Duration::from_millis(200);

/// The question, which every terminal since the VT100 answers (DSR 6, ECMA-48 8.3.35).
pub(super) const QUESTION: &str = "\u{1b}[6n";

/// The last frame, and how long the next one waits.
#[derive(Debug)]
pub(super) struct Pacing {
    last: Option<Instant>,
    least: Duration,
    pause: Duration,
    asked: Asked,
    line: Line,
}

/// Whether somebody waits for the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    ByAKey,
    ByNobody,
}

/// What the terminal says of the frames that it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// It was asked nothing yet. We began then.
    Unasked(Instant),
    /// It was asked then, for the first time or the last, and has not answered yet: it may be one that never does.
    Silent(Instant),
    /// It has shown all of them.
    Empty,
    /// One was sent then and is not shown yet.
    Carrying(Instant),
}

/// How long a frame that nobody asked for waits after another, on a line as the environment tells.
pub(crate) fn usual_rest(variable: impl Fn(&str) -> Option<String>) -> Duration {
    let is_remote = variable("SSH_CONNECTION").is_some_and(|value| !value.is_empty());
    if is_remote { REMOTE } else { LOCAL }
}

impl Pacing {
    /// Before the first frame, on a line as the environment tells.
    pub(super) fn of(now: Instant, variable: impl Fn(&str) -> Option<String>) -> Pacing {
        let least = usual_rest(variable);
        Pacing { last: None, least, pause: least, asked: Asked::ByNobody, line: Line::Unasked(now) }
    }

    /// A key was pressed: somebody waits for what it does.
    pub(super) fn ask(&mut self) {
        self.asked = Asked::ByAKey;
    }

    /// How long from `now` until a frame may be drawn.
    pub(super) fn rest(&self, now: Instant) -> Duration {
        let pause = if self.asked == Asked::ByAKey { FRAME } else { self.pause };
        let rest = self.last.map_or(Duration::ZERO, |last| pause.saturating_sub(now.saturating_duration_since(last)));
        match self.line {
            Line::Carrying(since) => rest.max(LOST.saturating_sub(now.saturating_duration_since(since))),
            Line::Unasked(_) | Line::Silent(_) | Line::Empty => rest,
        }
    }

    /// What is sent behind a frame that begins `now`: the question, or nothing while an answer is owed.
    pub(super) fn question(&self, now: Instant) -> &'static str {
        let is_asked = match self.line {
            Line::Empty => true,
            Line::Unasked(began) => now.saturating_duration_since(began) >= FIRST,
            Line::Silent(_) | Line::Carrying(_) => false,
        };
        if is_asked { QUESTION } else { "" }
    }

    /// A frame was drawn, with the question behind it that was to be asked when it began.
    pub(super) fn drawn(&mut self, begun: Instant, ended: Instant) {
        match self.line {
            Line::Unasked(_) => {
                if !self.question(begun).is_empty() {
                    self.line = Line::Silent(begun);
                }
                self.took(begun, ended);
            }
            Line::Empty => self.line = Line::Carrying(begun),
            Line::Carrying(since) => self.line = Line::Silent(since),
            Line::Silent(_) => self.took(begun, ended),
        }
        (self.last, self.asked) = (Some(ended), Asked::ByNobody);
    }

    /// The terminal has answered: all that was sent before is shown.
    pub(super) fn answered(&mut self, now: Instant) {
        if let Line::Carrying(since) = self.line {
            self.took(since, now);
            self.last = Some(now);
        }
        self.line = Line::Empty;
    }

    /// How long an answer is waited for at `now`, before the terminal is given back.
    pub(super) fn owed(&self, now: Instant) -> Duration {
        match self.line {
            Line::Unasked(_) | Line::Empty => Duration::ZERO,
            Line::Carrying(_) => PARTING,
            Line::Silent(since) => FIRST.saturating_sub(now.saturating_duration_since(since)),
        }
    }

    /// A line that is busy with a frame for so long gets four times that to itself, for what keys ask.
    fn took(&mut self, begun: Instant, ended: Instant) {
        let took = ended.saturating_duration_since(begun);
        self.pause = (took * 4).max(self.pause * 9 / 10).clamp(self.least, LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_terminal_gets_time_and_a_key_does_not_wait_for_it() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacing = Pacing::of(start, |_| None);
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
        let mut pacing =
            Pacing::of(start, |name| (name == "SSH_CONNECTION").then(|| "10.0.0.1 1 10.0.0.2 22".to_owned()));
        pacing.drawn(start, start);
        assert_eq!(pacing.rest(start), REMOTE);
        pacing.ask();
        assert_eq!(pacing.rest(start), FRAME);
    }

    #[test]
    fn not_even_a_key_brings_a_frame_while_one_is_on_its_way() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacing = Pacing::of(start, |_| None);
        pacing.drawn(at(0), at(1));
        assert_eq!(pacing.question(at(300)), QUESTION);
        pacing.drawn(at(300), at(301));
        assert_eq!(pacing.question(at(302)), "", "the first question is still open");
        pacing.answered(at(302));
        assert_eq!((pacing.question(at(302)), pacing.owed(at(302))), (QUESTION, Duration::ZERO));
        pacing.drawn(at(600), at(601));
        pacing.ask();
        assert_eq!(pacing.rest(at(601)), LOST.saturating_sub(Duration::from_millis(1)));
        assert_eq!((pacing.question(at(601)), pacing.owed(at(601))), ("", PARTING));
        pacing.answered(at(1_400));
        assert_eq!(pacing.rest(at(1_400)), FRAME);
        pacing.drawn(at(1_500), at(1_501));
        pacing.answered(at(1_502));
        assert_eq!(pacing.rest(at(1_502)), Duration::from_millis(2_880), "800 ms on its way, and a tenth is forgiven");
    }

    #[test]
    fn an_answer_that_is_lost_stops_nothing() {
        let start = Instant::now();
        let mut pacing = Pacing::of(start, |_| None);
        pacing.drawn(start + FIRST, start + FIRST);
        assert_eq!(pacing.owed(start + FIRST), FIRST);
        assert_eq!(pacing.owed(start + FIRST * 2), Duration::ZERO, "this one never answers");
        pacing.answered(start);
        pacing.drawn(start, start);
        assert_eq!(pacing.rest(start + LOST), Duration::ZERO);
        pacing.drawn(start + LOST, start + LOST);
        assert_eq!((pacing.question(start + LOST), pacing.rest(start + LOST)), ("", LOCAL));
        pacing.answered(start + LOST);
        assert_eq!(pacing.question(start + LOST), QUESTION);
    }

    #[test]
    fn whoever_leaves_as_soon_as_they_came_waits_for_no_answer() {
        let start = Instant::now();
        let mut pacing = Pacing::of(start, |_| None);
        let early = start + FIRST / 2;
        for moment in [start, early] {
            assert_eq!(pacing.question(moment), "", "nothing is asked that would be waited for");
            pacing.drawn(moment, moment);
            assert_eq!(pacing.owed(moment), Duration::ZERO);
        }
        assert_eq!(pacing.question(start + FIRST), QUESTION);
    }
}
