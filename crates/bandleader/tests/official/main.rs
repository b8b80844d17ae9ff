//! What we speak, checked by the programs of those who made the languages: the Model Context Protocol's conformance client and
//! inspector, Prometheus' promtool, and schemathesis for the description of our API. `.ci/tools` installs them; where they are not, each test says so loudly and passes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]
#![expect(clippy::panic, clippy::indexing_slicing, reason = "the same")]

#[path = "../cli_support/mod.rs"]
mod cli_support;
mod conformance;
mod inspector;
#[path = "../installed/mod.rs"]
mod installed;
mod metrics;
mod proxy;
mod schema;

use std::path::Path;
use std::process::Command;

/// A program of node's, which finds the node that `.ci/tools` has put beside it, and a home of its own.
fn of_node(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", program.parent().unwrap().display());
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", home)
        .env("NO_COLOR", "1")
        .env("LANG", "C.UTF-8")
        .current_dir(home);
    command
}

/// What a program said on both streams, and its exit code.
fn said(command: &mut Command) -> (i32, String, String) {
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}
