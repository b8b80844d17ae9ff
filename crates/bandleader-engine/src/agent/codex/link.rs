//! JSON-RPC in lines with the app-server: requests of ours, its answers, its notifications, and its own requests answered.

use std::future::pending;
use std::time::Duration;

use bandleader_core::plan::Permissions;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::child::Child;
use super::super::driver::{Events, Orders};
use super::super::event::Order;
use super::approval;
use super::conversation::Conversation;

/// A running server and what is known of its thread.
pub(super) struct Link {
    pub(super) child: Child,
    pub(super) events: Events,
    pub(super) talk: Conversation,
    permissions: Permissions,
    asked: u64,
    deadline: Option<Instant>,
}

/// What happened next.
#[derive(Debug)]
pub(super) enum Next {
    /// It answered the request of this number: a result, or what it says is wrong.
    Answered(u64, Result<Value, String>),
    /// Something else was said, and is taken in.
    Heard,
    /// Somebody gave an order.
    Ordered(Order),
    /// The time that was set is over.
    Late,
    /// It has closed its output.
    Gone,
}

/// Why a request has no result.
#[derive(Debug, PartialEq)]
pub(super) enum Broken {
    /// The server's words.
    Refused(String),
    /// The time that was set is over.
    Late,
    /// It has closed its output.
    Gone,
    /// We are to stop.
    Stopped,
}

impl Link {
    pub(super) fn new(child: Child, events: Events, talk: Conversation, permissions: Permissions) -> Link {
        Link { child, events, talk, permissions, asked: 0, deadline: None }
    }

    /// From now on `next` gives up after this long; not at all with none.
    pub(super) fn expect_within(&mut self, patience: Option<Duration>) {
        self.deadline = patience.map(|patience| Instant::now() + patience);
    }

    /// Sends a request; its number.
    pub(super) async fn send(&mut self, method: &str, params: &Value) -> u64 {
        self.asked += 1;
        let number = self.asked;
        self.say(&json!({ "id": number, "method": method, "params": params })).await;
        number
    }

    pub(super) async fn say(&mut self, message: &Value) {
        let line = message.to_string();
        self.events.raw(&line);
        self.child.say(&line).await;
    }

    /// Waits for what happens next.
    pub(super) async fn next(&mut self, orders: &mut Orders) -> Next {
        let deadline = self.deadline;
        let late = async move {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(order) = orders.recv() => Next::Ordered(order),
            line = self.child.line() => match line {
                Some(line) => self.take(&line).await,
                None => Next::Gone,
            },
            () = late => Next::Late,
        }
    }

    /// Sends a request and waits for its answer; what is said meanwhile is taken in, and messages go to `messages`.
    pub(super) async fn ask(
        &mut self,
        method: &str,
        params: &Value,
        orders: &mut Orders,
        messages: &mut Vec<(u64, String)>,
    ) -> Result<Value, Broken> {
        let number = self.send(method, params).await;
        loop {
            match self.next(orders).await {
                Next::Answered(other, result) if other == number => return result.map_err(Broken::Refused),
                Next::Answered(..) | Next::Heard => {}
                Next::Ordered(Order::Tell { id, text }) => messages.push((id, text)),
                Next::Ordered(Order::Stop) => return Err(Broken::Stopped),
                Next::Late => return Err(Broken::Late),
                Next::Gone => return Err(Broken::Gone),
            }
        }
    }

    async fn take(&mut self, line: &str) -> Next {
        self.events.raw(line);
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            self.events.tell(super::noise(line));
            return Next::Heard;
        };
        let params = &message["params"];
        match (message["method"].as_str(), message.get("id")) {
            (Some(method), Some(id)) => self.answer(method, params, id).await,
            (Some(method), None) => self.talk.notified(method, params),
            (None, Some(id)) => {
                let error = &message["error"];
                let words = error["message"].as_str().map_or_else(|| error.to_string(), str::to_owned);
                let result = if error.is_null() { Ok(message["result"].clone()) } else { Err(words) };
                return id.as_u64().map_or(Next::Heard, |number| Next::Answered(number, result));
            }
            (None, None) => {}
        }
        Next::Heard
    }

    async fn answer(&mut self, method: &str, params: &Value, id: &Value) {
        let answer = approval::answer(method, params, self.permissions);
        if let Some(tool) = answer.refused {
            self.talk.denied(params["itemId"].as_str().unwrap_or_default(), tool);
        }
        let reply = match answer.body {
            Ok(result) => json!({ "id": id, "result": result }),
            Err(error) => json!({ "id": id, "error": error }),
        };
        self.say(&reply).await;
    }
}
