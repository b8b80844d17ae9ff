//! Gathering: whether the engine waits a moment for further ends before it decides and commits.
//!
//! Pure; called by the loop, which brings the time. Each commit is a blocking write, whatever is in it. Where tiny tasks run side by
//! side, the next end is near when one has come, and two that share a commit cost half. What it may cost is bounded: nothing is
//! waited for when nothing else runs (a chain), when ends are rare, when what ended took long enough for a pause to be felt, or when
//! waiting was in vain lately. Everything is in proportion to the times that were seen, so it holds on slow machines too.

use std::time::Duration;

/// Gaps that count: enough for a mean, few enough to forget soon.
const REMEMBERED: usize = 8;

/// A longer pause than that between two ends counts as this long, so that one does not outweigh all others.
const LONGEST_GAP: Duration = Duration::from_millis(40);

/// Nothing is held up for longer.
const LONGEST_WAIT: Duration = Duration::from_millis(5);

/// What took longer from being asked for to its end is not waited with: its slot would be missed.
const TINY: Duration = Duration::from_millis(40);

/// So many waits in vain in a row are chance where ends come in bursts. After each further one, two to the power of their number
/// groups are passed over, up to that of `MOST_IN_VAIN`.
const CHANCE: u32 = 2;
const MOST_IN_VAIN: u32 = 8;

/// What the ends so far tell, and the group that is being gathered.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    gaps: [Duration; REMEMBERED],
    /// All ends so far.
    seen: usize,
    last: Duration,
    group: Option<Group>,
    /// Waits in vain, one after the other.
    in_vain: u32,
    /// Groups that are not waited with.
    passed_over: u32,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    ends: usize,
    /// No longer than this.
    until: Duration,
    /// Ends that are enough.
    enough: usize,
    /// How many there were when the wait began, if it did.
    at_first: Option<usize>,
}

impl Gathering {
    /// Ends came at `now` (on any steady clock), of jobs that took so long each; `running` jobs are there, they included.
    pub(super) fn came(&mut self, took: &[Duration], running: usize, now: Duration) {
        let ends = took.len();
        let Some(longest) = took.iter().max() else { return };
        let mut gap = now.saturating_sub(self.last).min(LONGEST_GAP);
        self.last = now;
        for _ in 0..ends {
            if let Some(place) = self.gaps.get_mut(self.seen % REMEMBERED) {
                *place = gap;
            }
            self.seen += 1;
            // Those that come together have nothing between them.
            gap = Duration::ZERO;
        }
        if let Some(group) = &mut self.group {
            group.ends += ends;
            return;
        }
        let (length, enough) = (self.length(*longest), 2 + running / 4);
        self.group = Some(Group { ends, until: now + length, enough, at_first: None });
    }

    /// How long further ends may be waited for, of `running` jobs that have not ended; none when it is time to commit.
    pub(super) fn pause(&mut self, running: usize, now: Duration) -> Option<Duration> {
        let group = self.group.as_mut()?;
        let left = group.until.checked_sub(now).filter(|left| !left.is_zero())?;
        if running == 0 || group.ends >= group.enough || self.passed_over > 0 {
            return None;
        }
        group.at_first.get_or_insert(group.ends);
        Some(left)
    }

    /// The group is being committed.
    pub(super) fn close(&mut self) {
        let Some(group) = self.group.take() else { return };
        match group.at_first {
            None => self.passed_over = self.passed_over.saturating_sub(1),
            Some(at_first) if group.ends > at_first => self.in_vain = 0,
            Some(_) => {
                self.in_vain = (self.in_vain + 1).min(MOST_IN_VAIN);
                self.passed_over = if self.in_vain > CHANCE { 1 << self.in_vain } else { 0 };
            }
        }
    }

