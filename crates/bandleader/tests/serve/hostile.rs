//! Requests that nobody means well: strange bytes in addresses, several requests in one, bodies that are deep, names twice.

use std::io::{Read, Write};

use serde_json::json;

use crate::stage::{Server, project};
use crate::wire::Answer;

const PLAN: &str = "mission: m\ntasks: [{id: a, run: 'true'}]\n";
const JSON: (&str, &str) = ("content-type", "application/json");

/// Says exactly this, and gives all that comes back.
fn raw(server: &Server, words: &[u8]) -> String {
    let mut stream = server.connect();
    stream.write_all(words).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn statuses(answers: &str) -> Vec<&str> {
    answers.match_indices("HTTP/1.1 ").map(|(at, _)| &answers[at + 9..at + 12]).collect()
}

#[test]
fn strange_addresses_lead_nowhere_and_add_no_headers() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    for run in [
        "%0d%0aset-cookie:%20a=b",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%00",
        "%ff%fe",
        "%E2%80%AE",
        "a%20b",
        "'%3B--",
        "%F0%9F%92%A9",
    ] {
        for path in [
            format!("/api/v1/runs/{run}"),
            format!("/api/v1/runs/{run}/events"),
            format!("/api/v1/runs/x/tasks/{run}/log"),
        ] {
            let answer = server.get(&path);
            assert_eq!(answer.status, 404, "{path}: {}", answer.text());
            answer.problem();
            assert_eq!(answer.header("set-cookie"), "", "{path}");
        }
        let answer = server.post(&format!("/api/v1/runs/{run}/cancel"), "{}");
        assert_eq!(answer.status, 404, "{run}: {}", answer.text());
    }
    for path in [
        "/assets/../../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/api/v1/../../etc/passwd",
    ] {
        let answer = server.get(path);
        assert!([200, 404].contains(&answer.status) && !answer.text().contains("root:"), "{path}");
    }
    let location = server.say("GET", "/x%0d%0aset-cookie:a=b?token=wrong", &[], "");
    assert_eq!((location.status, location.header("set-cookie")), (303, ""));
}

