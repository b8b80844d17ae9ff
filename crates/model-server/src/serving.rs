//! What happens on one connection: requests are read, rules chosen, answers given and counted.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::answer::{Answer, Problem, Usage};
use crate::asked::Asked;
use crate::call::{Made, What, make};
use crate::deliver::{After, Body, Delivery};
use crate::hold::Holds;
use crate::http::{self, NoRequest, Request};
use crate::moment;
use crate::pages::{self, Page};
use crate::script::Script;
use crate::stopping::Stopping;
use crate::tally::{Ending, Tally};
use crate::wire::{self, Reply};

/// Bytes of text in each piece of a stream, where the script says nothing.
const PIECE: usize = 16;

/// What all threads see.
pub(crate) struct Shared {
    pub(crate) script: Mutex<Script>,
    pub(crate) tally: Tally,
    pub(crate) stopping: Stopping,
    pub(crate) holds: Holds,
    /// The number of the next answer, which is part of all its ids.
    number: AtomicU64,
    pub(crate) connections: Mutex<BTreeMap<u64, TcpStream>>,
}

pub(crate) fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Before the first connection; `first` is the number of the first answer.
    pub(crate) fn new(script: Script, tally: Tally, first: u64) -> Shared {
        Shared {
            script: Mutex::new(script),
            tally,
            stopping: Stopping::default(),
            holds: Holds::default(),
            number: AtomicU64::new(first),
            connections: Mutex::default(),
        }
    }

    /// Answers one request after another, until either side has enough.
    pub(crate) fn serve(&self, mut connection: &TcpStream) {
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
        let calls = answer.calls(asked);
        let made: Result<Vec<Made>, String> =
            calls.and_then(|calls| calls.iter().map(|call| make(call, asked)).collect());
        let first = |call: &&Made| matches!(call.what, What::SearchFirst(_));
        if let Some(search) = made.as_ref().ok().and_then(|calls| calls.iter().find(first)) {
            // The rule will fit again when the search has its result, and says then what it has to say.
            answer.text.clear();
            let found = if script.may_search() {
                Ok(vec![search.clone()])
            } else {
                Err(format!("searching does not find the tool: {}", search.args()))
            };
            return (Some(rule), answer, found);
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
