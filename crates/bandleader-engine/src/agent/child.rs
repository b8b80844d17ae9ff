//! An agent's program: started in a process group of its own, read line by line, and ended step by step.
//!
//! In a group of its own, so that the attendant alone hears the engine's TERM and can end the program in its own way first. What a
//! program leaves behind is the supervisor's to find: it sees everything that descends from the attendant.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bandleader_core::plan::FailureClass;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::driver::Outcome;

/// After TERM. The supervisor's own grace is longer, so that the attendant comes to write down what happened.
const GRACE: Duration = Duration::from_secs(3);

/// How much of the end of a program's standard error is kept for its account of a failure.
const STDERR_KEPT: usize = 16 << 10;

/// How long the last words of a program that has ended may be on their way.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// As many lines of standard error wait for whoever listens; more are left out, for the end is kept anyway.
const MURMURS: usize = 256;

/// A program to start.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// Program first.
    pub argv: Vec<String>,
    /// All of its environment.
    pub environment: Vec<(String, String)>,
    /// Where it starts.
    pub directory: PathBuf,
}

/// A program that runs, with pipes on all three of its streams.
pub struct Child {
    process: tokio::process::Child,
    /// It has ended; what it wrote may still be in the pipe.
    over: bool,
    group: Option<Pid>,
    stdin: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    murmurs: Receiver<String>,
    stderr: tokio::task::JoinHandle<String>,
}

/// What a program says, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A line of standard output.
    Line(String),
    /// A line of standard error. A flood of them is thinned out.
    Murmur(String),
}

impl Launch {
    /// Starts it.
    ///
    /// # Errors
    /// In words for people: no such program, no such folder, no right to.
    pub fn start(&self) -> Result<Child, String> {
        let Some((program, arguments)) = self.argv.split_first() else {
            return Err("there is no program to start: the command is empty".into());
        };
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(&self.directory).process_group(0).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let failed = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound if !self.directory.is_dir() => {
                format!("the folder `{}` in which it should start is not there", self.directory.display())
            }
            io::ErrorKind::NotFound => {
                format!("the program `{program}` is not there; install it (`band doctor` says how), or give its path")
            }
            _ => format!("`{program}` cannot be started: {error}"),
        };
        let mut process = command.spawn().map_err(|error| failed(&error))?;
        let (Some(stdout), Some(stderr)) = (process.stdout.take(), process.stderr.take()) else {
            return Err(format!("`{program}` was started without pipes"));
        };
        let (sender, murmurs) = channel(MURMURS);
        Ok(Child {
            group: process.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw),
            stdin: process.stdin.take(),
            lines: BufReader::new(stdout).lines(),
            murmurs,
            stderr: tokio::spawn(last_of(stderr, sender)),
            process,
            over: false,
        })
    }
}

impl Child {
    /// Its next line on standard output, however long; none when it has closed that. Bytes that are not UTF-8 are replaced.
    pub async fn line(&mut self) -> Option<String> {
        // `Lines` refuses a line that is not UTF-8; the rest of the stream is still good.
        loop {
            match self.lines.next_line().await {
                Ok(line) => return line,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {}
                Err(_) => return None,
            }
        }
    }

    /// What it says next, on either stream; none when it has closed standard output, or has ended and nothing more comes: what it
    /// left behind may hold the pipe open for ever.
    pub async fn hear(&mut self) -> Option<Heard> {
        loop {
            let line = tokio::select! {
                biased;
                line = self.lines.next_line() => line,
                Some(murmur) = self.murmurs.recv() => return Some(Heard::Murmur(murmur)),
                _ = self.process.wait(), if !self.over => {
                    self.over = true;
                    continue;
                }
                () = tokio::time::sleep(LAST_WORDS), if self.over => return None,
            };
            match line {
                Ok(line) => return line.map(Heard::Line),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {}
                Err(_) => return None,
            }
        }
    }

    /// Writes a line to its standard input. A program that is gone does not hear it; its end is seen elsewhere.
    pub async fn say(&mut self, line: &str) {
        if let Some(stdin) = &mut self.stdin {
            let said = async {
                stdin.write_all(line.as_bytes()).await?;
                stdin.write_all(b"\n").await?;
                stdin.flush().await
            };
            if said.await.is_err() {
                self.stdin = None;
            }
        }
    }

