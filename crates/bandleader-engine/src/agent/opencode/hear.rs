//! What is understood of a server's events. Pure but for what it tells.

use std::collections::BTreeSet;

use bandleader_core::Timestamp;
use serde_json::Value;

use super::figures::Figures;
use super::settings::withhold;
use crate::agent::driver::Events;
use crate::agent::event::{AgentEvent, Tally, TodoItem, TodoState};

/// As much of what came of a tool is told.
const LONGEST_DETAIL: usize = 300;

/// Keys of a tool's input that say in a line what it is used on, the best first.
const DETAILS: [&str; 8] = ["command", "filePath", "path", "pattern", "url", "query", "description", "name"];

/// Its provider is to be asked again, and nobody says why but in words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Retry {
    pub(super) attempt: u64,
    pub(super) words: String,
    /// When.
    pub(super) next: Option<Timestamp>,
}

/// Something that it asks, and nobody is there to answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asks {
    Permission(String),
    Question(String),
}

/// The attempt's session as it is known.
pub(super) struct Conversation {
    events: Events,
    pub(super) session: String,
    pub(super) figures: Figures,
    /// The model has begun to work on what was asked last, or has refused to.
    pub(super) begun: bool,
    /// Nothing goes on.
    pub(super) idle: bool,
    pub(super) retry: Option<Retry>,
    pub(super) asks: Vec<Asks>,
    pub(super) error: Option<Value>,
    /// The last message of the model, as far as it is there.
    pub(super) last: Value,
    /// The last message to the model.
    asked_last: String,
    /// Messages to the model that its server has not shown yet: that it rests is then old news.
    unseen: u32,
    /// Another call of the model follows.
    pub(super) goes_on: bool,
    /// Messages of the model; those of people look the same in their parts.
    answers: BTreeSet<String>,
    /// Parts that were told of, and calls of tools that have begun.
    told: BTreeSet<String>,
    model: String,
    /// What it may do.
    permission: Value,
}

impl Conversation {
    pub(super) fn new(events: Events, session: String, figures: Figures, permission: Value) -> Conversation {
        Conversation {
            events,
            session,
            figures,
            begun: false,
            idle: false,
            retry: None,
            asks: Vec::new(),
            error: None,
            last: Value::Null,
            asked_last: String::new(),
            unseen: 0,
            goes_on: false,
            answers: BTreeSet::new(),
            told: BTreeSet::new(),
            model: String::new(),
            permission,
        }
    }

    /// It was told something more: it will say again when it rests.
    pub(super) fn asked_more(&mut self) {
        self.idle = false;
        self.unseen += 1;
    }

    /// Whether its last word answers the last thing that it was told. A message that came at its last word becomes another turn.
    pub(super) fn has_answered(&self) -> bool {
        let answers_it = self.last["parentID"].as_str() == Some(&self.asked_last);
        self.unseen == 0 && (self.error.is_some() || answers_it)
    }

    pub(super) fn take(&mut self, event: &Value) {
        let properties = &event["properties"];
        let kind = event["type"].as_str().unwrap_or_default();
        let session = properties["sessionID"].as_str().unwrap_or_default();
        let ours = session == self.session;
        match kind {
            "session.created" | "session.updated" => self.session_updated(&properties["info"]),
            "message.updated" if ours => self.message(&properties["info"]),
            "message.updated" => self.remember(&properties["info"]),
            "message.part.updated" => self.part(&properties["part"], ours),
            "session.status" if ours => self.status(&properties["status"]),
            "session.idle" if ours => self.rests(),
            "session.error" if ours || session.is_empty() => self.failed(&properties["error"]),
            "todo.updated" if ours => self.events.tell(AgentEvent::Todo { items: todo(&properties["todos"]) }),
            _ if kind.starts_with("permission") && kind.ends_with("asked") => {
                let tool = properties["permission"].as_str().unwrap_or("something").to_owned();
                self.events.tell(AgentEvent::Denied { tool });
                self.asks.extend(properties["id"].as_str().map(|id| Asks::Permission(id.to_owned())));
            }
            _ if kind.starts_with("question") && kind.ends_with("asked") => {
                self.asks.extend(properties["id"].as_str().map(|id| Asks::Question(id.to_owned())));
            }
            _ => {}
        }
    }

    /// A session as it stands.
    pub(super) fn session_updated(&mut self, info: &Value) {
        if self.figures.update(info) {
            self.tell_spent();
        }
    }

    fn tell_spent(&self) {
        self.events.tell(AgentEvent::Used { spending: self.figures.spent(), tally: Tally::Total });
    }

    fn remember(&mut self, info: &Value) {
        let in_family = info["sessionID"].as_str().is_some_and(|session| self.figures.has(session));
        if info["role"] == "assistant" && in_family {
            self.answers.extend(info["id"].as_str().map(str::to_owned));
        }
    }

