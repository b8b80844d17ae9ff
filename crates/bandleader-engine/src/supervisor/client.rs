//! The engine's end of the link: finds the run's supervisor or starts one, and passes on what it says.
//!
//! Called by the engine. Dropping it detaches: jobs go on. When the supervisor goes away, `Gone` is heard once; attaching
//! again starts a new one, which ends what is left and says how everything stands.

use std::fs::DirBuilder;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bandleader_core::RunId;
use rustix::net::{RecvFlags, recv};

use super::lines::Lines;
use super::start::{TAKEN, VERB, connect};
use crate::link::{FromSupervisor, Hello, ToSupervisor};

/// A supervisor that starts ends leftovers first, which takes at most about ten seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two tries, while one supervisor ends and the next may not begin.
const TRY_AGAIN: Duration = Duration::from_millis(3);

/// Read at once.
const READ: usize = 16 << 10;

/// An attached supervisor.
pub struct Supervisor {
    stream: UnixStream,
    queued: Vec<u8>,
    input: Lines,
    buffer: Vec<u8>,
    pid: u32,
    is_gone: bool,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// The folders or the first stage failed.
    #[error("cannot start the supervisor in `{folder}`: {message}; look into `supervisor/log` there")]
    Start {
        /// The run's folder.
        folder: PathBuf,
        /// Why.
        message: String,
    },
    /// It does not want this engine.
    #[error("the supervisor refuses: {message}")]
    Refused {
        /// Why.
        message: String,
    },
    /// It neither answers nor ends.
    #[error(
        "the supervisor of `{folder}` does not answer; look into `supervisor/log` there, and end the process that holds `supervisor/lock`"
    )]
    Silent {
        /// The run's folder.
        folder: PathBuf,
    },
    /// The message is not text.
    #[error("cannot tell the supervisor: {message}; paths must be UTF-8")]
    Unsayable {
        /// What cannot be written.
        message: String,
    },
    /// The connection is lost.
    #[error("the connection to the supervisor is lost")]
    Gone(#[source] io::Error),
}

impl Supervisor {
    /// Attaches to the supervisor of the run in `run_folder`, or starts one from the program `exe` (`band` itself). Gives also what it
    /// has said by then, which begins with `Welcome`.
    ///
    /// # Errors
    /// When there is none and none can be started, or it refuses.
    pub fn attach_or_start(
        exe: &Path,
        run_folder: &Path,
        hello: Hello,
    ) -> Result<(Supervisor, Vec<FromSupervisor>), SupervisorError> {
        let broken =
            |error: io::Error| SupervisorError::Start { folder: run_folder.into(), message: error.to_string() };
        let run_folder = &make_folders(run_folder).map_err(broken)?;
        let run = hello.run.to_string();
        let hello = ToSupervisor::Hello(hello);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            match connect(run_folder) {
                Ok(stream) => match greet(stream, &hello)? {
                    Some(attached) => return Ok(attached),
                    None => std::thread::sleep(TRY_AGAIN),
                },
                Err(_) => start(exe, run_folder, &run)?,
            }
        }
        Err(SupervisorError::Silent { folder: run_folder.into() })
    }

    /// Begins to start the supervisor of a run that will need one, unless it is there, and does not wait for it. Whoever attaches lets go of
    /// this first, and hears then of what went wrong. A supervisor to which nobody comes ends by itself.
    pub fn begin(exe: &Path, run_folder: &Path, run: &RunId) -> Option<Begun> {
        let run_folder = make_folders(run_folder).ok()?;
        if connect(&run_folder).is_ok() {
            return None;
        }
        let begun = first_stage(exe, &run_folder, run.as_str()).stderr(Stdio::null()).spawn();
        begun.ok().map(Begun)
    }

    /// The supervisor's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Readable when there is something to hear; none when the supervisor is gone.
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        (!self.is_gone).then(|| self.stream.as_fd())
    }

    /// What it has said since, without waiting. The last thing is `Gone`.
    pub fn hear(&mut self) -> Vec<FromSupervisor> {
        let mut heard = Vec::new();
        let read = match recv(&self.stream, &mut *self.buffer, RecvFlags::DONTWAIT) {
            Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => return heard,
            Ok((0, _)) | Err(_) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok((count, _)) => {
                self.input.add(self.buffer.get(..count).unwrap_or_default());
                self.input.take(&mut heard)
            }
        };
        if read.is_err() && !self.is_gone {
            self.is_gone = true;
            heard.push(FromSupervisor::Gone);
        }
        heard
    }

    /// Says something now.
    ///
    /// # Errors
    /// When the connection is lost (`Gone` is heard as well), or as `queue`.
    pub fn send(&mut self, message: &ToSupervisor) -> Result<(), SupervisorError> {
        self.queue(message)?;
        self.flush()
    }

    /// Adds something to what the next `flush` or `send` says: several messages then cost one system call.
    ///
    /// # Errors
    /// When a folder in it is not UTF-8.
    pub fn queue(&mut self, message: &ToSupervisor) -> Result<(), SupervisorError> {
        let before = self.queued.len();
        if let Err(error) = serde_json::to_writer(&mut self.queued, message) {
            self.queued.truncate(before);
            return Err(SupervisorError::Unsayable { message: error.to_string() });
        }
        self.queued.push(b'\n');
        Ok(())
    }

    /// Says what was queued.
    ///
    /// # Errors
    /// As `send`.
    pub fn flush(&mut self) -> Result<(), SupervisorError> {
        let written = self.stream.write_all(&self.queued).map_err(SupervisorError::Gone);
        self.queued.clear();
        written
    }
}

