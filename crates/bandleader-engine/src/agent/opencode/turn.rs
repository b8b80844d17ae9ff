//! The course of one attempt: server, session, what is asked, messages in between, and the stop.

use std::time::Duration;

use bandleader_core::AgentFailure;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::ending;
use super::figures::Figures;
use super::hear::{Asks, Conversation};
use super::server::{Broken, Server};
use super::settings;
use super::stream::Stream;
use crate::agent::driver::{Outcome, Stage};
use crate::agent::event::{AgentEvent, Order};

/// For the end of a turn that is interrupted.
const ORDERLY: Duration = Duration::from_secs(2);
/// For a turn that follows from a message that came at the last moment.
const AFTERTHOUGHT: Duration = Duration::from_secs(3);

/// Why we end a turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stop {
    /// We were told to.
    Asked,
    /// It called its model this often.
    MaxTurns(u32),
    /// Its provider failed, and it would ask again without end.
    Failed(AgentFailure),
}

/// How its turns ended, when we did not end them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    /// By itself.
    Rests,
    /// Its server is gone.
    Gone,
    /// Its server did not take what we asked.
    Refused(Broken),
}

struct Work<'s, 'a> {
    stage: &'s mut Stage<'a>,
    server: &'s mut Server,
    stream: Stream,
    talk: Conversation,
    stop: Option<Stop>,
    deadline: Option<Instant>,
}

/// Runs the attempt to its end.
pub(super) async fn run(mut stage: Stage<'_>) -> Outcome {
    let mut server = match Server::start(&mut stage).await {
        Ok(server) => server,
        Err(outcome) => return outcome,
    };
    let (end, talk, stop) = match open(&mut stage, &mut server).await {
        Ok((stream, talk)) => {
            let mut work = Work { stage: &mut stage, server: &mut server, stream, talk, stop: None, deadline: None };
            let end = work.turns().await;
            (end, Some(work.talk), work.stop)
        }
        Err(broken) => (End::Refused(broken), None, None),
    };
    ending::conclude(&stage, server, end, talk, stop).await
}

/// Listens, and begins a session or takes one up.
async fn open(stage: &mut Stage<'_>, server: &mut Server) -> Result<(Stream, Conversation), Broken> {
    let stream = server.listen().await?;
    let tools = server.get("/mcp").await?;
    if let Some(status) = tools[&stage.tools.name]["status"].as_str() {
        stage.events.tell(AgentEvent::Connected { ok: status == "connected" });
        if let Some(error) = tools[&stage.tools.name]["error"].as_str() {
            stage.events.tell(super::noise(error));
        }
    }
    let taken_up = match &stage.assignment.session {
        Some(name) if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
            server.get(&format!("/session/{name}")).await.ok()
        }
        _ => None,
    };
    if let (None, Some(name)) = (&taken_up, &stage.assignment.session) {
        stage.events.tell(super::noise(&format!("the session `{name}` is not known to opencode; a new one is begun")));
    }
    let info = match taken_up {
        Some(info) => info,
        // With a title it does not ask the model for one.
        None => server.post("/session", &json!({ "title": stage.assignment.task }), &stage.events).await?,
    };
    let session = info["id"].as_str().unwrap_or_default().to_owned();
    let mut figures = Figures::default();
    figures.begin(&info);
    let started = AgentEvent::Started { version: None, model: None, session: Some(session.clone()) };
    stage.events.tell(started);
    let permission = settings::permission(stage.assignment, &stage.tools);
    Ok((stream, Conversation::new(stage.events.clone(), session, figures, permission)))
}

impl Work<'_, '_> {
    async fn turns(&mut self) -> End {
        let instruction = self.stage.assignment.instruction.clone();
        if let Err(broken) = self.ask(&instruction).await {
            return End::Refused(broken);
        }
        loop {
            self.look().await;
            if self.talk.idle {
                if self.talk.has_answered() || self.stop.is_some() {
                    return End::Rests;
                }
                self.deadline.get_or_insert_with(|| Instant::now() + AFTERTHOUGHT);
            }
            let deadline = self.deadline;
            let late = async move {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(deadline).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(order) = self.stage.orders.recv() => match order {
                    Order::Tell { id, text } => self.server.messages.push((id, text)),
                    Order::Stop => self.interrupt(Stop::Asked).await,
                },
                event = self.stream.next(&self.stage.events) => match event {
                    Some(event) => self.talk.take(&event),
                    None => return End::Gone,
                },
                line = self.server.child.line() => match line {
                    Some(line) => self.stage.events.raw(&line),
                    None => return End::Gone,
                },
                () = late => return End::Rests,
            }
            if !self.talk.idle && self.stop.is_none() {
                self.deadline = None;
            }
        }
    }

    async fn ask(&mut self, text: &str) -> Result<(), Broken> {
        let assignment = self.stage.assignment;
        let mut body = json!({ "agent": settings::AGENT, "parts": [{ "type": "text", "text": text }] });
        if let Some((provider, model)) = settings::model(assignment) {
            body["model"] = json!({ "providerID": provider, "modelID": model });
        }
        for (name, value) in [("system", &assignment.role), ("variant", &assignment.effort)] {
            if let Some(value) = value {
                body[name] = json!(value);
            }
        }
        if let Some(schema) = &assignment.schema {
            body["format"] = json!({ "type": "json_schema", "schema": schema });
        }
        let path = format!("/session/{}/prompt_async", self.talk.session);
        self.server.post(&path, &body, &self.stage.events).await.map(drop)
    }

    /// Looks at what has to be done about what was heard.
    async fn look(&mut self) {
        for asks in std::mem::take(&mut self.talk.asks) {
            let (path, body) = match &asks {
                Asks::Permission(id) => (format!("/permission/{id}/reply"), json!({ "reply": "reject" })),
                Asks::Question(id) => (format!("/question/{id}/reject"), json!({})),
            };
            if let Err(broken) = self.server.post(&path, &body, &self.stage.events).await {
                self.stage
                    .events
                    .tell(super::noise(&format!("it asks something, and does not take our no: {broken:?}")));
            }
        }
        if self.stop.is_some() {
            return;
        }
        if let Some(retry) = self.talk.retry.take() {
            let (event, failure) = ending::given_up(&retry, crate::process::wall_clock());
            self.stage.events.tell(event);
            self.interrupt(Stop::Failed(failure)).await;
        } else if let Some(most) = self.stage.assignment.max_turns
            && self.talk.figures.calls >= u64::from(most)
            && self.talk.goes_on
        {
            self.interrupt(Stop::MaxTurns(most)).await;
        } else if self.talk.begun {
            // Before, they might overtake what it is asked first.
            for (id, text) in std::mem::take(&mut self.server.messages) {
                self.tell(id, &text).await;
            }
        }
    }

    /// Says it into the turn that runs, or as another one.
    async fn tell(&mut self, id: u64, text: &str) {
        match self.ask(text).await {
            Ok(()) => {
                self.talk.asked_more();
                self.stage.events.tell(AgentEvent::Told { id });
            }
            Err(broken) => self.stage.events.tell(super::noise(&format!("message {id} did not reach it: {broken:?}"))),
        }
    }

    async fn interrupt(&mut self, why: Stop) {
        if self.stop.is_none() {
            self.stop = Some(why);
            self.deadline = Some(Instant::now() + ORDERLY);
            let path = format!("/session/{}/abort", self.talk.session);
            let _: Result<Value, Broken> = self.server.post_within(&path, ORDERLY).await;
        }
    }
}
