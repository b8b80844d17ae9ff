//! One start of the program: what is said to it and when, when it is done, and how it is ended.

use std::time::Duration;

use bandleader_core::AgentFailure;
use bandleader_core::plan::FailureClass;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::hear::{GREETING, Heard, Listener};
use super::launch::{self, Session};
use super::outcome;
use super::rules::Rules;
use crate::agent::child::Child;
use crate::agent::driver::{Outcome, Stage};
use crate::agent::event::{AgentEvent, Order};
use crate::process::wall_clock;

/// After an interrupt, for its result. It came within a tenth of a second, also out of a tool and a hanging answer.
const INTERRUPTED: Duration = Duration::from_secs(2);

/// After a result, when something else may follow: a message that it has not read yet, a sub-agent that has just come back.
const SETTLES: Duration = Duration::from_secs(3);

/// Of silence, after we have hung up. It ends within a second of that.
const LEAVES: Duration = Duration::from_secs(10);

/// Pieces of an answer that come faster than this are left out of the raw transcript: the whole is in it too.
const PIECES: Duration = Duration::from_secs(1);

/// How a start of the program ended.
pub(super) enum Ended {
    /// With an outcome of the attempt.
    With(Outcome),
    /// It does not know the conversation that was to go on.
    NoSuchSession,
    /// There is a conversation of the name that a new one was to have.
    SessionTaken,
}

/// Where we are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// It has not answered the greeting.
    Greeted,
    /// It works, or will.
    Working,
    /// It has given a result, and until then something may follow.
    Settling(Instant),
    /// We have hung up; it has until then to go, counted from its last line.
    Closing(Instant),
    /// We have interrupted it; it has until then to say what came of that.
    Ending(Instant),
}

/// One start of the program.
pub(super) struct Talk<'t, 's> {
    stage: &'t mut Stage<'s>,
    session: &'t Session,
    listener: Listener<'t>,
    child: Child,
    phase: Phase,
    /// It is in a turn of its own accord or ours.
    in_turn: bool,
    /// The outcome that its last result means.
    last: Option<Outcome>,
    /// Why we interrupted it.
    ended_for: Option<AgentFailure>,
    /// Messages of people: their UUIDs in the protocol, and their names, until the model has read them.
    unread: Vec<(String, u64)>,
    /// Messages that came before it could hear any.
    early: Vec<(u64, String)>,
    /// When a piece of an answer was last kept.
    piece: Option<Instant>,
}

impl<'t, 's> Talk<'t, 's> {
    pub(super) fn new(stage: &'t mut Stage<'s>, rules: &'t Rules, session: &'t Session, child: Child) -> Talk<'t, 's> {
        let listener = Listener::new(rules, stage.tools.name.clone(), stage.events.clone());
        Talk {
            stage,
            session,
            listener,
            child,
            phase: Phase::Greeted,
            in_turn: false,
            last: None,
            ended_for: None,
            unread: Vec::new(),
            early: Vec::new(),
            piece: None,
        }
    }

