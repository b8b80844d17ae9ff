//! The drivers with the real programs, against the scripted model server. Where a program is not installed, its test says so and passes.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bandleader_core::plan::FailureClass;
use model_server::ModelServer;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::common::{Attended, Scene};
use crate::installed;

/// They take up to 600 MB and both cores.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// No program takes that long for its first request, on any machine.
const LONGEST: Duration = Duration::from_mins(3);

/// Tokens: in, of these from a cache, out.
type Tokens = (u64, u64, u64);

/// A model, and a scene to play in.
struct Real {
    server: ModelServer,
    agents: PathBuf,
    program: &'static str,
    arguments: &'static [&'static str],
    driver: &'static str,
    _alone: MutexGuard<'static, ()>,
}

/// What the model says to whom.
fn script() -> Value {
    json!([
        {"if": {"user": "SCENE_LIMITED", "tools": true}, "do": {"status": 429, "error": {"message": "slow down"}}},
        {"if": {"user": "SCENE_DENIED", "tools": true}, "do": {"status": 401, "error": {"message": "no such key"}}},
        {"if": {"user": "SCENE_ROLE", "system": "ROLE_REVIEWER", "tools": true}, "do": {"text": "I review.", "usage": [100, 10]}},
        {"if": {"user": "ROLE_REVIEWER[\\s\\S]*SCENE_ROLE", "tools": true}, "do": {"text": "I review.", "usage": [100, 10]}},
        {"if": {"user": "SCENE_WRITE", "tools": true, "turn": 0},
         "do": {"text": "I write it.", "call": [{"write": {"path": "hello.txt", "text": "hello\n"}}], "usage": [1000, 40]}},
        {"if": {"user": "SCENE_WRITE", "tools": true}, "do": {"text": "Written.", "usage": [1100, 12, 1000]}},
        {"if": {"user": "SCENE_UNASKED", "tools": true, "turn": 0},
         "do": {"call": [{"tool": {"name": "write_file", "args": {"file_path": "hello.txt", "content": "x"}}}]}},
        {"if": {"user": "SCENE_UNASKED", "tools": true}, "do": {"text": "Well."}},
        {"if": {"user": "SCENE_LOOP", "tools": true}, "do": {"call": [{"shell": "echo again"}], "usage": [10, 1]}},
        {"if": {"user": "SCENE_HANG_LATER", "tools": true, "turn": 0},
         "do": {"call": [{"write": {"path": "hello.txt", "text": "hello\n"}}], "usage": [1000, 40, 300]}},
        {"if": {"user": "SCENE_HANG", "tools": true}, "do": {"text": "This never ends.", "hang_after": 100}},
        {"if": {"user": "SCENE_NEXT", "tools": true}, "do": {"text": "Going on.", "usage": [200, 20]}}
    ])
}

impl Real {
    fn new(driver: &'static str, program: &'static str, arguments: &'static [&'static str]) -> Option<Real> {
        let agents = installed::folder(program)?;
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let server = ModelServer::playing(script()).unwrap();
        Some(Real { server, agents, program, arguments, driver, _alone: alone })
    }

    /// A scene whose home is set up for every program.
    fn scene(&self, instruction: &str) -> Scene {
        let mut command = vec![self.program.to_owned()];
        command.extend(self.arguments.iter().map(|word| (*word).to_owned()));
        let scene = Scene::new(self.driver, "").with("command", json!(command)).with("instruction", json!(instruction));
        let home = scene.project().with_file_name("");
        let url = self.server.url();
        let settings = json!({"security": {"auth": {"selectedType": "gemini-api-key"}}, "general": {"maxAttempts": 1},
            "model": {"name": "gemini-2.5-pro"}, "privacy": {"usageStatisticsEnabled": false}});
        let codex = format!(
            "model = 'gpt-5.5-codex'\nmodel_provider = 'mock'\n[model_providers.mock]\nname = 'mock'\nbase_url = '{url}/v1'\n\
             env_key = 'MOCK_KEY'\nwire_api = 'responses'\nrequest_max_retries = 0\nstream_max_retries = 0\n"
        );
        for (folder, file, text) in
            [(".gemini", "settings.json", settings.to_string()), (".codex", "config.toml", codex)]
        {
            fs::create_dir_all(home.join(folder)).unwrap();
            fs::write(home.join(folder).join(file), text).unwrap();
        }
        let model = json!({"tool_call": true, "limit": {"context": 128_000, "output": 8000},
            "cost": {"input": 3, "output": 15, "cache_read": 0.3}});
        let provider = json!({"npm": "@ai-sdk/openai-compatible", "options": {"baseURL": format!("{url}/v1"), "apiKey": "dummy"},
            "models": {"mock-1": model}});
        let opencode = json!({"autoupdate": false, "share": "disabled", "model": "mock/mock-1", "small_model": "mock/mock-1",
            "provider": {"mock": provider}, "permission": {"edit": "ask"}});
        let git = std::process::Command::new("git").args(["init", "-q"]).current_dir(scene.project()).status().unwrap();
        assert!(git.success());
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.agents.join("bin").display());
        let home = home.display().to_string();
        let variables = [
            ("PATH", path.as_str()),
            ("TMPDIR", &home),
            ("TERM", "dumb"),
            ("LANG", "C.UTF-8"),
            ("NO_COLOR", "1"),
            ("GEMINI_API_KEY", "dummy"),
            ("GOOGLE_GEMINI_BASE_URL", &url),
            ("MOCK_KEY", "dummy"),
            ("OPENCODE_CONFIG_CONTENT", &opencode.to_string()),
            ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
            ("ANTHROPIC_BASE_URL", &url),
            ("ANTHROPIC_API_KEY", "sk-dummy"),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ];
        let scene = scene.with("given", json!(["MOCK_KEY"]));
        variables.into_iter().fold(scene, |scene, (name, value)| scene.env(name, value))
    }

    /// What the model counted.
    fn counted(&self) -> Tokens {
        let total = self.server.count()["total"].clone();
        let count = |key: &str| total[key].as_u64().unwrap();
        (count("input"), count("cached"), count("output"))
    }
}

