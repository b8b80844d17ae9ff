//! Which processes belong to a job, however they hide: by process group, by parent chain, and, for those whose parents are gone, by
//! the marker in their environment.
//!
//! A process whose parent dies becomes a child of the supervisor's main thread (it is a child subreaper, and its other threads
//! are asked only for what they started themselves). So when that thread has no children, no job has left anything behind, and
//! that is known from one read of one small file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::time::Duration;

use rustix::process::{Pid, WaitOptions};

use super::proc::{self, Environment, Seen};
use super::{JOB_VARIABLE, RUN_VARIABLE};

/// Looks for what processes of this supervisor have left behind.
pub(crate) struct Lineage {
    supervisor: i32,
    adopted: Option<File>,
}

/// How a job is told from others.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    /// Its leader's pid, and so its process group.
    pub(crate) leader: i32,
    /// The value of `BAND_RUN`.
    pub(crate) run: String,
    /// The value of `BAND_JOB`.
    pub(crate) job: String,
}

impl Lineage {
    /// For this process.
    pub(crate) fn new() -> Lineage {
        let supervisor = rustix::process::getpid().as_raw_pid();
        let adopted = File::open(format!("/proc/{supervisor}/task/{supervisor}/children")).ok();
        Lineage { supervisor, adopted }
    }

    /// Whether there may be processes whose parents are gone. A kernel without the file says yes.
    pub(crate) fn has_adopted(&self) -> bool {
        let Some(file) = &self.adopted else { return true };
        !matches!(file.read_at(&mut [0; 16], 0), Ok(0))
    }

    /// Those processes, zombies included.
    pub(crate) fn adopted(&self) -> BTreeSet<i32> {
        let Some(mut file) = self.adopted.as_ref() else {
            let ours = |seen: &Seen| seen.parent == self.supervisor;
            return proc::everything().iter().filter(|seen| ours(seen)).map(|seen| seen.pid).collect();
        };
        let mut text = String::new();
        // Reading from the shared place of the file is fine: each `Lineage` has its own.
        let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut text));
        text.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect()
    }

    /// Those of them that belong to a job and live, even if they fork and die all the time: each that dies has its child adopted at
    /// that moment, so that a new number is in the list when it is read again. The list is read three times before nothing
    /// counts as nothing, because the kernel may pass over an entry while others are reaped. None when it cannot be told now.
    pub(crate) fn orphans(&self, marks: &Marks) -> Option<Vec<Seen>> {
        let mut looked_at: Option<BTreeSet<i32>> = None;
        let mut unsure: BTreeMap<i32, u32> = BTreeMap::new();
        let mut confirmed = 0;
        for _ in 0..MOST_LOOKS {
            let adopted = self.adopted();
            confirmed = if looked_at.is_some_and(|before| adopted.is_subset(&before)) { confirmed + 1 } else { 0 };
            if adopted.is_empty() || confirmed == 2 {
                return Some(Vec::new());
            }
            let (mut mine, mut is_sure) = (Vec::new(), true);
            for pid in &adopted {
                match self.tie(*pid, marks) {
                    Tie::Mine(seen) => mine.push(seen),
                    Tie::Other => {}
                    Tie::Unsure => {
                        let looks = unsure.entry(*pid).or_default();
                        *looks += 1;
                        is_sure &= *looks > UNSURE_LOOKS;
                    }
                }
            }
            if !mine.is_empty() {
                return Some(mine);
            }
            if !is_sure {
                std::thread::sleep(Duration::from_millis(1));
            }
            looked_at = is_sure.then_some(adopted);
        }
        None
    }

    /// Everything of a job that is alive, its leader included.
    pub(crate) fn alive(&self, marks: &Marks) -> Vec<Seen> {
        let orphans = self.orphans(marks).unwrap_or_default();
        let orphans: BTreeSet<i32> = orphans.iter().map(|seen| seen.pid).collect();
        let all = proc::everything();
        with_descendants(&all, |seen| seen.group == marks.leader || orphans.contains(&seen.pid))
    }

    fn tie(&self, pid: i32, marks: &Marks) -> Tie {
        let Some(seen) = proc::look(pid).filter(|seen| seen.parent == self.supervisor) else { return Tie::Other };
        if seen.zombie {
            self.bury(pid);
            return Tie::Other;
        }
        // Read once: a process that executes a program between two reads would show neither its mark nor its emptiness.
        let environment = Environment::of(pid);
        if seen.group == marks.leader || is_marked(&environment, &marks.run, Some(&marks.job)) {
            return Tie::Mine(seen);
        }
        if environment.is_empty() { Tie::Unsure } else { Tie::Other }
    }

    /// Reaps an adopted process, so that the list stays short and looks stay fast: a thousand dead a second must not hide the
    /// living one. Not without the list: then `pid` could be a leader, whose worker wants to know how it ended.
    fn bury(&self, pid: i32) {
        if let (Some(pid), true) = (Pid::from_raw(pid), self.adopted.is_some()) {
            let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }
}

/// Whether an adopted process belongs to a job.
enum Tie {
    Mine(Seen),
    Other,
    /// Its environment is empty: truly so, or only while it executes another program.
    Unsure,
}

/// Looks that one call takes at most, when other jobs leave processes all the time.
const MOST_LOOKS: u32 = 100;

/// Looks at the empty environment of a process until it counts as truly empty. Executing a program takes less than a millisecond.
const UNSURE_LOOKS: u32 = 5;

/// Whether a process was started for a job, or for any job of a run.
pub(crate) fn is_marked(environment: &Environment, run: &str, job: Option<&str>) -> bool {
    let is_of_run = environment.value(RUN_VARIABLE) == Some(run);
    is_of_run && job.is_none_or(|job| environment.value(JOB_VARIABLE) == Some(job))
}

/// Those that fulfil `is_root`, and their children, and theirs. Without zombies, but through them.
pub(crate) fn with_descendants(all: &[Seen], is_root: impl Fn(&Seen) -> bool) -> Vec<Seen> {
    let mut family: BTreeSet<i32> = all.iter().filter(|seen| is_root(seen)).map(|seen| seen.pid).collect();
    loop {
        let before = family.len();
        let children = all.iter().filter(|seen| family.contains(&seen.parent)).map(|seen| seen.pid);
        let children: Vec<i32> = children.collect();
        family.extend(children);
        if family.len() == before {
            break;
        }
    }
    all.iter().filter(|seen| family.contains(&seen.pid) && !seen.zombie).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(pid: i32, parent: i32, group: i32) -> Seen {
        Seen { pid, parent, group, session: 1, start: 1, ticks: 0, zombie: pid == 12 }
    }

    #[test]
    fn a_family_is_found_through_its_dead() {
        let all = [seen(13, 12, 13), seen(10, 1, 10), seen(11, 10, 10), seen(12, 11, 12), seen(20, 1, 20)];
        let found: Vec<i32> = with_descendants(&all, |seen| seen.group == 10).iter().map(|seen| seen.pid).collect();
        assert_eq!(found, [13, 10, 11]);
    }
}
