//! `/metrics` of a server that has something to count, checked by promtool.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cli_support::{Served, band, none_left, project};
use crate::installed::tool;

const ASKS: &str = "mission: Asks\ntasks:\n  - { id: a, run: 'true' }\n  - id: which\n    needs: [a]\n    decision: { question: 'Which?', timeout: none, options: [{ id: A }, { id: B }] }\n";

fn get(server: &Served, path: &str, accept: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let (host, token) = (&server.address, &server.reader);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}\n{body}");
    body.to_owned()
}

/// Whether promtool takes it, and what it says.
fn check(promtool: &Path, metrics: &str) -> (bool, String) {
    let mut command = Command::new(promtool);
    let pipes = command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    child.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn promtool_finds_nothing_wrong() {
    let Some(promtool) = tool("promtool") else { return };
    let folder = project(ASKS);
    let server = Served::start(folder.path());
    let id = band(folder.path(), &["run", "plan.yaml", "--detach"]).out;
    // Requests, a run that goes on and one that failed are counted, too.
    get(&server, "/api/v1/runs", "*/*");
    std::fs::write(folder.path().join("fails.yaml"), "mission: Fails\ntasks:\n  - { id: a, run: 'exit 1' }\n").unwrap();
    assert_eq!(band(folder.path(), &["run", "fails.yaml", "--plain"]).code, 3);
    let metrics = get(&server, "/metrics", "text/plain");
    for words in [
        "bandleader_runs{state=\"failed\"} 1",
        &format!("bandleader_run_attempts{{run=\"{}\"}}", id.trim()),
        "bandleader_http_requests_total{method=\"GET\",status=\"200\"}",
        "bandleader_http_request_seconds_bucket{le=\"",
    ] {
        assert!(metrics.contains(words), "{words} in\n{metrics}");
    }
    assert_eq!(check(&promtool, &metrics), (true, String::new()), "{metrics}");
    // What Prometheus itself asks for has its own end, and counters without their samples' ending.
    let open = get(&server, "/metrics", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3");
    assert!(open.ends_with("# EOF\n") && open.contains("# TYPE bandleader_http_requests counter\n"), "{open}");
    assert!(metrics.contains("# TYPE bandleader_http_requests_total counter\n") && !metrics.contains("# EOF"));
    // It would say if something were.
    let (well, words) =
        check(&promtool, &metrics.replace("# TYPE bandleader_runs gauge", "# TYPE bandleader_runs counter"));
    assert!(!well && words.contains("bandleader_runs"), "{words}");
    assert_eq!(band(folder.path(), &["cancel", id.trim(), "--now"]).code, 0);
    none_left(folder.path());
}
