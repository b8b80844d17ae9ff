//! Which processes belong to a job, however they hide: by process group, by parent chain, and, for those whose parents are gone, by
//! the marker in their environment.
//!
//! A process whose parent dies becomes a child of the supervisor's main thread (it is a child subreaper, and its other threads
//! are asked only for what they started themselves). So when that thread has no children, no job has left anything behind, and
//! that is known from one read of one small file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use super::proc::{self, Seen};
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

    /// Those processes, zombies included. A kernel without the file names none.
    pub(crate) fn adopted(&self) -> Vec<i32> {
        let mut text = String::new();
        if let Some(mut file) = self.adopted.as_ref() {
            // Reading the shared place of the file is fine: each `Lineage` has its own.
            let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut text));
        }
        text.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect()
    }

    /// Everything of a job that is alive, its leader included.
    pub(crate) fn alive(&self, marks: &Marks) -> Vec<Seen> {
        let all = proc::everything();
        let mine = |seen: &Seen| {
            seen.group == marks.leader
                || (seen.parent == self.supervisor && is_marked(seen.pid, &marks.run, Some(&marks.job)))
        };
        with_descendants(&all, mine).into_iter().filter(|seen| seen.pid != self.supervisor).collect()
    }
}

/// Whether a process was started for a job, or for any job of a run.
pub(crate) fn is_marked(pid: i32, run: &str, job: Option<&str>) -> bool {
    if proc::variable(pid, RUN_VARIABLE).as_deref() != Some(run) {
        return false;
    }
    job.is_none_or(|job| proc::variable(pid, JOB_VARIABLE).as_deref() == Some(job))
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
