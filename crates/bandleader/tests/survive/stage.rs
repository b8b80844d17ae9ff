//! A project of its own for each test, the real `band` in it, and questions with a deadline instead of sleeps.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Waiting longer than this for anything means that it will not come.
const LONG: Duration = Duration::from_mins(1);

/// What a command said.
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl Said {
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// The same, if it ended so; else the test ends, with all that was said.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Said {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }
}

/// A folder with `plan.yaml`. Dropping it asserts that no process of it is left.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    pub(crate) fn new(plan: &str) -> Project {
        let project = Project { folder: TempDir::with_prefix("band-survive-").unwrap() };
        // The top of a repository: a state folder above it, in the temporary folder, is none of ours.
        std::fs::create_dir(project.file(".git")).unwrap();
        project.write("plan.yaml", plan);
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.file(name), text).unwrap();
    }

    /// What stands in a file; nothing if there is none.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.path());
        command.env("HOME", self.path()).env("TZ", "UTC").env_remove("XDG_CONFIG_HOME");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// `band` to its end.
    pub(crate) fn band(&self, arguments: &[&str]) -> Said {
        said(self.command(BAND, arguments))
    }

    /// A shell line to its end; `$BAND` is the command.
    pub(crate) fn shell(&self, line: &str) -> Said {
        let mut command = self.command("sh", &["-c", line]);
        command.env("BAND", BAND);
        said(command)
    }

    /// `band` beside the test, silent. It is killed when it is dropped.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(BAND, arguments);
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// The newest run.
    pub(crate) fn id(&self) -> String {
        self.status()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn status(&self) -> Value {
        json(&self.band(&["status", "--json"]).ends(0).out)
    }

    /// The only run's folder.
    pub(crate) fn run_folder(&self) -> PathBuf {
        self.file(".band/runs").join(self.id())
    }

    pub(crate) fn supervisor(&self) -> u32 {
        let of_ours = |pid: &u32| {
            let line = words(*pid, "cmdline");
            line.contains("__supervisor") && line.contains(&self.name())
        };
        wait_for("a supervisor", || pids().find(of_ours))
    }

    /// Processes that stem from this project, wherever they hide: they work in it, name it, or inherited its name.
    pub(crate) fn left(&self) -> Vec<u32> {
        let name = self.name();
        let is_ours = |pid: &u32| {
            let place = std::fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
            place.to_string_lossy().contains(&name)
                || ["cmdline", "environ"].iter().any(|file| words(*pid, file).contains(&name))
        };
        pids().filter(|pid| is_alive(*pid)).filter(is_ours).collect()
    }

    fn name(&self) -> String {
        self.path().file_name().unwrap().to_string_lossy().into_owned()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.left().into_iter().for_each(kill);
            return;
        }
        let begun = Instant::now();
        while !self.left().is_empty() {
            if begun.elapsed() > LONG {
                let names: Vec<String> = self.left().iter().map(|pid| words(*pid, "cmdline")).collect();
                self.left().into_iter().for_each(kill);
                panic!("left behind: {names:?}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A `band` that goes on beside the test.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// As a power cut would.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub(crate) fn code(mut self) -> i32 {
        self.0.wait().unwrap().code().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) const BAND: &str = env!("CARGO_BIN_EXE_band");

/// Runs it, and takes what it says, which must be UTF-8.
pub(crate) fn said(mut command: Command) -> Said {
    let output = command.output().unwrap();
    Said {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    }
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Waits until `found` gives something.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < LONG, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    wait_for(what, || is_so().then_some(()));
}

/// The most memory that a process has ever held, in KiB.
pub(crate) fn peak(pid: u32) -> u64 {
    let status = words(pid, "status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = words(pid, "stat");
    stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next()).is_some_and(|state| state != "Z")
}

pub(crate) fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let _ = kill_process(pid, Signal::KILL);
}

fn words(pid: u32, file: &str) -> String {
    let bytes = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn pids() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}
