//! A project with a server, and a client that says exactly what it is told to; `wire` is what comes back.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::wire::{Answer, Events};

/// Waiting longer than this for anything means that it will not come.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// `band serve` in a project.
pub(crate) struct Server {
    child: Child,
    pub address: String,
    pub operator: String,
    pub reader: String,
}

impl Server {
    pub(crate) fn start(project: &Path, arguments: &[&str]) -> Server {
        Server::start_with(project, arguments, &[])
    }

    /// The same with more in its environment.
    pub(crate) fn start_with(project: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut child = command(project)
            .envs(environment.iter().copied())
            .args(["serve", "--json"])
            .args(if arguments.contains(&"--port") { &[][..] } else { &["--port", "0"] })
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("it said: {line}"));
        let token = |link: &Value| link.as_str().and_then(|link| link.split("token=").nth(1)).unwrap_or("").to_owned();
        let address = told["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        Server { child, address, operator: token(&told["operator"]), reader: token(&told["reader"]) }
    }

    pub(crate) fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    /// A request by the operator.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &[("content-type", "application/json")], body)
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.operator);
        self.say(method, path, &[&[("authorization", bearer.as_str())], headers].concat(), body)
    }

    /// A request by whoever the headers say.
    pub(crate) fn say(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = self.send(method, path, headers, body);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::of(&bytes)
    }

    /// The same, while the answer is still to come.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = self.connect();
        let mut text = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            write!(text, "host: {}\r\n", self.address).unwrap();
        }
        for (name, value) in headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() {
            write!(text, "content-length: {}\r\n", body.len()).unwrap();
        }
        stream.write_all((text + "\r\n" + body).as_bytes()).unwrap();
        stream
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    /// Follows events.
    pub(crate) fn follow(&self, path: &str, last: Option<u64>) -> Events {
        self.follow_after(path, last.map(|last| last.to_string()))
    }

    /// The same where ids are no numbers.
    pub(crate) fn follow_after(&self, path: &str, last: Option<String>) -> Events {
        let bearer = format!("Bearer {}", self.operator);
        let mut headers = vec![("authorization", bearer.as_str()), ("accept", "text/event-stream")];
        headers.extend(last.as_deref().map(|last| ("last-event-id", last)));
        Events::of(self.send("GET", path, &headers, ""))
    }

    /// As if it had broken down.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.port().to_owned()
    }

    /// Told to end; its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `band` in a project.
pub(crate) fn command(project: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
    command
        .current_dir(project)
        .env("HOME", project)
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("BAND_JOB")
        .env("TZ", "UTC");
    command
}

pub(crate) fn band(project: &Path, arguments: &[&str]) -> String {
    let output = command(project).args(arguments).stdin(Stdio::null()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn json(project: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&band(project, arguments)).unwrap()
}

/// A folder that counts as the top of a repository, with a plan.
pub(crate) fn project(plan: &str) -> Project {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    std::fs::write(folder.path().join("plan.yaml"), plan).unwrap();
    Project(folder)
}

/// Such a folder. No run of it outlives the test.
pub(crate) struct Project(TempDir);

impl Project {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let listed: Value = serde_json::from_str(&band(self.path(), &["list", "--json"])).unwrap_or_default();
        for run in listed.as_array().into_iter().flatten() {
            if ["created", "running", "interrupted", "waiting", "paused"].iter().any(|state| run["state"] == *state) {
                band(self.path(), &["cancel", run["id"].as_str().unwrap_or_default(), "--now"]);
            }
        }
    }
}

/// Waits until `found` gives something.
pub(crate) fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = std::time::Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < LONG, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
