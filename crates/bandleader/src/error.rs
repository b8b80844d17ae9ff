//! How a command ends: exit codes (SPEC, "Exit codes") and failures that say what, where and what to do.
//!
//! Every verb returns `Outcome`; `main` alone turns it into words on stderr and a process exit.

use std::error::Error;
use std::io;

use bandleader_engine::engine::EngineError;
use bandleader_engine::engine::desk::AskError;
use bandleader_engine::folder::FolderError;
use bandleader_engine::lock::LockError;
use bandleader_engine::store::StoreError;

/// What the shell sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All good.
    Succeeded,
    /// Something broke that should not.
    Internal,
    /// Wrong arguments, or a plan with errors.
    Usage,
    /// The run ended with failed tasks.
    TasksFailed,
    /// A gate or a milestone refused.
    Refused,
    /// Only decisions are left, and `--no-wait` was given.
    Waiting,
    /// A limit of the run was reached.
    OverBudget,
    /// Parked until a provider's limit resets.
    RateLimited,
    /// Called off.
    Cancelled,
}

impl Exit {
    /// The number that the process ends with.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Succeeded => 0,
            Exit::Internal => 1,
            Exit::Usage => 2,
            Exit::TasksFailed => 3,
            Exit::Refused => 4,
            Exit::Waiting => 5,
            Exit::OverBudget => 6,
            Exit::RateLimited => 7,
            Exit::Cancelled => 130,
        }
    }
}

/// Why a verb could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What the shell sees.
    pub exit: Exit,
    /// What went wrong, without a full stop; empty when there is nothing to say (a reader closed the pipe).
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The end of a verb.
pub(crate) type Outcome = Result<Exit, Failure>;

impl Failure {
    /// The person asked for something that cannot be.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Usage, message: message.into(), hint: None }
    }

    /// Something broke.
    pub(crate) fn internal(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Internal, message: message.into(), hint: None }
    }

    /// Everything was said already.
    pub(crate) fn said(exit: Exit) -> Failure {
        Failure { exit, message: String::new(), hint: None }
    }

    /// The same, with advice.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Failure {
        Failure { hint: Some(hint.into()), ..self }
    }
}

/// A reader that closed the pipe (`band list | head`) has what it wanted: a quiet success.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure { exit: Exit::Succeeded, message: String::new(), hint: None };
        }
        Failure::internal(format!("cannot write the output: {error}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        if let Some(kind) = error.io_error_kind() {
            return io::Error::from(kind).into();
        }
        Failure::internal(format!("cannot write JSON: {error}"))
    }
}

/// What the engine says, with every cause; a mistake of the person is told from a fault of the machine.
impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        let mistaken = matches!(
            error,
            EngineError::Folder(FolderError::None { .. })
                | EngineError::Isolation { .. }
                | EngineError::Lock(LockError::Held { .. })
                | EngineError::Store(StoreError::NoRuns | StoreError::NoSuchRun(_) | StoreError::Ambiguous { .. })
        );
        let message = with_causes(&error);
        if mistaken { Failure::usage(message) } else { Failure::internal(message) }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Failure {
        EngineError::from(error).into()
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Failure {
        match error {
            AskError::Rejected(rejected) => Failure::usage(rejected.to_string()),
            used @ AskError::KeyUsed { .. } => Failure::usage(used.to_string()),
            AskError::Engine(error) => error.into(),
        }
    }
}

/// A message and those of its causes that it does not repeat.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let words = deeper.to_string();
        if !message.contains(&words) {
            message.push_str(": ");
            message.push_str(&words);
        }
        cause = deeper.source();
    }
    message
}
