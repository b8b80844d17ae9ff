//! The server: a thread that takes connections, and a thread for each of them, which lives as long as it.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, BufReader};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use crate::asked::Asked;
use crate::call::{Made, What, make};
use crate::deliver::{After, Body, Delivery};
use crate::hold::Holds;
use crate::http::{self, NoRequest, Request};
use crate::moment;
use crate::pages::{self, Page};
use crate::rules::{Answer, Problem, Rule, Script, Usage};
use crate::stopping::Stopping;
use crate::tally::{Ending, Tally};
use crate::wire::{self, Reply};

/// Bytes of text in each piece of a stream, where the script says nothing.
const PIECE: usize = 16;

/// A running server. It ends when this is dropped, with all its connections.
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

/// What all threads see.
struct Shared {
    script: Mutex<Script>,
    tally: Tally,
    stopping: Stopping,
    holds: Holds,
    /// The number of the next answer, which is part of all its ids.
    number: AtomicU64,
    connections: Mutex<BTreeMap<u64, TcpStream>>,
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ModelServer {
    /// Starts on a free port of this machine.
    pub fn start(rules: Vec<Rule>) -> io::Result<ModelServer> {
        ModelServer::start_at(0, rules, None)
    }

    /// The same with rules as they are written in JSON.
    ///
    /// # Errors
    /// They are none, or no port is free.
    pub fn playing(rules: serde_json::Value) -> io::Result<ModelServer> {
        ModelServer::start(serde_json::from_value(rules)?)
    }

    /// Starts on a port (0: a free one), and adds a line to `log` for each request.
    pub fn start_at(port: u16, rules: Vec<Rule>, log: Option<&Path>) -> io::Result<ModelServer> {
        let file = log.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            script: Mutex::new(Script::new(rules)),
            tally: Tally::new(file),
            stopping: Stopping::default(),
            holds: Holds::default(),
            // Sessions of agents outlive a server, and ids must not come again in them.
            number: AtomicU64::new(u64::from(address.port()) * 1_000_000),
            connections: Mutex::default(),
        });
        let for_thread = Arc::clone(&shared);
        let listening = std::thread::Builder::new().name("model-server".into());
        let listening = listening.spawn(move || listen(&listener, &for_thread))?;
        Ok(ModelServer { address, shared, listening: Some(listening) })
    }

    /// Where it is, without a slash at the end: what Claude Code and Gemini want. OpenAI's kind want `/v1` after it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Plays other rules from now on.
    pub fn play(&self, rules: Vec<Rule>) {
        *lock(&self.shared.script) = Script::new(rules);
    }

    /// What it has counted: `total`, and by `api`, `model`, `rule` and `header`.
    pub fn count(&self) -> Value {
        self.shared.tally.count()
    }

    /// Every request, with its body, and how it ended.
    pub fn log(&self) -> Vec<Value> {
        self.shared.tally.log()
    }

    /// Waits until at least so many requests have come since the start. Says whether they have.
    pub fn wait_for(&self, requests: usize, longest: Duration) -> bool {
        self.shared.tally.wait(requests, longest)
    }

    /// Waits until the script holds so many answers at the same time. Says whether it does.
    pub fn wait_for_held(&self, answers: usize, longest: Duration) -> bool {
        self.shared.holds.wait(answers, longest)
    }

    /// Lets go the answers that the script holds under this name, now and from now on.
    pub fn release(&self, name: &str) {
        self.shared.holds.release(name);
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        if let Some(listening) = self.listening.take() {
            // The thread ends only by a drop, which this is not.
            let _ = listening.join();
        }
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.shared.stopping.tell();
        self.shared.holds.end();
        // Wakes the thread that takes connections.
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
        for connection in lock(&self.shared.connections).values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for (name, connection) in (0..).zip(listener.incoming()) {
        if !shared.stopping.pause(Duration::ZERO) {
            return;
        }
        let Ok(connection) = connection else { continue };
        let Ok(kept) = connection.try_clone() else { continue };
        lock(&shared.connections).insert(name, kept);
        let for_thread = Arc::clone(shared);
        let started = std::thread::Builder::new().name("model-server-connection".into()).spawn(move || {
            // Small frames must not wait for each other. Without it the answer is late, but right.
            let _ = connection.set_nodelay(true);
            for_thread.serve(&connection);
            lock(&for_thread.connections).remove(&name);
        });
        if started.is_err() {
            lock(&shared.connections).remove(&name);
        }
    }
}

impl Shared {
    fn serve(&self, mut connection: &TcpStream) {
        let mut from = BufReader::new(connection);
        loop {
            let request = match http::read(&mut from, &mut connection) {
                Ok(request) => request,
                Err(NoRequest::Closed) => return,
                Err(NoRequest::Refused(status, why)) => {
                    let _ = http::whole(&mut connection, status, &plain(), why.as_bytes(), usize::MAX);
                    return;
                }
            };
            let keeps = request.keeps();
            if self.answer(connection, &request) == After::Close || !keeps {
                return;
            }
        }
    }

