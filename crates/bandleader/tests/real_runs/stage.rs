//! A stage for a run: a home, a repository and a model server, and nothing else of this machine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use model_server::ModelServer;
use serde_json::{Value, json};

use crate::{cli_support, installed};

/// Nothing here takes that long, on any machine. Waiting longer means that it will not come.
pub(crate) const LONGEST: Duration = Duration::from_mins(5);

/// The drivers with a program of their own, which are the agents' names here too, and the languages that they speak with the model.
pub(crate) const FOUR: [(&str, &str); 4] =
    [("claude", "anthropic"), ("codex", "responses"), ("gemini", "gemini"), ("opencode", "chat")];

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(crate) struct Stage {
    pub(crate) server: ModelServer,
    root: PathBuf,
    agents: PathBuf,
    // The last two: dropped after everything that lies in it or runs on it.
    _folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

/// What a command of `band` left.
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
}

/// One that goes on.
pub(crate) struct Going {
    pub(crate) child: Child,
    log: PathBuf,
}

impl Stage {
    /// With a model that plays this script, or none, said loudly, where a program is not installed.
    pub(crate) fn new(programs: &[&str], rules: Value) -> Option<Stage> {
        let mut folders = programs.iter().map(|program| installed::folder(program));
        let agents = folders.next()??;
        if folders.any(|folder| folder.is_none()) {
            return None;
        }
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["home/.gemini", "work", "tmp"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let settings = json!({"privacy": {"usageStatisticsEnabled": false}, "model": {"name": "gemini-2.5-pro"}});
        fs::write(root.join("home/.gemini/settings.json"), settings.to_string()).unwrap();
        let server = ModelServer::playing(rules).unwrap();
        let stage = Stage { server, root, agents, _folder: folder, _alone: alone };
        stage.git(&["init", "--quiet", "--initial-branch=main"]);
        fs::write(stage.work().join("README.md"), "A project.\n").unwrap();
        Some(stage)
    }

    /// The repository.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// A file outside of it.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// An agent of a plan with this driver, pointed at the model server, and more keys; null leaves one out.
    pub(crate) fn agent(&self, driver: &str, more: &Value) -> Value {
        let url = self.server.url();
        let (model, url) = match driver {
            "claude" => ("claude-opus-5-5", url),
            "codex" => ("gpt-5.5-codex", format!("{url}/v1")),
            "gemini" => ("gemini-2.5-pro", url),
            _ => ("mock-1", url),
        };
        let mut agent = json!({ "driver": driver, "model": model, "base_url": url, "api_key_env": "MODEL_KEY" });
        let agent_keys = agent.as_object_mut().unwrap();
        agent_keys.extend(more.as_object().unwrap().clone());
        agent_keys.retain(|_, value| !value.is_null());
        agent
    }

    /// Writes the plan and commits all there is. JSON is YAML.
    pub(crate) fn plan(&self, plan: &Value) {
        fs::write(self.work().join("plan.yaml"), serde_json::to_string_pretty(plan).unwrap()).unwrap();
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", "first"]);
    }

    fn band(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.agents.join("bin").display());
        command.args(arguments).current_dir(self.work()).stdin(Stdio::null()).env_clear();
        command.env("PATH", path).env("HOME", self.root.join("home")).env("TMPDIR", self.root.join("tmp"));
        command.env("LANG", "C.UTF-8").env("TZ", "UTC").env("MODEL_KEY", "sk-no-real-key");
        command
    }

    /// `band` to its end.
    pub(crate) fn said(&self, arguments: &[&str]) -> Said {
        let output = self.band(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// `band`, going on; all that it says goes to one file.
    pub(crate) fn start(&self, arguments: &[&str]) -> Going {
        let log = self.root.join(format!("{}.log", arguments[0]));
        let out = File::create(&log).unwrap();
        let child = self.band(arguments).stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap();
        Going { child, log }
    }

    /// One document.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let said = self.said(arguments);
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", said.err))
    }

    /// The run's timeline.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.said(&["timeline", "--json"]).out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The folder of the only run.
    pub(crate) fn run_folder(&self) -> PathBuf {
        let mut runs = fs::read_dir(self.work().join(".band/runs")).unwrap();
        let folder = runs.next().unwrap().unwrap().path();
        assert!(runs.next().is_none(), "there is one run");
        folder
    }

    /// Its id.
    pub(crate) fn run(&self) -> String {
        self.run_folder().file_name().unwrap().to_str().unwrap().to_owned()
    }

    /// Waits until no process of the run is left.
    pub(crate) fn none_left(&self) {
        cli_support::none_left(&self.work());
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        let mut git = Command::new("git");
        git.current_dir(self.work()).env("HOME", self.root.join("home")).env("GIT_CONFIG_SYSTEM", "/dev/null");
        let output = git.args(identity).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// What the agents printed, and what the server saw: for who reads a failure.
    pub(crate) fn account(&self) -> String {
        let logs = self.said(&["logs", "-n", "40"]);
        let log = self.server.log();
        let unmatched = log.iter().filter(|asked| asked["ending"] == "unmatched");
        let unmatched: Vec<Value> =
            unmatched.map(|asked| json!([asked["user"], asked["turn"], asked["offered"]])).collect();
        let count = self.server.count();
        format!("{}\n{}\n{}\n{unmatched:?}", logs.out, self.said(&["status"]).out, count["api"])
    }

    /// What the run has used is what the model server has handed out, in all and in each language.
    pub(crate) fn agrees(&self) {
        let (status, count) = (self.json(&["status", "--json"]), self.server.count());
        assert_eq!(count["total"]["unmatched"], 0, "{}", self.account());
        let used = |used: &Value| ["input", "cached", "output"].map(|key| used[key].as_u64().unwrap_or_default());
        assert_eq!(used(&status["used"]), used(&count["total"]), "{}", self.account());
        for agent in status["agents"].as_array().unwrap() {
            let name = agent["agent"].as_str().unwrap();
            let (_, api) = FOUR.into_iter().find(|(known, _)| *known == name).unwrap();
            assert_eq!(used(&agent["used"]), used(&count["api"][api]), "{name}: {}", self.account());
        }
    }
}

impl Going {
    /// Its exit code, and all that it said.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let until = Instant::now() + LONGEST;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), fs::read_to_string(&self.log).unwrap());
            }
            assert!(Instant::now() < until, "it does not end: {}", fs::read_to_string(&self.log).unwrap());
            // The standard library waits either not at all or for ever.
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        // Gone already, unless the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until it is so.
pub(crate) fn wait_for(what: &str, so: impl Fn() -> bool) {
    let until = Instant::now() + LONGEST;
    while !so() {
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process of this command line is alive.
pub(crate) fn is_alive(pid: &str, words: &str) -> bool {
    let command = fs::read(Path::new("/proc").join(pid).join("cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&command).contains(words)
}