#[test]
fn several_requests_in_one_get_as_many_answers_and_none_is_smuggled() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    let (host, bearer) = (&server.address, format!("authorization: Bearer {}", server.operator));
    let one = format!("GET /api/v1/session HTTP/1.1\r\nhost: {host}\r\n{bearer}\r\n\r\n");
    let last = format!("GET /api/v1/session HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    // The second says nothing of who asks: nothing of the first is left for it.
    assert_eq!(statuses(&raw(&server, format!("{one}{one}{last}").as_bytes())), ["200", "200", "401"]);
    let both = format!(
        "POST /api/v1/plans/check HTTP/1.1\r\nhost: {host}\r\n{bearer}\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\
         transfer-encoding: chunked\r\n\r\n0\r\n\r\n{last}"
    );
    let answers = raw(&server, both.as_bytes());
    assert!(
        !answers.contains("\"role\"") && statuses(&answers).first().is_some_and(|first| *first != "200"),
        "{answers}"
    );
    let lengths = format!(
        "POST /api/v1/plans/check HTTP/1.1\r\nhost: {host}\r\n{bearer}\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{{}}"
    );
    assert_eq!(statuses(&raw(&server, lengths.as_bytes())), ["400"]);
    for words in ["GET /api/v1/session HTTP/1.0\r\n\r\n", "GET /api/v1/session HTTP/1.1\r\nconnection: close\r\n\r\n"] {
        let answer = raw(&server, words.as_bytes());
        assert!(answer.split(' ').nth(1) == Some("403"), "without a name nobody is answered: {answer}");
    }
    let absolute = format!(
        "GET http://evil.example/api/v1/session HTTP/1.1\r\nhost: evil.example\r\n{bearer}\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(statuses(&raw(&server, absolute.as_bytes())), ["403"]);
    assert_eq!(statuses(&raw(&server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")), ["400"]);
    assert_eq!(server.get("/api/v1/session").status, 200);
}

#[test]
fn methods_that_nobody_needs_do_nothing() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    let document = server.get("/api/v1/openapi.json").json();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let real = path.replace("{run}", "x").replace("{decision}", "1").replace("{task}", "a").replace("{name}", "n");
        let methods = methods.as_object().unwrap();
        let options = server.ask("OPTIONS", &real, &[("origin", &format!("http://{}", server.address))], "");
        assert_eq!((options.status, options.header("access-control-allow-origin")), (405, ""), "{path}");
        for method in ["PUT", "PATCH", "TRACE", "CONNECT", "QUERY"] {
            let answer = server.ask(method, &real, &[JSON], "");
            assert!([400, 405].contains(&answer.status), "{method} {path}: {}", answer.status);
        }
        if methods.contains_key("get") && path != "/api/v1/events" {
            let head: Answer = server.ask("HEAD", &real, &[], "");
            assert!(head.body.is_empty() && head.status == server.get(&real).status, "HEAD {path}: {}", head.status);
        }
    }
}

#[test]
fn bodies_and_queries_are_read_strictly() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    for query in [
        "limit=1&limit=2",
        "limit=-1",
        "limit=99999999999999999999",
        "limit=1.5",
        "state=%ff%fe",
        "search=a&search=b",
        "x=1",
    ] {
        let answer = server.get(&format!("/api/v1/runs?{query}"));
        // What is not UTF-8 is replaced, and then is no state of anything.
        let expected = if query.starts_with("state") { 200 } else { 400 };
        assert_eq!(answer.status, expected, "{query}: {}", answer.text());
    }
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    // Each list names the one before it nine times.
    let laughs = (1..30).fold("b0: &b0 [x]\n".to_owned(), |all, n| {
        let before = format!("*b{}, ", n - 1).repeat(9);
        format!("{all}b{n}: &b{n} [{before}]\n")
    });
    let nested = [
        format!("{{\"inputs\": {{\"a\": {}}}, \"text\": \"mission: m\"}}", deep("[", "]")),
        deep("{\"a\":", "}"),
        json!({ "text": deep("[", "]") }).to_string(),
        json!({ "text": format!("mission: {}", deep("{a: ", "}")) }).to_string(),
        json!({ "text": laughs }).to_string(),
    ];
    for body in &nested {
        let answer = server.post("/api/v1/plans/check", body);
        assert!([200, 400].contains(&answer.status), "{}: {}", &body[..40], answer.status);
        if answer.status == 200 {
            assert_eq!(answer.json()["valid"], false, "{}", &body[..40]);
        }
    }
    for body in [
        r#"{"text": "mission: m", "text": "mission: n"}"#,
        r#"{"level": 9, "text": "mission: m"}"#,
        r#"{"level": 1e3, "text": "mission: m"}"#,
        r#"{"parallel": 0, "text": "mission: m"}"#,
        r#"{"text": null}"#,
        r#"{"text": "a", "plan": "b"}"#,
        r#"{"plan": "a\u0000b"}"#,
        "[]",
        r#""x""#,
        "\u{feff}{}",
        "{} {}",
    ] {
        let answer = server.post("/api/v1/plans/check", body);
        assert!([400, 422].contains(&answer.status), "{body}: {} {}", answer.status, answer.text());
        answer.problem();
    }
    let surrogate = server.post("/api/v1/plans/check", r#"{"text": "\ud800"}"#);
    assert_eq!(surrogate.problem(), "bad-request");
    for key in ["", "a b", &"k".repeat(129)] {
        let answer = server.ask("POST", "/api/v1/runs", &[JSON, ("idempotency-key", key)], r#"{"plan": "plan.yaml"}"#);
        assert_eq!(answer.problem(), "bad-request", "{key:?}");
    }
    assert_eq!(server.get("/api/v1/runs").json()["total"], 0, "nothing was started by any of it");
}
