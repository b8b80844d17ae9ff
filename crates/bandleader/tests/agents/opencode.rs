//! The driver for OpenCode, with a stand-in for its server: what it would say over HTTP, by a script.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

use bandleader_core::AgentFailure;
use bandleader_core::plan::FailureClass;
use serde_json::{Value, json};

use crate::common::{Attended, Scene};

/// A server that answers as OpenCode's does, and tells these events once something is asked of it.
struct Standin {
    address: String,
    /// Method, path and body of everything that it was asked.
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

#[derive(Clone)]
struct Script {
    asked: Arc<Mutex<Vec<(String, Value)>>>,
    /// The events of each turn.
    turns: Arc<Vec<Vec<Value>>>,
    /// How many turns have begun, and whether it was interrupted.
    begun: Arc<(Mutex<(usize, bool)>, Condvar)>,
    message: Value,
    session: Value,
}

impl Standin {
    fn new(turns: Vec<Vec<Value>>, message: Value, session: Value) -> Standin {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::default();
        let script =
            Script { asked: Arc::clone(&asked), turns: Arc::new(turns), begun: Arc::default(), message, session };
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let script = script.clone();
                std::thread::spawn(move || while script.answer(&connection).is_some() {});
            }
        });
        Standin { address, asked }
    }

    fn scene(&self) -> Scene {
        Scene::new("opencode", &format!("> opencode server listening on http://{}\nhang\n", self.address))
    }

    fn asked(&self, path: &str) -> Vec<Value> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(other, _)| other.ends_with(path)).map(|(_, body)| body.clone()).collect()
    }
}

impl Script {
    fn answer(&self, connection: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(connection);
        let (mut head, mut length, mut authorized) = (String::new(), 0, false);
        reader.read_line(&mut head).ok()?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            authorized |= line.starts_with("authorization: basic ");
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let mut words = head.split_whitespace();
        let (method, path) = (words.next()?, words.next()?);
        if !authorized {
            return send(connection, 401, &json!({ "message": "no password" }));
        }
        self.asked.lock().unwrap().push((format!("{method} {path}"), body));
        match (method, path) {
            ("GET", "/global/health") => send(connection, 200, &json!({ "healthy": true, "version": "1.18.33" })),
            ("GET", "/mcp") => send(connection, 200, &json!({ "band": { "status": "failed", "error": "ENOENT" } })),
            ("GET", "/event") => self.tell(connection),
            ("POST", "/session") | ("GET", "/session/ses_1") => {
                let mut session = self.session.clone();
                let grown = if self.begun.0.lock().unwrap().0 > 0 { 500 } else { 0 };
                session["tokens"]["input"] = json!(session["tokens"]["input"].as_u64().unwrap() + grown);
                send(connection, 200, &session)
            }
            ("POST", path) if path.ends_with("/prompt_async") => {
                self.begun.0.lock().unwrap().0 += 1;
                self.begun.1.notify_all();
                send(connection, 204, &Value::Null)
            }
            ("POST", path) if path.ends_with("/abort") => {
                self.begun.0.lock().unwrap().1 = true;
                self.begun.1.notify_all();
                send(connection, 200, &json!(true))
            }
            ("GET", path) if path.contains("/message/") => send(connection, 200, &self.message),
            ("POST", _) => send(connection, 200, &json!(true)),
            _ => send(connection, 404, &json!({ "name": "NotFoundError", "data": { "message": "not found" } })),
        }
    }

