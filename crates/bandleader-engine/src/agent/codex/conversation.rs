//! What is understood of a Codex thread while a turn of it runs: one state for its server and for `exec`.
//!
//! Does no IO of its own: messages come in, events go out, and it knows how the turn ended.

use std::collections::BTreeSet;

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Timestamp};
use serde_json::Value;

use super::super::driver::Events;
use super::super::event::{AgentEvent, Tally};
use super::failure::failure;
use super::item::{Item, Tool, plan, text};
use super::usage::{Figures, Rounds, Usage};
use crate::process::wall_clock;

/// How a turn ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    /// The agent had nothing more to do.
    Completed,
    /// Somebody interrupted it.
    Interrupted,
    /// It went wrong.
    Failed(AgentFailure),
}

/// A thread and its turn.
pub(super) struct Conversation {
    events: Events,
    /// The name of our server of tools.
    server: String,
    tools_there: Option<bool>,
    /// Our thread; agents that the agent starts have others.
    pub(super) thread: String,
    /// Our turn; empty while none has begun.
    pub(super) turn: String,
    /// How the turn ended, when it has.
    pub(super) ended: Option<End>,
    /// The last words of our thread.
    pub(super) said: String,
    pub(super) usage: Usage,
    /// Calls of the model, where each is not told of.
    pub(super) rounds: Rounds,
    /// When a limit that is reached ends.
    limit_ends: Option<Timestamp>,
    /// Tools that have begun and not ended.
    at_work: BTreeSet<String>,
    /// Calls of tools of which it is told that they were refused.
    refused: BTreeSet<String>,
    /// The last thing that the model did was to use a tool: another call of it follows.
    goes_on: bool,
}

impl Conversation {
    /// Of which nothing is known yet.
    pub(super) fn new(events: Events, server: &str) -> Conversation {
        Conversation {
            events,
            server: server.into(),
            tools_there: None,
            thread: String::new(),
            turn: String::new(),
            ended: None,
            said: String::new(),
            usage: Usage::default(),
            rounds: Rounds::default(),
            limit_ends: None,
            at_work: BTreeSet::new(),
            refused: BTreeSet::new(),
            goes_on: false,
        }
    }

    /// A notification of the server.
    pub(super) fn notified(&mut self, method: &str, params: &Value) {
        let ours = params["threadId"].as_str().is_none_or(|thread| thread == self.thread);
        match method {
            "item/started" => self.began(&params["item"]),
            "item/completed" => self.completed(&params["item"], ours),
            "turn/plan/updated" if ours => self.events.tell(AgentEvent::Todo { items: plan(&params["plan"]) }),
            "thread/tokenUsage/updated" => self.used(params),
            "account/rateLimits/updated" => self.limits(&params["rateLimits"]),
            "error" if params["willRetry"] == true => self.retries(&params["error"]),
            "turn/completed" if ours => self.turn_completed(&params["turn"]),
            "mcpServer/startupStatus/updated" if params["name"] == self.server.as_str() => {
                match params["status"].as_str() {
                    Some("ready") => self.connected(true),
                    Some("failed" | "cancelled") => self.connected(false),
                    _ => {}
                }
            }
            "model/rerouted" if ours => {
                let model = params["toModel"].as_str().map(str::to_owned);
                self.events.tell(AgentEvent::Started { version: None, model, session: None });
            }
            "warning" | "guardianWarning" => self.noise(text(&params["message"])),
            "configWarning" | "deprecationNotice" => self.noise(text(&params["summary"])),
            _ => {}
        }
    }

    /// A line of `exec`.
    pub(super) fn printed(&mut self, event: &Value) {
        self.rounds.count(event);
        match event["type"].as_str() {
            Some("thread.started") => self.thread = text(&event["thread_id"]),
            Some("item.started" | "item.updated") => self.began(&event["item"]),
            Some("item.completed") => self.completed(&event["item"], true),
            Some("turn.completed") => {
                self.usage.took_turn(&self.thread, Figures::of(&event["usage"]), self.rounds.made);
                self.end(End::Completed);
            }
            Some("turn.failed") => self.fail(&event["error"]),
            Some("error") => {
                let message = text(&event["message"]);
                if message.starts_with("Reconnecting") { self.retries(event) } else { self.noise(message) }
            }
            _ => {}
        }
    }

    fn began(&mut self, item: &Value) {
        match Item::of(item) {
            Some(Item::Tool(tool)) => self.tool_began(&tool),
            Some(Item::Todo(items)) => self.events.tell(AgentEvent::Todo { items }),
            _ => {}
        }
    }

    fn tool_began(&mut self, tool: &Tool) {
        self.goes_on = true;
        if self.at_work.insert(tool.id.clone()) {
            let Tool { id, name, detail, .. } = tool;
            self.events.tell(AgentEvent::ToolBegan { id: id.clone(), name: name.clone(), detail: detail.clone() });
        }
    }

