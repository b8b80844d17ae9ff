//! Answers by link: a chat is told of a question, and whoever opens the link answers it, once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::stage::{LONG, Project, Server, band, project, wait_for};
use crate::wire::Answer;

const PLAN: &str = "mission: Shop <b>
tasks:
  - id: ask
    decision:
      question: Which <script>alert(1)</script> way?
      details: It matters.
      options: [{id: A, name: Left, cost: low}, {id: B, name: '\"Right\"', cost: high}]
      recommend: A
      timeout: 30m
  - {id: last, needs: [ask], run: echo end}
";

/// Takes every message with 200, and hands its body on.
fn chat() -> (u16, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, messages) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            if sender.send(serde_json::from_slice(&body).unwrap()).is_err() {
                return;
            }
        }
    });
    (port, messages)
}

fn place(port: u16, more: &str) -> Project {
    let folder = project(PLAN);
    let hook = format!(
        "[[webhooks]]\nname = 'chat'\nurl = 'http://127.0.0.1:{port}/'\nallow = ['127.0.0.1']\nformat = 'slack'\nanswer_links = true\n{more}"
    );
    std::fs::write(folder.path().join("band.toml"), hook).unwrap();
    folder
}

/// The address in what a chat was told of a question.
fn link(messages: &Receiver<Value>) -> String {
    loop {
        let message = messages.recv_timeout(LONG).unwrap();
        let text = message["text"].as_str().unwrap().to_owned();
        if let Some((before, link)) = text.split_once("\nAnswer: ") {
            assert!(before.contains("user question") && !before.contains('<'), "{text}");
            return link.to_owned();
        }
    }
}

fn page(server: &Server, path: &str) -> Answer {
    let page = server.say("GET", path, &[], "");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'; form-action 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "same-origin"));
    let text = page.text();
    assert!(!text.contains("<script") && !text.contains("style=\"") && text.contains("name=\"viewport\""), "{text}");
    page
}

fn post(server: &Server, path: &str, form: &str) -> Answer {
    let origin = format!("http://{}", server.address);
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    server.say("POST", path, &[form_type, ("origin", &origin)], form)
}

fn decision(server: &Server, run: &str) -> Value {
    server.get(&format!("/api/v1/runs/{run}/decisions/1")).json()
}

fn begin(server: &Server) -> String {
    server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#).json()["run"].as_str().unwrap().to_owned()
}