    fn tell(&self, mut connection: &TcpStream) -> Option<()> {
        write!(connection, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n").ok()?;
        write!(
            connection,
            "data: {{\"type\":\"server.connected\",\"properties\":{{}}}}\n\n: a comment\n\ndata: not json\n\n"
        )
        .ok()?;
        for (index, turn) in self.turns.iter().enumerate() {
            let (lock, woken) = &*self.begun;
            drop(woken.wait_while(lock.lock().unwrap(), |(begun, _)| *begun <= index).unwrap());
            for event in turn {
                write!(connection, "data: {event}\n\n").ok()?;
            }
        }
        let (lock, woken) = &*self.begun;
        drop(woken.wait_while(lock.lock().unwrap(), |(_, interrupted)| !*interrupted).unwrap());
        write!(connection, "data: {}\n\n", event("session.idle", json!({}))).ok()?;
        std::thread::park();
        None
    }
}

fn send(mut connection: &TcpStream, status: u16, body: &Value) -> Option<()> {
    let body = if status == 204 { String::new() } else { body.to_string() };
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    connection.write_all((head + &body).as_bytes()).ok()
}

fn event(kind: &str, mut properties: Value) -> Value {
    properties["sessionID"] = json!("ses_1");
    json!({ "type": kind, "properties": properties })
}

fn status(status: &Value) -> Value {
    event("session.status", json!({ "status": status }))
}

fn message(id: &str, role: &str) -> Value {
    let info = json!({ "id": id, "sessionID": "ses_1", "role": role, "parentID": "msg_1", "providerID": "mock", "modelID": "mock-1" });
    event("message.updated", json!({ "info": info }))
}

fn part(part: &Value) -> Value {
    let mut part = part.clone();
    part["messageID"] = json!("msg_2");
    event("message.part.updated", json!({ "part": part }))
}

fn said(error: Value, finish: &str, text: &str) -> Value {
    let mut info =
        json!({ "id": "msg_2", "sessionID": "ses_1", "role": "assistant", "parentID": "msg_1", "finish": finish });
    if !error.is_null() {
        info["error"] = error;
    }
    json!({ "info": info, "parts": [{ "type": "text", "text": text }] })
}

fn session(input: u64) -> Value {
    json!({ "id": "ses_1", "cost": 0.001, "tokens": { "input": input, "output": 40, "reasoning": 0, "cache": { "read": 100, "write": 0 } } })
}

fn opening() -> Vec<Value> {
    vec![message("msg_1", "user"), status(&json!({ "type": "busy" })), message("msg_2", "assistant")]
}

fn failure(ended: &Attended) -> &AgentFailure {
    ended.report.failure.as_ref().unwrap_or_else(|| panic!("{} {}", ended.output, ended.errors))
}

#[test]
fn what_it_does_is_told_and_what_it_asks_is_refused() {
    let mut turn = opening();
    let grown = event("session.updated", json!({ "info": session(1_000) }));
    let tool =
        |state: Value| part(&json!({ "id": "p1", "type": "tool", "tool": "write", "callID": "c1", "state": state }));
    let input = json!({ "filePath": "hello.txt" });
    turn.extend([
        part(&json!({ "id": "p0", "type": "text", "text": "I write it.", "time": { "start": 1, "end": 2 } })),
        tool(json!({ "status": "pending", "input": {} })),
        tool(json!({ "status": "running", "input": input })),
        tool(json!({ "status": "completed", "input": input, "output": "Wrote file." })),
        event("todo.updated", json!({ "todos": [{ "content": "write it", "status": "in_progress" }] })),
        event("permission.asked", json!({ "id": "per_1", "permission": "external_directory" })),
        event("question.asked", json!({ "id": "que_1" })),
        part(&json!({ "id": "p2", "type": "step-finish", "reason": "stop" })),
        json!({ "type": "something.new", "properties": 7 }),
        grown,
        event("session.idle", json!({})),
    ]);
    let standin = Standin::new(vec![turn], said(Value::Null, "stop", "Written."), session(0));
    let scene = standin.scene().with("role", json!("You are an architect.")).with("model", json!("mock/mock-1"));
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "Written."), "{} {}", ended.output, ended.errors);
    for line in [
        "I write it.",
        "→ write: hello.txt",
        "☐ 0 of 1 done: write it",
        "! it may not use external_directory",
        "! it cannot reach band",
    ] {
        assert!(ended.output.contains(line), "{line} in {}", ended.output);
    }
    let asked = &standin.asked("/prompt_async")[0];
    assert_eq!((&asked["system"], &asked["agent"]), (&json!("You are an architect."), &json!("band")));
    assert_eq!(asked["parts"][0]["text"], "Write the specification.");
    assert_eq!(standin.asked("/permission/per_1/reply"), [json!({ "reply": "reject" })]);
    assert_eq!(standin.asked("/question/que_1/reject").len(), 1);
    let seen = ended.seen.join("\n");
    assert!(seen.contains("arg serve") && !seen.contains("arg You are"), "{seen}");
    assert!(!seen.contains("arg Write the spec"), "{seen}");
    let report = &ended.report;
    assert_eq!((report.version.as_deref(), report.session.as_deref()), (Some("1.18.33"), Some("ses_1")));
    assert_eq!(report.model.as_deref(), Some("mock/mock-1"));
}

