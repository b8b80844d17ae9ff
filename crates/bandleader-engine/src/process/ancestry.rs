//! Whether this process comes from a task of a run, also where that hides it: by what this process was given, by what those were given
//! that it descends from, and by the supervisor that adopts what has cut itself loose.

use std::fs;

use super::JOB_VARIABLE;
use super::proc::{self, Environment};
use crate::supervisor::VERB;

/// Processes that one is descended from are no more.
const DEEPEST: usize = 1_000;

/// Whether a task of a run, or something that one has started, is at work here: it speaks for no person. A task that has itself started by
/// something that runs without it - a service, another's terminal - is not told from a person; its account can do anything that the person's can.
pub fn is_within_a_task() -> bool {
    if std::env::var_os(JOB_VARIABLE).is_some() {
        return true;
    }
    let mut pid = rustix::process::getpid().as_raw_pid();
    for _ in 0..DEEPEST {
        let Some(parent) = proc::look(pid).map(|seen| seen.parent).filter(|parent| *parent > 1) else { return false };
        if Environment::of(parent).value(JOB_VARIABLE).is_some() || is_supervisor(parent) {
            return true;
        }
        pid = parent;
    }
    false
}

/// People's programs are not started by a supervisor, nor adopted by one.
fn is_supervisor(pid: i32) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mut words = line.split(|byte| *byte == 0).skip(1);
    words.next() == Some(VERB.as_bytes()) && words.next() == Some(b"serve")
}