    /// Writes a text as it is to its standard input and closes that.
    pub async fn say_all(&mut self, text: &str) {
        if let Some(mut stdin) = self.stdin.take() {
            let _ = stdin.write_all(text.as_bytes()).await;
        }
    }

    /// Closes its standard input: for some programs the way to say that nothing more comes.
    pub fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Sends a signal to its process group.
    pub fn signal(&self, signal: Signal) {
        if let Some(group) = self.group.filter(|_| self.process.id().is_some()) {
            let _ = kill_process_group(group, signal);
        }
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> Option<ExitStatus> {
        self.process.wait().await.ok()
    }

    /// Waits for its end for so long; then TERM, a grace, and KILL, to its whole group.
    pub async fn end_within(&mut self, patience: Duration) -> Option<ExitStatus> {
        self.hang_up();
        if let Ok(status) = tokio::time::timeout(patience, self.process.wait()).await {
            return status.ok();
        }
        self.signal(Signal::TERM);
        if let Ok(status) = tokio::time::timeout(GRACE, self.process.wait()).await {
            return status.ok();
        }
        self.signal(Signal::KILL);
        self.process.wait().await.ok()
    }

    /// The end of what it wrote to standard error, once it has ended.
    pub async fn complaints(self) -> String {
        self.last_murmurs().await.1
    }

    /// What nobody has heard yet of its standard error, line by line, and the end of all of that, once it has ended.
    pub async fn last_murmurs(self) -> (Vec<String>, String) {
        let Child { process, stdin, lines, stderr, mut murmurs, .. } = self;
        drop((process, stdin, lines));
        // A descendant may hold the pipe open for ever.
        let waited = tokio::time::timeout(Duration::from_millis(500), stderr).await;
        let left: Vec<String> = std::iter::from_fn(|| murmurs.try_recv().ok()).collect();
        let complaints = waited.ok().and_then(Result::ok).unwrap_or_else(|| left.join("\n"));
        (left, complaints)
    }
}

/// The last part of a stream; its lines are handed on as they come.
async fn last_of(mut stream: ChildStderr, listener: Sender<String>) -> String {
    let mut kept = Vec::new();
    let mut line = Vec::new();
    let mut buffer = vec![0; 4 << 10];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        let read = buffer.get(..read).unwrap_or_default();
        kept.extend_from_slice(read);
        for part in read.split_inclusive(|byte| *byte == b'\n') {
            // A line without an end is handed on in pieces.
            line.extend_from_slice(part);
            if part.ends_with(b"\n") || line.len() > STDERR_KEPT {
                let _ = listener.try_send(String::from_utf8_lossy(&line).trim_end().to_owned());
                line.clear();
            }
        }
        if kept.len() > 2 * STDERR_KEPT {
            kept.drain(..kept.len() - STDERR_KEPT);
        }
    }
    if !line.is_empty() {
        let _ = listener.try_send(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
    let from = kept.len().saturating_sub(STDERR_KEPT);
    String::from_utf8_lossy(kept.get(from..).unwrap_or_default()).trim().to_owned()
}

/// What an exit says when the program itself said nothing better.
pub(super) fn failed_exit(status: Option<ExitStatus>) -> Outcome {
    use std::os::unix::process::ExitStatusExt as _;
    let Some(status) = status else { return Outcome::failed(FailureClass::Lost, "nobody saw its end") };
    match (status.code(), status.signal()) {
        (Some(code @ (126 | 127)), _) => {
            Outcome::failed(FailureClass::Start, format!("exit code {code}: a command was not found or may not be run"))
        }
        (Some(code), _) => Outcome::failed(FailureClass::Exit, format!("exit code {code}")),
        (None, Some(signal)) => Outcome::failed(FailureClass::Crash, format!("ended by signal {signal}")),
        (None, None) => Outcome::failed(FailureClass::Crash, "it ended in a way that the system does not tell"),
    }
}
