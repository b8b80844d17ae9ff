//! What runs need of the machine, looked at one by one. Called by `band doctor`; changes nothing that stays.

mod agents;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use bandleader_engine::engine::desk;
use bandleader_engine::folder::Folder;
use serde::Serialize;

pub(crate) use agents::{AgentProgram, Probe};

use crate::config;
use crate::programs::find;
use crate::render::text::count;

/// How well one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Health {
    /// There, and good.
    Good,
    /// Not there, and only some plans need it.
    Absent,
    /// There, but trouble is near.
    Poor,
    /// Not there, and nothing runs without it.
    Missing,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Finding {
    /// What.
    pub what: &'static str,
    /// How it is.
    pub health: Health,
    /// What was seen.
    pub found: String,
    /// What to do.
    pub advice: Option<&'static str>,
    /// Of programs behind agents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentProgram>,
}

/// Below this much room a run's log and outputs may not fit: twice the 64 MiB that one task's output may take, for eight.
const ENOUGH_ROOM: u64 = 1024 * 1024 * 1024;

/// Looks at everything.
pub(crate) fn examine(probe: Probe) -> Vec<Finding> {
    let mut findings = vec![shell(), git()];
    findings.extend(repository());
    findings.extend([state_folder(), event_log(), room(), processes(), subreaper(), cores()]);
    findings.extend(agents::findings(probe));
    findings
}

fn shell() -> Finding {
    match find("sh") {
        Some(path) => good("shell", path.display().to_string()),
        None => finding("shell", Health::Missing, "no `sh` on PATH", "install a POSIX shell: every `run` needs it"),
    }
}

fn git() -> Finding {
    match first_line(Command::new("git").arg("--version")) {
        Some(version) => good("git", version),
        None => finding("git", Health::Absent, "no `git` on PATH", "install git: reviews and worktrees need it"),
    }
}

/// Without git there is nothing to say.
fn repository() -> Option<Finding> {
    find("git")?;
    let inside = first_line(Command::new("git").args(["rev-parse", "--is-inside-work-tree"]));
    Some(match inside.as_deref() {
        Some("true") => good("repository", "this folder is in a git repository: agents can have worktrees".into()),
        _ => finding(
            "repository",
            Health::Absent,
            "this folder is in no git repository",
            "`git init` makes it one: agents then work in worktrees of their own",
        ),
    })
}

fn state_folder() -> Finding {
    let (folder, known) = match config::state_folder() {
        Some(folder) => (folder, "state folder"),
        None => (PathBuf::from("."), "current folder"),
    };
    let probe = folder.join(format!(".band-probe-{}", std::process::id()));
    let written = fs::OpenOptions::new().write(true).create_new(true).open(&probe);
    let shown = config::shown(&folder);
    match written.and_then(|file| file.sync_all()) {
        Ok(()) => {
            let _ = fs::remove_file(&probe);
            let note =
                if known == "state folder" { String::new() } else { " (no .band yet: `band init` makes it)".into() };
            good(known, format!("{} is writable{note}", if shown.is_empty() { "." } else { &shown }))
        }
        Err(error) => finding(
            known,
            Health::Missing,
            format!("cannot write in {shown}: {error}"),
            "runs keep their log there: work where you may write, or mend the permissions",
        ),
    }
}

/// SQLite is built in; what may be wrong is the file.
fn event_log() -> Finding {
    let folder = std::env::current_dir().ok().and_then(|here| Folder::find(&here).ok());
    match folder.map(|folder| desk::runs(&folder)) {
        None => good("event log", "SQLite is built in; no runs here yet".into()),
        Some(Ok(runs)) => good("event log", format!("SQLite is built in; {} here", count(runs.len(), "run"))),
        Some(Err(error)) => {
            finding("event log", Health::Missing, error.to_string(), "nothing is written to a log that cannot be read")
        }
    }
}

fn room() -> Finding {
    let folder = config::state_folder().unwrap_or_else(|| PathBuf::from("."));
    match rustix::fs::statvfs(&folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let found = format!("{} free", bytes(free));
            if free < ENOUGH_ROOM {
                return finding(
                    "disk",
                    Health::Poor,
                    found,
                    "make room: logs and outputs of a large run may take a gigabyte",
                );
            }
            good("disk", found)
        }
        Err(error) => finding(
            "disk",
            Health::Poor,
            format!("cannot be measured: {error}"),
            "see whether the folder is on a working disk",
        ),
    }
}

fn processes() -> Finding {
    match fs::read_to_string("/proc/self/stat") {
        Ok(_) => good("/proc", "readable".into()),
        Err(error) => finding(
            "/proc",
            Health::Missing,
            error.to_string(),
            "mount /proc: without it leftovers of tasks cannot be found",
        ),
    }
}

fn subreaper() -> Finding {
    match rustix::process::child_subreaper() {
        Ok(_) => good("child subreaper", "supported".into()),
        Err(error) => finding(
            "child subreaper",
            Health::Missing,
            error.to_string(),
            "use Linux 3.4 or later: supervisors adopt what tasks leave behind",
        ),
    }
}

fn cores() -> Finding {
    match std::thread::available_parallelism() {
        Ok(cores) => good("processors", count(cores.get(), "core")),
        Err(error) => finding("processors", Health::Poor, error.to_string(), "give `limits.parallel` in plans"),
    }
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).lines().next()?.to_owned();
    output.status.success().then_some(text)
}

/// `12.3 GiB`.
fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut tenths = u128::from(number) * 10;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS.get(unit).copied().unwrap_or_default())
}

fn good(what: &'static str, found: String) -> Finding {
    Finding { what, health: Health::Good, found, advice: None, agent: None }
}

fn finding(what: &'static str, health: Health, found: impl Into<String>, advice: &'static str) -> Finding {
    Finding { what, health, found: found.into(), advice: Some(advice).filter(|advice| !advice.is_empty()), agent: None }
}