fn used(ended: &Attended) -> Tokens {
    let spent = ended.report.spending;
    (spent.input, spent.cached, spent.output)
}

fn class(ended: &Attended) -> Option<FailureClass> {
    ended.report.failure.as_ref().map(|failure| failure.class)
}

fn written(scene: &Scene) -> String {
    fs::read_to_string(scene.project().join("hello.txt")).unwrap_or_default()
}

/// Stops an attempt while its model hangs.
fn stopped(real: &Real) -> Attended {
    let scene = real.scene("SCENE_HANG");
    let before = real.server.log().len();
    let child = scene.start();
    assert!(real.server.wait_for(before + 1, LONGEST), "no request came");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    scene.end(child)
}

#[test]
fn gemini_from_login_to_figures() {
    let Some(real) = Real::new("gemini", "gemini", &[]) else { return };
    let scene = real.scene("SCENE_WRITE");
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "Written."), "{}", ended.errors);
    assert_eq!((written(&scene).as_str(), used(&ended), ended.report.spending.turns), ("hello\n", real.counted(), 2));
    let session = ended.report.session.unwrap();
    let next = scene.with("session", json!(session)).with("instruction", json!("SCENE_NEXT")).run();
    assert_eq!((next.code, next.answer.as_str()), (Some(0), "Going on."), "{}", next.errors);
    assert_eq!(next.report.session.as_deref(), Some(session.as_str()));
    assert_eq!(used(&next), (200, 0, 20), "of this attempt alone");
    let last = real.server.log().pop().unwrap();
    assert!(last["body"].to_string().contains("SCENE_WRITE"), "it goes on with the conversation");
    let anew = real.scene("SCENE_ROLE").with("session", json!("99999999-2222-4333-8444-555555555555"));
    let anew = anew.with("role", json!("ROLE_REVIEWER")).run();
    assert_eq!((anew.code, anew.answer.as_str()), (Some(0), "I review."), "{}", anew.errors);
}

#[test]
fn gemini_in_trouble() {
    let Some(real) = Real::new("gemini", "gemini", &[]) else { return };
    for (instruction, expected) in [("SCENE_LIMITED", FailureClass::RateLimit), ("SCENE_DENIED", FailureClass::Auth)] {
        let before = real.server.log().len();
        let ended = real.scene(instruction).run();
        assert_eq!(class(&ended), Some(expected), "{}", ended.errors);
        assert_eq!(real.server.log().len(), before + 1, "it does not try again by itself");
    }
    let turns = real.scene("SCENE_LOOP").with("max_turns", json!(3)).with("permissions", json!("full")).run();
    assert_eq!((class(&turns), turns.report.spending.input), (Some(FailureClass::MaxTurns), 30), "{}", turns.errors);
    let ended = stopped(&real);
    assert_eq!(class(&ended), Some(FailureClass::Cancelled), "{}", ended.errors);
}

#[test]
fn gemini_is_metered_while_it_works() {
    let Some(real) = Real::new("gemini", "gemini", &[]) else { return };
    let scene = real.scene("SCENE_HANG_LATER");
    let child = scene.start();
    assert!(real.server.wait_for(2, LONGEST), "no second request came");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let ended = scene.end(child);
    assert_eq!((class(&ended), used(&ended)), (Some(FailureClass::Cancelled), real.counted()), "{}", ended.errors);
    assert_eq!(used(&ended), (1000, 300, 40));
    let poor =
        real.scene("SCENE_LOOP").with("permissions", json!("full")).with("allowance", json!({"tokens": 30})).run();
    assert_eq!(class(&poor), Some(FailureClass::Budget), "{}", poor.errors);
}

