//! Programs of others: the real agents, as `.ci/agents` installs them, and those that check what we speak, as `.ci/tools` does.
//!
//! Where one is not there its tests check nothing: each says so in one line past the capture of the test runner, and `.ci/run` counts
//! these lines as skipped. `BANDLEADER_REAL_AGENTS=0` leaves the agents out.
#![allow(clippy::allow_attributes, dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::io::Write as _;
use std::path::PathBuf;

/// The folder that has this program in its `bin`; none, said loudly, where it is not installed.
pub fn folder(program: &str) -> Option<PathBuf> {
    let left_out = std::env::var_os("BANDLEADER_REAL_AGENTS").is_some_and(|wish| wish == "0");
    let folder = cache("bandleader-agents");
    let folder = folder.filter(|folder| folder.join("ready").is_file() && folder.join("bin").join(program).exists());
    if let (Some(folder), false) = (folder, left_out) {
        return Some(folder);
    }
    let why = match (left_out, program.ends_with("-acp")) {
        (true, _) => "left out by BANDLEADER_REAL_AGENTS=0",
        (false, true) => "not installed (.ci/agents --acp)",
        (false, false) => "not installed (.ci/agents)",
    };
    skipped(&format!("REAL AGENTS SKIPPED: `{program}` is {why}"));
    None
}

/// The program itself.
pub fn program(name: &str) -> Option<PathBuf> {
    folder(name).map(|folder| folder.join("bin").join(name))
}

/// A program that checks what we speak; none, said loudly, where it is not installed.
pub fn tool(name: &str) -> Option<PathBuf> {
    let program = cache("bandleader-tools").map(|folder| folder.join("bin").join(name));
    let program = program.filter(|program| program.exists());
    if program.is_none() {
        skipped(&format!("TOOLS SKIPPED: `{name}` is not installed (.ci/tools)"));
    }
    program
}

fn cache(name: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    cache.map(|cache| cache.join(name))
}

/// Says it, with the name of the test.
fn skipped(why: &str) {
    let thread = std::thread::current();
    let line = format!("{why}: {}\n", thread.name().unwrap_or_default());
    // In one piece, so that lines of tests side by side do not mix.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
