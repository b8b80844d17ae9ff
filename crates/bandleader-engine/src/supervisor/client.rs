//! The engine's end of the link: finds the run's supervisor or starts one, and passes on what it says.
//!
//! Called by the engine. Dropping it detaches: jobs go on. When the supervisor goes away, the sink hears `Gone` once; attaching
//! again starts a new one, which ends what is left and says how everything stands.

use std::fs::DirBuilder;
use std::io::{self, BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::start::{TAKEN, VERB, connect};
use crate::link::{FromSupervisor, Hello, ToSupervisor};

/// A supervisor that starts ends leftovers first, which takes at most about ten seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two tries, while one supervisor ends and the next may not begin.
const TRY_AGAIN: Duration = Duration::from_millis(3);

/// An attached supervisor.
pub struct Supervisor {
    stream: UnixStream,
    lines: Vec<u8>,
    pid: u32,
    leaving: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
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
    /// Attaches to the supervisor of the run in `run_folder`, or starts one from the program `exe` (`band` itself). `sink` hears
    /// everything that it says, on a thread of its own, beginning with `Welcome`.
    ///
    /// # Errors
    /// When there is none and none can be started, or it refuses.
    pub fn attach_or_start(
        exe: &Path,
        run_folder: &Path,
        hello: Hello,
        sink: impl FnMut(FromSupervisor) + Send + 'static,
    ) -> Result<Supervisor, SupervisorError> {
        let broken =
            |error: io::Error| SupervisorError::Start { folder: run_folder.into(), message: error.to_string() };
        let run_folder = &std::path::absolute(run_folder).map_err(broken)?;
        for name in [super::FOLDER, crate::output::JOBS_FOLDER] {
            DirBuilder::new().recursive(true).mode(0o700).create(run_folder.join(name)).map_err(broken)?;
        }
        let run = hello.run.to_string();
        let hello = ToSupervisor::Hello(hello);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            match connect(run_folder) {
                Ok(stream) => match greet(stream, &hello) {
                    Ok(Some((stream, reader, welcome))) => {
                        return Supervisor::listen(stream, reader, welcome, sink);
                    }
                    Ok(None) => std::thread::sleep(TRY_AGAIN),
                    Err(error) => return Err(error),
                },
                Err(_) => start(exe, run_folder, &run)?,
            }
        }
        Err(SupervisorError::Silent { folder: run_folder.into() })
    }

    /// The supervisor's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Says something now.
    ///
    /// # Errors
    /// When the connection is lost (the sink hears `Gone` as well), or as `queue`.
    pub fn send(&mut self, message: &ToSupervisor) -> Result<(), SupervisorError> {
        self.queue(message)?;
        self.flush()
    }

    /// Adds something to what the next `flush` or `send` says: several messages then cost one system call.
    ///
    /// # Errors
    /// When a folder in it is not UTF-8.
    pub fn queue(&mut self, message: &ToSupervisor) -> Result<(), SupervisorError> {
        let before = self.lines.len();
        if let Err(error) = serde_json::to_writer(&mut self.lines, message) {
            self.lines.truncate(before);
            return Err(SupervisorError::Unsayable { message: error.to_string() });
        }
        self.lines.push(b'\n');
        Ok(())
    }

    /// Says what was queued.
    ///
    /// # Errors
    /// As `send`.
    pub fn flush(&mut self) -> Result<(), SupervisorError> {
        let written = self.stream.write_all(&self.lines).map_err(SupervisorError::Gone);
        self.lines.clear();
        written
    }

    fn listen(
        stream: UnixStream,
        reader: BufReader<UnixStream>,
        welcome: FromSupervisor,
        mut sink: impl FnMut(FromSupervisor) + Send + 'static,
    ) -> Result<Supervisor, SupervisorError> {
        let pid = if let FromSupervisor::Welcome { pid, .. } = &welcome { *pid } else { 0 };
        let leaving = Arc::new(AtomicBool::new(false));
        let is_leaving = leaving.clone();
        let thread = std::thread::Builder::new().name("supervisor link".into());
        let thread = thread.spawn(move || {
            sink(welcome);
            pass_on(reader, &mut sink);
            if !is_leaving.load(Ordering::Acquire) {
                sink(FromSupervisor::Gone);
            }
        });
        let reader = Some(thread.map_err(SupervisorError::Gone)?);
        Ok(Supervisor { stream, lines: Vec::new(), pid, leaving, reader })
    }
}

/// Detaches. Waits until the sink has returned.
impl Drop for Supervisor {
    fn drop(&mut self) {
        self.leaving.store(true, Ordering::Release);
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(reader) = self.reader.take().filter(|reader| reader.thread().id() != std::thread::current().id()) {
            let _ = reader.join();
        }
    }
}

type Greeted = (UnixStream, BufReader<UnixStream>, FromSupervisor);

/// None when the supervisor was just about to end.
fn greet(mut stream: UnixStream, hello: &ToSupervisor) -> Result<Option<Greeted>, SupervisorError> {
    let mut line = serde_json::to_vec(hello).map_err(|error| SupervisorError::Gone(error.into()))?;
    line.push(b'\n');
    let mut answer = Vec::new();
    let mut reader = BufReader::new(stream.try_clone().map_err(SupervisorError::Gone)?);
    let talked = stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| stream.write_all(&line))
        .and_then(|()| reader.read_until(b'\n', &mut answer))
        .and_then(|_| stream.set_read_timeout(None));
    match talked.ok().and_then(|()| serde_json::from_slice(&answer).ok()) {
        Some(FromSupervisor::Refused { message }) => Err(SupervisorError::Refused { message }),
        Some(welcome) => Ok(Some((stream, reader, welcome))),
        None => Ok(None),
    }
}

fn pass_on(mut reader: BufReader<UnixStream>, sink: &mut impl FnMut(FromSupervisor)) {
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => match serde_json::from_slice(&line) {
                Ok(message) => sink(message),
                Err(_) => return,
            },
        }
    }
}

/// Runs the first stage, which ends as soon as the supervisor can be reached.
fn start(exe: &Path, run_folder: &Path, run: &str) -> Result<(), SupervisorError> {
    let mut command = Command::new(exe);
    command.arg0("band").args([VERB, "start"]).arg(run_folder).arg(run);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let failed = |message: String| SupervisorError::Start { folder: run_folder.into(), message };
    let ended = command.output().map_err(|error| failed(error.to_string()))?;
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
