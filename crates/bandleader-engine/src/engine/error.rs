//! What can go wrong for an engine, in words for the person who runs it.

use std::path::PathBuf;

use bandleader_core::CorruptLog;
use bandleader_core::redact::TooManySecrets;

use crate::blob::BlobError;
use crate::chance::NoChance;
use crate::folder::FolderError;
use crate::inbox::DoorbellError;
use crate::lock::LockError;
use crate::projector::ProjectorError;
use crate::store::StoreError;
use crate::supervisor::SupervisorError;

/// Why an engine stopped or never began. What runs goes on under its supervisor, and a later engine takes it up.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The state folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The log.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Content kept by its hash.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// Another engine holds the run.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The log tells an impossible story.
    #[error(transparent)]
    Corrupt(#[from] CorruptLog),
    /// The system has no random numbers.
    #[error(transparent)]
    Chance(#[from] NoChance),
    /// The doorbell cannot be hung up.
    #[error(transparent)]
    Doorbell(#[from] DoorbellError),
    /// Nothing could wake it.
    #[error("the system gives this engine no event counter to sleep on; are too many files open?")]
    NoBell {
        /// Why.
        source: std::io::Error,
    },
    /// The run's files cannot be kept up to date.
    #[error(transparent)]
    Projector(#[from] ProjectorError),
    /// A supervisor cannot be had.
    #[error(transparent)]
    Supervisor(#[from] SupervisorError),
    /// Too many or too long secrets.
    #[error(transparent)]
    Secrets(#[from] TooManySecrets),
    /// A supervisor will not listen.
    #[error("the supervisor of this run refuses: {message}; another engine may have taken the run over")]
    Refused {
        /// Why.
        message: String,
    },
    /// A plan that cannot be written down.
    #[error("the plan cannot be frozen")]
    Unwritable {
        /// Why.
        source: serde_json::Error,
    },
    /// A frozen plan that cannot be read.
    #[error("the frozen plan {hash} cannot be read: it is of another version of `band`; resume the run with that one")]
    ForeignPlan {
        /// Its content hash.
        hash: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A task that is to work in a worktree cannot.
    #[error("{message}")]
    Isolation {
        /// What is missing, and what to do.
        message: String,
    },
    /// Somebody has deleted or moved the run while it waited.
    #[error("the run's folder `{}` is gone, so this engine has nothing to drive and ends", folder.display())]
    Gone {
        /// Where it was.
        folder: PathBuf,
    },
    /// Where am I?
    #[error("the system does not say where the `band` binary is, so no supervisor can be started from it")]
    NoBinary {
        /// Why.
        source: std::io::Error,
    },
}
