//! The same tools at `/mcp` of `band serve`: for those who have the operator's link, and asked in the middle of a call.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::{Value, json};

use crate::answers::ASKS;
use crate::cli_support::{Served, band, none_left, project};

struct Server(Served);

impl Server {
    fn start(project: &Path) -> Server {
        Server(Served::start(project))
    }

    /// Sends a message; its answer, with the head read.
    fn post(&self, token: &str, session: Option<&str>, more: &str, message: &Value) -> Reply {
        let body = message.to_string();
        let session = session.map(|id| format!("Mcp-Session-Id: {id}\r\n")).unwrap_or_default();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nAuthorization: Bearer {token}\r\n{session}{more}Content-Length: {}\r\n\r\n",
            self.0.address,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.0.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
        }
        Reply { head, reader }
    }
}

struct Reply {
    head: String,
    reader: BufReader<TcpStream>,
}

impl Reply {
    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn header(&self, name: &str) -> String {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(name));
        line.and_then(|line| line.split_once(": ")).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    }

    /// The next message of the stream of events.
    fn next(&mut self) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.reader.read_line(&mut line).unwrap() > 0, "the stream has ended");
            if let Some(message) = line.strip_prefix("data:").and_then(|data| serde_json::from_str(data.trim()).ok()) {
                return message;
            }
        }
    }
}

fn message(id: u64, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

#[test]
fn a_client_over_http_starts_a_run_and_its_person_answers_in_the_middle_of_a_call() {
    let folder = project(ASKS);
    let server = Server::start(folder.path());
    let info = json!({ "name": "test", "version": "1" });
    let greeting =
        json!({ "protocolVersion": "2025-06-18", "capabilities": { "elicitation": {} }, "clientInfo": info });
    let mut greeted = server.post(&server.0.operator, None, "", &message(1, "initialize", &greeting));
    assert_eq!(greeted.next()["result"]["serverInfo"]["name"], "band");
    let session = greeted.header("mcp-session-id");
    let session = Some(session.as_str());
    let told = server.post(
        &server.0.operator,
        session,
        "",
        &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
    );
    assert_eq!(told.status(), 202);
    let call = |id: u64, tool: &str, arguments: Value| {
        let params = json!({ "name": tool, "arguments": arguments });
        server.post(&server.0.operator, session, "", &message(id, "tools/call", &params))
    };
    let preview = call(2, "preview_run", json!({ "plan": "plan.yaml" })).next()["result"]["structuredContent"].clone();
    call(3, "start_run", json!({ "token": preview["token"] })).next();
    let status = |wait: &str| {
        let arguments = json!({ "wait_seconds": 20, "wait_for": wait });
        call(4, "run_status", arguments).next()["result"]["structuredContent"].clone()
    };
    while status("decision")["open_decisions"].as_array().unwrap().is_empty() {}
    let mut answering = call(5, "answer_decision", json!({ "decision": 1 }));
    let asked = answering.next();
    assert_eq!(asked["method"], "elicitation/create", "{asked}");
    let result = json!({ "action": "accept", "content": { "option": "B" } });
    let given = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result });
    assert_eq!(server.post(&server.0.operator, session, "", &given).status(), 202);
    let answered = answering.next();
    assert_eq!(answered["result"]["structuredContent"]["taken"]["option"], "B", "{answered}");
    while status("end")["over"] != json!(true) {}
    assert_eq!(std::fs::read_to_string(folder.path().join("said")).unwrap(), "B\n");
    none_left(folder.path());
}

#[test]
fn who_has_no_link_only_looks_or_comes_from_another_page_is_refused() {
    let folder = project(ASKS);
    let server = Server::start(folder.path());
    let ping = message(1, "tools/list", &json!({}));
    for (token, more, status) in [
        ("wrong", "", 401),
        (server.0.reader.as_str(), "", 403),
        (server.0.operator.as_str(), "Origin: http://evil.example\r\n", 403),
    ] {
        let mut refused = server.post(token, None, more, &ping);
        let mut body = String::new();
        refused.reader.read_to_string(&mut body).unwrap();
        assert_eq!(refused.status(), status, "{body}");
        assert!(refused.header("content-type").contains("problem+json"), "{}", refused.head);
    }
    assert!(!folder.path().join("said").exists());
}

#[test]
fn many_who_wait_keep_nobody_from_being_answered_and_a_planner_ends_with_the_server() {
    let folder = project("mission: Waits\ntasks:\n  - { id: a, run: 'while ! test -f go; do sleep 0.02; done' }\n");
    std::fs::write(folder.path().join("waits.sh"), "echo $$ > pid\nexec sleep 1000\n").unwrap();
    std::fs::write(folder.path().join("band.toml"), "[agents.slow]\ncommand = [\"sh\", \"waits.sh\"]\n").unwrap();
    let mut server = Server::start(folder.path());
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--detach"]).code, 0);
    let info = json!({ "name": "test", "version": "1" });
    let greeting = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info });
    let mut greeted = server.post(&server.0.operator, None, "", &message(1, "initialize", &greeting));
    greeted.next();
    let session = greeted.header("mcp-session-id");
    let call = |id: u64, tool: &str, arguments: Value| {
        let params = json!({ "name": tool, "arguments": arguments });
        server.post(&server.0.operator, Some(&session), "", &message(id, "tools/call", &params))
    };
    // More than the server has threads for reading.
    let end = json!({ "wait_seconds": 50, "wait_for": "end" });
    let mut waiting: Vec<Reply> = (10..40).map(|id| call(id, "run_status", end.clone())).collect();
    let runs = call(2, "list_runs", json!({})).next();
    assert_eq!(runs["result"]["structuredContent"]["total"], 1, "{runs}");
    let begun = call(3, "propose_plan", json!({ "request": "Alerts", "agent": "slow" })).next();
    assert_eq!(begun["result"]["structuredContent"]["state"], "working", "{begun}");
    let proposal = begun["result"]["structuredContent"]["proposal"].clone();
    let _waits = call(4, "proposal_status", json!({ "proposal": proposal, "wait_seconds": 50 }));
    std::fs::write(folder.path().join("go"), "").unwrap();
    for one in &mut waiting {
        assert_eq!(one.next()["result"]["structuredContent"]["state"], "succeeded");
    }
    let pid = loop {
        if let Ok(pid) = std::fs::read_to_string(folder.path().join("pid")).unwrap_or_default().trim().parse::<i32>() {
            break rustix::process::Pid::from_raw(pid).unwrap();
        }
        std::thread::yield_now();
    };
    drop(waiting);
    server.0.band.interrupt();
    assert_eq!(server.0.band.end(), 0, "{}", server.0.band.text);
    assert!(rustix::process::test_kill_process(pid).is_err(), "nothing is left of the planner");
    none_left(folder.path());
}

#[test]
fn sessions_are_limited_and_those_that_are_there_go_on() {
    let folder = project("mission: m\ntasks: [{id: a, run: 'true'}]\n");
    let server = Server::start(folder.path());
    let token = server.0.operator.clone();
    let hello =
        json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
    let hello = message(1, "initialize", &hello);
    let mut first = String::new();
    let mut refused = 0;
    for _ in 0..260 {
        let answer = server.post(&token, None, "", &hello);
        match answer.status() {
            200 if first.is_empty() => first = answer.header("mcp-session-id"),
            200 => (),
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(refused, 4);
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(server.post(&token, Some(&first), "", &ready).status(), 202);
    let mut answer = server.post(&token, Some(&first), "", &message(2, "tools/list", &json!({})));
    assert!(answer.next()["result"]["tools"].is_array());
}