    fn answer(&self, mut connection: &TcpStream, request: &Request) -> After {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        if request.method == "POST"
            && let Some(asked) = wire::read(request.path(), &body)
        {
            return self.question(connection, request, &asked, body);
        }
        let (status, said) = match pages::own(request, body, &self.tally) {
            Page::Says(status, said) => (status, said),
            Page::Plays(rules) => {
                *lock(&self.script) = Script::new(rules);
                (200, json!({}))
            }
            Page::Releases(name) => {
                self.holds.release(&name);
                (200, json!({}))
            }
        };
        let said = said.to_string();
        let sent = if request.method == "HEAD" { 0 } else { said.len() };
        let sent = http::whole(&mut connection, status, &json_headers(), said.as_bytes(), sent);
        if sent.is_ok() { After::Keep } else { After::Close }
    }

    fn question(&self, connection: &TcpStream, request: &Request, asked: &Asked, body: Value) -> After {
        let place = self.tally.came(request, asked, body);
        let (rule, answer, made) = self.choose(asked, &request.headers);
        let (answer, calls, unmatched) = match made {
            Ok(calls) => (answer, calls, false),
            Err(message) => {
                let error = Some(Problem { message, ..Problem::default() });
                (Answer { status: Some(400), error, ..Answer::default() }, Vec::new(), true)
            }
        };
        if answer.hold.as_ref().is_some_and(|name| !self.holds.pass(name)) {
            self.tally.ended(place, rule, 0, Ending::Left, answer.usage);
            return After::Close;
        }
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let (status, body) = said(asked, &answer, &calls, number);
        let streams = matches!(body, Body::Stream(_));
        let mut headers = if streams { stream_headers() } else { json_headers() };
        headers.push(("request-id".into(), format!("req_{number:012}")));
        headers.extend(answer.headers.iter().map(|(name, value)| (name.clone(), moment::fill(value))));
        let ending = match answer.status {
            _ if unmatched => Ending::Unmatched,
            _ if answer.spoils() => Ending::Spoilt,
            Some(_) => Ending::Refused,
            None => Ending::Answered,
        };
        let delivery = Delivery { answer: &answer, status, headers: &headers, ending, stopping: &self.stopping };
        delivery.send(connection, body, &mut |ending| self.tally.ended(place, rule, status, ending, answer.usage))
    }

    /// The rule, its answer, and the calls in it; or why there is none.
    fn choose(
        &self,
        asked: &Asked,
        headers: &[(String, String)],
    ) -> (Option<usize>, Answer, Result<Vec<Made>, String>) {
        let mut script = lock(&self.script);
        let Some((rule, answer)) = script.pick(asked, headers) else {
            let nothing = Usage { input: 0, output: 0, cached: 0 };
            let aside = Answer { text: "OK".into(), usage: nothing, ..Answer::default() };
            let said = if asked.offered.is_empty() { Ok(Vec::new()) } else { Err("no rule of the script fits".into()) };
            return (None, aside, said);
        };
        let mut answer = answer.clone();
        let made: Result<Vec<Made>, String> = answer.call.iter().map(|call| make(call, asked)).collect();
        let first = |call: &&Made| matches!(call.what, What::SearchFirst(_));
        if let Some(search) = made.as_ref().ok().and_then(|calls| calls.iter().find(first)) {
            // The rule will fit again when the search has its result, and says then what it has to say.
            answer.text.clear();
            return (Some(rule), answer, Ok(vec![search.clone()]));
        }
        script.used(rule);
        (Some(rule), answer, made)
    }
}

fn said(asked: &Asked, answer: &Answer, calls: &[Made], number: u64) -> (u16, Body) {
    if let Some(body) = &answer.body {
        let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
        let raw = if asked.stream && answer.status.is_none() { Body::Stream(vec![text]) } else { Body::Whole(text) };
        return (answer.status.unwrap_or(200), raw);
    }
    if let Some(status) = answer.status {
        let problem = answer.error.clone().unwrap_or_default();
        return (status, Body::Whole(wire::refusal(asked.api, status, &problem).to_string()));
    }
    let reply = Reply {
        number,
        model: &asked.model,
        text: &answer.text,
        thinking: &answer.thinking,
        calls,
        usage: answer.usage,
        stop: answer.stop,
        piece: if answer.piece == 0 { PIECE } else { answer.piece },
        error: answer.error.as_ref(),
    };
    if asked.stream {
        (200, Body::Stream(wire::stream(asked.api, &reply)))
    } else {
        (200, Body::Whole(wire::whole(asked.api, &reply).to_string()))
    }
}

fn plain() -> Vec<(String, String)> {
    vec![("content-type".into(), "text/plain".into()), ("connection".into(), "close".into())]
}

fn json_headers() -> Vec<(String, String)> {
    vec![("content-type".into(), "application/json".into())]
}

fn stream_headers() -> Vec<(String, String)> {
    vec![("content-type".into(), "text/event-stream".into()), ("cache-control".into(), "no-cache".into())]
}
