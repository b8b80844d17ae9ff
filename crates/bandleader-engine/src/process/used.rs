//! What the system says of a process that has ended: how it ended, and what it used.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use bandleader_core::{Exit, Usage};
use wait4::ResUse;

use super::watch::millis;

/// How it ended.
pub(super) fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code { code },
        (None, Some(signal)) => Exit::Signal { signal },
        (None, None) => Exit::Unseen,
    }
}

/// Processor time and memory, of it and of all that it has waited for. Nothing else is known here.
pub(super) fn usage_of(used: Option<&ResUse>) -> Usage {
    let Some(ResUse { rusage, .. }) = used else { return Usage::default() };
    Usage { cpu: millis(rusage.utime + rusage.stime), peak_kib: rusage.maxrss / 1024, ..Usage::default() }
}
