//! Starts the leader of a job: its program found, its environment complete, its own process group.
//!
//! Called by `watch`. By `posix_spawn` itself and not by the standard library's `Command`, which makes the environment anew for each
//! start: that was a quarter of the processor time of a worker. Every signal has its default way again, whatever whoever started `band`
//! ignores, and none is blocked.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::SigSet;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Resource, Rlimit};

use super::environment::JobEnvironment;
use super::place::Place;
use crate::link::Assignment;

/// What all starts of a worker share.
pub(super) struct Ground<'a> {
    /// Where it starts from.
    pub(super) place: &'a Place,
    /// What every job has.
    pub(super) env: &'a JobEnvironment,
    /// The input of a job without input: `/dev/null`.
    pub(super) nothing: BorrowedFd<'a>,
    /// The limit of open files that jobs get, if it is not the supervisor's.
    pub(super) files: Option<Rlimit>,
}

/// A leader that was started. Nobody else reaps it.
pub(super) struct Started {
    pub(super) pid: Pid,
    /// If there is input.
    pub(super) stdin: Option<OwnedFd>,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// Starts it with pipes on its output and, if there is input, on its input. The message says why it cannot.
pub(super) fn spawn(assignment: &Assignment, ground: &Ground<'_>) -> Result<Started, String> {
    let Some(name) = assignment.argv.first() else {
        return Err("there is no program to start: the command is empty".into());
    };
    let directory = &assignment.directory;
    let cannot = |why: &str| format!("`{name}` cannot be started: {why}");
    let own = JobEnvironment::exact(&assignment.env).map_err(|name| cannot(&nul(&format!("the value of `{name}`"))))?;
    let program = find(name, own.get("PATH").or_else(|| ground.env.get("PATH")), directory)?;
    let path = CString::new(program.as_os_str().as_bytes()).map_err(|_| cannot(&nul("its path")))?;
    let argument = |word: &String| CString::new(word.as_str()).map_err(|_| cannot(&nul("an argument")));
    let argv = assignment.argv.iter().map(argument).collect::<Result<Vec<CString>, String>>()?;
    let env = ground.env.with(&own);
    let start = || start(&path, &argv, &env, assignment.stdin.is_some(), ground.nothing);
    let started = ground.place.within(directory, start).and_then(|started| started);
    let started = started.map_err(|error| explain(&error, name, &program, directory))?;
    if let Some(files) = ground.files {
        // The supervisor raised its own limit. A failure leaves the job with more than its due.
        let _ = rustix::process::prlimit(Some(started.pid), Resource::Nofile, files);
    }
    Ok(started)
}

fn start(
    path: &CStr,
    argv: &[CString],
    env: &[&CStr],
    has_input: bool,
    nothing: BorrowedFd<'_>,
) -> io::Result<Started> {
    let pipe = || pipe_with(PipeFlags::CLOEXEC);
    let (stdout, its_stdout) = pipe()?;
    let (stderr, its_stderr) = pipe()?;
    let (its_stdin, stdin) =
        if has_input { pipe().map(|(read, write)| (Some(read), Some(write)))? } else { (None, None) };
    let input = its_stdin.as_ref().map_or(nothing.as_raw_fd(), OwnedFd::as_raw_fd);
    let mut actions = PosixSpawnFileActions::init()?;
    for (from, to) in [(input, 0), (its_stdout.as_raw_fd(), 1), (its_stderr.as_raw_fd(), 2)] {
        actions.add_dup2(from, to)?;
    }
    let pid = posix_spawn(path, &actions, &attributes()?, argv, env)?;
    let pid = Pid::from_raw(pid.as_raw()).ok_or(io::ErrorKind::NotFound)?;
    Ok(Started { pid, stdin, stdout, stderr })
}

fn attributes() -> Result<PosixSpawnAttr, Errno> {
    let mut attributes = PosixSpawnAttr::init()?;
    let flags = PosixSpawnFlags::POSIX_SPAWN_SETPGROUP
        | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF
        | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK;
    attributes.set_flags(flags)?;
    attributes.set_pgroup(nix::unistd::Pid::from_raw(0))?;
    attributes.set_sigdefault(&SigSet::all())?;
    attributes.set_sigmask(&SigSet::empty())?;
    Ok(attributes)
}

fn nul(what: &str) -> String {
    format!("there is a NUL byte in {what}")
}

/// Where the program is. `PATH` counts as the job sees it: relative entries start at its folder.
fn find(name: &str, path: Option<&str>, directory: &Path) -> Result<PathBuf, String> {
    if name.contains('/') {
        return Ok(directory.join(name));
    }
    let path = path.unwrap_or("/usr/local/bin:/usr/bin:/bin");
    let is_program =
        |file: &PathBuf| file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    let found = path.split(':').map(|folder| directory.join(folder).join(name)).find(is_program);
    found.ok_or_else(|| format!("the program `{name}` is in no folder of its PATH; install it, or give its path"))
}

/// What went wrong, in words: the system says `No such file` of a folder and a program alike.
fn explain(error: &io::Error, name: &str, program: &Path, directory: &Path) -> String {
    if !directory.is_dir() {
        return format!("the folder `{}` in which it should start is not there", directory.display());
    }
    match error.kind() {
        io::ErrorKind::NotFound if program.exists() => {
            format!("`{name}` cannot be started: the interpreter that its first line names is not there")
        }
        io::ErrorKind::NotFound => format!("the program `{name}` is not there"),
        io::ErrorKind::PermissionDenied => format!("`{name}` cannot be started: it is not an executable file"),
        _ => format!("`{name}` cannot be started: {error}"),
    }
}
