//! Who is let in, how far, and what the server does with those who mean it no good.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

use crate::stage::{Server, command, project};

const PLAN: &str = "mission: m\ntasks: [{id: a, run: 'true'}]\n";
const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn nothing_is_told_without_a_token() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    for headers in [
        &[][..],
        &[("authorization", "Bearer wrong")],
        &[("authorization", "Basic b3BlcmF0b3I6")],
        &[("cookie", "band_1=wrong")],
    ] {
        let answer = server.say("GET", "/api/v1/runs", headers, "");
        assert_eq!((answer.status, answer.problem().as_str()), (401, "no-token"), "{headers:?}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert!(!answer.text().contains(&server.operator));
    }
    assert_eq!(server.say("GET", "/metrics", &[], "").status, 401);
    let token_in_address = server.say("GET", &format!("/api/v1/runs?token={}", server.operator), &[], "");
    assert_eq!(token_in_address.status, 401, "only the page takes it from there, and takes it away");
}

#[test]
fn a_link_becomes_a_cookie_that_only_this_page_can_use() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    let opened = server.say("GET", &format!("/runs/k3?token={}&tab=log", server.operator), &[], "");
    assert_eq!((opened.status, opened.header("location")), (303, "/runs/k3?tab=log"));
    let cookie = opened.header("set-cookie");
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert!(!cookie.contains(&server.operator), "the cookie says nothing of the token");
    let cookie = cookie.split(';').next().unwrap();
    assert!(cookie.starts_with(&format!("band_{}=", server.port())));
    let session = server.say("GET", "/api/v1/session", &[("cookie", &format!("other=1; {cookie}"))], "");
    assert_eq!(session.json()["role"], "operator");
    // A write with a cookie says which page it comes from.
    let write = |origin: Option<&str>| {
        let mut headers = vec![("cookie", cookie), JSON];
        headers.extend(origin.map(|origin| ("origin", origin)));
        server.say("POST", "/api/v1/plans/check", &headers, r#"{"text": "mission: m"}"#)
    };
    let here = format!("http://{}", server.address);
    assert_eq!(write(Some(&here)).status, 200);
    assert_eq!(write(None).problem(), "no-origin");
    for other in ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1.evil.example"] {
        assert_eq!(write(Some(other)).problem(), "origin", "{other}");
    }
    let given = server.say("POST", "/api/v1/session", &[JSON], &format!(r#"{{"token": "{}"}}"#, server.reader));
    assert_eq!((given.status, &given.json()["role"]), (200, &"reader".into()));
    assert_eq!(server.say("POST", "/api/v1/session", &[JSON], r#"{"token": "wrong"}"#).status, 401);
    let ended = server.say("DELETE", "/api/v1/session", &[("cookie", cookie)], "");
    assert!(ended.status == 204 && ended.header("set-cookie").contains("Max-Age=0"));
    let wrong = server.say("GET", "/?token=wrong", &[], "");
    assert_eq!((wrong.status, wrong.header("set-cookie")), (303, ""));
    for path in ["//evil.example/", "/\\evil.example/", "/\\/evil.example"] {
        let away = server.say("GET", &format!("{path}?token=x"), &[], "");
        assert_eq!(away.header("location"), "/", "nobody is sent elsewhere: {path}");
    }
}

#[test]
fn other_names_and_other_pages_are_refused_whatever_they_know() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &["--allow-host", "band.lan"]);
    for host in ["evil.example", "evil.example:80", "127.0.0.1.nip.io", "", "[::2]"] {
        for path in ["/api/v1/runs", "/", "/metrics"] {
            let answer = server.ask("GET", path, &[("host", host)], "");
            assert_eq!((answer.status, answer.problem().as_str()), (403, "host"), "{host} {path}");
        }
    }
    for host in ["localhost:1234", "127.0.0.1", "band.lan", "[::1]:80"] {
        assert_eq!(server.ask("GET", "/api/v1/runs", &[("host", host)], "").status, 200, "{host}");
    }
    let mut twice = server.connect();
    twice.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    twice.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403") || answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(server.ask("GET", "http://evil.example/api/v1/runs", &[], "").problem(), "host");
    assert_eq!(server.ask("GET", "http://localhost/api/v1/runs", &[], "").status, 200);
    assert_eq!(server.ask("GET", "/api/v1/runs", &[("origin", "http://evil.example")], "").problem(), "origin");
    let sent = server.ask("POST", "/api/v1/plans/check", &[JSON, ("sec-fetch-site", "cross-site")], "{}");
    assert_eq!(sent.problem(), "origin");
}

#[test]
fn every_answer_carries_what_browsers_need() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    for answer in [server.get("/"), server.get("/api/v1/runs"), server.say("GET", "/api/v1/runs", &[], "")] {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    assert_eq!(server.get("/api/v1/runs").header("cache-control"), "no-store");
}

#[test]
fn whoever_may_look_may_not_touch() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    let run = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#).json()["run"].as_str().unwrap().to_owned();
    let reader = format!("Bearer {}", server.reader);
    let document = server.get("/api/v1/openapi.json").json();
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let real = path.replace("{run}", &run).replace("{decision}", "1").replace("{task}", "a");
        for method in methods
            .as_object()
            .unwrap()
            .keys()
            .filter(|method| *method != "get" && path != "/api/v1/session" && path != "/hooks/{name}")
        {
            let answer = server.say(&method.to_uppercase(), &real, &[("authorization", &reader), JSON], "{}");
            assert_eq!((answer.status, answer.problem().as_str()), (403, "read-only"), "{method} {path}");
            tried += 1;
        }
    }
    assert!(tried > 12);
    assert_eq!(server.say("GET", &format!("/api/v1/runs/{run}"), &[("authorization", &reader)], "").status, 200);
    drop(server);
    let server = Server::start(folder.path(), &["--read-only"]);
    assert_eq!(server.operator, "", "its link is not told");
    // Nor does it do more, if somebody still knows it.
    let kept = std::fs::read_to_string(folder.path().join(".band/serve/links.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    let operator = format!("Bearer {}", kept["operator"]["token"].as_str().unwrap());
    let answer = server.say("POST", &format!("/api/v1/runs/{run}/cancel"), &[("authorization", &operator), JSON], "{}");
    assert_eq!(answer.problem(), "read-only");
}

#[test]
fn bodies_that_are_no_good_are_refused() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &["--port", "0"]);
    let bearer = format!("Bearer {}", server.operator);
    let post = |kind: &str, body: &str| {
        server.say("POST", "/api/v1/plans/check", &[("authorization", &bearer), ("content-type", kind)], body)
    };
    assert_eq!(post("text/plain", "{}").problem(), "not-json");
    assert_eq!(post("application/x-www-form-urlencoded", "a=b").problem(), "not-json");
    assert_eq!(post("application/json", "{").problem(), "bad-request");
    assert_eq!(post("application/json", r#"{"unknown": 1}"#).problem(), "bad-request");
    assert_eq!(post("application/json; charset=utf-8", r#"{"text": "mission: m"}"#).status, 200);
    assert_eq!(post("application/json", r#"{"plan": "../../etc/passwd"}"#).problem(), "bad-request");
    assert_eq!(post("application/json", r#"{"plan": "/etc/passwd"}"#).problem(), "bad-request");
    assert_eq!(post("application/json", r#"{"plan": "-"}"#).problem(), "bad-request");
    // What is announced as too long is refused before it comes; what is not announced, when it has become too long.
    let mut announced = server.connect();
    let head = format!(
        "POST /api/v1/plans/check HTTP/1.1\r\nhost: {}\r\nauthorization: {bearer}\r\ncontent-type: application/json\r\n",
        server.address
    );
    write!(announced, "{head}connection: close\r\ncontent-length: 99999999\r\n\r\n").unwrap();
    let mut answer = String::new();
    announced.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let mut chunked = server.connect();
    write!(chunked, "{head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    let chunk = "x".repeat(64 << 10);
    // It may close the door at any time.
    for _ in 0..100 {
        if write!(chunked, "{:x}\r\n{chunk}\r\n", chunk.len()).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = chunked.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    let long = "y".repeat(64 << 10);
    let answer = server.say("GET", "/api/v1/runs", &[("x-long", &long)], "");
    assert_eq!(answer.status, 431);
}

#[test]
fn a_plan_of_problems_alone_is_judged_in_time() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    let text = format!("mission: m\ntasks: [{}]", "{id: a, run: x, bogus: 1}, ".repeat(20_000));
    let answer = server.post("/api/v1/plans/check", &serde_json::json!({ "text": text }).to_string());
    let problems = answer.json()["diagnostics"].as_array().unwrap().len();
    assert!(problems > 20_000, "{problems}");
}

#[test]
fn the_slow_and_the_many_do_not_keep_others_away() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &["--connections", "4"]);
    let bearer = format!("Bearer {}", server.operator);
    // It never sends the end of its head, and is given up.
    let mut slow = server.connect();
    slow.write_all(b"GET / HTTP/1.1\r\nhost: loc").unwrap();
    // Nor does this one ever send its body.
    let mut lazy = server.connect();
    write!(lazy, "POST /api/v1/plans/check HTTP/1.1\r\nhost: {}\r\nauthorization: {bearer}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{{", server.address).unwrap();
    assert_eq!(server.get("/api/v1/runs").status, 200);
    let held: Vec<_> = (0..2).map(|_| server.follow("/api/v1/events", None)).collect();
    assert!(held.iter().all(|stream| stream.status == 200));
    let mut refused = server.connect();
    let mut answer = String::new();
    refused.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("urn:bandleader:problem:full"), "{answer}");
    let length: usize = answer.split("Content-Length: ").nth(1).unwrap().split('\r').next().unwrap().parse().unwrap();
    assert_eq!(answer.split("\r\n\r\n").nth(1).unwrap().len(), length);
    let mut rest = String::new();
    slow.read_to_string(&mut rest).unwrap();
    assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 408"), "{rest}");
    let mut rest = String::new();
    lazy.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("HTTP/1.1 400"), "{rest}");
    assert_eq!(server.get("/api/v1/runs").status, 200, "their places are free again");
}

#[test]
fn whoever_guesses_is_slowed_down() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    let guessed: Vec<u16> =
        (0..400).map(|_| server.say("GET", "/api/v1/runs", &[("authorization", "Bearer guess")], "").status).collect();
    assert!(guessed.contains(&429) && guessed.iter().all(|status| [401, 429].contains(status)), "{guessed:?}");
    assert_eq!(server.get("/api/v1/runs").status, 200, "who has a token is not");
}

#[test]
fn links_stay_good_until_new_ones_are_made() {
    let folder = project(PLAN);
    let first = Server::start(folder.path(), &[]);
    let (operator, reader) = (first.operator.clone(), first.reader.clone());
    let kept = folder.path().join(".band/serve");
    assert_eq!(kept.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(kept.join("links.json").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(first.terminate(), Some(0));
    let second = Server::start(folder.path(), &[]);
    assert_eq!((&second.operator, &second.reader), (&operator, &reader));
    drop(second);
    let third = Server::start(folder.path(), &["--new-links"]);
    assert_ne!(third.operator, operator);
    let old = format!("Bearer {operator}");
    assert_eq!(third.say("GET", "/api/v1/runs", &[("authorization", &old)], "").status, 401);
}

#[test]
fn others_are_let_in_only_by_a_token_that_a_person_chose() {
    let folder = project(PLAN);
    let serve = |arguments: &[&str]| {
        let output = command(folder.path()).args(["serve", "--port", "0"]).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, words) = serve(&["--host", "0.0.0.0"]);
    assert!(code == Some(2) && words.contains("could start programs") && words.contains("--token-file"), "{words}");
    let file = folder.path().join("token");
    std::fs::write(&file, "short\n").unwrap();
    let (code, words) = serve(&["--host", "0.0.0.0", "--token-file", "token"]);
    assert!(code == Some(2) && words.contains("less than 32 characters"), "{words}");
    let token = "0123456789abcdef0123456789abcdef";
    std::fs::write(&file, token).unwrap();
    let server = Server::start(folder.path(), &["--token-file", "token"]);
    assert_eq!((server.operator.as_str(), server.get("/api/v1/runs").status), (token, 200));
    let busy = server.port().to_owned();
    let output = command(folder.path()).args(["serve", "--port", &busy]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}
