//! The driver for direct calls of a model: one request, one answer, no tools. For planners, reviewers and summaries.
//!
//! The client is `genai`: it speaks to Anthropic, to whatever is compatible with OpenAI and to others with one set of types, takes
//! address and key per call, and its errors keep the status and the headers of the provider's answer (`failure` reads them).
//! Nothing is streamed: nobody reads the answer while it grows. A provider that does not answer is found out by the
//! attendant, whose clock runs while nothing is heard. `target` says who is called.

mod failure;
mod target;

use std::pin::Pin;

use bandleader_core::Spending;
use bandleader_core::plan::FailureClass;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, ChatResponse, JsonSpec, ReasoningEffort, StopReason};
use genai::{Client, Error};
use serde_json::{Value, json};

use super::answer::{asked_in_words, json_in};
use super::assignment::AgentAssignment;
use super::driver::{Answer, Driver, Events, Outcome, Stage};
use super::event::{AgentEvent, Order, Tally};
use super::provider::web_client;
use crate::process::wall_clock;
use target::Target;

/// Calls a model.
pub(super) struct LlmDriver;

/// How the form of the answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// By the provider's own means.
    Natively,
    /// At the end of the instruction; or not at all, where none is asked for.
    InWords,
}

impl Driver for LlmDriver {
    fn run<'a>(&'a self, stage: Stage<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>> {
        Box::pin(run(stage))
    }
}

async fn run(stage: Stage<'_>) -> Outcome {
    let Stage { assignment, environment, events, mut orders, .. } = stage;
    let work = call(assignment, &environment, &events);
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            outcome = &mut work => return outcome,
            // It cannot hear anything before it has answered: messages wait for the next attempt.
            Some(order) = orders.recv() => if order == Order::Stop {
                return Outcome::failed(FailureClass::Cancelled, "it was stopped");
            },
        }
    }
}

async fn call(assignment: &AgentAssignment, environment: &[(String, String)], events: &Events) -> Outcome {
    let target = match Target::of(assignment, environment) {
        Ok(target) => target,
        Err((class, message)) => return Outcome::failed(class, message),
    };
    // The client asks for the system's certificates only when it needs them.
    let client = match web_client(|client| client) {
        Ok(client) => Client::builder().with_reqwest(client).build(),
        Err(message) => return Outcome::failed(FailureClass::Start, message),
    };
    let client = match client {
        Ok(client) => client,
        Err(error) => return Outcome::failed(FailureClass::Start, error.to_string()),
    };
    events.tell(AgentEvent::Started { version: None, model: Some(target.model.clone()), session: None });
    let natively = assignment.schema.as_ref().is_some_and(|schema| schema.get("type") == Some(&json!("object")));
    let mut form = if natively { Form::Natively } else { Form::InWords };
    loop {
        let (request, options) = asked(assignment, form);
        events.raw(&json!({ "model": target.model, "address": target.address, "request": request }).to_string());
        let answered = client.exec_chat(target.spec(), request, Some(&options)).await;
        return match answered {
            Ok(response) => understood(response, events),
            Err(error) if form == Form::Natively && failure::is_about_form(&error) => {
                let line = "the provider does not take a schema for answers; it is asked for in words".to_owned();
                events.tell(AgentEvent::Noise { line });
                form = Form::InWords;
                continue;
            }
            Err(error) => failed(&error, events),
        };
    }
}

fn asked(assignment: &AgentAssignment, form: Form) -> (ChatRequest, ChatOptions) {
    let mut instruction = assignment.instruction.clone();
    let mut options = ChatOptions::default().with_capture_raw_body(true);
    match (&assignment.schema, form) {
        (Some(schema), Form::Natively) => {
            options = options.with_response_format(JsonSpec::new("answer", schema.clone()));
        }
        (Some(schema), Form::InWords) => instruction.push_str(&asked_in_words(schema)),
        (None, _) => {}
    }
    if let Some(effort) = assignment.effort.as_deref().and_then(ReasoningEffort::from_keyword) {
        options = options.with_reasoning_effort(effort);
    }
    let request = ChatRequest::from_messages(vec![ChatMessage::user(instruction)]);
    let request = match &assignment.role {
        Some(role) => request.with_system(role.clone()),
        None => request,
    };
    (request, options)
}

/// What came of a call that was answered.
fn understood(response: ChatResponse, events: &Events) -> Outcome {
    let body = response.captured_raw_body.clone().unwrap_or_default();
    events.raw(&body.to_string());
    let details = response.usage.prompt_tokens_details.as_ref();
    let spending = Spending {
        input: figure(response.usage.prompt_tokens),
        cached: figure(details.and_then(|details| details.cached_tokens)),
        output: figure(response.usage.completion_tokens),
        cost: None,
        turns: 1,
    };
    events.tell(AgentEvent::Used { spending, tally: Tally::More });
    let model = response.provider_model_iden.model_name.to_string();
    events.tell(AgentEvent::Started { version: None, model: Some(model), session: None });
    if let Some(thought) = response.reasoning_content.filter(|thought| !thought.is_empty()) {
        events.tell(AgentEvent::Thought { text: thought });
    }
    let refusal = body.pointer("/choices/0/message/refusal").and_then(Value::as_str);
    let text = response.content.into_texts().join("");
    if !text.is_empty() {
        events.tell(AgentEvent::Said { text: text.clone() });
    }
    match (&response.stop_reason, refusal) {
        (_, Some(refusal)) => Outcome::failed(FailureClass::Invalid, format!("the model refused: {refusal}")),
        (Some(StopReason::ContentFilter(reason)), _) => {
            let said = if text.is_empty() { String::new() } else { format!(": {text}") };
            Outcome::failed(FailureClass::Invalid, format!("the model refused ({reason}){said}"))
        }
        (Some(StopReason::MaxTokens(reason)), _) => {
            let message = format!("its answer was cut off ({reason}): it is longer than the model may write at once");
            Outcome::failed(FailureClass::ContextOverflow, message)
        }
        _ if text.is_empty() && body.get("error").is_some() => {
            // Some gateways answer 200 and put the error inside.
            failed_inside(&body, events)
        }
        _ if text.is_empty() => Outcome::failed(FailureClass::Network, "the model's answer has no text in it"),
        _ => {
            let structured = json_in(&text);
            Outcome { answer: Ok(Answer { text, structured }) }
        }
    }
}

fn failed(error: &Error, events: &Events) -> Outcome {
    told(failure::of(error, wall_clock()), events)
}

fn failed_inside(body: &Value, events: &Events) -> Outcome {
    told(failure::inside(body), events)
}

fn told(failure: bandleader_core::AgentFailure, events: &Events) -> Outcome {
    if failure.class == FailureClass::RateLimit {
        events.tell(AgentEvent::Limited { until: failure.until, message: failure.message.clone() });
    }
    Outcome { answer: Err(failure) }
}

/// Providers that count wrong are not believed to have used less than nothing.
fn figure(count: Option<i32>) -> u64 {
    count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default()
}
