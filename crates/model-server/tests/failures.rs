//! The ways in which providers fail, and what the server counts of them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use model_server::ModelServer;
use serde_json::{Value, json};

fn server(rules: Value) -> ModelServer {
    ModelServer::start(serde_json::from_value(rules).unwrap()).unwrap()
}

fn connect(server: &ModelServer) -> TcpStream {
    TcpStream::connect(server.url().strip_prefix("http://").unwrap()).unwrap()
}

/// Sends a question and leaves the connection open.
fn post(connection: &mut TcpStream, target: &str, body: &Value) {
    let body = body.to_string();
    write!(connection, "POST {target} HTTP/1.1\r\nx-test-id: t1\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .unwrap();
}

/// Everything up to the end of a connection that the server closes.
fn ask(server: &ModelServer, target: &str, body: &Value) -> String {
    let mut connection = connect(server);
    post(&mut connection, target, body);
    connection.shutdown(std::net::Shutdown::Write).unwrap();
    let mut all = String::new();
    connection.read_to_string(&mut all).unwrap();
    all
}

fn question(word: &str) -> Value {
    json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": word}], "tools": [{"name": "Bash"}]})
}

const TARGETS: [&str; 4] =
    ["/v1/messages", "/v1/responses", "/v1/chat/completions", "/v1beta/models/m:streamGenerateContent"];

#[test]
fn a_limit_says_when_it_ends_in_each_language() {
    let server = server(json!([{"do": {
        "status": 429, "error": {"message": "slow down"},
        "headers": {"retry-after": "7", "anthropic-ratelimit-requests-reset": "{rfc3339+7}", "x-reset": "{epoch+7}"}
    }}]));
    for (target, kind) in
        TARGETS.into_iter().zip(["rate_limit_error", "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"])
    {
        let said = ask(&server, target, &question("x"));
        assert!(said.starts_with("HTTP/1.1 429 Too Many Requests\r\n"), "{said}");
        assert!(said.contains("\r\nretry-after: 7\r\n") && !said.contains('+'), "{said}");
        assert!(said.contains(kind) && said.contains("slow down"), "{said}");
    }
    let total = &server.count()["total"];
    assert_eq!((&total["refused"], &total["input"]), (&4.into(), &0.into()));
}

#[test]
fn a_stream_is_cut_after_so_many_bytes() {
    let server = server(json!([{"do": {"text": "this will be cut", "cut_after": 350, "usage": [10, 10]}}]));
    for target in TARGETS {
        let said = ask(&server, target, &question("x"));
        let (_, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(!body.ends_with("0\r\n\r\n"), "a whole body: {body}");
        let sent: usize = body.split("\r\n").skip(1).step_by(2).map(str::len).sum();
        assert_eq!(sent, 350, "{body}");
    }
    let total = &server.count()["total"];
    assert_eq!((&total["spoilt"], &total["output"]), (&4.into(), &0.into()));
    // What is shorter than that is whole, and counts: Claude Code asks again without a stream.
    let said = ask(&server, "/v1beta/models/m:generateContent", &json!({"contents": []}));
    assert!(said.ends_with('}') && server.count()["total"]["output"] == 10, "{said}");
}

#[test]
fn a_stream_that_hangs_is_let_go_by_the_client_or_by_the_end_of_the_server() {
    let server = server(json!([{"do": {"text": "never more", "hang_after": 10}}]));
    let mut given_up = connect(&server);
    post(&mut given_up, "/v1/messages", &question("x"));
    let mut line = String::new();
    BufReader::new(&given_up).read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 200 OK\r\n");
    drop(given_up);
    let mut held = connect(&server);
    post(&mut held, "/v1/messages", &question("x"));
    assert!(server.wait_for(2, Duration::from_secs(20)));
    drop(server);
    let mut rest = String::new();
    // Closed by the end of the server, in whatever way.
    let _ = held.read_to_string(&mut rest);
    assert!(!rest.contains("message_start\"") && !rest.ends_with("0\r\n\r\n"), "{rest}");
}

#[test]
fn answers_are_held_until_their_name_is_released() {
    let server = server(json!([
        {"if": {"user": "ONE"}, "do": {"text": "first", "hold": "one"}},
        {"if": {"user": "TWO"}, "do": {"text": "second", "hold": "two"}},
    ]));
    let [mut one, mut two] = ["ONE", "TWO"].map(|word| {
        let mut connection = connect(&server);
        post(&mut connection, "/v1/messages", &question(word));
        connection.shutdown(std::net::Shutdown::Write).unwrap();
        connection
    });
    assert!(server.wait_for_held(2, Duration::from_secs(20)));
    assert_eq!(server.count()["total"]["open"], 2);
    server.release("one");
    let mut said = String::new();
    one.read_to_string(&mut said).unwrap();
    assert!(said.contains("first"), "{said}");
    assert_eq!(server.count()["total"]["open"], 1);
    assert!(!server.wait_for_held(2, Duration::ZERO));
    let mut page = connect(&server);
    write!(page, "PUT /_release/two HTTP/1.1\r\ncontent-length: 0\r\n\r\n").unwrap();
    said.clear();
    two.read_to_string(&mut said).unwrap();
    assert!(said.contains("second"), "{said}");
    // What is held when the server ends ends with it.
    let mut last = connect(&server);
    server.play(serde_json::from_value(json!([{"do": {"text": "third", "hold": "three"}}])).unwrap());
    post(&mut last, "/v1/messages", &question("x"));
    assert!(server.wait_for_held(1, Duration::from_secs(20)));
    drop(server);
    said.clear();
    let _ = last.read_to_string(&mut said);
    assert_eq!(said, "");
}

#[test]
fn spoilt_data_and_errors_inside_a_stream() {
    let server = server(json!([
        {"if": {"user": "BAD"}, "do": {"text": "spoilt", "malformed": true}},
        {"if": {"user": "MID"}, "do": {"text": "half", "error": {"type": "overloaded_error", "message": "Overloaded", "code": "busy"}}},
        {"if": {"user": "RAW"}, "do": {"status": 502, "body": "<html>bad gateway</html>", "headers": {"content-type": "text/html"}}}
    ]));
    for target in TARGETS {
        let body = ask(
            &server,
            target,
            &json!({"model": "m", "stream": true,
            "messages": [{"role": "user", "content": "BAD"}], "input": "BAD",
            "contents": [{"role": "user", "parts": [{"text": "BAD"}]}]}),
        );
        let broken = body.lines().filter_map(|line| line.strip_prefix("data: "));
        let broken = broken.filter(|data| serde_json::from_str::<Value>(data).is_err() && *data != "[DONE]");
        assert!(broken.count() > 0, "{body}");
    }
    let said = ask(&server, "/v1/messages", &question("MID"));
    assert!(
        said.contains("event: error\n") && said.contains("overloaded_error") && !said.contains("message_stop"),
        "{said}"
    );
    let said = ask(&server, "/v1/responses", &json!({"model": "m", "stream": true, "input": "MID"}));
    assert!(said.contains("response.failed") && said.contains(r#""code":"busy""#), "{said}");
    let said = ask(&server, "/v1/messages", &question("RAW"));
    assert!(said.starts_with("HTTP/1.1 502 ") && said.ends_with("<html>bad gateway</html>"), "{said}");
    assert_eq!(server.count()["total"]["spoilt"], 6);
}

#[test]
fn a_request_that_no_rule_fits_fails_unless_it_is_asked_aside() {
    let server =
        server(json!([{"if": {"user": "KNOWN"}, "times": 1, "do": {"call": [{"write": {"path": "a", "text": ""}}]}}]));
    let said = ask(&server, "/v1/messages", &question("OTHER"));
    assert!(said.starts_with("HTTP/1.1 400 ") && said.contains("no rule of the script fits"), "{said}");
    let mut aside = question("OTHER");
    aside["tools"] = json!([]);
    assert!(ask(&server, "/v1/messages", &aside).contains("message_stop"));
    let mut without = question("KNOWN");
    without["tools"] = json!([{"name": "Read"}]);
    assert!(ask(&server, "/v1/messages", &without).contains("none of the tools offered can: Read"));
    let count = server.count();
    assert_eq!((&count["total"]["unmatched"], &count["total"]["answered"]), (&2.into(), &1.into()));
    assert_eq!(count["header"]["x-test-id: t1"]["requests"], 3);
}

#[test]
fn a_connection_serves_many_requests_with_large_bodies() {
    let server = server(json!([{"do": {"text": "ok", "usage": [5, 1]}}]));
    let mut connection = connect(&server);
    let mut from = BufReader::new(connection.try_clone().unwrap());
    for _ in 0..3 {
        let mut body = question(&"x".repeat(1_000_000));
        body["stream"] = false.into();
        post(&mut connection, "/v1/messages", &body);
        let mut length = 0;
        loop {
            let mut line = String::new();
            from.read_line(&mut line).unwrap();
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut said = vec![0; length];
        from.read_exact(&mut said).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&said).unwrap()["content"][0]["text"], "ok");
    }
    assert_eq!(server.count()["total"]["input"], 15);
    assert_eq!(server.log()[2]["user"].as_str().unwrap().len(), 1_000_000);
}

#[test]
fn the_script_can_be_changed_and_keys_stay_out_of_the_log() {
    let server = server(json!([]));
    let rules = json!([{"do": {"text": "changed"}}]).to_string();
    let mut connection = connect(&server);
    write!(connection, "PUT /_rules HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{rules}", rules.len())
        .unwrap();
    connection.read_to_string(&mut String::new()).unwrap();
    let mut connection = connect(&server);
    let body = question("x").to_string();
    let length = body.len();
    write!(connection, "POST /v1/messages HTTP/1.1\r\nx-api-key: sk-secret-4321\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    let mut said = String::new();
    connection.read_to_string(&mut said).unwrap();
    assert!(said.contains("changed"), "{said}");
    assert_eq!(server.log()[0]["headers"]["x-api-key"], "…4321");
}