#[test]
fn whoever_has_the_link_answers_once_and_a_look_answers_nothing() {
    let (port, messages) = chat();
    let folder = place(port, "answers_as = 'Ada'\n");
    let server = Server::start(folder.path(), &[]);
    let run = begin(&server);
    let link = link(&messages);
    let path = link.strip_prefix(&format!("http://{}", server.address)).unwrap_or_else(|| panic!("{link}")).to_owned();
    let kept = std::fs::read(folder.path().join(".band/hooks.db")).unwrap();
    let token = path.rsplit('/').next().unwrap().to_owned();
    assert!(token.len() > 40 && !kept.windows(token.len()).any(|part| part == token.as_bytes()), "it stands nowhere");
    // Chats look at links by themselves, and often.
    for _ in 0..3 {
        let open = page(&server, &path);
        let text = open.text();
        assert!(!text.contains("<dl"), "a label has no lists in it");
        assert_eq!(open.status, 200, "{text}");
        for words in [
            "Which &lt;script&gt;",
            "It matters.",
            "recommended",
            "high",
            "A is taken in",
            "You answer as Ada",
            "&quot;Right&quot;",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
    assert_eq!(server.say("HEAD", &path, &[], "").status, 200);
    let open = decision(&server, &run);
    assert!(open["taken"].is_null() && open["held"].is_null(), "{open:#}");
    assert_eq!(server.say("GET", "/answer/style.css", &[], "").header("content-type"), "text/css; charset=utf-8");
    // What is no answer leaves it as it is.
    for (form, status) in [("", 422), ("option=Z", 422), ("option=A&more=1", 422), ("option=%ff%00", 422)] {
        assert_eq!(post(&server, &path, form).status, status, "{form}");
    }
    let elsewhere = server.say("POST", &path, &[("origin", "https://evil.example")], "option=A");
    assert_eq!(elsewhere.problem(), "origin");
    let long = format!("option=A&because={}", "x".repeat(20_000));
    assert_eq!(post(&server, &path, &long).status, 422);
    let sent = post(&server, &path, "option=b&because=It+is%20%3Cb%3Ebetter");
    assert_eq!((sent.status, sent.header("location")), (303, token.as_str()));
    wait_for("the answer", || (!decision(&server, &run)["taken"].is_null()).then_some(()));
    let outcome = decision(&server, &run)["taken"].clone();
    assert_eq!(outcome["by"], json!({ "who": "person", "name": "Ada (by link, chat)" }));
    assert_eq!((&outcome["option"], &outcome["because"]), (&json!("B"), &json!("It is <b>better")));
    let used = page(&server, &path);
    assert!(used.status == 410 && used.text().contains("Answered by this link: <strong>B</strong>"), "{}", used.text());
    assert_eq!(post(&server, &path, "option=A").status, 410);
    let audit = std::fs::read_to_string(folder.path().join(".band/serve/audit.jsonl")).unwrap();
    assert!(audit.contains("\"person\":\"Ada\"") && !audit.contains(&token), "{audit}");
}

#[test]
fn a_link_ends_with_its_question_and_wrong_ones_open_nothing() {
    let (port, messages) = chat();
    let folder = place(port, "public_url = 'https://band.example/'\n");
    let server = Server::start(folder.path(), &["--allow-host", "band.example"]);
    let run = begin(&server);
    let link = link(&messages);
    let path = link.strip_prefix("https://band.example").unwrap().to_owned();
    for wrong in ["/answer/x", "/answer/%00", "/answer/..%2f..%2fetc", "/answer/\u{202e}"] {
        let wrong = wrong.replace('\u{202e}', "%E2%80%AE");
        assert_eq!(page(&server, &wrong).status, 404, "{wrong}");
    }
    assert_eq!(server.say("GET", &path, &[("host", "evil.example")], "").problem(), "host");
    let through = server.say("GET", &path, &[("host", "band.example")], "");
    assert_eq!(through.status, 200);
    band(folder.path(), &["decide", &run, "1", "A"]);
    wait_for("the answer", || (!decision(&server, &run)["taken"].is_null()).then_some(()));
    let over = page(&server, &path);
    assert!(over.status == 410 && over.text().contains("This is decided: A"), "{}", over.text());
    assert_eq!(post(&server, &path, "option=B").status, 410);
    let tried: Vec<u16> = (0..300).map(|_| server.say("GET", "/answer/guess", &[], "").status).collect();
    assert!(tried.contains(&429), "whoever tries links is slowed down");
    assert_eq!(page(&server, &path).status, 410, "who has one is not");
    drop(server);
    let server = Server::start(folder.path(), &["--read-only"]);
    assert_eq!(page(&server, &path).status, 403);
    assert_eq!(post(&server, &path, "option=B").status, 403);
}

#[test]
fn nobody_gets_links_who_did_not_ask_for_them() {
    let (port, messages) = chat();
    let folder = place(port, "");
    let settings =
        std::fs::read_to_string(folder.path().join("band.toml")).unwrap().replace("answer_links = true\n", "");
    std::fs::write(folder.path().join("band.toml"), settings).unwrap();
    let server = Server::start(folder.path(), &[]);
    let run = begin(&server);
    let told = loop {
        let message: Value = messages.recv_timeout(LONG).unwrap();
        let text = message["text"].as_str().unwrap().to_owned();
        if text.contains("user question") {
            break text;
        }
    };
    assert!(!told.contains("/answer/") && Path::new(&folder.path().join(".band/serve")).exists(), "{told}");
    assert!(!folder.path().join(".band/serve/answers.key").exists());
    band(folder.path(), &["cancel", &run, "--now"]);
}
