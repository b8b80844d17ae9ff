//! One attempt by way of `codex app-server`: handshake, thread, turns, messages in between, and the stop.

use std::collections::BTreeMap;
use std::time::Duration;

use bandleader_core::plan::FailureClass;
use serde_json::{Value, json};

use super::super::driver::{Outcome, Stage};
use super::super::event::{AgentEvent, Order};
use super::Stop;
use super::conversation::{Conversation, End};
use super::item::text;
use super::link::{Broken, Link, Next};
use super::schema::{Asked, asked};
use super::settings;

/// For the handshake. It takes a third of a second; a machine may be loaded.
const HANDSHAKE: Duration = Duration::from_secs(20);
/// For ending a turn that is interrupted, and for ending after that.
pub(super) const ORDERLY: Duration = Duration::from_secs(2);
/// Makes Codex write the headers of its provider's answers to its standard error: when to come back is said nowhere else.
pub(super) const LOG: (&str, &str) = ("RUST_LOG", "error,codex_http_client::client=debug");

/// The work on one assignment.
pub(super) struct Work<'s, 'a> {
    pub(super) stage: &'s mut Stage<'a>,
    pub(super) link: Link,
    /// Messages that have not been sent yet, or were sent and refused.
    messages: Vec<(u64, String)>,
    /// Messages that were sent into the turn, by the number of the request.
    steering: BTreeMap<u64, (u64, String)>,
    /// Messages that the turn did not take: they become another one.
    next_turn: Vec<(u64, String)>,
    pub(super) stop: Option<Stop>,
}

/// Runs the attempt; why that cannot be done by the app-server, if it cannot.
pub(super) async fn run(stage: &mut Stage<'_>) -> Result<Outcome, String> {
    let mut launch = super::launch(stage, &["app-server"]);
    if !launch.environment.iter().any(|(name, _)| name == LOG.0) {
        launch.environment.push((LOG.0.into(), LOG.1.into()));
    }
    let child = match launch.start() {
        Ok(child) => child,
        Err(message) => return Ok(Outcome::failed(FailureClass::Start, message)),
    };
    let talk = Conversation::new(stage.events.clone(), &stage.tools.name);
    let permissions = settings::permissions(stage.assignment);
    let link = Link::new(child, stage.events.clone(), talk, permissions);
    let mut work =
        Work { stage, link, messages: Vec::new(), steering: BTreeMap::new(), next_turn: Vec::new(), stop: None };
    if let Err(broken) = work.shake_hands().await {
        let mut child = work.link.child;
        if broken == Broken::Stopped {
            child.end_within(Duration::ZERO).await;
            return Ok(super::cancelled());
        }
        child.end_within(Duration::ZERO).await;
        let complaints = child.complaints().await;
        let last = super::worth_reading(&complaints).last();
        return Err(match broken {
            Broken::Refused(words) => words,
            Broken::Late => "it did not answer".into(),
            _ => last.unwrap_or_else(|| "it ended at once".into()),
        });
    }
    let ended = match work.open().await {
        Ok(()) => work.turns().await,
        Err(broken) => Err(broken),
    };
    Ok(work.conclude(ended).await)
}

impl Work<'_, '_> {
    pub(super) async fn ask(&mut self, method: &str, params: &Value) -> Result<Value, Broken> {
        self.link.ask(method, params, &mut self.stage.orders, &mut self.messages).await
    }

    async fn shake_hands(&mut self) -> Result<(), Broken> {
        self.link.expect_within(Some(HANDSHAKE));
        let us = json!({ "clientInfo": { "name": "bandleader", "version": env!("CARGO_PKG_VERSION") } });
        let answer = self.ask("initialize", &us).await?;
        self.link.say(&json!({ "method": "initialized" })).await;
        self.link.expect_within(None);
        // `bandleader/0.169.0 (Debian 12.0.0; x86_64) …`
        let agent = answer["userAgent"].as_str().unwrap_or_default();
        let version = agent.split_once('/').and_then(|(_, rest)| rest.split_whitespace().next()).map(str::to_owned);
        self.link.events.tell(AgentEvent::Started { version, model: None, session: None });
        self.link.events.tell(AgentEvent::Noise { line: "codex app-server is used".into() });
        Ok(())
    }

