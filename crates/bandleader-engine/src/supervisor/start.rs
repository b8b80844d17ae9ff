//! How a supervisor comes to be: `band __supervisor start` in a new session starts `band __supervisor serve` and ends.
//!
//! Called at the very beginning of `main`. The first stage holds what could fail (lock, socket), so that its starter hears of it,
//! and hands both to the second as its standard input and output. When the first stage has ended, the socket listens already:
//! nobody polls for it. The second stage has no parent of ours; it works in `/`, so that it keeps no folder from being removed
//! or unmounted, and with an empty environment, because each job brings its own.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bandleader_core::RunId;
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::process::{DumpableBehavior, Resource, Rlimit};

use super::desk::Desk;
use super::journal;
use crate::process::{JOB_VARIABLE, RUN_VARIABLE};

/// The hidden verb.
pub(crate) const VERB: &str = "__supervisor";

/// Exit code of the first stage when another supervisor of the run lives.
pub(super) const TAKEN: i32 = 75;

const SOCKET: &str = "s.sock";
const LOCK: &str = "lock";
const LOG: &str = "log";

/// Open files for about a thousand jobs at once.
const OPEN_FILES: u64 = 16_384;

/// Open files, of about a hundred jobs, that the table has room for from the start.
const ROOM: i32 = 1_024;

/// Runs a stage of the supervisor, if that is what this process was started for, and gives its exit code. To be asked before
/// anything else: a supervisor must not have threads, files or settings of the face that started it.
pub fn early_exit() -> Option<i32> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != VERB {
        return None;
    }
    let (stage, folder, run) = (arguments.next()?, PathBuf::from(arguments.next()?), arguments.next()?);
    let run = RunId::parse(run.to_str()?).ok()?;
    let result = if stage == "start" { start(&folder, &run) } else { serve(&folder, run).map(|()| 0) };
    Some(result.unwrap_or_else(|error| {
        let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("{error}\n"));
        1
    }))
}

/// Takes the lock of a run's supervisor; none when it is held.
pub(crate) fn lock(run_folder: &Path) -> io::Result<Option<File>> {
    let path = super::folder(run_folder).join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Connects to a run's supervisor.
pub(crate) fn connect(run_folder: &Path) -> io::Result<UnixStream> {
    let folder = open_folder(run_folder)?;
    UnixStream::connect(socket_path(&folder))
}

fn start(run_folder: &Path, run: &RunId) -> io::Result<i32> {
    rustix::process::setsid()?;
    // What its starter left open must not be held open by a process that lives on, nor reach the jobs.
    close_fds::set_fds_cloexec(3, &[]);
    let Some(lock) = lock(run_folder)? else { return Ok(TAKEN) };
    let folder = open_folder(run_folder)?;
    let socket = socket_path(&folder);
    match std::fs::remove_file(&socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&socket)?;
    let log = super::folder(run_folder).join(LOG);
    let log = OpenOptions::new().append(true).create(true).mode(0o600).open(log)?;
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.arg0("band").args([VERB, "serve"]).arg(run_folder).arg(run.as_str());
    command.current_dir("/").env_clear();
    // A run inside a job of another run stays marked as that job's.
    for name in [RUN_VARIABLE, JOB_VARIABLE] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.stdin(OwnedFd::from(listener)).stdout(OwnedFd::from(lock)).stderr(log).spawn()?;
    Ok(0)
}

fn serve(run_folder: &Path, run: RunId) -> io::Result<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    // It holds secrets: no core dump, and no look into its memory.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let listener = UnixListener::from(io::stdin().as_fd().try_clone_to_owned()?);
    let lock = io::stdout().as_fd().try_clone_to_owned()?;
    let nothing = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    let files = raise_open_files();
    make_room(&nothing);
    let mut history = journal::read(run_folder)?;
    if history.jobs.values().any(|past| past.ended.is_none()) {
        crate::sweep::end_all(run_folder, &run, &history).map_err(io::Error::other)?;
        history = journal::read(run_folder)?;
    }
    Desk::new(run_folder, run, listener, history, files)?.serve();
    if let Ok(folder) = open_folder(run_folder) {
        let _ = std::fs::remove_file(socket_path(&folder));
    }
    drop(lock);
    Ok(())
}

/// The path of a socket has room for 108 bytes, which a deep folder exceeds: this one goes through an open folder.
fn socket_path(folder: &OwnedFd) -> PathBuf {
    use std::os::fd::AsRawFd;
    PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd()))
}

fn open_folder(run_folder: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(super::folder(run_folder), flags, Mode::empty())?)
}

/// A process with threads whose table of open files grows waits until every processor has let go of the old one (Linux,
/// `expand_fdtable`): 10 to 20 ms in which nothing starts, at the eighth job or so. So it grows before there are threads.
fn make_room(any: &File) {
    let highest = rustix::io::fcntl_dupfd_cloexec(any, ROOM - 1);
    // With a limit below that there is less to grow.
    drop(highest);
}

/// Raises the limit for this process; gives the one from before, which jobs get.
fn raise_open_files() -> Option<Rlimit> {
    let before = rustix::process::getrlimit(Resource::Nofile);
    let most = before.maximum.unwrap_or(OPEN_FILES).min(OPEN_FILES);
    if before.current.is_none_or(|current| current >= most) {
        return None;
    }
    let raised = Rlimit { current: Some(most), maximum: before.maximum };
    rustix::process::setrlimit(Resource::Nofile, raised).ok().map(|()| before)
}
