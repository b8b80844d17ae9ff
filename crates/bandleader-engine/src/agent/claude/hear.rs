//! What Claude Code says, line by line, and what is to be done about it. Knows nothing of the process.
//!
//! Every field is looked at with suspicion: a line of an unknown kind, or with a field of another type than expected, tells less,
//! and never stops the attempt.

use std::collections::{BTreeMap, BTreeSet};

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Millis, Timestamp};
use serde_json::{Value, json};

use super::figures::Figures;
use super::launch::OWN_RETRIES;
use super::outcome::{Hints, of_status};
use super::rules::Rules;
use super::todo::TodoList;
use crate::agent::driver::Events;
use crate::agent::event::{AgentEvent, Tally};

/// A provider that wants more patience than this is not waited for inside an attempt: it ends, and everything that uses the same
/// account waits.
const PATIENCE: Millis = Millis(60_000);

/// What a line asks of whoever speaks with the program.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// Nothing.
    Nothing,
    /// The greeting was understood.
    Ready,
    /// The greeting was refused.
    Refused(String),
    /// It wants this answer.
    Say(Value),
    /// It begins a turn.
    Turn,
    /// It ends one; the result line.
    Result(Value),
    /// A message of ours has reached the model.
    Reached(String),
    /// There is no sense in waiting for more.
    GiveUp(AgentFailure),
}

/// One start of the program, as far as it was heard.
#[derive(Debug)]
pub(super) struct Listener<'a> {
    pub(super) rules: &'a Rules,
    pub(super) events: Events,
    /// The name of our own tool server.
    server: String,
    /// What it used.
    pub(super) figures: Figures,
    /// What bears on the next result.
    pub(super) hints: Hints,
    /// Sub-agents that are at work beside the conversation.
    pub(super) beside: bool,
    /// By the call's name: the tool, and what it was called with if it keeps the list.
    pub(super) calls: BTreeMap<String, (String, Value)>,
    pub(super) todo: TodoList,
    /// By the sub-agent's call (empty: its own), the message that is being streamed.
    pub(super) streamed: BTreeMap<String, String>,
    connected: Option<bool>,
    /// Version, model and conversation, as they were last told.
    started: [Option<String>; 3],
    /// Calls that were refused.
    refused: BTreeSet<String>,
}

impl<'a> Listener<'a> {
    /// Of a start under these rules, with our tools on the server of this name.
    pub(super) fn new(rules: &'a Rules, server: String, events: Events) -> Listener<'a> {
        Listener {
            rules,
            events,
            server,
            figures: Figures::default(),
            hints: Hints::default(),
            beside: false,
            calls: BTreeMap::new(),
            todo: TodoList::default(),
            streamed: BTreeMap::new(),
            connected: None,
            started: [None, None, None],
            refused: BTreeSet::new(),
        }
    }

    /// Takes in a line, at a moment of the wall clock.
    pub(super) fn hear(&mut self, line: &str, now: Timestamp) -> Heard {
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            if !line.trim().is_empty() {
                self.events.tell(AgentEvent::Noise { line: line.to_owned() });
            }
            return Heard::Nothing;
        };
        match text(&value, "type") {
            "system" => return self.system(&value, now),
            "assistant" => self.assistant(&value),
            "user" => return self.user(&value),
            "stream_event" => self.stream(&value),
            "result" => return self.result(value),
            "control_request" => return self.asked(&value),
            "control_response" => return answered(&value),
            "rate_limit_event" => self.limit(&value),
            _ => {}
        }
        Heard::Nothing
    }

