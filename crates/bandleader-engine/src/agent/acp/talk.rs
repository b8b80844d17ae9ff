//! Messages to and from the agent, one a line. While we wait for an answer, everything else is attended to: what the agent does, what it
//! asks of us, and what people want of it.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Failed;
use super::files;
use super::refusal::Refusal;
use super::rules::Rules;
use super::updates::Updates;
use crate::agent::child::{Child, Heard};
use crate::agent::driver::{Events, Stage};
use crate::agent::event::{AgentEvent, Order};

/// What an agent gets to end its turn in order. All that were tried take less than that.
const CANCELLING: Duration = Duration::from_secs(2);

/// After this long without a word the replay of a conversation is over. Gemini CLI answers first and replays then.
const QUIET: Duration = Duration::from_millis(300);

/// The longest that a replay is waited for.
const REPLAY: Duration = Duration::from_secs(10);

/// Why we ended a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Somebody asked for it.
    Stopped,
    /// It called its model more often than this.
    Turns(u32),
}

/// A conversation with a program.
pub(super) struct Talk<'a> {
    stage: Stage<'a>,
    child: Child,
    rules: Rules,
    /// What was understood so far.
    pub(super) heard: Updates,
    asked: u64,
    /// From people, for the next turn.
    messages: VecDeque<(u64, String)>,
    /// The session, once there is one.
    session: Option<String>,
}

impl<'a> Talk<'a> {
    /// With a program that was just started.
    pub(super) fn new(stage: Stage<'a>, child: Child) -> Talk<'a> {
        let rules = Rules::of(stage.assignment, &stage.tools, stage.directory);
        let (messages, name) = (VecDeque::new(), stage.tools.name.clone());
        Talk { stage, child, rules, heard: Updates::of(&name), asked: 0, messages, session: None }
    }

    /// The program, and where things are told.
    pub(super) fn into_parts(self) -> (Child, Events) {
        (self.child, self.stage.events)
    }

    /// What surrounds it.
    pub(super) fn stage(&self) -> &Stage<'a> {
        &self.stage
    }

    /// From now on this session can be cancelled.
    pub(super) fn has_session(&mut self, session: &str) {
        self.session = Some(session.to_owned());
    }

    /// Tells that something happened.
    pub(super) fn tell(&self, event: AgentEvent) {
        self.stage.events.tell(event);
    }

    /// What a person said that the agent has not heard yet.
    pub(super) fn next_message(&mut self) -> Option<(u64, String)> {
        while let Ok(order) = self.stage.orders.try_recv() {
            if let Order::Tell { id, text } = order {
                self.messages.push_back((id, text));
            }
        }
        self.messages.pop_front()
    }