    async fn begin_turn(&mut self, instruction: &str) -> Result<(), Broken> {
        let assignment = self.stage.assignment;
        let talk = &mut self.link.talk;
        (talk.turn, talk.ended) = (String::new(), None);
        self.link.expect_within(None);
        let talk = &self.link.talk;
        let mut instruction = instruction.to_owned();
        let mut params = json!({ "threadId": talk.thread });
        match asked(assignment.schema.as_ref()) {
            Asked::Not => {}
            Asked::Natively(schema) => params["outputSchema"] = schema.clone(),
            Asked::InWords(words) => instruction.push_str(&words),
        }
        params["input"] = json!([{ "type": "text", "text": instruction }]);
        if let Some(effort) = &assignment.effort {
            params["effort"] = json!(effort);
        }
        let begun = self.ask("turn/start", &params).await?;
        self.link.talk.turn = text(&begun["turn"]["id"]);
        Ok(())
    }

    /// The turn of the instruction, and one more for each message that came too late for it.
    async fn turns(&mut self) -> Result<End, Broken> {
        let instruction = self.stage.assignment.instruction.clone();
        self.begin_turn(&instruction).await?;
        loop {
            self.steer().await;
            if let Some(calls) = self.stage.assignment.max_turns
                && self.stop.is_none()
                && self.link.talk.used_up(calls)
            {
                self.interrupt(Stop::MaxTurns(calls)).await;
            }
            if let Some(end) = self.link.talk.ended.clone() {
                if self.steering.is_empty() || self.stop.is_some() {
                    let mut late = std::mem::take(&mut self.next_turn);
                    late.append(&mut self.messages);
                    if late.is_empty() || end != End::Completed || self.stop.is_some() {
                        return Ok(end);
                    }
                    let text: Vec<&str> = late.iter().map(|(_, text)| text.as_str()).collect();
                    self.begin_turn(&text.join("\n\n")).await?;
                    for (id, _) in late {
                        self.link.events.tell(AgentEvent::Told { id });
                    }
                    continue;
                }
                self.link.expect_within(Some(ORDERLY));
            }
            match self.link.next(&mut self.stage.orders).await {
                Next::Answered(number, result) => self.answered(number, result.is_ok()),
                Next::Heard => {}
                Next::Ordered(Order::Tell { id, text }) => self.messages.push((id, text)),
                Next::Ordered(Order::Stop) => self.interrupt(Stop::Asked).await,
                Next::Late if self.stop.is_some() => return Err(Broken::Stopped),
                Next::Late => {
                    self.link.expect_within(None);
                    self.next_turn.extend(std::mem::take(&mut self.steering).into_values());
                }
                Next::Gone => return Err(Broken::Gone),
            }
        }
    }

    /// Says messages into the turn that runs, while a tool is at work. One that comes while the model answers makes Codex drop that
    /// answer and ask again, and the tokens of the one that it dropped are in none of its figures (0.169).
    async fn steer(&mut self) {
        let talk = &self.link.talk;
        if talk.turn.is_empty() || !talk.is_using_tools() || talk.ended.is_some() || self.stop.is_some() {
            return;
        }
        for (id, text) in std::mem::take(&mut self.messages) {
            let Conversation { thread, turn, .. } = &self.link.talk;
            let input = json!([{ "type": "text", "text": text }]);
            let params = json!({ "threadId": thread, "expectedTurnId": turn, "input": input });
            let number = self.link.send("turn/steer", &params).await;
            self.steering.insert(number, (id, text));
        }
    }

    fn answered(&mut self, number: u64, taken: bool) {
        let Some((id, text)) = self.steering.remove(&number) else { return };
        if taken {
            self.link.events.tell(AgentEvent::Told { id });
        } else {
            self.next_turn.push((id, text));
        }
    }

    async fn interrupt(&mut self, why: Stop) {
        if self.stop.is_some() {
            return;
        }
        self.stop = Some(why);
        let Conversation { thread, turn, .. } = &self.link.talk;
        let params = json!({ "threadId": thread, "turnId": turn });
        self.link.send("turn/interrupt", &params).await;
        self.link.expect_within(Some(ORDERLY));
    }
}
