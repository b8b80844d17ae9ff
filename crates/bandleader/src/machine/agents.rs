//! The programs behind agents, as `band doctor` shows them: version, login, keys by name, and one real call if that is wished.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{Finding, Health};
use crate::programs::{PROGRAMS, Program};

/// For a program to say its version. Some start an engine for that.
const PATIENCE: Duration = Duration::from_secs(20);

/// For one short answer of a model.
const PROBE_PATIENCE: Duration = Duration::from_mins(2);

/// What a program is asked by `--probe`.
const QUESTION: &str = "Answer with the one word OK and nothing else.";

/// Whether a model is called for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// No: nothing costs anything.
    No,
    /// Each program that looks logged in makes one call.
    Call,
}

/// What is known of one program.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AgentProgram {
    /// As plans name it.
    driver: &'static str,
    /// In its own words; none when it does not say.
    version: Option<String>,
    /// By a file or a key. Only a call tells whether that is still good.
    looks_logged_in: bool,
    /// Names of variables that are set and log it in.
    keys: Vec<&'static str>,
    /// The command that installs it.
    install: &'static str,
    /// Whether the one call went well, if it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    probe: Option<bool>,
}

/// Looks at all of them at once: each takes a second or more to say its version.
pub(super) fn findings(probe: Probe) -> Vec<Finding> {
    let looking: Vec<_> = PROGRAMS.iter().map(|program| thread::spawn(move || look(program, probe))).collect();
    looking.into_iter().filter_map(|looking| looking.join().ok()).collect()
}

fn look(program: &'static Program, probe: Probe) -> Finding {
    let what = match program.driver {
        Some("claude") => "agent claude",
        Some("codex") => "agent codex",
        Some("gemini") => "agent gemini",
        Some(_) => "agent opencode",
        None => "adapter for acp",
    };
    let keys = program.keys_set();
    let mut about = AgentProgram {
        driver: program.driver.unwrap_or("acp"),
        version: None,
        looks_logged_in: program.is_logged_in(),
        keys,
        install: program.install,
        probe: None,
    };
    let Some(path) = program.path() else {
        let found =
            format!("`{}` is not installed; only plans that name it need it: {}", program.name, program.install);
        return Finding { what, health: Health::Absent, found, advice: None, agent: Some(about) };
    };
    about.version =
        ask(&path, &["--version"], "", PATIENCE).and_then(|said| Some(said.lines().next()?.trim().to_owned()));
    let login = match (about.keys.as_slice(), program.login_file()) {
        ([], None) => "does not look logged in".to_owned(),
        ([], Some(_)) => "looks logged in".to_owned(),
        (keys, _) => format!("key in {}", keys.join(", ")),
    };
    let mut health = if about.looks_logged_in { Health::Good } else { Health::Poor };
    let mut advice = (!about.looks_logged_in).then_some(program.log_in);
    let mut said = String::new();
    if probe == Probe::Call && about.looks_logged_in && program.driver.is_some() {
        let well = call(program, &path);
        about.probe = Some(well);
        said = if well { ", answers".into() } else { ", does not answer".into() };
        if !well {
            (health, advice) = (Health::Poor, Some(program.log_in));
        }
    }
    let version = about.version.as_deref().unwrap_or("does not say its version");
    let found = format!("{} {version}, {login}{said} ({})", program.name, path.display());
    Finding { what, health, found, advice, agent: Some(about) }
}

/// One real call, in a folder that is not the project's.
fn call(program: &Program, path: &Path) -> bool {
    ask(path, program.probe, QUESTION, PROBE_PATIENCE).is_some_and(|said| said.to_ascii_uppercase().contains("OK"))
}

/// What a program prints, if it ends well and in time.
fn ask(path: &Path, arguments: &[&str], input: &str, patience: Duration) -> Option<String> {
    let mut command = Command::new(path);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.current_dir(std::env::temp_dir()).env("NO_COLOR", "1");
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let mut stdout = child.stdout.take()?;
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let reading = thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stdout.by_ref().take(1 << 20).read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let until = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return reading.join().ok(),
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(20)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}
