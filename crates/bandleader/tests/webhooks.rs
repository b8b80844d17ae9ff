//! Webhooks: a receiver of its own is told what happens in a run, in order and signed; and nobody is told who must not be.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cli_support::{Live, band, json, project};
use serde_json::{Value, json};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PLAN: &str = "mission: Told\ntasks:\n  - { id: a, run: 'true' }\n  - { id: b, run: 'true', needs: [a] }\n";

/// A message as it arrived.
#[derive(Clone, Debug)]
struct Message {
    head: String,
    body: String,
}

impl Message {
    fn header(&self, name: &str) -> String {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    }

    fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Answers everything with one status, and keeps what it gets.
struct Post {
    port: u16,
    status: Arc<AtomicU16>,
    all: Arc<Mutex<Vec<Message>>>,
    news: Receiver<()>,
}

impl Post {
    fn open(status: u16) -> Post {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let status = Arc::new(AtomicU16::new(status));
        let all: Arc<Mutex<Vec<Message>>> = Arc::default();
        let (sender, news) = channel();
        let (answers, kept) = (Arc::clone(&status), Arc::clone(&all));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
                let length = head
                    .lines()
                    .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
                let mut body = vec![0; length.unwrap_or(0)];
                reader.read_exact(&mut body).unwrap();
                let status = answers.load(Ordering::SeqCst);
                let location = if status == 302 { "Location: http://127.0.0.1:1/\r\n" } else { "" };
                let answer = format!("HTTP/1.1 {status} X\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n");
                kept.lock().unwrap().push(Message { head, body: String::from_utf8(body).unwrap() });
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
                let _ = sender.send(());
            }
        });
        Post { port, status, all, news }
    }

    fn got(&self) -> Vec<Message> {
        self.all.lock().unwrap().clone()
    }

    /// Waits until it has got this many.
    fn wait_for(&self, number: usize) -> Vec<Message> {
        while self.got().len() < number {
            self.news.recv_timeout(Duration::from_mins(1)).unwrap();
        }
        self.got()
    }
}

fn settings(folder: &Path, more: &str) {
    std::fs::write(folder.join("band.toml"), more).unwrap();
}

fn hook(port: u16, more: &str) -> String {
    format!("[[webhooks]]\nname = 'ops'\nurl = 'http://127.0.0.1:{port}/in'\nallow = ['127.0.0.1']\n{more}\n")
}

