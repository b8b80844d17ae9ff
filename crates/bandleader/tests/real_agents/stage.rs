//! A stage for one agent: a home, a repository and a model server of its own, and nothing else of this machine.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use model_server::ModelServer;
use serde_json::{Value, json};

use crate::installed;

/// How long an agent may take; the slowest needs 10 seconds, and 40 on a machine with much other work.
const LONGEST: Duration = Duration::from_mins(5);

/// They take up to 600 MB and both cores.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A server of tools with one tool, `report`, which keeps its arguments in the file that `STAND_IN_LOG` names.
const STAND_IN: &str = r#"
import json, os, sys
tool = {"name": "report", "description": "Reports how the task goes to who gave it",
        "inputSchema": {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}}
for line in sys.stdin:
    asked = json.loads(line)
    method, answer = asked.get("method"), None
    if method == "initialize":
        answer = {"protocolVersion": asked["params"]["protocolVersion"], "capabilities": {"tools": {}},
                  "serverInfo": {"name": "stand-in", "version": "1"}}
    elif method == "tools/list":
        answer = {"tools": [tool]}
    elif method == "tools/call":
        with open(os.environ["STAND_IN_LOG"], "a") as log:
            log.write(json.dumps(asked["params"]) + "\n")
        answer = {"content": [{"type": "text", "text": "ack: " + asked["params"]["arguments"]["status"]}]}
    elif method == "ping":
        answer = {}
    if "id" in asked:
        known = {"result": answer} if answer is not None else {"error": {"code": -32601, "message": "unknown"}}
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **known}), flush=True)
"#;

/// The script that all scenarios share: a word in the prompt chooses.
pub(crate) fn script() -> Value {
    json!([
        {"if": {"user": "SCENE_LIMITED", "tools": true},
         "do": {"status": 429, "error": {"message": "slow down"}, "headers": {"retry-after": "1"}}},
        {"if": {"user": "SCENE_PLAIN", "tools": true}, "do": {"text": "All is well.", "usage": [1234, 56, 200]}},
        {"if": {"user": "SCENE_WRITE", "tools": true, "turn": 0},
         "do": {"text": "I write it.", "call": [{"write": {"path": "hello.txt", "text": "hello\n"}}], "usage": [1000, 40]}},
        {"if": {"user": "SCENE_WRITE", "tools": true}, "do": {"text": "Written.", "usage": [1100, 12, 1000]}},
        {"if": {"user": "SCENE_REPORT", "tools": true, "turn": 0},
         "do": {"call": [{"mcp": {"server": "orc", "tool": "report", "args": {"status": "done"}}}], "usage": [1000, 40]}},
        {"if": {"user": "SCENE_REPORT", "tools": true}, "do": {"text": "Reported.", "usage": [1100, 12]}},
        {"if": {"user": "SCENE_HANG", "tools": true}, "do": {"text": "This never ends.", "hang_after": 700}},
        {"if": {"user": "SCENE_DENIED", "tools": true}, "do": {"status": 401, "error": {"message": "no such key"}}},
        {"if": {"user": "SCENE_BUSY", "tools": true}, "do": {"status": 529, "error": {"message": "Overloaded"}}},
        {"if": {"user": "SCENE_TOO_LONG", "tools": true}, "do": {"status": 400, "error": {
            "message": "prompt is too long: 250000 tokens > 200000 maximum", "code": "context_length_exceeded"}}},
        {"if": {"user": "SCENE_CUT", "tools": true}, "do": {"text": "This stream is going to be cut.", "cut_after": 500}},
        {"if": {"user": "SCENE_LOOP", "tools": true}, "do": {"call": [{"shell": "echo again"}]}}
    ])
}

pub(crate) struct Stage {
    pub(crate) server: ModelServer,
    pub(crate) home: PathBuf,
    pub(crate) work: PathBuf,
    agents: PathBuf,
    environment: BTreeMap<String, String>,
    // The last two: dropped after everything that lies in it or runs on it.
    _folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code, or 128 and the signal.
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The lines that are JSON.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The last event.
    pub(crate) fn last(&self) -> Value {
        self.events().pop().unwrap_or_else(|| panic!("no events: {self:?}"))
    }
}

