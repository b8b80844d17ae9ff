//! A project with a server, and a client that says exactly what it is told to.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

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
        let mut child = command(project)
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
        let bearer = format!("Bearer {}", self.operator);
        let last = last.map(|last| last.to_string());
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

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn of(bytes: &[u8]) -> Answer {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| {
            panic!("no answer: {:?}", String::from_utf8_lossy(bytes));
        });
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let mut body = bytes[end + 4..].to_vec();
        if headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked") {
            body = unchunked(&body);
        }
        Answer { status, headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.text()))
    }

    /// The end of a problem's type.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let value = self.json();
        assert_eq!(value["status"], self.status);
        value["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            break;
        }
        body.extend(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 2 + length + 2..];
    }
    body
}

/// A stream of server-sent events.
pub(crate) struct Events {
    lines: BufReader<TcpStream>,
    pub status: u16,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub id: Option<u64>,
    pub kind: String,
    pub data: Value,
}

impl Events {
    fn of(stream: TcpStream) -> Events {
        let mut lines = BufReader::new(stream);
        let mut status = 0;
        loop {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            if status == 0 {
                status = line.split(' ').nth(1).unwrap().parse().unwrap();
            }
            if line.trim().is_empty() {
                return Events { lines, status };
            }
        }
    }

    /// The next one; none when the stream has ended. Lengths of chunks and heartbeats are passed over.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let (mut id, mut kind) = (None, String::new());
        let deadline = std::time::Instant::now() + LONG;
        loop {
            // Signs of life are no events.
            assert!(std::time::Instant::now() < deadline, "no event comes");
            let mut line = String::new();
            match self.lines.read_line(&mut line) {
                Ok(1..) => (),
                Ok(0) => return None,
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("the stream is silent: {error}"),
            }
            let line = line.trim_end();
            if let Some(number) = line.strip_prefix("id: ") {
                id = Some(number.parse().unwrap());
            } else if let Some(name) = line.strip_prefix("event: ") {
                name.clone_into(&mut kind);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some(Event { id, kind, data: serde_json::from_str(data).unwrap() });
            }
        }
    }

    pub(crate) fn until(&mut self, mut wanted: impl FnMut(&Event) -> bool) -> Vec<Event> {
        let mut all = Vec::new();
        loop {
            all.push(self.next().unwrap_or_else(|| panic!("it ended after {all:?}")));
            if all.last().is_some_and(&mut wanted) {
                return all;
            }
        }
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
