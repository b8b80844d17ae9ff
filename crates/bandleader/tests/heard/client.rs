//! A scripted client of `band mcp`, and runs whose one task lives as long as a test wants.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli_support::{Live, project};

/// A run whose task `a` works until `go` is there.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) run: Live,
}

impl Stage {
    pub(crate) fn begin(head: &str) -> Stage {
        let plan = format!(
            "mission: m\n{head}\ntasks:\n  - {{ id: a, run: 'while ! test -f go; do sleep 0.02; done' }}\n  - {{ id: b, run: 'true', needs: [a] }}\n"
        );
        let folder = project(&plan);
        let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
        run.wait_for("started");
        Stage { folder, run }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Lets the task end well; what the run printed.
    pub(crate) fn end(mut self) -> (String, TempDir) {
        std::fs::write(self.path().join("go"), "").unwrap();
        assert_eq!(self.run.end(), 0, "{}", self.run.text);
        (std::mem::take(&mut self.run.text), self.folder)
    }
}

/// The folder of the only run.
pub(crate) fn run_folder(project: &Path) -> PathBuf {
    let mut runs = std::fs::read_dir(project.join(".band/runs")).unwrap();
    let folder = runs.next().unwrap().unwrap().path();
    assert!(runs.next().is_none(), "there is one run");
    folder.canonicalize().unwrap()
}

/// `band` as a process of the first attempt at the first task.
pub(crate) fn of_task(project: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
    command.current_dir(project).env("BAND_DIR", run_folder(project)).env("BAND_JOB", "0.1");
    command
}

/// A client, and the server that it started.
pub(crate) struct Client {
    server: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last: u64,
}

impl Client {
    /// Not greeted yet.
    pub(crate) fn start(project: &Path) -> Client {
        let mut command = of_task(project);
        command.args(["mcp", "--attempt"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().unwrap();
        let (input, output) = (server.stdin.take(), BufReader::new(server.stdout.take().unwrap()));
        Client { server, input, output, last: 0 }
    }

    /// Greeted.
    pub(crate) fn greet(project: &Path) -> Client {
        let mut client = Client::start(project);
        let info = json!({ "name": "test", "version": "1" });
        let greeting = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info });
        let answer = client.request("initialize", greeting);
        assert_eq!(answer["result"]["serverInfo"]["name"], "band", "{answer}");
        client.line(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        client
    }

    pub(crate) fn line(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next message of the server.
    pub(crate) fn next(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.output.read_line(&mut line).unwrap() > 0, "the server is gone");
        serde_json::from_str(&line).unwrap()
    }

    #[expect(clippy::needless_pass_by_value, reason = "every caller makes one for it")]
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let request = json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params });
        self.line(&request.to_string());
        loop {
            let answer = self.next();
            if answer["id"] == json!(self.last) {
                return answer;
            }
        }
    }

    /// What a tool answers, and whether that is an error.
    #[expect(clippy::needless_pass_by_value, reason = "the same")]
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> (String, bool) {
        let answer = self.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"));
        (text.to_owned(), result["isError"] == json!(true))
    }

    /// What it answers when all is well.
    pub(crate) fn good(&mut self, tool: &str, arguments: Value) -> String {
        let (text, failed) = self.call(tool, arguments);
        assert!(!failed, "{text}");
        text
    }

    /// Closes the connection; the server's exit code.
    pub(crate) fn end(mut self) -> i32 {
        self.input = None;
        self.server.wait().unwrap().code().unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
