//! Processes that jobs left to the supervisor and that nothing marks as theirs: new session, cleared environment, parents gone.
//!
//! Called by `desk`. Such a process belongs to one of the jobs that were alive when it was first seen. When the last of those
//! has ended it is a leftover, and is killed. Marked ones are the business of their job's worker.

use std::collections::{BTreeMap, BTreeSet};

use bandleader_core::{JobId, RunId};
use rustix::process::{Signal, WaitOptions};

use super::journal::{Entry, Journal};
use crate::process::proc::{self, Environment, Seen};
use crate::process::{JOB_VARIABLE, Lineage, is_marked, with_descendants};

/// `__WNOTHREAD` of wait(2): only children of the calling thread. Leaders of jobs are children of the workers.
const OWN_THREAD: WaitOptions = WaitOptions::from_bits_retain(0x2000_0000);

/// All of them.
pub(super) struct Strays {
    lineage: Lineage,
    known: BTreeMap<(i32, u64), BTreeSet<JobId>>,
}

impl Strays {
    pub(super) fn new() -> Strays {
        Strays { lineage: Lineage::new(), known: BTreeMap::new() }
    }

    /// Whether it is worth to look from time to time.
    pub(super) fn may_exist(&self) -> bool {
        !self.known.is_empty() || self.lineage.has_adopted()
    }

    /// Reaps what ended, and learns of new ones. `alive` has the leader of each live job, 0 when it is not known yet.
    pub(super) fn look(&mut self, run: &RunId, alive: &BTreeMap<JobId, i32>, journal: &mut Journal) {
        reap();
        let adopted: Vec<Seen> = self.lineage.adopted().into_iter().filter_map(proc::look).collect();
        self.known.retain(|(pid, start), _| adopted.iter().any(|seen| seen.pid == *pid && seen.start == *start));
        for seen in adopted.iter().filter(|seen| !seen.zombie) {
            if self.known.contains_key(&(seen.pid, seen.start)) {
                continue;
            }
            if owner(*seen, run, alive).is_some_and(|job| alive.contains_key(&job)) {
                continue;
            }
            journal.add(&Entry::Stray { pid: seen.pid, start: seen.start });
            self.known.insert((seen.pid, seen.start), alive.keys().copied().collect());
        }
    }

    /// These jobs have ended: kills what could only be theirs, with all that it started. Says how many that were.
    pub(super) fn end(&mut self, ended: &[JobId]) -> u32 {
        for candidates in self.known.values_mut() {
            candidates.retain(|job| !ended.contains(job));
        }
        if !self.known.values().any(BTreeSet::is_empty) {
            return 0;
        }
        let is_left = |seen: &Seen| self.known.get(&(seen.pid, seen.start)).is_some_and(BTreeSet::is_empty);
        let mut killed = BTreeSet::new();
        // What forks while it is being killed is found by another look.
        for _ in 0..LOOKS {
            let left = with_descendants(&proc::everything(), is_left);
            if left.is_empty() {
                break;
            }
            for seen in left {
                proc::signal(seen, Signal::KILL);
                killed.insert((seen.pid, seen.start));
            }
        }
        reap();
        u32::try_from(killed.len()).unwrap_or(u32::MAX)
    }
}

/// Looks that one call takes; the next housekeeping goes on where it stopped.
const LOOKS: u32 = 20;

/// Which job of this run a process belongs to, as far as it can be told.
fn owner(seen: Seen, run: &RunId, alive: &BTreeMap<JobId, i32>) -> Option<JobId> {
    if let Some((job, _)) = alive.iter().find(|(_, leader)| **leader == seen.group) {
        return Some(*job);
    }
    let environment = Environment::of(seen.pid);
    let job = environment.value(JOB_VARIABLE)?;
    is_marked(&environment, run.as_str(), None).then(|| JobId::parse(job))?
}

fn reap() {
    while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG | OWN_THREAD) {}
}
