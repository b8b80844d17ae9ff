//! What jobs print, kept in files: `jobs/<job>.log` is the bytes as they came, `jobs/<job>.idx` says which stream they came from.
//!
//! Written by the supervisor (`Writer`), read by engine and faces (`Reader`), also while it grows. Neither file exists for a job
//! that printed nothing. The bytes are masked, but otherwise raw: whoever shows them escapes them.

mod behind;
mod lines;
mod reader;
mod record;
mod streams;
mod tail;
mod writer;

use std::path::{Path, PathBuf};

use bandleader_core::JobId;

pub(crate) use behind::{Behind, last_pieces, line_begins};
pub use lines::{LONGEST_CHARACTER, Line, Lines, More, Places, whole_characters};
pub use reader::{Chunk, Reader, read_stream, size};
pub use record::Stream;
pub use streams::{Piece, pieces};
pub(crate) use writer::{JobsFolder, Writer};

/// A line that is longer is broken here, so that output without line breaks does not fill the memory.
const LONGEST: usize = 16 * 1024;

/// The folder of a run that holds what its jobs printed.
pub const JOBS_FOLDER: &str = "jobs";

/// The file with everything that a job printed, for people and their tools.
pub fn log_path(run_folder: &Path, job: JobId) -> PathBuf {
    run_folder.join(JOBS_FOLDER).join(format!("{job}.log"))
}

fn index_path(run_folder: &Path, job: JobId) -> PathBuf {
    run_folder.join(JOBS_FOLDER).join(format!("{job}.idx"))
}