    /// A message of our session, new or with more in it.
    pub(super) fn message(&mut self, info: &Value) {
        self.remember(info);
        let id = info["id"].as_str().unwrap_or_default();
        match info["role"].as_str() {
            // They come again with a summary when the turn is over; names are in the order of time.
            Some("user") if id > self.asked_last.as_str() => {
                // The first one is the instruction, which is not counted.
                if !self.asked_last.is_empty() {
                    self.unseen = self.unseen.saturating_sub(1);
                }
                id.clone_into(&mut self.asked_last);
            }
            Some("assistant") if id >= self.last["id"].as_str().unwrap_or_default() => {
                let model =
                    [&info["providerID"], &info["modelID"]].map(|part| part.as_str().unwrap_or_default()).join("/");
                if model != self.model && model.len() > 1 {
                    self.model.clone_from(&model);
                    self.events.tell(AgentEvent::Started { version: None, model: Some(model), session: None });
                }
                self.last = info.clone();
            }
            _ => {}
        }
    }

    fn status(&mut self, status: &Value) {
        match status["type"].as_str() {
            Some("busy") => (self.begun, self.idle) = (true, false),
            Some("retry") => {
                self.begun = true;
                self.retry = Some(Retry {
                    attempt: status["attempt"].as_u64().unwrap_or(1),
                    words: status["message"].as_str().unwrap_or("it does not say why").to_owned(),
                    next: status["next"].as_u64().map(Timestamp),
                });
            }
            Some("idle") => self.rests(),
            _ => {}
        }
    }

    fn rests(&mut self) {
        // One from before our question says nothing.
        self.idle |= self.begun;
    }

    fn failed(&mut self, error: &Value) {
        self.begun = true;
        // It makes room by itself, and says so; when that does not help, its last message has the error.
        if error["name"] != "ContextOverflowError" && self.error.is_none() {
            self.error = Some(error.clone());
        }
    }

    fn part(&mut self, part: &Value, ours: bool) {
        let id = part["id"].as_str().unwrap_or_default();
        if part["messageID"].as_str().is_none_or(|message| !self.answers.contains(message)) {
            return;
        }
        let text = || part["text"].as_str().unwrap_or_default().to_owned();
        match part["type"].as_str() {
            Some("tool") => self.tool(part),
            Some("step-finish") if self.told.insert(id.to_owned()) => {
                self.figures.calls += 1;
                if ours {
                    self.goes_on = part["reason"] == "tool-calls";
                }
                self.tell_spent();
            }
            // Whole paragraphs: parts that have come to their end.
            Some("text") if part["time"]["end"].is_number() && self.told.insert(id.to_owned()) => {
                self.say(AgentEvent::Said { text: text() }, &text());
            }
            Some("reasoning") if part["time"]["end"].is_number() && self.told.insert(id.to_owned()) => {
                self.say(AgentEvent::Thought { text: text() }, &text());
            }
            _ => {}
        }
    }

    /// Tells of words, if there are any.
    fn say(&self, event: AgentEvent, words: &str) {
        if !words.trim().is_empty() {
            self.events.tell(event);
        }
    }

    fn tool(&mut self, part: &Value) {
        let state = &part["state"];
        let status = state["status"].as_str().unwrap_or_default();
        let id = part["callID"].as_str().or_else(|| part["id"].as_str()).unwrap_or_default().to_owned();
        if !matches!(status, "running" | "completed" | "error") {
            return;
        }
        let name = part["tool"].as_str().unwrap_or("a tool").to_owned();
        if self.told.insert(format!("begun {id}")) {
            let detail = detail(&state["input"]);
            self.events.tell(AgentEvent::ToolBegan { id: id.clone(), name: name.clone(), detail });
        }
        if status == "running" || !self.told.insert(format!("ended {id}")) {
            return;
        }
        let ok = status == "completed";
        let words = if ok { &state["output"] } else { &state["error"] }.as_str().unwrap_or_default();
        // What is not offered is called all the same now and then, and lands with a tool that says so.
        let wanted = state["input"]["tool"].as_str().filter(|_| name == "invalid");
        if let Some(wanted) = wanted.filter(|wanted| withhold(&self.permission, wanted)) {
            self.events.tell(AgentEvent::Denied { tool: wanted.to_owned() });
        } else if !ok && is_refusal(words) {
            self.events.tell(AgentEvent::Denied { tool: name });
        }
        let detail = words.chars().take(LONGEST_DETAIL).collect();
        self.events.tell(AgentEvent::ToolEnded { id, ok, detail });
    }
}

/// The words in which a tool says that rules are against its use.
fn is_refusal(words: &str) -> bool {
    words.contains("rule which prevents") || words.contains("rejected permission") || words.contains("PermissionDenied")
}

fn detail(input: &Value) -> String {
    let found = DETAILS.iter().find_map(|key| input[*key].as_str());
    found.unwrap_or_default().lines().next().unwrap_or_default().chars().take(LONGEST_DETAIL).collect()
}

fn todo(items: &Value) -> Vec<TodoItem> {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    let item = |item: &Value| {
        let state = match item["status"].as_str() {
            Some("completed") => TodoState::Done,
            Some("in_progress") => TodoState::Active,
            Some("cancelled") => return None,
            _ => TodoState::Open,
        };
        Some(TodoItem { text: item["content"].as_str()?.to_owned(), state })
    };
    items.iter().filter_map(item).collect()
}
