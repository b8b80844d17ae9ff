//! What goes in and out of a worker: orders and jobs in, sights of them out.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use bandleader_core::redact::Redactor;
use bandleader_core::{JobId, Millis, RunId, StopHow};
use rustix::process::Rlimit;

use super::environment::JobEnvironment;
use super::lineage::Lineage;
use super::place::Place;
use crate::link::{Assignment, LiveJob};
use crate::output::JobsFolder;

/// What a worker is told.
pub(crate) enum Order {
    /// Run this. Comes only when nothing runs.
    Run(Box<Job>),
    /// End that job, if it still runs here.
    Stop { job: JobId, how: StopHow },
}

/// A job and what it needs from its surroundings.
pub(crate) struct Job {
    pub(crate) assignment: Assignment,
    pub(crate) run: RunId,
    pub(crate) env: Arc<JobEnvironment>,
    pub(crate) redactor: Redactor,
    pub(crate) folder: JobsFolder,
}

/// What is seen of a job before it ends.
pub(crate) enum Sight {
    /// It is there; `start` is its start in ticks since boot.
    Spawned { live: LiveJob, start: u64 },
    /// It neither prints nor works.
    Silent { job: JobId, silent: Millis },
}

/// What a worker has for all its jobs.
pub(crate) struct Station {
    /// Where orders come from.
    pub(crate) orders: Receiver<Order>,
    /// Readable when there is an order while a job runs.
    pub(crate) wake: Arc<OwnedFd>,
    /// Finds what jobs leave behind.
    pub(crate) lineage: Lineage,
    /// Where they are started from.
    pub(crate) place: Place,
    /// The input of those without input: `/dev/null`.
    pub(crate) nothing: Arc<OwnedFd>,
    /// The limit of open files that jobs get.
    pub(crate) files: Option<Rlimit>,
    /// For reading.
    pub(crate) buffer: Vec<u8>,
}
