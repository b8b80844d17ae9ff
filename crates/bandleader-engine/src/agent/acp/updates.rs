//! What the agent lets us know while it works, as events. Reads whatever comes; knows no clock.

use std::collections::BTreeMap;

use serde_json::Value;

use super::calls::Call;
use super::refusal::Refusal;
use super::usage::Usage;
use crate::agent::arguments;
use crate::agent::event::{AgentEvent, Tally};
use crate::agent::paragraphs::Paragraphs;

/// How Codex' adapter names what it says about the start of a server of tools: as a call of a tool.
const START: &str = "mcp_startup.";

/// A session as far as it was heard.
#[derive(Debug)]
pub(super) struct Updates {
    /// The name of the server of our own tools.
    server: String,
    said: Paragraphs,
    thought: Paragraphs,
    /// Everything it said since its last tool has ended: its answer, if nothing follows.
    answer: String,
    /// The message that `answer` is part of, where the agent names its messages.
    message: Option<String>,
    calls: BTreeMap<String, Call>,
    usage: Usage,
    turns: u32,
    /// What comes next is of another call of the model.
    answered: bool,
    /// What is heard was said in an earlier attempt.
    replaying: bool,
    /// An error that the agent does not answer with, and whether it gave up because of it.
    trouble: Option<Refusal>,
    broken: bool,
}

impl Updates {
    /// Of a session that is new, with our own tools on the server of this name.
    pub(super) fn of(server: &str) -> Updates {
        Updates {
            server: server.to_owned(),
            said: Paragraphs::default(),
            thought: Paragraphs::default(),
            answer: String::new(),
            message: None,
            calls: BTreeMap::new(),
            usage: Usage::of_new_session(),
            turns: 0,
            answered: true,
            replaying: false,
            trouble: None,
            broken: false,
        }
    }

    /// What comes now is the past.
    pub(super) fn replay_begins(&mut self) {
        self.replaying = true;
    }

    /// The past is over.
    pub(super) fn replay_ends(&mut self) {
        let mut usage = self.usage;
        usage.taken_up();
        *self = Updates { usage, ..Updates::of(&self.server) };
    }

    /// It is asked for something new.
    pub(super) fn turn_begins(&mut self) {
        self.answered = true;
        self.answer.clear();
        self.trouble = None;
        self.broken = false;
    }

    /// Calls of the model so far, as far as they can be told from what the agent does.
    pub(super) fn turns(&self) -> u32 {
        self.turns
    }

    /// Its last words.
    pub(super) fn answer(&self) -> String {
        self.answer.trim().to_owned()
    }

    /// An update of the session.
    pub(super) fn update(&mut self, update: &Value) -> Vec<AgentEvent> {
        let sort = update.get("sessionUpdate").and_then(Value::as_str).unwrap_or_default();
        if self.replaying {
            // Of what is past only its price counts: it was paid before.
            if sort == "usage_update" {
                self.usage.update(update);
            }
            return Vec::new();
        }
        match sort {
            "agent_message_chunk" => self.message(update),
            "agent_thought_chunk" => {
                self.model_speaks();
                let thought = self.thought.push(text_of(update.get("content")));
                thought.map(|text| AgentEvent::Thought { text }).into_iter().collect()
            }
            "tool_call" | "tool_call_update" => self.call(update),
            "plan" => {
                let items = update.get("entries").and_then(arguments::items);
                items.map(|items| AgentEvent::Todo { items }).into_iter().collect()
            }
            "usage_update" => {
                let before = self.usage.so_far(self.turns);
                self.usage.update(update);
                let spending = self.usage.so_far(self.turns);
                let told = (spending.cost != before.cost).then_some(AgentEvent::Used { spending, tally: Tally::Total });
                told.into_iter().collect()
            }
            "session_info_update" => self.hint(update.pointer("/_meta/codex")),
            _ => Vec::new(),
        }
    }

    /// A call that it asks about: some agents tell of a call in no other way.
    pub(super) fn call_asked_about(&mut self, call: &Value) -> Vec<AgentEvent> {
        self.call(call)
    }

    /// A call that it asks about, with what it said of it before: an agent may repeat nothing but its id.
    pub(super) fn whole<'c>(&'c self, call: &'c Value) -> &'c Value {
        let id = call.get("toolCallId").and_then(Value::as_str);
        id.and_then(|id| self.calls.get(id)).map_or(call, Call::known)
    }

    /// The turn is over, with this answer if there was one.
    pub(super) fn turn_ends(&mut self, answer: Option<&Value>) -> Vec<AgentEvent> {
        let mut events = self.pause();
        for (id, call) in &mut self.calls {
            if call.told && !std::mem::replace(&mut call.over, true) {
                let detail = "nobody said how it ended".to_owned();
                events.push(AgentEvent::ToolEnded { id: id.clone(), ok: true, detail });
            }
        }
        self.calls.clear();
        events.extend(self.count(answer));
        events
    }

    /// What the attempt used so far, with what this answer to a prompt says of it.
    pub(super) fn count(&mut self, answer: Option<&Value>) -> Option<AgentEvent> {
        if let Some(answer) = answer {
            self.usage.turn(answer);
        }
        let spending = self.usage.so_far(self.turns);
        (!spending.is_nothing()).then_some(AgentEvent::Used { spending, tally: Tally::Total })
    }

    /// The failure that an answer hides: Codex' adapter says that a turn has ended well when its model could not be reached. When it does not
    /// try again by itself, all that it tells of the reason is among the words of the model.
    pub(super) fn hidden_failure(&self, answer: &Value) -> Option<Refusal> {
        let nothing_used = answer.get("usage").is_none_or(Value::is_null);
        let told = self.trouble.clone().filter(|_| self.broken || nothing_used);
        let words = || Refusal { message: self.answer(), ..Refusal::default() };
        told.or_else(|| (self.broken && nothing_used).then(words))
    }

