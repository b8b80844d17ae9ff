//! The `band` binary in a project of its own: with pipes, or at a terminal.
#![allow(clippy::allow_attributes, dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails here, and says why")]

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Waiting longer than this for anything means that it will not come.
const LONG: Duration = Duration::from_mins(1);

/// What a command said.
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: i32,
}

pub fn project(plan: &str) -> TempDir {
    let folder = empty();
    std::fs::write(folder.path().join("plan.yaml"), plan).unwrap();
    folder
}

/// A folder that counts as the top of a repository, so that a state folder above it, in the temporary folder, is none of ours.
pub fn empty() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    folder
}

pub fn band(project: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
    let output = at(&mut command, project).args(arguments).stdin(Stdio::null()).output().unwrap();
    Said {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

pub fn json(project: &Path, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&band(project, arguments).out).unwrap()
}

fn at<'a>(command: &'a mut Command, project: &Path) -> &'a mut Command {
    command
        .current_dir(project)
        .env("HOME", project)
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("CLAUDE_CONFIG_DIR")
        .env_remove("NO_COLOR")
        .env("TZ", "UTC")
}

/// A command that goes on, and what it has written so far to both streams.
pub struct Live {
    child: Child,
    stdin: Option<ChildStdin>,
    pieces: Receiver<Vec<u8>>,
    pub text: String,
}

impl Live {
    /// With pipes.
    pub fn piped(project: &Path, arguments: &[&str]) -> Live {
        let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
        command.args(arguments);
        Live::start(at(&mut command, project))
    }

    /// At a terminal of 80 columns and 24 rows, which `script` (util-linux) makes. What is typed goes to it.
    pub fn at_terminal(project: &Path, line: &str) -> Live {
        Live::at_terminal_with(project, &[], line)
    }

    /// The same with more in its environment.
    pub fn at_terminal_with(project: &Path, environment: &[(&str, &str)], line: &str) -> Live {
        let mut command = Command::new("script");
        let line = format!("stty cols 80 rows 24; exec {} {line}", env!("CARGO_BIN_EXE_band"));
        command.args(["-qefc", &line, "/dev/null"]).env("TERM", "xterm").env("SHELL", "/bin/sh");
        Live::start(at(&mut command, project).envs(environment.iter().copied()))
    }

    /// A line for the shell at such a terminal; `band` is on its path.
    pub fn in_shell(project: &Path, line: &str) -> Live {
        let mut command = Command::new("script");
        let line = format!("stty cols 80 rows 24; {line}");
        let own = Path::new(env!("CARGO_BIN_EXE_band")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        command.args(["-qefc", &line, "/dev/null"]).env("TERM", "xterm").env("SHELL", "/bin/sh");
        command.env("PATH", format!("{}:{path}", own.display())).env("LC_ALL", "C.UTF-8").env_remove("DISPLAY");
        Live::start(at(&mut command, project))
    }

    fn start(command: &mut Command) -> Live {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.unwrap();
        let (sender, pieces) = channel();
        let out: Box<dyn Read + Send> = Box::new(child.stdout.take().unwrap());
        let err: Box<dyn Read + Send> = Box::new(child.stderr.take().unwrap());
        for mut stream in [out, err] {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut piece = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut piece) {
                    let _ = sender.send(piece[..length].to_vec());
                }
            });
        }
        let stdin = child.stdin.take();
        Live { child, stdin, pieces, text: String::new() }
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Waits until it has written this, after what was waited for before.
    pub fn wait_for(&mut self, words: &str) {
        let deadline = Instant::now() + LONG;
        while !self.text.contains(words) {
            let piece = self.pieces.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let piece = piece.unwrap_or_else(|_| panic!("`{words}` does not come after\n{}", self.text));
            self.text.push_str(&String::from_utf8_lossy(&piece));
        }
    }

    pub fn press(&mut self, keys: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(keys.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    pub fn interrupt(&self) {
        let pid = rustix::process::Pid::from_raw(self.pid()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    }

    /// Its exit code; all that it wrote is in `text` then.
    pub fn end(&mut self) -> i32 {
        while let Ok(piece) = self.pieces.recv_timeout(LONG) {
            self.text.push_str(&String::from_utf8_lossy(&piece));
        }
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `band serve` of a project, on a free port.
pub struct Served {
    pub band: Live,
    /// Host and port.
    pub address: String,
    /// The tokens of its two links.
    pub operator: String,
    pub reader: String,
}

impl Served {
    pub fn start(project: &Path) -> Served {
        let mut band = Live::piped(project, &["serve", "--port", "0", "--json"]);
        band.wait_for("}");
        let said: serde_json::Value = serde_json::from_str(band.text.trim()).unwrap();
        let token = |who: &str| said[who].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
        let address = said["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        Served { band, address, operator: token("operator"), reader: token("reader") }
    }
}

/// Waits until no process of the project's runs is left. They all carry the run's id in their environment.
pub fn none_left(project: &Path) {
    let deadline = Instant::now() + LONG;
    loop {
        let left: Vec<u32> = runs(project).iter().flat_map(|run| marked(run)).collect();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "processes are left: {left:?}");
        std::thread::yield_now();
    }
}

fn runs(project: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(project.join(".band/runs")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn marked(run: &str) -> Vec<u32> {
    let marker = format!("BAND_RUN={run}\0");
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let alive = std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
        alive && String::from_utf8_lossy(&environment).contains(&marker)
    })
    .collect()
}