#[test]
fn a_session_is_taken_up_and_its_past_is_not_counted_again() {
    let mut turn = opening();
    turn.push(event("session.updated", json!({ "info": session(1_500) })));
    turn.push(event("session.idle", json!({})));
    let standin = Standin::new(vec![turn], said(Value::Null, "stop", "Done."), session(1_000));
    let ended = standin.scene().with("session", json!("ses_1")).run();
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(standin.asked("POST /session").is_empty());
    assert_eq!((ended.report.spending.input, ended.report.spending.output), (500, 0));
    let unknown = standin.scene().with("session", json!("ses_2")).run();
    assert!(unknown.errors.contains("`ses_2` is not known"), "{}", unknown.errors);
}

#[test]
fn a_silent_retry_is_interrupted() {
    let mut turn = opening();
    let next = 32_503_680_000_000_u64;
    turn.push(status(&json!({ "type": "retry", "attempt": 1, "message": "slow down", "next": next })));
    let standin = Standin::new(vec![turn], said(Value::Null, "", ""), session(0));
    let ended = standin.scene().run();
    let failure = failure(&ended);
    assert_eq!(
        (failure.class, failure.until.map(|until| until.0)),
        (FailureClass::RateLimit, Some(next)),
        "{failure:?}"
    );
    assert_eq!(standin.asked("/abort").len(), 1);
}

#[test]
fn a_turn_that_failed_is_understood() {
    let table = [
        (json!({ "name": "APIError", "data": { "message": "bad key", "statusCode": 401 } }), FailureClass::Auth),
        (json!({ "name": "APIError", "data": { "message": "busy", "statusCode": 529 } }), FailureClass::Overloaded),
        (json!({ "name": "ContextOverflowError", "data": { "message": "x" } }), FailureClass::ContextOverflow),
        (json!({ "name": "UnknownError", "data": { "message": "Model not found: a/b" } }), FailureClass::Invalid),
        (json!({ "name": "Odd" }), FailureClass::Exit),
    ];
    for (error, class) in table {
        let mut turn = opening();
        turn.extend([event("session.error", json!({ "error": error })), event("session.idle", json!({}))]);
        let standin = Standin::new(vec![turn], said(error.clone(), "", ""), session(0));
        let ended = standin.scene().run();
        assert_eq!((ended.code, failure(&ended).class), (Some(1), class), "{error}");
    }
}

#[test]
fn calls_of_its_model_are_counted_by_us() {
    let mut turn = opening();
    let step = |id: &str| part(&json!({ "id": id, "type": "step-finish", "reason": "tool-calls" }));
    turn.extend([step("p1"), step("p1"), step("p2")]);
    let standin = Standin::new(vec![turn], said(Value::Null, "tool-calls", ""), session(0));
    let ended = standin.scene().with("max_turns", json!(2)).run();
    assert_eq!(failure(&ended).class, FailureClass::MaxTurns);
    assert_eq!(ended.report.spending.turns, 2, "a part that comes twice is one call");
}

#[test]
fn a_server_that_does_not_come_up_or_goes_away_is_told_of() {
    let check = |script: &str, class: FailureClass, words: &str| {
        let ended = Scene::new("opencode", script).run();
        let failure = failure(&ended);
        assert!(failure.class == class && failure.message.contains(words), "{failure:?}");
    };
    check("! config is broken\nexit 1\n", FailureClass::Start, "config is broken");
    check("exit 3\n", FailureClass::Exit, "exit code 3");
    let ended = Scene::new("opencode", "").with("command", json!(["/nonexistent/opencode"])).run();
    assert_eq!(failure(&ended).class, FailureClass::Start);
}
