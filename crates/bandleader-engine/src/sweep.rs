//! Ends what a supervisor that was killed has left behind, so that a new attempt never runs beside an old one.
//!
//! Called by a supervisor that starts, and by faces that clean up a run without one. Invariant: nothing is signalled that is not
//! known to be of the run: by its marker, by its process group in the dead supervisor's session, or by pid and start time.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use bandleader_core::{Exit, JobId, RunId, Usage};
use rustix::process::Signal;

use crate::link::Ended;
use crate::process::proc::{self, Environment, Seen};
use crate::process::{is_marked, wall_clock, with_descendants};
use crate::supervisor::journal::{self, Entry, History, Journal, Trace};
use crate::supervisor::{connect, lock};

/// How long processes may take to be gone after they were killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// So many calls that were taken, a look apart, are a sign of life.
const ANSWERS: u32 = 4;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Processes that were killed.
    pub killed: u32,
    /// Jobs whose end nobody saw. Their end is in the journal now, as `Exit::Unseen`.
    pub lost: Vec<JobId>,
}

/// Why leftovers are still there.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// They are no leftovers.
    #[error("the supervisor of run `{run}` lives; stop its jobs through it")]
    Alive {
        /// The run.
        run: RunId,
    },
    /// Killed, and still there: they wait for a device or a file server.
    #[error("processes {pids:?} of run `{run}` do not end, although they were killed; look what they wait for")]
    Immortal {
        /// The run.
        run: RunId,
        /// They.
        pids: Vec<i32>,
    },
    /// The journal cannot be read or written.
    #[error("cannot use the journal of run `{run}`")]
    Journal {
        /// The run.
        run: RunId,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Ends everything of a run whose supervisor is dead.
///
/// # Errors
/// When the supervisor lives, a process cannot be ended, or the journal cannot be used.
pub fn end_leftovers(run_folder: &Path, run: &RunId) -> Result<Leftovers, SweepError> {
    let broken = |source| SweepError::Journal { run: run.clone(), source };
    let history = journal::read(run_folder).map_err(broken)?;
    if history.jobs.is_empty() {
        return Ok(Leftovers::default());
    }
    let Some(lock) = lock_of_the_dead(run_folder).map_err(broken)? else {
        return Err(SweepError::Alive { run: run.clone() });
    };
    let ended = end_all(run_folder, run, &history);
    drop(lock);
    ended
}

/// The lock of a supervisor; none when it lives. One that is just dying may still hold the lock, its socket closed or not.
fn lock_of_the_dead(run_folder: &Path) -> io::Result<Option<File>> {
    let until = Instant::now() + PATIENCE;
    let mut answered = 0;
    loop {
        let lock = lock(run_folder)?;
        // One that is being killed lets go of its files one after the other: for a moment its socket still takes calls.
        answered += u32::from(lock.is_none() && connect(run_folder).is_ok());
        if lock.is_some() || answered == ANSWERS || Instant::now() > until {
            return Ok(lock);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// The same, by who holds the lock of the run's supervisor.
pub(crate) fn end_all(run_folder: &Path, run: &RunId, history: &History) -> Result<Leftovers, SweepError> {
    let lost: Vec<JobId> = history.jobs.iter().filter(|(_, past)| past.ended.is_none()).map(|(job, _)| *job).collect();
    let killed = kill_all(run, &traces(history))?;
    let mut journal = Journal::new(run_folder);
    let now = wall_clock();
    for job in &lost {
        let usage = Usage { started: now, ended: now, ..Usage::default() };
        journal.add(&Entry::Ended(Ended { job: *job, exit: Exit::Unseen, usage, left_out: 0, output_error: None }));
    }
    journal.flush().map_err(|source| SweepError::Journal { run: run.clone(), source })?;
    Ok(Leftovers { killed, lost })
}

/// Ends everything that carries the name of an attempt outside of any run.
pub(crate) fn end_marked(run: &RunId) -> Result<u32, SweepError> {
    kill_all(run, &[])
}

/// What is known of processes that may be left, since this boot.
fn traces(history: &History) -> Vec<&Trace> {
    let boot = proc::boot();
    let open = history.jobs.values().filter(|past| past.ended.is_none());
    let traces = open.filter_map(|past| past.trace.as_ref()).chain(&history.strays);
    traces.filter(|trace| trace.boot == boot).collect()
}

fn kill_all(run: &RunId, traces: &[&Trace]) -> Result<u32, SweepError> {
    let until = Instant::now() + PATIENCE;
    let mut killed = BTreeSet::new();
    loop {
        let all = proc::everything();
        let ourselves = ancestors(&all);
        let is_left = |seen: &Seen| {
            let is_traced = || traces.iter().any(|trace| is_of(seen, trace, &all));
            !ourselves.contains(&seen.pid) && (is_traced() || is_marked(&Environment::of(seen.pid), run.as_str(), None))
        };
        let mut left = with_descendants(&all, is_left);
        left.retain(|seen| !ourselves.contains(&seen.pid));
        if left.is_empty() {
            return Ok(u32::try_from(killed.len()).unwrap_or(u32::MAX));
        }
        if Instant::now() > until {
            return Err(SweepError::Immortal { run: run.clone(), pids: left.iter().map(|seen| seen.pid).collect() });
        }
        for seen in left {
            proc::signal(seen, Signal::KILL);
            killed.insert((seen.pid, seen.start));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Whether a process is the traced one or of its group. A group is known by its leader, or, when that is gone, by the session, which
/// it shares with the supervisor that is dead: numbers alone could have been given to others.
fn is_of(seen: &Seen, trace: &Trace, all: &[Seen]) -> bool {
    if seen.pid == trace.pid {
        return seen.start == trace.start;
    }
    let leader_is_another = || all.iter().any(|other| other.pid == trace.pid && other.start != trace.start);
    seen.group == trace.pid && seen.session == trace.session && !leader_is_another()
}

/// This process and those that it comes from.
fn ancestors(all: &[Seen]) -> BTreeSet<i32> {
    let mut pid = rustix::process::getpid().as_raw_pid();
    let mut found = BTreeSet::new();
    while found.insert(pid) {
        match all.iter().find(|seen| seen.pid == pid) {
            Some(seen) => pid = seen.parent,
            None => break,
        }
    }
    found
}
