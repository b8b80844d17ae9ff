//! What jobs print, kept in files: `jobs/<job>.log` is the bytes as they came, `jobs/<job>.idx` says which stream they came from.
//!
//! Written by the supervisor (`Writer`), read by engine and faces (`Reader`), also while it grows. Neither file exists for a job
//! that printed nothing. The bytes are masked, but otherwise raw: whoever shows them escapes them.

mod reader;
mod record;
mod tail;
mod writer;

use std::path::{Path, PathBuf};

use bandleader_core::JobId;

pub use reader::{Chunk, Reader, read_stream, size};
pub use record::Stream;
pub(crate) use writer::{JobsFolder, Writer};

/// The folder of a run that holds what its jobs printed.
pub const JOBS_FOLDER: &str = "jobs";

/// The file with everything that a job printed, for people and their tools.
pub fn log_path(run_folder: &Path, job: JobId) -> PathBuf {
    run_folder.join(JOBS_FOLDER).join(format!("{job}.log"))
}

fn index_path(run_folder: &Path, job: JobId) -> PathBuf {
    run_folder.join(JOBS_FOLDER).join(format!("{job}.idx"))
}