    pub(super) async fn run(mut self) -> Ended {
        self.say(&launch::greeting(self.stage.assignment, GREETING)).await;
        loop {
            let deadline = match self.phase {
                Phase::Greeted | Phase::Working => None,
                Phase::Settling(until) | Phase::Closing(until) | Phase::Ending(until) => Some(until),
            };
            tokio::select! {
                line = self.child.line() => {
                    let Some(line) = line else { break };
                    if let Some(ended) = self.hear(&line).await {
                        self.child.end_within(INTERRUPTED).await;
                        return ended;
                    }
                }
                Some(order) = self.stage.orders.recv() => self.obey(order).await,
                () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    if !matches!(self.phase, Phase::Settling(_)) {
                        break;
                    }
                    self.hang_up();
                }
            }
        }
        self.end().await
    }

    /// Takes in a line; how this start ended, if that is clear already.
    async fn hear(&mut self, line: &str) -> Option<Ended> {
        if let Phase::Closing(_) = self.phase {
            self.phase = Phase::Closing(Instant::now() + LEAVES);
        }
        if line.starts_with(r#"{"type":"stream_event""#) && line.contains(r#""content_block_delta""#) {
            // A sign of life now and then is all that is wanted of these.
            if self.piece.is_some_and(|last| last.elapsed() < PIECES) {
                return None;
            }
            self.piece = Some(Instant::now());
        }
        self.stage.events.raw(line);
        match self.listener.hear(line, wall_clock()) {
            Heard::Nothing => {}
            Heard::Ready => self.begin().await,
            Heard::Refused(why) => {
                let message = format!("it does not accept what it is to be and to answer: {why}");
                return Some(Ended::With(Outcome::failed(FailureClass::Start, message)));
            }
            Heard::Say(answer) => self.say(&answer).await,
            Heard::Turn => self.turn(),
            Heard::Result(result) => return self.result(&result),
            Heard::Reached(message) => self.reached(&message),
            Heard::GiveUp(failure) => self.interrupt(failure).await,
        }
        let most = self.stage.assignment.max_turns.map(u64::from);
        if most.is_some_and(|most| self.listener.figures.turns() > most) {
            let message = format!("it called its model {} times and was not done", self.listener.figures.turns());
            self.interrupt(AgentFailure { class: FailureClass::MaxTurns, message, until: None }).await;
        }
        // Sub-agents that were all it waited for have come back; it takes that up by itself.
        if self.phase == Phase::Working && self.last.is_some() && !self.in_turn && !self.listener.beside {
            self.phase = Phase::Settling(Instant::now() + SETTLES);
        }
        None
    }

    /// It can hear: the instruction, and what people said meanwhile.
    async fn begin(&mut self) {
        if self.phase != Phase::Greeted {
            return;
        }
        // The line that says so comes only after the model's first answer has begun.
        (self.phase, self.in_turn) = (Phase::Working, true);
        let name = self.name("instruction");
        self.tell(&name, &self.stage.assignment.instruction).await;
        for (id, text) in std::mem::take(&mut self.early) {
            self.obey(Order::Tell { id, text }).await;
        }
    }

    fn turn(&mut self) {
        self.in_turn = true;
        match self.phase {
            // What it still does after we have hung up may end without a word.
            Phase::Closing(_) | Phase::Ending(_) => {}
            _ => (self.phase, self.last) = (Phase::Working, None),
        }
    }

    fn result(&mut self, result: &Value) -> Option<Ended> {
        if matches!(self.session, Session::Resume(_)) && outcome::knows_no_session(result) {
            return Some(Ended::NoSuchSession);
        }
        self.in_turn = false;
        self.last = Some(outcome::of_result(result, &self.listener.hints, wall_clock()));
        let read = result.get("user_message_uuids").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for message in read.iter().filter_map(Value::as_str) {
            self.reached(message);
        }
        match self.phase {
            Phase::Ending(_) => self.phase = Phase::Ending(Instant::now()),
            Phase::Closing(_) => {}
            // Sub-agents may ask for permissions, and wake it when they come back.
            _ if self.listener.beside => self.phase = Phase::Working,
            _ if self.unread.is_empty() => self.hang_up(),
            _ => self.phase = Phase::Settling(Instant::now() + SETTLES),
        }
        None
    }

    fn reached(&mut self, message: &str) {
        let events = &self.stage.events;
        self.unread.retain(|(name, id)| {
            if name == message {
                events.tell(AgentEvent::Told { id: *id });
            }
            name != message
        });
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Tell { id, text } if self.phase == Phase::Greeted => self.early.push((id, text)),
            Order::Tell { id, text } if matches!(self.phase, Phase::Working | Phase::Settling(_)) => {
                let name = self.name(&format!("message {id}"));
                self.tell(&name, &text).await;
                self.unread.push((name, id));
            }
            // Too late for this attempt.
            Order::Tell { .. } => {}
            Order::Stop => {
                let message = "it was stopped".to_owned();
                self.interrupt(AgentFailure { class: FailureClass::Cancelled, message, until: None }).await;
            }
        }
    }

    /// Ends the turn that it is in.
    async fn interrupt(&mut self, failure: AgentFailure) {
        if self.ended_for.is_some() {
            return;
        }
        self.ended_for = Some(failure);
        let request = json!({ "type": "control_request", "request_id": "stop", "request": { "subtype": "interrupt" } });
        self.say(&request).await;
        let patience = if self.in_turn { INTERRUPTED } else { Duration::ZERO };
        self.phase = Phase::Ending(Instant::now() + patience);
    }

    fn hang_up(&mut self) {
        self.child.hang_up();
        self.phase = Phase::Closing(Instant::now() + LEAVES);
    }

    /// A name for something that is said now. It must be new to the conversation, which may be one that goes on: a message whose
    /// name the program has seen it takes for done, and waits for the next.
    fn name(&self, what: &str) -> String {
        launch::name_of(self.stage.assignment, &format!("{what} {} {}", wall_clock().0, std::process::id()))
    }

    async fn tell(&mut self, name: &str, text: &str) {
        let content = json!([{ "type": "text", "text": text }]);
        self.say(&json!({ "type": "user", "uuid": name, "message": { "role": "user", "content": content } })).await;
    }

    async fn say(&mut self, line: &Value) {
        let line = line.to_string();
        self.stage.events.raw(&line);
        self.child.say(&line).await;
    }

    /// It said all that it had to say.
    async fn end(mut self) -> Ended {
        let patience = if matches!(self.phase, Phase::Ending(_)) { Duration::from_millis(500) } else { LEAVES };
        let status = self.child.end_within(patience).await;
        let complaints = self.child.complaints().await;
        match self.session {
            Session::New(_) if self.last.is_none() && complaints.contains("is already in use") => {
                return Ended::SessionTaken;
            }
            Session::Resume(_) if self.last.is_none() && complaints.contains("No conversation found") => {
                return Ended::NoSuchSession;
            }
            _ => {}
        }
        for line in complaints.lines() {
            self.stage.events.tell(AgentEvent::Noise { line: line.to_owned() });
        }
        let outcome = self.last.unwrap_or_else(|| outcome::without_result(status, &complaints));
        Ended::With(match self.ended_for {
            Some(failure) if outcome.answer.is_err() => Outcome { answer: Err(failure) },
            _ => outcome,
        })
    }
}
