//! What `/proc` says about processes, and signals that cannot hit the wrong one.
//!
//! Called by the sweeps. Everything here may be outdated when it returns; `signal` looks again before it acts.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, PidfdFlags, Signal};

/// A process as it was when it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    pub(crate) group: i32,
    pub(crate) session: i32,
    /// Ticks from boot to its start: with the pid it names a process for ever, until the next boot.
    pub(crate) start: u64,
    /// Ticks of processor time, its own and that of children that it waited for.
    pub(crate) ticks: u64,
    /// Ended, and only waits to be reaped.
    pub(crate) zombie: bool,
}

/// Looks at one process.
pub(crate) fn look(pid: i32) -> Option<Seen> {
    parse(pid, &fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// Looks at all of them.
pub(crate) fn everything() -> Vec<Seen> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(look).collect()
}

/// The environment that a process was started with, as far as it may be seen.
pub(crate) struct Environment(Vec<u8>);

impl Environment {
    /// Looks at that of one process.
    pub(crate) fn of(pid: i32) -> Environment {
        Environment(fs::read(format!("/proc/{pid}/environ")).unwrap_or_default())
    }

    /// Truly so, or only for the moment in which the process executes another program.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a variable.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let mut entries = self.0.split(|byte| *byte == 0);
        let value = entries.find_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
        std::str::from_utf8(value).ok()
    }
}

/// Tells one boot of the machine from another.
pub(crate) fn boot() -> String {
    fs::read_to_string(Path::new("/proc/sys/kernel/random/boot_id")).unwrap_or_default().trim().to_owned()
}

/// Signals exactly this process, even if its number was given to another since it was seen.
pub(crate) fn signal(seen: Seen, signal: Signal) {
    let Some(pid) = Pid::from_raw(seen.pid) else { return };
    let Ok(handle) = rustix::process::pidfd_open(pid, PidfdFlags::empty()) else { return };
    if look(seen.pid).is_some_and(|now| now.start == seen.start) {
        // It may end between the two lines; that is what was wanted.
        let _ = rustix::process::pidfd_send_signal(&handle, signal);
    }
}

/// A line of `/proc/PID/stat`. The name in it may hold anything, so fields are counted from its closing parenthesis.
fn parse(pid: i32, stat: &[u8]) -> Option<Seen> {
    let after = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let text = std::str::from_utf8(stat.get(after..)?).ok()?;
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    // Numbered from 3 in proc(5).
    let field = |number: usize| fields.get(number - 3).copied();
    let number = |at: usize| field(at)?.parse::<u64>().ok();
    let ticks = number(14)? + number(15)? + number(16).unwrap_or(0) + number(17).unwrap_or(0);
    Some(Seen {
        pid,
        parent: field(4)?.parse().ok()?,
        group: field(5)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        start: number(22)?,
        ticks,
        zombie: matches!(field(3)?, "Z" | "X"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_does_not_shift_the_fields() {
        let stat = b"7 (a) Z 1 (b) c) S 2 3 4 0 -1 4194304 1 2 3 4 10 20 3 4 20 0 1 0 999 5 6";
        let expected = Seen { pid: 7, parent: 2, group: 3, session: 4, start: 999, ticks: 37, zombie: false };
        assert_eq!(parse(7, stat), Some(expected));
    }

    #[test]
    fn this_process_is_there() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let seen = look(pid).unwrap();
        assert!(!seen.zombie && seen.start > 0);
        assert!(everything().iter().any(|other| other.pid == pid && other.start == seen.start));
    }
}
