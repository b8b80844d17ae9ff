//! The API against its own description, by schemathesis: whatever the description allows is asked for, and every answer held against it.

use std::process::Command;

use crate::cli_support::{Served, band, none_left, project};
use crate::installed::tool;
use crate::said;

/// Something of every kind: output, a gate, a failure, a question that stays open.
const PLAN: &str = "mission: Asks
phases:
  - id: build
    tasks:
      - {id: api, run: 'seq 50; echo warn >&2', gates: ['true']}
      - {id: page, run: 'exit 3', optional: true, retry: 0}
      - {id: ask, decision: {question: 'Which?', timeout: none, options: [{id: A}, {id: B}]}}
";

/// What is looked at in an answer. Left out is whether what is refused had to be: a description cannot say all that is wrong.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";

#[test]
fn every_answer_is_as_the_description_says_whatever_is_asked() {
    let Some(program) = tool("schemathesis") else { return };
    let folder = project(PLAN);
    let server = Served::start(folder.path());
    let run = band(folder.path(), &["run", "plan.yaml", "--detach"]).out;
    let document = folder.path().join("openapi.json");
    std::fs::write(&document, band(folder.path(), &["schema", "--api"]).out).unwrap();
    let known = format!(
        "[parameters]\n\"path.run\" = \"{}\"\n\"path.task\" = \"build.api\"\n\"path.decision\" = 1\n",
        run.trim()
    );
    let settings = folder.path().join("schemathesis.toml");
    std::fs::write(&settings, known).unwrap();
    let mut command = Command::new(&program);
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", folder.path()).env("LANG", "C.UTF-8");
    command.current_dir(folder.path()).arg("--config-file").arg(&settings).arg("run").arg(&document);
    command.args(["--url", &format!("http://{}", server.address)]);
    command.args(["-H", &format!("Authorization: Bearer {}", server.operator)]);
    // A stream over all runs has no end, and of a pair of numbers it makes a schema that is none.
    command.args(["--exclude-path", "/api/v1/events", "--exclude-path", "/api/v1/runs/{run}/timeline"]);
    command.args(["--max-examples", "10", "--seed", "7", "--request-timeout", "20", "--no-color"]);
    // With more of them Python itself can stumble: until 3.12 threads that parse share a counter of depth.
    command.args(["--workers", "1"]);
    command.args(["--checks", CHECKS]);
    let (code, out, err) = said(&mut command);
    assert_eq!(code, 0, "{out}{err}");
    // It has found its way in: most of what it asked for was understood.
    assert!(out.contains(" passed"), "{out}{err}");
    for row in serde_json::from_str::<Vec<serde_json::Value>>(&band(folder.path(), &["list", "--json"]).out).unwrap() {
        band(folder.path(), &["cancel", row["id"].as_str().unwrap(), "--now"]);
    }
    drop(server);
    none_left(folder.path());
}