/// A supervisor that is being started. Letting go of it waits until it can be reached.
#[derive(Debug)]
pub struct Begun(Child);

impl Drop for Begun {
    fn drop(&mut self) {
        let _ = self.0.wait();
    }
}

fn make_folders(run_folder: &Path) -> io::Result<PathBuf> {
    let run_folder = std::path::absolute(run_folder)?;
    for name in [super::FOLDER, crate::output::JOBS_FOLDER] {
        DirBuilder::new().recursive(true).mode(0o700).create(run_folder.join(name))?;
    }
    Ok(run_folder)
}

/// None when the supervisor was just about to end.
fn greet(
    mut stream: UnixStream,
    hello: &ToSupervisor,
) -> Result<Option<(Supervisor, Vec<FromSupervisor>)>, SupervisorError> {
    let mut line = serde_json::to_vec(hello).map_err(|error| SupervisorError::Gone(error.into()))?;
    line.push(b'\n');
    let (mut input, mut buffer, mut heard) = (Lines::default(), vec![0; READ], Vec::new());
    let mut talk = || -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&line)?;
        while heard.is_empty() {
            match stream.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => input.add(buffer.get(..count).unwrap_or_default()),
            }
            input.take(&mut heard)?;
        }
        Ok(())
    };
    // A line behind the first may be spoilt. What is to be heard is heard, and that it is so shows at the next look.
    let _ = talk();
    match heard.first() {
        None => Ok(None),
        Some(FromSupervisor::Refused { message }) => Err(SupervisorError::Refused { message: message.clone() }),
        Some(welcome) => {
            let pid = if let FromSupervisor::Welcome { pid, .. } = welcome { *pid } else { 0 };
            let supervisor = Supervisor { stream, queued: Vec::new(), input, buffer, pid, is_gone: false };
            Ok(Some((supervisor, heard)))
        }
    }
}

/// Runs the first stage, which ends as soon as the supervisor can be reached.
fn start(exe: &Path, run_folder: &Path, run: &str) -> Result<(), SupervisorError> {
    let failed = |message: String| SupervisorError::Start { folder: run_folder.into(), message };
    let ended = first_stage(exe, run_folder, run).stderr(Stdio::piped()).output();
    let ended = ended.map_err(|error| failed(error.to_string()))?;
    match ended.status.code() {
        Some(0) => Ok(()),
        Some(TAKEN) => {
            // One is just beginning or just ending.
            std::thread::sleep(TRY_AGAIN);
            Ok(())
        }
        _ => Err(failed(String::from_utf8_lossy(&ended.stderr).trim().to_owned())),
    }
}

fn first_stage(exe: &Path, run_folder: &Path, run: &str) -> Command {
    let mut command = Command::new(exe);
    command.arg0("band").args([VERB, "start"]).arg(run_folder).arg(run);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}
