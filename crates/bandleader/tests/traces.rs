//! A run's spans as a collector gets them, over loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use cli_support::project;
use serde_json::Value;

const PLAN: &str = "mission: Two steps\ntasks:\n  - { id: a, run: 'true' }\n  - { id: b, run: 'exit 3', needs: [a] }\n";

/// A collector that answers everything with this status; what it was sent comes out of the channel.
fn collector(status: &'static str) -> (String, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, messages) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut first, mut length) = (String::new(), 0);
            reader.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let Some((name, value)) = line.trim().split_once(": ") else { break };
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n{{}}"
            );
            let _ = reader.get_mut().write_all(answer.as_bytes());
            if sender.send((first, serde_json::from_slice(&body).unwrap())).is_err() {
                return;
            }
        }
    });
    (address, messages)
}

fn band(project: &Path, endpoint: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
    command.current_dir(project).args(arguments).env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
    command.env_remove("OTEL_SERVICE_NAME").env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
    if let Some(endpoint) = endpoint {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    }
    command.output().unwrap()
}

/// All spans of these messages by name, each with its span id and that of its parent.
fn spans(messages: &[(String, Value)]) -> BTreeMap<String, Value> {
    let mut spans = BTreeMap::new();
    for (request, body) in messages {
        assert!(request.starts_with("POST /v1/traces "), "{request}");
        for resource in body["resourceSpans"].as_array().unwrap() {
            let named = resource["resource"]["attributes"].as_array().unwrap();
            assert!(
                named.iter().any(|one| one["key"] == "service.name" && one["value"]["stringValue"] == "bandleader")
            );
            for span in
                resource["scopeSpans"].as_array().unwrap().iter().flat_map(|scope| scope["spans"].as_array().unwrap())
            {
                let task = span["attributes"].as_array().unwrap().iter().find(|one| one["key"] == "bandleader.task");
                let of = task.map(|task| task["value"]["stringValue"].as_str().unwrap().to_owned());
                let name = span["name"].as_str().unwrap();
                spans.insert(format!("{name} {}", of.unwrap_or_default()).trim().to_owned(), span.clone());
            }
        }
    }
    spans
}

#[test]
fn a_run_sends_its_spans_as_they_end_and_again_the_same_ones_when_asked() {
    let folder = project(PLAN);
    let (address, messages) = collector("200 OK");
    assert_eq!(band(folder.path(), Some(&address), &["run", "plan.yaml", "--plain"]).status.code(), Some(3));
    let live: Vec<_> = messages.try_iter().collect();
    let by_name = spans(&live);
    let names: Vec<&str> = by_name.keys().map(String::as_str).collect();
    assert_eq!(names, ["command a", "command b", "invoke_workflow", "task a a", "task b b"]);
    let id = |name: &str| by_name[name]["spanId"].as_str().unwrap().to_owned();
    assert_eq!(by_name["command a"]["parentSpanId"], id("task a a"));
    assert_eq!(by_name["task b b"]["parentSpanId"], id("invoke_workflow"));
    let traces: std::collections::BTreeSet<&str> =
        by_name.values().map(|span| span["traceId"].as_str().unwrap()).collect();
    assert_eq!(traces.len(), 1);
    // 2 is an error, 1 is well.
    let code = |name: &str| by_name[name]["status"]["code"].as_i64().unwrap();
    assert_eq!(["command a", "command b", "task b b", "invoke_workflow"].map(code), [1, 2, 2, 2]);
    assert!(band(folder.path(), None, &["traces", "--to", &address]).status.success());
    assert_eq!(spans(&messages.try_iter().collect::<Vec<_>>()), by_name);
}

#[test]
fn a_collector_that_refuses_costs_a_run_nothing_and_is_told_of() {
    let folder = project("mission: One step\ntasks:\n  - { id: a, run: 'true' }\n");
    let (address, _messages) = collector("400 Bad Request");
    let said = band(folder.path(), Some(&address), &["run", "plan.yaml", "--plain"]);
    assert_eq!(said.status.code(), Some(0));
    let words = String::from_utf8(said.stderr).unwrap();
    assert!(words.contains("spans of this run were not sent"), "{words}");
    let said = band(folder.path(), None, &["traces", "--to", &address]);
    assert_eq!(said.status.code(), Some(1));
}