fn run(folder: &Path, environment: &[(&str, &str)]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
    command.args(["run", "plan.yaml", "--plain"]).current_dir(folder).env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    let output = command.envs(environment.iter().copied()).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What another implementation of the signature says.
fn verify(messages: &[Message]) {
    let script = "import base64, hashlib, hmac, json, sys\nkey = base64.b64decode(sys.argv[1].removeprefix('whsec_'))\n\
         for one in json.load(sys.stdin):\n    \
         text = f\"{one['id']}.{one['at']}.{one['body']}\".encode()\n    \
         wanted = 'v1,' + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()\n    \
         assert hmac.compare_digest(wanted, one['signature']), one\n";
    let all: Vec<Value> = messages
        .iter()
        .map(|one| {
            json!({ "id": one.header("webhook-id"), "at": one.header("webhook-timestamp"),
                    "signature": one.header("webhook-signature"), "body": one.body })
        })
        .collect();
    let mut command = Command::new("python3");
    let mut python = command.args(["-c", script, SECRET]).stdin(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(json!(all).to_string().as_bytes()).unwrap();
    assert!(python.wait().unwrap().success());
}

fn timeline(folder: &Path) -> Vec<Value> {
    band(folder, &["timeline", "--json"]).out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_receiver_is_told_the_whole_story_in_order_and_signed() {
    let (folder, post) = (project(PLAN), Post::open(204));
    settings(folder.path(), &hook(post.port, "secret_env = 'OPS_SECRET'"));
    run(folder.path(), &[("OPS_SECRET", SECRET)]);
    let lines = timeline(folder.path());
    let got = post.wait_for(lines.len());
    verify(&got);
    let data: Vec<Value> = got.iter().map(|one| one.value()["data"].clone()).collect();
    for (told, line) in data.iter().zip(&lines) {
        let mut told = told.clone();
        let fields = told.as_object_mut().unwrap();
        assert_eq!((fields.remove("mission"), fields.remove("run").is_some()), (Some(json!("Told")), true));
        assert_eq!(&told, line);
    }
    assert_eq!(data.len(), lines.len());
    let ids: std::collections::BTreeSet<String> = got.iter().map(|one| one.header("webhook-id")).collect();
    assert_eq!(ids.len(), got.len());
    assert_eq!(got.last().unwrap().value()["type"], "band.orchestration_complete");
    let listed = json(folder.path(), &["webhooks", "--json"]);
    assert_eq!((&listed[0]["delivered"], &listed[0]["waiting"]), (&json!(lines.len()), &json!(0)), "{listed}");
    let shown = json(folder.path(), &["webhooks", "show", &got[0].header("webhook-id"), "--json"]);
    assert_eq!((&shown["state"], &shown["attempts"][0]["status"]), (&json!("delivered"), &json!(204)));
    // Another run, and nothing of the first again.
    run(folder.path(), &[("OPS_SECRET", SECRET)]);
    let all = post.wait_for(2 * lines.len());
    assert_ne!(all[lines.len()].value()["data"]["run"], data[0]["run"]);
}

#[test]
fn what_is_refused_waits_in_order_and_the_server_tells_it_later() {
    let (folder, post) = (project(PLAN), Post::open(503));
    settings(folder.path(), &hook(post.port, "events = ['orchestration_*', 'agent_*']"));
    run(folder.path(), &[]);
    let tried = post.wait_for(1);
    assert_eq!(tried[0].value()["type"], "band.orchestration_start");
    let waiting = json(folder.path(), &["webhooks", "show", "ops", "--state", "waiting", "--json", "-n", "100"]);
    let waiting = waiting.as_array().unwrap();
    let first = waiting.last().unwrap();
    assert!(waiting.len() > 2 && waiting[0]["tries"] == 0 && first["tries"] != 0, "{waiting:?}");
    assert_eq!(first["id"], tried[0].header("webhook-id"));
    post.status.store(200, Ordering::SeqCst);
    let before = post.got().len();
    assert_eq!(band(folder.path(), &["webhooks", "replay", first["id"].as_str().unwrap()]).code, 0);
    let server = Live::piped(folder.path(), &["serve", "--port", "0"]);
    let got = post.wait_for(before + waiting.len());
    drop(server);
    let seqs: Vec<u64> = got[before..].iter().map(|one| one.value()["data"]["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted(), "{seqs:?}");
    assert_eq!(got[before].header("webhook-id"), tried[0].header("webhook-id"), "the same message");
    assert_eq!(got[before].header("webhook-signature"), "", "nobody has given a secret");
}

#[test]
fn a_chat_is_told_in_words_what_people_want_to_know() {
    let folder = project("mission: <Shop> & co\ntasks:\n  - { id: a, run: 'true' }\n");
    let post = Post::open(200);
    settings(folder.path(), &hook(post.port, "format = 'slack'"));
    run(folder.path(), &[]);
    let got = post.wait_for(2);
    assert_eq!(got.len(), 2, "{got:?}");
    let text = got[1].value()["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("&lt;Shop&gt; &amp; co [") && text.contains("orchestration complete: "), "{text}");
}

#[test]
fn neighbours_are_not_told_and_nobody_is_followed() {
    let (folder, post) = (project(PLAN), Post::open(302));
    let url = format!("http://127.0.0.1:{}/", post.port);
    for (more, words) in [
        (format!("url = '{url}'"), "not encrypted"),
        (format!("url = '{url}'\nallow = ['localhost']"), "not encrypted"),
        ("url = 'https://localhost/'".to_owned(), "not on the public internet"),
        ("url = 'https://[::ffff:10.0.0.1]/'".to_owned(), "not on the public internet"),
        ("url = 'https://169.254.169.254/latest/meta-data'".to_owned(), "not on the public internet"),
        (format!("url = '{url}'\nallow = ['127.0.0.1']"), "it answered 302"),
        (
            format!("url = '{url}'\nallow = ['127.0.0.1']\nsecret_env = 'NOT_SET_HERE'"),
            "`NOT_SET_HERE` of its secret is not set",
        ),
    ] {
        settings(folder.path(), &format!("[[webhooks]]\nname = 'ops'\n{more}\n"));
        let said = band(folder.path(), &["webhooks", "test", "ops"]);
        assert!(said.code == 2 && said.err.contains(words), "{more}: {}", said.err);
    }
    assert_eq!(post.got().len(), 1, "only the one that was named was told");
    post.status.store(200, Ordering::SeqCst);
    settings(folder.path(), &hook(post.port, ""));
    assert_eq!(band(folder.path(), &["webhooks", "test", "ops"]).code, 0);
    assert!(band(folder.path(), &["webhooks", "test", "nobody"]).err.contains("there are ops"));
}
