//! A run's spans as a collector gets them, over loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]
#![expect(clippy::indexing_slicing, reason = "the same")]

mod cli_support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use cli_support::project;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use prost::Message as _;
use serde_json::{Value, json};

const PLAN: &str = "mission: Two steps\ntasks:\n  - { id: a, run: 'true' }\n  - { id: b, run: 'exit 3', needs: [a] }\n";

/// One request to a collector.
struct Sent {
    first: String,
    kind: String,
    body: Vec<u8>,
}

/// A collector that answers everything with this status; what it was sent comes out of the channel.
fn collector(status: &'static str) -> (String, Receiver<Sent>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, messages) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut first, mut length, mut kind) = (String::new(), 0, String::new());
            reader.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let Some((name, value)) = line.trim().split_once(": ") else { break };
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.parse().unwrap();
                }
                if name.eq_ignore_ascii_case("content-type") {
                    value.clone_into(&mut kind);
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n{{}}"
            );
            let _ = reader.get_mut().write_all(answer.as_bytes());
            if sender.send(Sent { first, kind, body }).is_err() {
                return;
            }
        }
    });
    (address, messages)
}

fn band(project: &Path, endpoint: Option<&str>, arguments: &[&str]) -> Output {
    band_by("http/json", project, endpoint, arguments)
}

/// The same by another protocol; by none that is named if that is empty.
fn band_by(protocol: &str, project: &Path, endpoint: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
    command.current_dir(project).args(arguments).env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    command.env_remove("OTEL_SERVICE_NAME").env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
    if let Some(endpoint) = endpoint {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    }
    command.output().unwrap()
}

/// All spans of these messages by name, each with its span id and that of its parent.
fn spans(messages: &[Sent]) -> BTreeMap<String, Value> {
    let mut spans = BTreeMap::new();
    for sent in messages {
        assert!(sent.first.starts_with("POST /v1/traces "), "{}", sent.first);
        assert_eq!(sent.kind, "application/json");
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
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

/// An attribute as JSON has it.
fn attribute(one: &KeyValue) -> Value {
    let value = match one.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => json!({ "stringValue": text }),
        Some(any_value::Value::BoolValue(flag)) => json!({ "boolValue": flag }),
        // 64 bits are text in the protocol's JSON.
        Some(any_value::Value::IntValue(number)) => json!({ "intValue": number.to_string() }),
        Some(any_value::Value::DoubleValue(number)) => json!({ "doubleValue": number }),
        other => json!(format!("{other:?}")),
    };
    json!({ "key": one.key, "value": value })
}

/// What there is of a span in both forms, from protobuf.
fn decoded(messages: &[Sent]) -> Vec<Value> {
    let mut all = Vec::new();
    for sent in messages {
        assert_eq!((sent.first.split(' ').nth(1), sent.kind.as_str()), (Some("/v1/traces"), "application/x-protobuf"));
        for resource in ExportTraceServiceRequest::decode(sent.body.as_slice()).unwrap().resource_spans {
            let named: Vec<Value> = resource.resource.unwrap().attributes.iter().map(attribute).collect();
            assert!(
                named.contains(&json!({ "key": "service.name", "value": { "stringValue": "bandleader" } })),
                "{named:?}"
            );
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                let hex = |bytes: &[u8]| {
                    bytes.iter().fold(String::new(), |mut text, byte| {
                        let _ = write!(text, "{byte:02x}");
                        text
                    })
                };
                all.push(json!({
                    "name": span.name, "trace": hex(&span.trace_id), "id": hex(&span.span_id), "parent": hex(&span.parent_span_id),
                    "from": span.start_time_unix_nano.to_string(), "to": span.end_time_unix_nano.to_string(),
                    "attributes": span.attributes.iter().map(attribute).collect::<Vec<_>>(),
                    "events": span.events.iter().map(|event| event.name.clone()).collect::<Vec<_>>(),
                    "code": span.status.as_ref().map_or(0, |status| status.code),
                }));
            }
        }
    }
    all.sort_by_key(|span| span["id"].to_string());
    all
}

/// The same of a span in JSON.
fn plain(span: &Value) -> Value {
    let events = span["events"].as_array().cloned().unwrap_or_default();
    json!({
        "name": span["name"], "trace": span["traceId"], "id": span["spanId"], "parent": span["parentSpanId"],
        "from": span["startTimeUnixNano"], "to": span["endTimeUnixNano"], "attributes": span["attributes"],
        "events": events.iter().map(|event| event["name"].clone()).collect::<Vec<_>>(),
        "code": span["status"]["code"].as_i64().unwrap_or_default(),
    })
}

#[test]
fn as_protobuf_the_same_spans_arrive_and_that_is_what_is_sent_if_nothing_is_said() {
    let folder = project(PLAN);
    let (address, messages) = collector("200 OK");
    let ran = band_by("http/protobuf", folder.path(), Some(&address), &["run", "plan.yaml", "--plain"]);
    assert_eq!(ran.status.code(), Some(3));
    let live = decoded(&messages.try_iter().collect::<Vec<_>>());
    assert_eq!(live.len(), 5, "{live:#?}");
    let again = |protocol: &str| {
        let said = band_by(protocol, folder.path(), None, &["traces", "--to", &address]);
        assert!(said.status.success(), "{protocol}: {said:?}");
        messages.try_iter().collect::<Vec<_>>()
    };
    assert_eq!(decoded(&again("http/protobuf")), live);
    assert_eq!(decoded(&again("")), live);
    let mut in_json: Vec<Value> = spans(&again("http/json")).values().map(plain).collect();
    in_json.sort_by_key(|span| span["id"].to_string());
    assert_eq!(in_json, live);
}

#[test]
fn grpc_is_refused_and_said_what_to_set() {
    let folder = project("mission: One step\ntasks:\n  - { id: a, run: 'true' }\n");
    let said = band_by("grpc", folder.path(), Some("http://127.0.0.1:1"), &["run", "plan.yaml", "--plain"]);
    let words = String::from_utf8(said.stderr).unwrap();
    assert_eq!(said.status.code(), Some(0), "a run goes on without: {words}");
    assert!(words.contains("by gRPC"), "{words}");
    let said = band_by("grpc", folder.path(), None, &["traces", "--to", "http://127.0.0.1:1"]);
    let words = String::from_utf8(said.stderr).unwrap();
    assert!(said.status.code() != Some(0) && words.contains("http/protobuf or http/json"), "{words}");
}
