//! A scripted client of `band mcp`, and runs whose one task lives as long as a test wants.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli_support::{Live, project};
use crate::wire::Wire;

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
pub(crate) struct Client(Wire);

impl Client {
    /// Not greeted yet.
    pub(crate) fn start(project: &Path) -> Client {
        Client(Wire::start(of_task(project).args(["mcp", "--attempt"])))
    }

    /// Greeted.
    pub(crate) fn greet(project: &Path) -> Client {
        let mut client = Client::start(project);
        client.0.greet(&json!({}));
        client
    }

    pub(crate) fn line(&mut self, line: &str) {
        self.0.line(line);
    }

    #[expect(clippy::needless_pass_by_value, reason = "every caller makes one for it")]
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        self.0.request(method, &params, |_| None)
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
    pub(crate) fn end(self) -> i32 {
        self.0.end()
    }
}
