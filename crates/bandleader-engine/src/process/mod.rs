//! One process and all that it starts: from the first instruction to the last descendant gone.
//!
//! Called by the supervisor, a thread for each running job. Invariant: when `run` returns, nothing that can be told to
//! belong to the job is alive any more.

mod ancestry;
mod environment;
mod ladder;
mod lineage;
mod orders;
mod pipes;
mod place;
pub(crate) mod proc;
mod silence;
mod spawn;
mod stdin;
mod used;
mod watch;

pub use ancestry::is_within_a_task;
pub(crate) use environment::JobEnvironment;
pub(crate) use lineage::{Lineage, is_marked, with_descendants};
pub(crate) use orders::{Job, Order, Sight, Station};
pub(crate) use place::Place;
pub(crate) use watch::run;

/// In the environment of every process of a run: the run's id.
pub const RUN_VARIABLE: &str = "BAND_RUN";
/// In the environment of every process of a job: the job's name within the run.
pub const JOB_VARIABLE: &str = "BAND_JOB";

/// Now, on the wall clock.
pub(crate) fn wall_clock() -> bandleader_core::Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    bandleader_core::Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