impl Stage {
    /// A stage for `program`, or none, said loudly, where it is not installed.
    pub(crate) fn new(program: &str) -> Option<Stage> {
        let agents = installed::folder(program)?;
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let [home, work, temporary] = ["home", "work", "tmp"].map(|name| root.join(name));
        for folder in [&home, &work, &temporary] {
            fs::create_dir(folder).unwrap();
        }
        let git = Command::new("git").args(["init", "-q"]).current_dir(&work).status().unwrap();
        assert!(git.success());
        fs::write(root.join("stand_in.py"), STAND_IN).unwrap();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", agents.join("bin").display());
        let known = [("PATH", path.as_str()), ("TERM", "dumb"), ("LANG", "C.UTF-8"), ("NO_COLOR", "1")];
        let mut environment: BTreeMap<String, String> =
            known.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        environment.insert("HOME".into(), home.display().to_string());
        environment.insert("TMPDIR".into(), temporary.display().to_string());
        let server = ModelServer::playing(script()).unwrap();
        Some(Stage { server, home, work, agents, environment, _folder: folder, _alone: alone })
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    fn root(&self) -> &Path {
        self.home.parent().unwrap()
    }

    /// What runs the server of tools, its arguments and its environment.
    pub(crate) fn tools(&self) -> (&'static str, String, (&'static str, String)) {
        let log = self.root().join("reports.jsonl").display().to_string();
        ("python3", self.root().join("stand_in.py").display().to_string(), ("STAND_IN_LOG", log))
    }

    /// What was reported to the server of tools.
    pub(crate) fn reports(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.root().join("reports.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["arguments"].clone()).collect()
    }

    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.agents.join("bin").join(program));
        command.args(arguments).current_dir(&self.work).env_clear().envs(&self.environment);
        command
    }

    /// Runs a command to its end, with this on its stdin.
    pub(crate) fn run(&self, program: &str, arguments: &[&str], stdin: &str) -> Ran {
        let mut command = self.command(program, arguments);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        // Who does not read it has closed it.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let out = thread::spawn(move || {
            let mut text = Vec::new();
            out.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
        });
        let err = thread::spawn(move || {
            let mut text = Vec::new();
            err.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
        });
        let exit = end(&mut child);
        Ran { exit, out: out.join().unwrap().unwrap(), err: err.join().unwrap().unwrap() }
    }

    /// Keeps what an agent printed as a sample, where that is asked for.
    pub(crate) fn record(&self, agent: &str, scene: &str, exit: i32, lines: &str) {
        if std::env::var_os("BANDLEADER_RECORD").is_none() {
            return;
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bandleader-engine/tests/samples").join(agent);
        fs::create_dir_all(&folder).unwrap();
        let lines: Vec<String> = self.scrub(lines).lines().map(shorten).collect();
        fs::write(folder.join(format!("{scene}.jsonl")), lines.join("\n") + "\n").unwrap();
        let outcomes = folder.join("outcomes.json");
        let known = fs::read_to_string(&outcomes).unwrap_or_else(|_| "{}".to_owned());
        let mut known: BTreeMap<String, Value> = serde_json::from_str(&known).unwrap();
        let versions = fs::read_to_string(self.agents.join("ready")).unwrap();
        let version = versions.lines().find(|line| line.contains(agent)).unwrap_or_default();
        known.insert(scene.to_owned(), json!({"exit": exit, "of": version}));
        fs::write(outcomes, serde_json::to_string_pretty(&known).unwrap() + "\n").unwrap();
    }

    /// `text` without what is only of this machine and this run.
    fn scrub(&self, text: &str) -> String {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let mut text =
            text.replace(&*self.work.to_string_lossy(), "$WORK").replace(&*self.home.to_string_lossy(), "$HOME");
        text =
            text.replace(&*self.root().to_string_lossy(), "$ROOT").replace(&*self.agents.to_string_lossy(), "$AGENTS");
        text = text.replace(self.server.url().strip_prefix("http://").unwrap_or_default(), "$SERVER");
        // Claude Code names the folders of its sessions by the path of the project.
        text = text.replace(&self.work.to_string_lossy().replace(['/', '.'], "-"), "$WORK");
        if host.trim().len() > 3 { text.replace(host.trim(), "$HOST") } else { text }
    }
}

/// A line without what is long and the same everywhere: the catalogues of commands that agents print keep two entries each.
fn shorten(line: &str) -> String {
    fn cut(value: &mut Value) {
        match value {
            Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| {
                if ["commands", "availableCommands", "slash_commands", "skills"].contains(&name.as_str())
                    && let Some(entries) = field.as_array_mut()
                {
                    entries.truncate(2);
                }
                cut(field);
            }),
            Value::Array(entries) => entries.iter_mut().for_each(cut),
            _ => {}
        }
    }
    let Ok(mut value) = serde_json::from_str::<Value>(line) else { return line.to_owned() };
    cut(&mut value);
    value.to_string()
}

/// Waits for the end of a process, and ends it where it takes too long.
pub(crate) fn end(child: &mut Child) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    let until = Instant::now() + LONGEST;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
        }
        if Instant::now() > until {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("process {} does not end", child.id());
        }
        // The standard library waits either not at all or for ever.
        thread::sleep(Duration::from_millis(10));
    }
}
