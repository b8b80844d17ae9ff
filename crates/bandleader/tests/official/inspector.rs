//! The inspector's command line, over standard input and output and over HTTP, in the older way of the protocol and in the newer one.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli_support::{Served, band, project};
use crate::installed::tool;
use crate::{of_node, said};

fn stage() -> TempDir {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'true' }\n");
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--plain"]).code, 0);
    folder
}

/// What the inspector prints; `ask` is where the server is, and what is asked of it.
fn inspect(program: &Path, folder: &Path, ask: &[&str]) -> (i32, String, String) {
    said(of_node(program, folder).arg("--cli").args(ask))
}

/// The same scenario whatever lies between: all tools, one that answers, one that refuses, a text to read.
fn is_inspected(program: &Path, folder: &Path, server: &[&str]) {
    for era in ["legacy", "modern"] {
        let ask = |method: &str, more: &[&str]| {
            inspect(program, folder, &[server, &["--protocol-era", era, "--method", method], more].concat())
        };
        let json = |method: &str, more: &[&str]| {
            let (code, out, err) = ask(method, more);
            assert_eq!(code, 0, "{era} {method}: {out}{err}");
            serde_json::from_str::<Value>(&out).unwrap_or_else(|error| panic!("{era} {method}: {error}: {out}"))
        };
        let (code, out, err) = ask("tools/list", &["--strict"]);
        assert_eq!(code, 0, "{era}: {out}{err}");
        assert!(!err.contains("Warning") && !err.contains("Error"), "schemas that not every client knows: {err}");
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["tools"].as_array().map(Vec::len), Some(16), "{out}");
        let checked = json("tools/call", &["--tool-name", "check_plan", "--tool-arg", "plan=plan.yaml"]);
        assert_eq!(checked["structuredContent"]["valid"], true, "{era}: {checked}");
        let (code, out, _) = ask("tools/call", &["--tool-name", "run_status", "--tool-arg", "run=zzzz"]);
        assert!(code != 0 && out.contains("list_runs"), "{era}: {code} {out}");
        let resources = json("resources/list", &[]);
        let report = resources["resources"][2]["uri"].as_str().unwrap().to_owned();
        let read = json("resources/read", &["--uri", &report]);
        assert_eq!(read["contents"][0]["mimeType"], "text/markdown", "{era}: {read}");
    }
}

#[test]
fn it_is_inspected_over_standard_input_and_output() {
    let Some(program) = tool("mcp-inspector") else { return };
    let folder = stage();
    is_inspected(&program, folder.path(), &[env!("CARGO_BIN_EXE_band"), "mcp"]);
}

#[test]
fn it_is_inspected_over_http() {
    let Some(program) = tool("mcp-inspector") else { return };
    let folder = stage();
    let server = Served::start(folder.path());
    let (url, token) = (format!("http://{}/mcp", server.address), format!("Authorization: Bearer {}", server.operator));
    is_inspected(&program, folder.path(), &[&url, "--header", &token]);
    let (code, out, err) = inspect(&program, folder.path(), &[&url, "--stored-auth-only", "--method", "tools/list"]);
    assert!(code != 0 && !out.contains("start_run"), "who has no token learns nothing: {out}{err}");
}
