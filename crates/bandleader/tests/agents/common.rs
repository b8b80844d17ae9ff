//! Runs one attempt: an assignment on standard input of `band attend`, a script in place of the agent's program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bandleader_core::{AgentReport, AttemptId, JobId, Spending, Step, TaskId};
use bandleader_engine::agent::notes::Notes;
use model_server::ModelServer;
use serde_json::{Value, json};

/// The job of every attempt here.
pub(crate) const JOB: JobId = JobId { attempt: AttemptId { task: TaskId(0), number: 1 }, step: Step::Work };

/// A run's folder, a project and a script.
pub(crate) struct Scene {
    top: tempfile::TempDir,
    assignment: Value,
    environment: Vec<(String, String)>,
}

/// What came of an attempt.
pub(crate) struct Attended {
    /// Of the attendant.
    pub(crate) code: Option<i32>,
    /// Its readable transcript.
    pub(crate) output: String,
    /// What it complained of.
    pub(crate) errors: String,
    /// What it wrote down; empty when it did not get so far.
    pub(crate) report: AgentReport,
    /// What the agent's program got: its arguments, environment and input (`arg …`, `env …`, `in …`).
    pub(crate) seen: Vec<String>,
    /// Its last words.
    pub(crate) answer: String,
}

impl Scene {
    /// With this driver and this script.
    pub(crate) fn new(driver: &str, script: &str) -> Scene {
        let top = tempfile::tempdir().unwrap();
        for folder in ["run/jobs", "project"] {
            std::fs::create_dir_all(top.path().join(folder)).unwrap();
        }
        let file = top.path().join("script");
        std::fs::write(&file, script).unwrap();
        let assignment = json!({
            "run": "k3v9",
            "job": JOB,
            "task": "build.api",
            "run_folder": top.path().join("run"),
            "driver": driver,
            "command": [scripted_agent(), file],
            "agent": "backend-architect",
            "instruction": "Write the specification.",
            "place": { "shared": { "directory": top.path().join("project") } },
        });
        Scene { top, assignment, environment: Vec::new() }
    }

    /// With another value in the assignment.
    pub(crate) fn with(mut self, key: &str, value: Value) -> Scene {
        self.assignment[key] = value;
        self
    }

    /// With a variable in the attendant's environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Scene {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Where the agent works.
    pub(crate) fn project(&self) -> PathBuf {
        self.top.path().join("project")
    }

    /// What the attempt leaves.
    pub(crate) fn notes(&self) -> Notes {
        Notes::of(&self.top.path().join("run"), JOB)
    }

    /// Starts the attendant.
    pub(crate) fn start(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
        let path = std::env::var("PATH").unwrap_or_default();
        command.arg("attend").env_clear().env("PATH", path).env("HOME", self.top.path());
        command.env("SCRIPTED_LOG", self.top.path().join("seen")).envs(self.environment.iter().cloned());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(self.assignment.to_string().as_bytes()).unwrap();
        child
    }

    /// Waits for its end.
    pub(crate) fn end(&self, child: Child) -> Attended {
        let ended = child.wait_with_output().unwrap();
        let seen = std::fs::read_to_string(self.top.path().join("seen")).unwrap_or_default();
        let notes = self.notes();
        Attended {
            code: ended.status.code(),
            output: String::from_utf8_lossy(&ended.stdout).into_owned(),
            errors: String::from_utf8_lossy(&ended.stderr).into_owned(),
            report: notes.outcome().unwrap_or_default(),
            seen: seen.lines().map(str::to_owned).collect(),
            answer: std::fs::read_to_string(notes.answer_file()).unwrap_or_default(),
        }
    }

    /// Both.
    pub(crate) fn run(&self) -> Attended {
        self.end(self.start())
    }
}

/// The stand-in for agents' programs, which is an example of this package.
pub(crate) fn scripted_agent() -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_band")).with_file_name("examples").join("scripted_agent");
    assert!(built.exists(), "`cargo build --examples` makes {}", built.display());
    built
}

/// What the model counted.
pub(crate) fn counted(server: &ModelServer) -> Spending {
    let total = &server.count()["total"];
    let number = |name: &str| total[name].as_u64().unwrap();
    assert_eq!(number("unmatched"), 0, "{total}");
    Spending {
        input: number("input"),
        cached: number("cached"),
        output: number("output"),
        cost: None,
        turns: number("answered"),
    }
}