    /// Asks, and waits for the answer; for ever when there is no `patience`.
    ///
    /// # Errors
    /// The agent refused, is gone, or we ended the turn.
    pub(super) async fn ask(
        &mut self,
        method: &'static str,
        params: Value,
        patience: Option<Duration>,
    ) -> Result<Value, Failed> {
        self.asked += 1;
        let id = self.asked;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        let most = self.stage.assignment.max_turns.unwrap_or(u32::MAX);
        let mut until = patience.map(|patience| Instant::now() + patience);
        let mut cut: Option<Cut> = None;
        loop {
            let wish = tokio::select! {
                heard = self.child.hear() => match heard {
                    Some(Heard::Line(line)) => {
                        let answer = self.take(&line, id).await;
                        match (answer, cut) {
                            (Some(answer), None) => return answer.map_err(Failed::Refused),
                            (Some(answer), Some(cut)) => {
                                // What it used until then.
                                self.heard.count(answer.as_ref().ok()).into_iter().for_each(|event| self.tell(event));
                                return Err(Failed::Cut(cut));
                            }
                            (None, None) => (self.heard.turns() > most).then_some(Cut::Turns(most)),
                            (None, Some(_)) => None,
                        }
                    }
                    Some(Heard::Murmur(line)) => {
                        self.tell(AgentEvent::Noise { line });
                        None
                    }
                    None => return Err(cut.map_or(Failed::Gone(method), Failed::Cut)),
                },
                Some(order) = self.stage.orders.recv() => match order {
                    Order::Stop => Some(Cut::Stopped),
                    Order::Tell { id, text } => {
                        self.messages.push_back((id, text));
                        None
                    }
                },
                () = at(until) => return Err(cut.map_or(Failed::Gone(method), Failed::Cut)),
            };
            if let Some(wish) = wish.filter(|_| cut.is_none()) {
                let Some(session) = self.session.clone().filter(|_| method == "session/prompt") else {
                    return Err(Failed::Cut(wish));
                };
                cut = Some(wish);
                until = Some(Instant::now() + CANCELLING);
                self.say(&json!({"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": session}}))
                    .await;
            }
        }
    }

    /// Hears the replay of a conversation to its end.
    pub(super) async fn settle(&mut self) {
        let latest = Instant::now() + REPLAY;
        while Instant::now() < latest {
            match tokio::time::timeout(QUIET, self.child.hear()).await {
                Ok(Some(Heard::Line(line))) => {
                    self.take(&line, 0).await;
                }
                Ok(Some(Heard::Murmur(_))) => {}
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// Takes a line; what it answers to the request `id`, if that is what it is.
    async fn take(&mut self, line: &str, id: u64) -> Option<Result<Value, Refusal>> {
        self.stage.events.raw(line);
        let mut answer = None;
        match serde_json::from_str(line) {
            Ok(Value::Array(batch)) => {
                for message in batch {
                    answer = self.message(&message, id).await.or(answer);
                }
            }
            Ok(message @ Value::Object(_)) => answer = self.message(&message, id).await,
            _ if line.trim().is_empty() => {}
            _ => self.tell(AgentEvent::Noise { line: line.to_owned() }),
        }
        answer
    }

    async fn message(&mut self, message: &Value, id: u64) -> Option<Result<Value, Refusal>> {
        let params = message.get("params").unwrap_or(&Value::Null);
        let request = message.get("id").filter(|id| !id.is_null());
        match (message.get("method").and_then(Value::as_str), request) {
            (Some("session/update"), _) => {
                let update = params.get("update").unwrap_or(&Value::Null);
                self.heard.update(update).into_iter().for_each(|event| self.tell(event));
                None
            }
            // Everything else that it lets us know is its own business.
            (Some(_), None) => None,
            (Some(method), Some(asked)) => {
                let answer = self.answer(method, params);
                let said = match answer {
                    Ok(result) => json!({"jsonrpc": "2.0", "id": asked, "result": result}),
                    Err((code, message)) => {
                        json!({"jsonrpc": "2.0", "id": asked, "error": {"code": code, "message": message}})
                    }
                };
                self.say(&said).await;
                None
            }
            (None, answered) => {
                let ours = answered.is_some_and(|answered| {
                    let number = answered.as_u64().or_else(|| answered.as_str()?.parse().ok());
                    number == Some(id)
                });
                ours.then(|| match message.get("error").filter(|error| !error.is_null()) {
                    Some(error) => Err(Refusal::of(error)),
                    None => Ok(message.get("result").cloned().unwrap_or(Value::Null)),
                })
            }
        }
    }

    /// What the agent asks of us. Nothing is ever left without an answer: it would wait for ever.
    fn answer(&mut self, method: &str, params: &Value) -> Result<Value, (i64, String)> {
        let call = params.get("toolCall").unwrap_or(&Value::Null);
        match method {
            "session/request_permission" => {
                self.heard.call_asked_about(call).into_iter().for_each(|event| self.tell(event));
                let options = params.get("options").unwrap_or(&Value::Null);
                let (outcome, denied) = self.rules.decide(self.heard.whole(call), options);
                if let Some(tool) = denied {
                    self.tell(AgentEvent::Denied { tool });
                }
                Ok(json!({"outcome": outcome}))
            }
            "fs/read_text_file" => files::read(params, &self.rules).map_err(|message| (-32002, message)),
            "fs/write_text_file" => files::write(params, &self.rules).map_err(|message| (-32002, message)),
            "elicitation/create" => Ok(json!({"action": "decline"})),
            _ if method.starts_with("terminal/") => {
                Err((-32601, "this client has no terminals, as it said; run commands yourself".to_owned()))
            }
            _ => Err((-32601, format!("this client does not know `{method}`"))),
        }
    }

    async fn say(&mut self, message: &Value) {
        let line = message.to_string();
        self.stage.events.raw(&line);
        self.child.say(&line).await;
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