    fn system(&mut self, value: &Value, now: Timestamp) -> Heard {
        match text(value, "subtype") {
            "init" => {
                self.started(value);
                self.connection(value);
                return Heard::Turn;
            }
            "api_retry" => return self.retry(value, now),
            "permission_denied" => self.denied(text(value, "tool_name"), text(value, "tool_use_id")),
            "background_tasks_changed" => {
                // A shell command in the background may run for ever; a sub-agent comes back.
                let tasks = value.get("tasks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                self.beside = tasks.iter().any(|task| text(task, "task_type") != "local_bash");
            }
            _ => {}
        }
        Heard::Nothing
    }

    /// Every turn begins with it; it is told when it says something new.
    fn started(&mut self, init: &Value) {
        let said = ["claude_code_version", "model", "session_id"].map(|key| some(init, key));
        if self.started != said {
            let [version, model, session] = said.clone();
            self.events.tell(AgentEvent::Started { version, model, session });
            self.started = said;
        }
    }

    fn connection(&mut self, init: &Value) {
        let servers = init.get("mcp_servers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let ok = match servers.iter().find(|server| text(server, "name") == self.server) {
            Some(server) if text(server, "status") == "connected" => true,
            // It says nothing yet.
            Some(server) if text(server, "status") == "pending" => return,
            _ => false,
        };
        if self.connected.replace(ok) != Some(ok) {
            self.events.tell(AgentEvent::Connected { ok });
        }
    }

    fn retry(&mut self, value: &Value, now: Timestamp) -> Heard {
        let status = value.get("error_status").and_then(Value::as_u64);
        let class = status.map_or(FailureClass::Network, of_status);
        let wait = value.get("retry_delay_ms").and_then(Value::as_u64).map(Millis);
        let word = text(value, "error").replace('_', " ");
        let message = status.map_or_else(|| word.clone(), |status| format!("{word} ({status})"));
        self.hints.wait = wait;
        let until = wait.map(|wait| now.plus(wait));
        if class == FailureClass::RateLimit {
            self.events.tell(AgentEvent::Limited { until, message: message.clone() });
        }
        let tried = value.get("attempt").and_then(Value::as_u64).is_some_and(|attempt| attempt > OWN_RETRIES);
        if tried || wait.is_some_and(|wait| wait > PATIENCE) {
            let until = until.filter(|_| class.is_providers());
            return Heard::GiveUp(AgentFailure { class, message, until });
        }
        self.events.tell(AgentEvent::Retrying { class, wait, message });
        Heard::Nothing
    }

    fn limit(&mut self, value: &Value) {
        let info = value.get("rate_limit_info").unwrap_or(&Value::Null);
        if text(info, "status") != "rejected" {
            return;
        }
        let seconds = info.get("resetsAt").and_then(Value::as_u64);
        let until = seconds.map(|seconds| Timestamp(seconds.saturating_mul(1_000)));
        self.hints.until = until.or(self.hints.until);
        let which = text(info, "rateLimitType").replace('_', " ");
        self.events.tell(AgentEvent::Limited { until, message: format!("the limit is used up: {which}") });
    }

    pub(super) fn used(&self) {
        self.events.tell(AgentEvent::Used { spending: self.figures.total(), tally: Tally::Total });
    }

    fn result(&mut self, value: Value) -> Heard {
        self.figures.result(&value);
        self.used();
        let denials = value.get("permission_denials").and_then(Value::as_array).map(Vec::as_slice);
        for denial in denials.unwrap_or_default() {
            self.denied(text(denial, "tool_name"), text(denial, "tool_use_id"));
        }
        Heard::Result(value)
    }

    /// It may not use a tool. Said in up to three places of one call, and told once.
    pub(super) fn denied(&mut self, tool: &str, call: &str) {
        if !tool.is_empty() && self.refused.insert(call.to_owned()) {
            self.events.tell(AgentEvent::Denied { tool: tool.to_owned() });
        }
    }

    /// It wants to know something, and waits until it does: whatever it is, it gets an answer.
    fn asked(&mut self, value: &Value) -> Heard {
        let id = value.get("request_id").cloned().unwrap_or(Value::Null);
        let request = value.get("request").unwrap_or(&Value::Null);
        let response = match text(request, "subtype") {
            "can_use_tool" => {
                let (yes, answer) = self.rules.answer(request);
                if !yes {
                    self.denied(text(request, "tool_name"), text(request, "tool_use_id"));
                }
                json!({ "subtype": "success", "request_id": id, "response": answer })
            }
            other => {
                let error = format!("this client does not answer `{other}`");
                json!({ "subtype": "error", "request_id": id, "error": error })
            }
        };
        Heard::Say(json!({ "type": "control_response", "response": response }))
    }
}

/// The name of our greeting.
pub(super) const GREETING: &str = "greeting";

fn answered(value: &Value) -> Heard {
    let response = value.get("response").unwrap_or(&Value::Null);
    match (text(response, "request_id"), text(response, "subtype")) {
        (GREETING, "error") => Heard::Refused(text(response, "error").to_owned()),
        (GREETING, _) => Heard::Ready,
        _ => Heard::Nothing,
    }
}

pub(super) fn of_sub_agent(value: &Value) -> bool {
    value.get("parent_tool_use_id").is_some_and(|parent| !parent.is_null())
}

/// A text in an object; empty when there is none.
pub(super) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A text in an object that says something.
pub(super) fn some(value: &Value, key: &str) -> Option<String> {
    Some(text(value, key)).filter(|text| !text.is_empty()).map(str::to_owned)
}
