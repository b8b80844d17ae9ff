//! What was asked, and what was handed out: so that totals elsewhere can be held against it.
//!
//! Tokens count when the answer that names them was sent to its end. A refusal, a stream that was cut or left has none, although a
//! real provider may charge for it.

#![expect(
    clippy::indexing_slicing,
    reason = "keys of JSON objects that are made here: a missing key is added or null, never a panic"
)]

use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answer::Usage;
use crate::asked::Asked;
use crate::http::Request;

/// Requests whose bodies are kept: those of agents have 100 KB each.
const MOST_BODIES: usize = 400;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The whole answer was sent.
    Answered,
    /// It was refused, as the script says.
    Refused,
    /// No rule fits, or its calls cannot be made of the tools that are offered.
    Unmatched,
    /// The script cut it, let it hang, or spoilt it.
    Spoilt,
    /// The other side left before the end.
    Left,
}

impl Ending {
    fn word(self) -> &'static str {
        match self {
            Ending::Answered => "answered",
            Ending::Refused => "refused",
            Ending::Unmatched => "unmatched",
            Ending::Spoilt => "spoilt",
            Ending::Left => "left",
        }
    }
}

/// All requests since the start.
#[derive(Default)]
pub(crate) struct Tally {
    requests: Mutex<Vec<Value>>,
    changed: Condvar,
    file: Mutex<Option<std::fs::File>>,
}

impl Tally {
    pub(crate) fn new(file: Option<std::fs::File>) -> Tally {
        Tally { file: Mutex::new(file), ..Tally::default() }
    }

    fn requests(&self) -> MutexGuard<'_, Vec<Value>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has come. Returns its place, for [`Tally::ended`].
    pub(crate) fn came(&self, request: &Request, asked: &Asked, body: Value) -> usize {
        // Keys are not for logs: whether there was one, and what it ends with, tells accounts apart.
        let mask = |name: &str, value: &str| match name {
            "authorization" | "x-api-key" | "x-goog-api-key" | "cookie" => {
                let last: Vec<char> = value.chars().rev().take(4).collect();
                format!("…{}", last.into_iter().rev().collect::<String>())
            }
            _ => value.to_owned(),
        };
        let headers: serde_json::Map<String, Value> =
            request.headers.iter().map(|(name, value)| (name.clone(), mask(name, value).into())).collect();
        let mut requests = self.requests();
        let place = requests.len();
        if let Some(old) = place.checked_sub(MOST_BODIES).and_then(|old| requests.get_mut(old)) {
            old["body"] = Value::Null;
        }
        let mut entry = json!({
            "number": place, "path": request.path(), "api": asked.api, "model": asked.model, "user": asked.user,
            "turn": asked.turn, "offered": asked.offered, "stream": asked.stream, "headers": headers,
            "rule": null, "status": null, "ending": "open", "input": 0, "output": 0, "cached": 0
        });
        entry["body"] = body;
        requests.push(entry);
        self.changed.notify_all();
        place
    }

    /// The request at this place is over. `rule` is the place of the rule that answered.
    pub(crate) fn ended(&self, place: usize, rule: Option<usize>, status: u16, ending: Ending, usage: Usage) {
        let mut requests = self.requests();
        let Some(request) = requests.get_mut(place) else { return };
        (request["rule"], request["status"], request["ending"]) = (rule.into(), status.into(), ending.word().into());
        for (key, tokens) in [("input", usage.input), ("output", usage.output), ("cached", usage.cached)] {
            request[key] = if ending == Ending::Answered { tokens.into() } else { 0.into() };
        }
        let line = format!("{request}\n");
        self.changed.notify_all();
        drop(requests);
        if let Some(file) = self.file.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            // A log that cannot be written is seen by who reads it.
            let _ = file.write_all(line.as_bytes());
        }
    }

    pub(crate) fn log(&self) -> Vec<Value> {
        self.requests().clone()
    }

    /// Waits until so many requests have come.
    pub(crate) fn wait(&self, least: usize, longest: Duration) -> bool {
        let until = Instant::now() + longest;
        let mut requests = self.requests();
        while requests.len() < least {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            requests =
                self.changed.wait_timeout(requests, left).map_or_else(|error| error.into_inner().0, |(guard, _)| guard);
        }
        true
    }

    /// Totals over all, and by language, model, rule, session and `x-test-*` header.
    pub(crate) fn count(&self) -> Value {
        let requests = self.requests();
        let mut count = json!({"total": zero(), "api": {}, "model": {}, "rule": {}, "header": {}});
        for request in requests.iter() {
            add(&mut count["total"], request);
            for key in ["api", "model", "rule"] {
                let name = request[key].as_str().map_or_else(|| request[key].to_string(), str::to_owned);
                add(entry(&mut count[key], &name), request);
            }
            let headers = request["headers"].as_object().into_iter().flatten();
            for (name, value) in headers.filter(|(name, _)| is_counted(name)) {
                let name = format!("{name}: {}", value.as_str().unwrap_or_default());
                add(entry(&mut count["header"], &name), request);
            }
        }
        count
    }
}

/// Headers that say who asks: a test's own, and the sessions of Claude Code and Codex.
fn is_counted(name: &str) -> bool {
    name.starts_with("x-test-") || ["x-claude-code-session-id", "session-id", "session_id"].contains(&name)
}

fn zero() -> Value {
    json!({
        "requests": 0, "answered": 0, "refused": 0, "unmatched": 0, "spoilt": 0, "left": 0, "open": 0,
        "input": 0, "output": 0, "cached": 0
    })
}

fn entry<'a>(within: &'a mut Value, name: &str) -> &'a mut Value {
    if within.get(name).is_none() {
        within[name] = zero();
    }
    &mut within[name]
}

fn add(to: &mut Value, request: &Value) {
    let mut more = |key: &str, by: u64| to[key] = (to[key].as_u64().unwrap_or(0) + by).into();
    more("requests", 1);
    more(request["ending"].as_str().unwrap_or_default(), 1);
    for key in ["input", "output", "cached"] {
        more(key, request[key].as_u64().unwrap_or(0));
    }
}