    fn message(&mut self, update: &Value) -> Vec<AgentEvent> {
        let text = text_of(update.get("content"));
        // Gemini CLI and Claude's adapter say this among the words of the model.
        if text.starts_with("[MODE_UPDATE] ") {
            return Vec::new();
        }
        if text.starts_with(&format!("**MCP server \"{}\" failed to start", self.server)) {
            return vec![AgentEvent::Connected { ok: false }, AgentEvent::Noise { line: text.trim().to_owned() }];
        }
        self.model_speaks();
        let mut events: Vec<AgentEvent> =
            self.thought.take().map(|text| AgentEvent::Thought { text }).into_iter().collect();
        let message = update.get("messageId").and_then(Value::as_str).map(str::to_owned);
        if message != self.message {
            events.extend(self.said.take().map(|text| AgentEvent::Said { text }));
            if !self.answer.is_empty() {
                self.answer.push_str("\n\n");
            }
            self.message = message;
        }
        self.answer.push_str(text);
        events.extend(self.said.push(text).map(|text| AgentEvent::Said { text }));
        events
    }

    /// Calls come in pieces: first a name, then what it is used on, then how it went. It has begun when more than the name is known.
    fn call(&mut self, update: &Value) -> Vec<AgentEvent> {
        let text = |key: &str| update.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(id) = text("toolCallId") else { return Vec::new() };
        if id.starts_with(START) {
            return self.server_started(update);
        }
        if !self.calls.contains_key(id) {
            self.model_speaks();
        }
        let call = self.calls.entry(id.to_owned()).or_default();
        call.learns(update);
        if call.name.is_empty() {
            let own = text("name").or_else(|| update.pointer("/_meta/claudeCode/toolName")?.as_str());
            let name = own.or_else(|| text("title")).or_else(|| text("kind")).unwrap_or("a tool");
            name.clone_into(&mut call.name);
        }
        let arguments = update.get("rawInput").filter(|input| input.as_object().is_none_or(|input| !input.is_empty()));
        let arguments = arguments.filter(|input| !input.is_null());
        let place = update.pointer("/locations/0/path").and_then(Value::as_str);
        let status = text("status").unwrap_or_default();
        let over = matches!(status, "completed" | "failed" | "cancelled");
        let mut told = None;
        if !call.told && (arguments.is_some() || place.is_some() || over || status == "in_progress") {
            call.told = true;
            let detail = arguments.map(arguments::detail).filter(|detail| !detail.is_empty());
            let detail = detail.or_else(|| place.map(str::to_owned)).or_else(|| text("title").map(str::to_owned));
            let detail = detail.filter(|detail| *detail != call.name).unwrap_or_default();
            told = Some(AgentEvent::ToolBegan { id: id.to_owned(), name: call.name.clone(), detail });
        }
        let ended = over && !call.over;
        call.over |= over;
        let mut events = Vec::new();
        if told.is_some() || ended {
            events = self.pause();
        }
        events.extend(told);
        events.extend(arguments.and_then(arguments::todo).map(|items| AgentEvent::Todo { items }));
        if ended {
            self.answered = true;
            self.answer.clear();
            self.message = None;
            let detail = result_of(update);
            events.push(AgentEvent::ToolEnded { id: id.to_owned(), ok: status == "completed", detail });
        }
        events
    }

    fn server_started(&self, update: &Value) -> Vec<AgentEvent> {
        let failed = update.get("status").and_then(Value::as_str) == Some("failed");
        let ours = update.get("title").and_then(Value::as_str) == Some(&format!("mcp__{}__startup", self.server));
        let line = result_of(update);
        let connected = (ours && failed).then_some(AgentEvent::Connected { ok: false });
        let noise = (!line.is_empty()).then_some(AgentEvent::Noise { line });
        connected.into_iter().chain(noise).collect()
    }

    /// What Codex' adapter says on the side.
    fn hint(&mut self, codex: Option<&Value>) -> Vec<AgentEvent> {
        let Some(codex) = codex else { return Vec::new() };
        if let Some(status) = codex.pointer("/threadStatus/type").and_then(Value::as_str) {
            self.broken = status == "systemError";
        }
        let Some(error) = codex.get("error").filter(|error| error.is_object()) else { return Vec::new() };
        let refusal = Refusal::of_codex(error);
        let again = error.get("willRetry").and_then(Value::as_bool).unwrap_or(false);
        let event = AgentEvent::Retrying { class: refusal.class(), wait: None, message: refusal.message.clone() };
        self.trouble = Some(refusal);
        if again { vec![event] } else { Vec::new() }
    }

    fn model_speaks(&mut self) {
        if std::mem::take(&mut self.answered) {
            self.turns = self.turns.saturating_add(1);
        }
    }

    /// It does something else now: what it was saying is said.
    fn pause(&mut self) -> Vec<AgentEvent> {
        let thought = self.thought.take().map(|text| AgentEvent::Thought { text });
        let said = self.said.take().map(|text| AgentEvent::Said { text });
        thought.into_iter().chain(said).collect()
    }
}

fn text_of(content: Option<&Value>) -> &str {
    content.and_then(|content| content.get("text")?.as_str()).unwrap_or_default()
}

/// The beginning of what came of a call: each agent puts it somewhere else.
fn result_of(update: &Value) -> String {
    let places =
        ["/rawOutput/output", "/rawOutput/0/text", "/rawOutput/error/message", "/content/0/content/text", "/rawOutput"];
    let told = places.iter().find_map(|place| update.pointer(place)?.as_str());
    told.unwrap_or_default().to_owned()
}