#[test]
fn gemini_may_do_what_its_permissions_say() {
    let Some(real) = Real::new("gemini", "gemini", &[]) else { return };
    let scene = real.scene("SCENE_UNASKED").with("permissions", json!("read-only"));
    let ended = scene.run();
    let offered = real.server.log().pop().unwrap()["offered"].to_string();
    assert!(
        !offered.contains("write_file") && !offered.contains("run_shell") && offered.contains("read_file"),
        "{offered}"
    );
    assert_eq!((written(&scene).as_str(), class(&ended)), ("", None), "{}", ended.errors);
    assert_eq!(ended.report.denied, ["write_file"]);
    let scene = real.scene("SCENE_UNASKED").with("tools", json!({"allow": ["Read", "Write"], "deny": ["Write"]}));
    assert_eq!(class(&scene.run()), None);
    let offered = real.server.log().pop().unwrap()["offered"].clone();
    let theirs = offered.as_array().unwrap().iter().filter(|tool| !tool.as_str().unwrap().starts_with("mcp_band_"));
    assert_eq!(theirs.collect::<Vec<_>>(), ["read_file"]);
    // It has no sandbox for commands, so `edit` gives none, not even those that the plan names.
    for (permissions, runs) in [("edit", false), ("full", true)] {
        let tools = json!({"allow": ["Read", "Write", "Bash(git *)"]});
        let ended = real.scene("SCENE_NEXT").with("permissions", json!(permissions)).with("tools", tools).run();
        assert_eq!(class(&ended), None, "{}", ended.errors);
        let offered = real.server.log().pop().unwrap()["offered"].to_string();
        assert_eq!((offered.contains("write_file"), offered.contains("run_shell")), (true, runs), "{offered}");
    }
}

/// What an agent remembers of a conversation.
#[derive(Clone, Copy, PartialEq)]
enum Memory {
    /// All of it.
    Whole,
    /// All of it, but for what is taken up in the minute in which it was begun: Gemini CLI then writes a new file over the old one.
    AfterAMinute,
}

/// What every agent does by the protocol: writes a file, goes on, has a role, only reads, is stopped.
fn agent(real: &Real, memory: Memory, whole: fn(Tokens) -> Tokens) {
    let scene = real.scene("SCENE_WRITE");
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "Written."), "{}\n{}", ended.output, ended.errors);
    assert_eq!((written(&scene).as_str(), used(&ended)), ("hello\n", whole(real.counted())), "{}", ended.errors);
    let next = scene.with("session", json!(ended.report.session)).with("instruction", json!("SCENE_NEXT")).run();
    assert_eq!((next.code, next.answer.as_str()), (Some(0), "Going on."), "{}\n{}", next.output, next.errors);
    let anew = next.errors.contains("begins anew");
    assert_eq!(anew, next.report.session != ended.report.session, "{}", next.errors);
    assert!(memory == Memory::AfterAMinute || !anew, "{}", next.errors);
    assert_eq!(used(&next), (200, 0, 20));
    let role = real.scene("SCENE_ROLE").with("role", json!("ROLE_REVIEWER")).run();
    assert_eq!((role.code, role.answer.as_str()), (Some(0), "I review."), "{}", role.errors);
    let scene = real.scene("SCENE_WRITE").with("permissions", json!("read-only"));
    let reading = scene.run();
    assert_eq!(written(&scene), "", "{}", reading.output);
    let ended = stopped(real);
    assert_eq!(class(&ended), Some(FailureClass::Cancelled), "{}", ended.errors);
}

fn is_limited(real: &Real) {
    let ended = real.scene("SCENE_LIMITED").run();
    assert_eq!(class(&ended), Some(FailureClass::RateLimit), "{}", ended.errors);
}

#[test]
fn gemini_by_the_protocol() {
    let Some(real) = Real::new("acp", "gemini", &["--acp"]) else { return };
    // It does not tell what came from a cache.
    agent(&real, Memory::AfterAMinute, |(input, _, output)| (input, 0, output));
    is_limited(&real);
}

#[test]
fn opencode_by_the_protocol() {
    let Some(real) = Real::new("acp", "opencode", &["acp"]) else { return };
    // It tells of its last call alone.
    agent(&real, Memory::Whole, |_| (1_100, 1_000, 12));
}

#[test]
fn codex_by_the_protocol() {
    let Some(real) = Real::new("acp", "codex-acp", &[]) else { return };
    agent(&real, Memory::Whole, |counted| counted);
    is_limited(&real);
}

#[test]
fn claude_by_the_protocol() {
    let Some(real) = Real::new("acp", "claude-agent-acp", &[]) else { return };
    agent(&real, Memory::Whole, |counted| counted);
    is_limited(&real);
}