    fn completed(&mut self, item: &Value, ours: bool) {
        match Item::of(item) {
            Some(Item::Words(words)) if !words.is_empty() => {
                if ours {
                    self.said.clone_from(&words);
                    self.goes_on = false;
                }
                self.events.tell(AgentEvent::Said { text: words });
            }
            Some(Item::Thought(words)) if !words.is_empty() => self.events.tell(AgentEvent::Thought { text: words }),
            Some(Item::Tool(tool)) => {
                self.tool_began(&tool);
                self.at_work.remove(&tool.id);
                let Tool { id, name, ok, declined, outcome, .. } = tool;
                if declined {
                    self.denied(&id, name);
                }
                self.events.tell(AgentEvent::ToolEnded { id, ok, detail: outcome });
            }
            Some(Item::Todo(items)) => self.events.tell(AgentEvent::Todo { items }),
            Some(Item::Warning(words)) => self.noise(words),
            _ => {}
        }
    }

    /// Our tools are there, or are not. Told when it is news.
    pub(super) fn connected(&mut self, ok: bool) {
        if self.tools_there.replace(ok) != Some(ok) {
            self.events.tell(AgentEvent::Connected { ok });
        }
    }

    /// A use of a tool was refused. Told once for each call of it.
    pub(super) fn denied(&mut self, call: &str, tool: String) {
        if call.is_empty() || self.refused.insert(call.into()) {
            self.events.tell(AgentEvent::Denied { tool });
        }
    }

    fn used(&mut self, params: &Value) {
        let usage = &params["tokenUsage"];
        let Some(thread) = params["threadId"].as_str().filter(|_| usage["total"].is_object()) else { return };
        let (total, last) = (Figures::of(&usage["total"]), Figures::of(&usage["last"]));
        if self.usage.lacks_past(thread) && params["turnId"] != self.turn.as_str() {
            // The server tells the past of a thread that is taken up once more, under the name of an old turn.
            self.usage.had_used(thread, total);
        } else {
            self.usage.called(thread, total, last);
        }
        self.tell_spent();
    }

    fn tell_spent(&self) {
        self.events.tell(AgentEvent::Used { spending: self.usage.spent(), tally: Tally::Total });
    }

    /// How much is left of the account's limits. Of no interest before one is reached.
    fn limits(&mut self, limits: &Value) {
        let windows = [&limits["primary"], &limits["secondary"], &limits["individualLimit"]];
        let reached =
            windows.into_iter().filter(|window| window["usedPercent"].as_f64().is_some_and(|used| used >= 100.0));
        let ends = reached.filter_map(|window| window["resetsAt"].as_u64()).max();
        let until = ends.map(|seconds| Timestamp(seconds.saturating_mul(1_000))).filter(|until| *until > wall_clock());
        if until.is_some() && until != self.limit_ends {
            self.limit_ends = until;
            self.events.tell(AgentEvent::Limited { until, message: "a usage limit of its account is reached".into() });
        }
    }

    fn retries(&mut self, error: &Value) {
        let message = [&error["additionalDetails"], &error["message"]];
        let message = message.into_iter().map(text).find(|text| !text.is_empty()).unwrap_or_default();
        let class = failure(&error["codexErrorInfo"], &message, None, wall_clock()).class;
        // Why it tries again is often not said; that it does means that the connection broke.
        let class = if class == FailureClass::Exit { FailureClass::Network } else { class };
        self.events.tell(AgentEvent::Retrying { class, wait: None, message });
    }

    fn turn_completed(&mut self, turn: &Value) {
        if turn["id"].as_str().is_some_and(|id| !self.turn.is_empty() && id != self.turn) {
            return;
        }
        match turn["status"].as_str() {
            Some("failed") => self.fail(&turn["error"]),
            Some("interrupted") => self.end(End::Interrupted),
            _ => self.end(End::Completed),
        }
    }

    fn fail(&mut self, error: &Value) {
        let words = text(&error["message"]);
        let words = if words.is_empty() { "its turn failed and it does not say why".to_owned() } else { words };
        let failure = failure(&error["codexErrorInfo"], &words, self.limit_ends, wall_clock());
        self.end(End::Failed(failure));
    }

    fn end(&mut self, end: End) {
        self.at_work.clear();
        self.goes_on = false;
        self.ended = Some(end);
        if !self.usage.spent().is_nothing() {
            self.tell_spent();
        }
    }

    fn noise(&self, line: String) {
        if !line.is_empty() {
            self.events.tell(AgentEvent::Noise { line });
        }
    }

    /// Whether a tool is at work.
    pub(super) fn is_using_tools(&self) -> bool {
        !self.at_work.is_empty()
    }

    /// Whether the model was called as often as it may be, and would be called again. Its tools may finish before.
    pub(super) fn used_up(&self, calls: u32) -> bool {
        let made = self.usage.calls(&self.thread);
        let most = u64::from(calls);
        self.ended.is_none() && (made > most || (made == most && self.goes_on && self.at_work.is_empty()))
    }
}
