//! The protocol's conformance client against `/mcp` of `band serve`. It speaks HTTP alone.

use std::path::Path;

use crate::cli_support::{Served, band, project};
use crate::installed::tool;
use crate::{of_node, proxy, said};

/// Scenarios that are for any server; the others are for the suite's own sample server, and `conformance.yml` names them.
const FOR_US: [&str; 8] = [
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "completion-complete",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
];

#[test]
fn the_conformance_client_finds_nothing_but_what_is_not_offered() {
    let Some(program) = tool("conformance") else { return };
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'true' }\n");
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--plain"]).code, 0);
    let server = Served::start(folder.path());
    let address = proxy::with_token(&server.address, &server.operator);
    // By the name, which is what its test of false names is about.
    let url = format!("http://localhost:{}/mcp", address.rsplit(':').next().unwrap());
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official/conformance.yml");
    let mut command = of_node(&program, folder.path());
    command.args(["server", "--url", &url, "--suite", "active", "--expected-failures"]).arg(&known);
    let (code, out, err) = said(&mut command);
    for scenario in FOR_US {
        assert!(out.contains(&format!("✓ {scenario}: ")), "{scenario} in\n{out}{err}");
    }
    assert_eq!(code, 0, "{out}{err}");
}
