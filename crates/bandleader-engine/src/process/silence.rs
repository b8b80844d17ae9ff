//! Notices that a job neither prints nor works.
//!
//! Pure but for the processor time that it is handed. Called by `watch`, which samples when `due` says so.

use std::time::{Duration, Instant};

/// Less than one part in this many of a processor is not work: runtimes wake up for their own housekeeping.
const WORK_SHARE: u64 = 100;

/// Watches one job.
pub(super) struct Silence {
    stall: Duration,
    ticks_per_second: u64,
    quiet_since: Instant,
    output: u64,
    ticks: u64,
    sampled: Instant,
    told: u32,
}

impl Silence {
    pub(super) fn new(stall: Duration, now: Instant) -> Silence {
        let ticks_per_second = rustix::param::clock_ticks_per_second().max(1);
        Silence { stall, ticks_per_second, quiet_since: now, output: 0, ticks: 0, sampled: now, told: 0 }
    }

    /// When to sample next.
    pub(super) fn due(&self) -> Instant {
        let pause = (self.stall / 8).clamp(Duration::from_millis(50), Duration::from_secs(30));
        let next_notice = self.quiet_since + self.stall / 2 * (self.told + 1);
        (self.sampled + pause).min(next_notice.max(self.sampled))
    }

    /// Takes all output and processor time so far; says how long it has been quiet when that is to be reported. Processor
    /// time is asked for only if there was no output.
    pub(super) fn sample(&mut self, now: Instant, output: u64, ticks: impl FnOnce() -> u64) -> Option<Duration> {
        let elapsed = now - self.sampled;
        self.sampled = now;
        if output != self.output {
            self.output = output;
            return self.woke(now);
        }
        let ticks = ticks();
        let worked = ticks.saturating_sub(std::mem::replace(&mut self.ticks, ticks));
        let elapsed_ticks = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX) * self.ticks_per_second / 1000;
        if worked > 0 && worked * WORK_SHARE >= elapsed_ticks {
            return self.woke(now);
        }
        let quiet = now - self.quiet_since;
        let half = (self.stall / 2).max(Duration::from_millis(1));
        let halves = u32::try_from(quiet.as_millis() / half.as_millis()).unwrap_or(u32::MAX);
        let news = halves > self.told;
        self.told = self.told.max(halves);
        news.then_some(quiet)
    }

    fn woke(&mut self, now: Instant) -> Option<Duration> {
        (self.quiet_since, self.told) = (now, 0);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_is_told_at_each_half_and_work_starts_over() {
        let start = Instant::now();
        let mut silence = Silence::new(Duration::from_secs(8), start);
        let mut told = Vec::new();
        for second in 1..=22_u64 {
            let ticks = if second == 10 { 50 } else { 0 } + if second > 10 { 50 } else { 0 };
            if silence.sample(start + Duration::from_secs(second), 7, || ticks).is_some() {
                told.push(second);
            }
        }
        // Output at 1, work at 10.
        assert_eq!(told, [5, 9, 14, 18, 22]);
    }

    #[test]
    fn a_sample_is_due_when_a_notice_is() {
        let start = Instant::now();
        let silence = Silence::new(Duration::from_millis(80), start);
        assert!(silence.due() <= start + Duration::from_millis(50));
    }
}
