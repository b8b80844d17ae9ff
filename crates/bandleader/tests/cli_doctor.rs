//! `band doctor` and `driver: auto`, with a PATH of our own making.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// A machine with these programs beside the usual ones, and these variables.
struct Machine {
    top: tempfile::TempDir,
    variables: Vec<(&'static str, &'static str)>,
}

impl Machine {
    fn with(programs: &[(&str, &str)]) -> Machine {
        let top = tempfile::tempdir().unwrap();
        for folder in ["bin", "home", "project/.git"] {
            std::fs::create_dir_all(top.path().join(folder)).unwrap();
        }
        for (name, script) in programs {
            let path = top.path().join("bin").join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        for tool in ["sh", "cat"] {
            std::os::unix::fs::symlink(Path::new("/bin").join(tool), top.path().join("bin").join(tool)).unwrap();
        }
        Machine { top, variables: Vec::new() }
    }

    fn env(mut self, name: &'static str, value: &'static str) -> Machine {
        self.variables.push((name, value));
        self
    }

    /// As a login leaves it.
    fn file(self, path: &str) -> Machine {
        let path = self.top.path().join("home").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "{}").unwrap();
        self
    }

    /// Exit code, standard output and standard error.
    fn band(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
        command.args(arguments).env_clear().env("PATH", self.top.path().join("bin"));
        command.env("HOME", self.top.path().join("home")).envs(self.variables.iter().copied());
        let output = command.current_dir(self.top.path().join("project")).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&*self.top.path().to_string_lossy(), "$TOP");
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    fn agents(&self, more: &[&str]) -> Vec<Value> {
        let (_, out, err) = self.band(&[&["doctor", "--json"], more].concat());
        let findings: Vec<Value> = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        findings.into_iter().filter(|finding| finding["agent"].is_object()).collect()
    }

    fn plan(&self, agents: &str) {
        let plan =
            format!("mission: Greetings\nagents: {agents}\ntasks:\n  - id: a\n    agent: one\n    task: Say hello.\n");
        std::fs::write(self.top.path().join("project/plan.yaml"), plan).unwrap();
    }
}

const CLAUDE: (&str, &str) = ("claude", "echo '2.1.330 (Claude Code)'");
const OPENCODE: (&str, &str) = ("opencode", "echo 1.18.33");

#[test]
fn it_shows_each_program_its_version_and_its_login() {
    let machine = Machine::with(&[CLAUDE, OPENCODE, ("gemini", "exit 3")]).env("OPENROUTER_API_KEY", "sk-secret");
    let (_, out, _) = machine.band(&["doctor"]);
    let lines = [
        "poor     agent claude        claude 2.1.330 (Claude Code), does not look logged in ($TOP/bin/claude)",
        "start `claude` once and log in, or set ANTHROPIC_API_KEY",
        "absent   agent codex         `codex` is not installed; only plans that name it need it: npm install -g @openai/codex",
        "poor     agent gemini        gemini does not say its version, does not look logged in ($TOP/bin/gemini)",
        "ok       agent opencode      opencode 1.18.33, key in OPENROUTER_API_KEY ($TOP/bin/opencode)",
        "absent   adapter for acp     `codex-acp` is not installed",
    ];
    for line in lines {
        assert!(out.contains(line), "{line}\n{out}");
    }
    assert!(!out.contains("sk-secret"), "{out}");
}

#[test]
fn programs_read_it_as_json() {
    let machine = Machine::with(&[CLAUDE]).file(".claude/.credentials.json").env("ANTHROPIC_API_KEY", "");
    let agents = machine.agents(&[]);
    assert_eq!(agents.len(), 6);
    let expected = json!({
        "driver": "claude", "version": "2.1.330 (Claude Code)", "looks_logged_in": true, "keys": [],
        "install": "npm install -g @anthropic-ai/claude-code",
    });
    assert_eq!((&agents[0]["health"], &agents[0]["agent"]), (&json!("good"), &expected));
    assert_eq!((&agents[1]["health"], &agents[1]["agent"]["version"]), (&json!("absent"), &Value::Null));
}

#[test]
fn a_probe_makes_one_call_and_only_when_it_is_asked_for() {
    let called = ("claude", "if [ \"$1\" = --version ]; then echo 2; else cat > \"$HOME/asked\"; echo OK; fi");
    let refused = ("codex", "if [ \"$1\" = --version ]; then echo codex-cli 0.169.0; else exit 1; fi");
    let machine = Machine::with(&[called, refused]).env("ANTHROPIC_API_KEY", "k").env("CODEX_API_KEY", "k");
    let asked = machine.top.path().join("home/asked");
    assert_eq!(machine.agents(&[])[0]["agent"]["probe"], Value::Null);
    assert!(!asked.exists());
    let agents = machine.agents(&["--probe"]);
    assert_eq!((&agents[0]["agent"]["probe"], &agents[0]["health"]), (&json!(true), &json!("good")));
    assert_eq!((&agents[1]["agent"]["probe"], &agents[1]["health"]), (&json!(false), &json!("poor")));
    assert!(std::fs::read_to_string(asked).unwrap().contains("OK"));
}

#[test]
fn auto_is_the_first_that_is_there_and_logged_in() {
    let check = |machine: Machine, words: &str| {
        machine.plan("{one: {driver: auto}}");
        let (code, _, err) = machine.band(&["check", "plan.yaml"]);
        assert!(code == 0 && err.contains(words), "{words}\n{err}");
    };
    check(Machine::with(&[CLAUDE, OPENCODE]).env("MISTRAL_API_KEY", "k"), "`driver: auto` is `opencode` here\n");
    check(Machine::with(&[CLAUDE, OPENCODE]).env("ANTHROPIC_API_KEY", "k"), "`driver: auto` is `claude` here\n");
    check(Machine::with(&[OPENCODE]), "`driver: auto` is `opencode` here, which does not look logged in");
    check(Machine::with(&[]), "no coding agent is installed");
}

#[test]
fn a_program_that_is_missing_is_an_error_before_anything_starts() {
    let machine = Machine::with(&[]);
    for (agents, words) in [
        ("{one: {driver: codex}}", "needs the program `codex`, which is not on PATH: `npm install -g @openai/codex`"),
        ("{one: {driver: auto}}", "no coding agent is installed"),
    ] {
        machine.plan(agents);
        let (code, _, err) = machine.band(&["run", "plan.yaml"]);
        assert!(code == 2 && err.contains(words), "{code} {err}");
    }
    assert!(!machine.top.path().join("project/.band/runs").exists(), "no run was made");
}
