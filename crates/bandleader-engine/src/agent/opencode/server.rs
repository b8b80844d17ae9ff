//! A server of OpenCode: started, asked and ended. It lives as long as the attempt.

use std::time::Duration;

use bandleader_core::plan::FailureClass;
use reqwest::{Method, StatusCode};
use rustix::rand::{GetRandomFlags, getrandom};
use serde_json::Value;
use tokio::time::Instant;

use super::settings;
use super::stream::Stream;
use crate::agent::child::{Child, Launch, failed_exit};
use crate::agent::driver::{Events, Outcome, Stage};
use crate::agent::event::Order;
use crate::agent::provider::web_client;

/// The name that goes with its password.
pub(super) const USER: &str = "opencode";

/// For its start. It takes a second; a machine may be loaded.
const START: Duration = Duration::from_secs(90);
/// For the answer to whether it is up. A question that comes while it boots may never be answered.
const PROBE: Duration = Duration::from_secs(2);
/// Between two such questions.
const PAUSE: Duration = Duration::from_millis(50);
/// For any other answer. What takes long is asked without waiting.
const ANSWER: Duration = Duration::from_mins(1);

/// A running server. It works in the folder in which it was started.
pub(super) struct Server {
    pub(super) child: Child,
    client: reqwest::Client,
    address: String,
    password: String,
    /// Messages that it has not been told yet.
    pub(super) messages: Vec<(u64, String)>,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Broken {
    /// The server's own words, and the status that it gave.
    Refused(u16, String),
    /// It does not answer.
    Silent,
}

impl Server {
    /// Starts one, and waits until it answers.
    pub(super) async fn start(stage: &mut Stage<'_>) -> Result<Server, Outcome> {
        let password = password().ok_or_else(|| {
            Outcome::failed(FailureClass::Start, "the system gives no random numbers, and its server wants a password")
        })?;
        let own = &stage.assignment.command;
        let mut argv = if own.is_empty() { vec!["opencode".to_owned()] } else { own.clone() };
        // Plugins are code: of the user's home, and of whatever repository the agent works in.
        argv.extend(["serve", "--hostname", "127.0.0.1", "--port", "0", "--pure"].map(str::to_owned));
        let ours = settings::environment(stage.assignment, &stage.tools, &password);
        let mut environment = stage.environment.clone();
        environment.retain(|(name, _)| !ours.iter().any(|(other, _)| other == name));
        environment.extend(ours);
        let launch = Launch { argv, environment, directory: stage.directory.to_owned() };
        let child = launch.start().map_err(|message| Outcome::failed(FailureClass::Start, message))?;
        let client = web_client(reqwest::ClientBuilder::no_proxy);
        let client = client.map_err(|message| Outcome::failed(FailureClass::Start, message))?;
        let mut server = Server { child, client, address: String::new(), password, messages: Vec::new() };
        match server.come_up(stage).await {
            Ok(()) => Ok(server),
            Err(failure) => Err(server.not_up(stage, failure).await),
        }
    }

    /// Waits for the line with its address, and then for an answer. None in the failure: it is gone.
    async fn come_up(&mut self, stage: &mut Stage<'_>) -> Result<(), Option<Outcome>> {
        let until = Instant::now() + START;
        let mut messages = Vec::new();
        let late = || Outcome::failed(FailureClass::Start, format!("its server did not start within {START:?}"));
        while self.address.is_empty() {
            tokio::select! {
                line = self.child.line() => match line {
                    Some(line) => {
                        stage.events.raw(&line);
                        // `opencode server listening on http://127.0.0.1:4096`
                        let found = line.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:"));
                        found.unwrap_or_default().trim_end_matches('/').clone_into(&mut self.address);
                    }
                    None => return Err(None),
                },
                Some(order) = stage.orders.recv() => match order {
                    Order::Stop => return Err(Some(super::cancelled())),
                    Order::Tell { id, text } => messages.push((id, text)),
                },
                () = tokio::time::sleep_until(until) => return Err(Some(late())),
            }
        }
        loop {
            let probe = self.send(Method::GET, "/global/health", None, PROBE);
            tokio::select! {
                answer = probe => if let Ok(answer) = answer {
                    let version = answer["version"].as_str().map(str::to_owned);
                    let started = crate::agent::AgentEvent::Started { version, model: None, session: None };
                    stage.events.tell(started);
                    self.messages = messages;
                    return Ok(());
                },
                Some(order) = stage.orders.recv() => match order {
                    Order::Stop => return Err(Some(super::cancelled())),
                    Order::Tell { id, text } => messages.push((id, text)),
                },
            }
            if Instant::now() >= until {
                return Err(Some(late()));
            }
            if tokio::time::timeout(PAUSE, self.child.ended()).await.is_ok() {
                return Err(None);
            }
        }
    }

    async fn not_up(mut self, stage: &Stage<'_>, failure: Option<Outcome>) -> Outcome {
        let patience = if failure.is_some() { Duration::ZERO } else { PROBE };
        let status = self.child.end_within(patience).await;
        let complaints = self.child.complaints().await;
        for line in complaints.lines() {
            stage.events.tell(super::noise(line));
        }
        failure.unwrap_or_else(|| match complaints.lines().rev().find(|line| !line.trim().is_empty()) {
            Some(last) => Outcome::failed(FailureClass::Start, format!("its server did not start: {last}")),
            None => failed_exit(status),
        })
    }

    /// Everything that happens from now on.
    pub(super) async fn listen(&self) -> Result<Stream, Broken> {
        let request = self.request(Method::GET, "/event");
        let answer = tokio::time::timeout(ANSWER, request.send()).await;
        match answer {
            Ok(Ok(response)) if response.status().is_success() => Ok(Stream::of(response)),
            Ok(Ok(response)) => Err(Broken::Refused(response.status().as_u16(), "it does not tell its events".into())),
            _ => Err(Broken::Silent),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, Broken> {
        self.send(Method::GET, path, None, ANSWER).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value, events: &Events) -> Result<Value, Broken> {
        events.raw(&format!("POST {path} {body}"));
        self.send(Method::POST, path, Some(body), ANSWER).await
    }

    /// A question that may be left unanswered.
    pub(super) async fn post_within(&self, path: &str, patience: Duration) -> Result<Value, Broken> {
        self.send(Method::POST, path, Some(&Value::Object(serde_json::Map::new())), patience).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        patience: Duration,
    ) -> Result<Value, Broken> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        let asked = async {
            let response = request.send().await.map_err(|_| Broken::Silent)?;
            let status = response.status();
            let text = response.text().await.map_err(|_| Broken::Silent)?;
            Ok((status, text))
        };
        let (status, text): (StatusCode, String) =
            tokio::time::timeout(patience, asked).await.map_err(|_| Broken::Silent)??;
        let answer = serde_json::from_str::<Value>(&text).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let words = answer["data"]["message"].as_str().or_else(|| answer["message"].as_str());
        Err(Broken::Refused(status.as_u16(), words.unwrap_or(&text).to_owned()))
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.address));
        request.basic_auth(USER, Some(&self.password))
    }
}

/// Nobody else may speak to the server: not other users of the machine, and no page in a browser.
fn password() -> Option<String> {
    let mut bytes = [0; 24];
    getrandom(&mut bytes, GetRandomFlags::empty()).ok().filter(|read| *read == bytes.len())?;
    let letter = |half: u8| char::from_digit(u32::from(half), 16);
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(letter).collect()
}