    /// From the first ends of a group, of which the longest took so long.
    fn length(&self, longest: Duration) -> Duration {
        if self.seen < REMEMBERED || longest > TINY {
            return Duration::ZERO;
        }
        let mut sorted = self.gaps;
        sorted.sort_unstable();
        // The middle one: after a burst and a long pause the mean would have us wait for what came already.
        let usual = sorted.get(REMEMBERED / 2).copied().unwrap_or_default();
        (usual * 3).min(longest / 4).min(LONGEST_WAIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends one by one, each `gap` microseconds after the one before; gives the time of the last as well.
    fn after(gap: u64, running: usize, count: usize) -> (Gathering, Duration) {
        let mut gathering = Gathering::default();
        let mut now = Duration::from_secs(7);
        for _ in 0..count {
            now += Duration::from_micros(gap);
            gathering.came(&[TINY], running, now);
            gathering.close();
        }
        (gathering, now)
    }

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// How long an end of something that took `took` milliseconds is waited with, in microseconds.
    fn check_wait(gap: u64, running: usize, took: u64, expected: Option<u64>) {
        let (mut gathering, now) = after(gap, running, 20);
        let now = now + Duration::from_micros(gap);
        gathering.came(&[millis(took)], running, now);
        let expected = expected.map(Duration::from_micros);
        assert_eq!(gathering.pause(running - 1, now), expected, "{gap} µs, {running} run, {took} ms");
    }

    #[test]
    fn tiny_tasks_side_by_side_share_a_commit() {
        check_wait(400, 8, 8, Some(1_200));
        check_wait(3_000, 8, 24, Some(5_000));
        check_wait(100, 64, 7, Some(300));
    }

    #[test]
    fn the_wait_is_a_fraction_of_what_a_task_takes() {
        check_wait(400, 3, 2, Some(500));
        check_wait(400, 2, 1, Some(250));
    }

    #[test]
    fn nothing_is_waited_for_in_a_chain_or_when_tasks_are_long() {
        check_wait(400, 1, 2, None);
        check_wait(13_000, 8, 100, None);
        check_wait(400, 8, 41, None);
    }

    #[test]
    fn a_long_task_that_ends_with_tiny_ones_is_not_held_up() {
        let (mut gathering, now) = after(400, 8, 20);
        gathering.came(&[millis(8), millis(100)], 8, now + millis(1));
        assert_eq!(gathering.pause(6, now + millis(1)), None);
    }

    #[test]
    fn nothing_is_waited_for_until_enough_is_known() {
        let (mut gathering, now) = after(400, 8, REMEMBERED - 2);
        gathering.came(&[millis(8)], 8, now);
        assert_eq!(gathering.pause(7, now), None);
    }

    #[test]
    fn a_group_is_closed_when_enough_have_come_or_nothing_runs_or_time_is_up() {
        let (mut gathering, now) = after(400, 8, 20);
        let later = |micros| now + Duration::from_micros(micros);
        gathering.came(&[millis(8)], 8, later(400));
        assert_eq!(gathering.pause(7, later(400)), Some(Duration::from_micros(1_200)));
        gathering.came(&[millis(8)], 8, later(700));
        assert_eq!(gathering.pause(6, later(700)), Some(Duration::from_micros(900)), "from the first end on");
        assert_eq!(gathering.pause(0, later(700)), None);
        assert_eq!(gathering.pause(6, later(1_600)), None);
        gathering.came(&[millis(8)], 8, later(800));
        assert!(gathering.pause(5, later(800)).is_some());
        gathering.came(&[millis(8)], 8, later(900));
        assert_eq!(gathering.pause(4, later(900)), None, "four are enough");
    }

    #[test]
    fn waiting_in_vain_becomes_rare() {
        // A chain beside a task that never ends.
        let mut gathering = Gathering::default();
        let mut waited = 0;
        for step in 0..1_000 {
            let now = Duration::from_millis(2 * step);
            gathering.came(&[millis(8)], 2, now);
            waited += u32::from(gathering.pause(1, now).is_some());
            gathering.close();
        }
        assert!((5..=12).contains(&waited), "{waited}");
    }

    #[test]
    fn what_was_in_vain_is_forgiven_once_it_helps_again() {
        let (mut gathering, mut now) = after(400, 8, 20);
        for _ in 0..3 {
            while gathering.pause(7, now).is_none() {
                gathering.close();
                now += Duration::from_micros(400);
                gathering.came(&[millis(8)], 8, now);
            }
            gathering.close();
        }
        let mut helped = 0;
        for _ in 0..100 {
            now += Duration::from_micros(400);
            gathering.came(&[millis(8)], 8, now);
            if gathering.pause(7, now).is_some() {
                gathering.came(&[millis(8)], 8, now + Duration::from_micros(100));
                helped += 1;
            }
            gathering.close();
        }
        assert!(helped > 80, "{helped}");
    }
}
