//! What came of an attempt, once it rests or its server is gone; and the classes of what went wrong.

use std::time::Duration;

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Millis, Timestamp};
use serde_json::Value;

use super::hear::{Conversation, Retry};
use super::server::{Broken, Server};
use super::turn::{End, Stop};
use crate::agent::child::failed_exit;
use crate::agent::driver::{Answer, Outcome, Stage};
use crate::agent::event::AgentEvent;
use crate::agent::provider::{by_words, class_of, comes_back, sentence};
use crate::process::wall_clock;

/// For its server to let go of what it holds. It ends at once afterwards.
const LETTING_GO: Duration = Duration::from_secs(1);

/// Its own first pause, and as much more as may pass until we see it.
const OWN_PAUSE: u64 = 2_000;
const SLACK: u64 = 3_000;

/// Looks at the figures and the last words once more, ends the server and says what came of it all.
pub(super) async fn conclude(
    stage: &Stage<'_>,
    mut server: Server,
    end: End,
    talk: Option<Conversation>,
    stop: Option<Stop>,
) -> Outcome {
    let mut parts = Value::Null;
    let mut talk = talk;
    if let Some(talk) = talk.as_mut().filter(|_| end == End::Rests) {
        for session in talk.figures.names() {
            if let Ok(info) = server.get(&format!("/session/{session}")).await {
                talk.session_updated(&info);
            }
        }
        if let Some(last) = talk.last["id"].as_str() {
            let path = format!("/session/{}/message/{last}", talk.session);
            if let Ok(message) = server.get(&path).await {
                talk.message(&message["info"]);
                parts = message["parts"].clone();
            }
        }
    }
    if end != End::Gone {
        let _ = server.post_within("/global/dispose", LETTING_GO).await;
    }
    let status = server.child.end_within(if end == End::Gone { LETTING_GO } else { Duration::ZERO }).await;
    let complaints = server.child.complaints().await;
    let outcome = match (stop, end, talk) {
        (Some(Stop::Asked), ..) => super::cancelled(),
        (Some(Stop::MaxTurns(calls)), ..) => {
            let message = format!("it used up the {calls} calls of its model that it may make");
            Outcome::failed(FailureClass::MaxTurns, message)
        }
        (Some(Stop::Failed(failure)), ..) => Outcome { answer: Err(failure) },
        (None, End::Rests, Some(talk)) => of_talk(&talk, &parts),
        (None, End::Refused(Broken::Refused(status, words)), _) => {
            Outcome::failed(FailureClass::Invalid, format!("its server answered {status}: {words}"))
        }
        (None, End::Refused(Broken::Silent) | End::Rests, _) => {
            Outcome::failed(FailureClass::Crash, "its server does not answer")
        }
        (None, End::Gone, _) if status.is_some_and(|status| status.success()) => {
            Outcome::failed(FailureClass::Exit, "its server ended before its turn did")
        }
        (None, End::Gone, _) => failed_exit(status),
    };
    if let Err(failure) = &outcome.answer {
        for line in complaints.lines() {
            stage.events.tell(super::noise(line));
        }
        if failure.class == FailureClass::RateLimit {
            stage.events.tell(AgentEvent::Limited { until: failure.until, message: failure.message.clone() });
        }
    }
    outcome
}

fn of_talk(talk: &Conversation, parts: &Value) -> Outcome {
    let parts = parts.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = parts.iter().filter(|part| part["type"] == "text" && part["synthetic"] != true);
    let texts: Vec<&str> = texts.filter_map(|part| part["text"].as_str()).collect();
    let text = texts.join("\n").trim().to_owned();
    let error = talk.last.get("error").filter(|error| error.is_object());
    let error = error.or(talk.error.as_ref().filter(|_| talk.last["finish"].is_null()));
    match (error, talk.last["finish"].as_str()) {
        // What it said instead is shown to it by whoever checks the answer.
        (Some(error), _) if error["name"] == "StructuredOutputError" => Outcome::done(text),
        (Some(error), _) => Outcome { answer: Err(failure(error, wall_clock())) },
        (None, Some("length")) => {
            let message = "its answer was cut off: it is longer than its model may write at once";
            Outcome::failed(FailureClass::ContextOverflow, message)
        }
        (None, Some("content-filter")) => Outcome::failed(FailureClass::Invalid, format!("its model refused: {text}")),
        (None, Some(_)) if talk.last["structured"].is_null() && talk.goes_on => Outcome::failed(
            FailureClass::Denied,
            "it stopped in the middle of its work: a tool that it wanted is not permitted",
        ),
        (None, Some(_)) => {
            let structured = Some(talk.last["structured"].clone()).filter(|value| !value.is_null());
            Outcome { answer: Ok(Answer { text, structured }) }
        }
        (None, None) => Outcome::failed(FailureClass::Exit, "it rests without having finished its answer"),
    }
}

/// Of an error that a message or the session has.
fn failure(error: &Value, now: Timestamp) -> AgentFailure {
    let data = &error["data"];
    let words = data["message"].as_str().unwrap_or("it does not say what went wrong");
    let body = data["responseBody"].as_str().unwrap_or_default();
    let all = format!("{words} {body}");
    let status = data["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let class = match error["name"].as_str().unwrap_or_default() {
        "ProviderAuthError" => FailureClass::Auth,
        "ContextOverflowError" | "MessageOutputLengthError" => FailureClass::ContextOverflow,
        "MessageAbortedError" => FailureClass::Exit,
        _ => match status {
            Some(status) => class_of(status, &all),
            None => by_words(&all).unwrap_or(FailureClass::Exit),
        },
    };
    let header = |name: &str| data["responseHeaders"][name].as_str().map(str::to_owned);
    let waits = matches!(class, FailureClass::RateLimit | FailureClass::Overloaded);
    let until = waits.then(|| comes_back(header, now)).flatten();
    let message = if words.trim().is_empty() { sentence(body) } else { sentence(words) };
    AgentFailure { class, message, until }
}

/// It would ask its provider again, silently and without end: what is told of that, and as what it has failed.
///
/// The server says only when it would. A pause that is longer than its own is one that the provider asked for.
pub(super) fn given_up(retry: &Retry, now: Timestamp) -> (AgentEvent, AgentFailure) {
    let own = OWN_PAUSE.saturating_mul(1 << retry.attempt.saturating_sub(1).min(8));
    let asked_for = retry.next.filter(|next| next.0.saturating_sub(now.0) > own + SLACK);
    let class = match by_words(&retry.words) {
        Some(FailureClass::Overloaded) => FailureClass::Overloaded,
        // It does not try again what would go wrong again; and who names a time has limits.
        _ if asked_for.is_some() => FailureClass::RateLimit,
        Some(FailureClass::RateLimit) => FailureClass::RateLimit,
        Some(FailureClass::Network) => FailureClass::Network,
        _ => FailureClass::Overloaded,
    };
    let wait = retry.next.map(|next| Millis(next.0.saturating_sub(now.0)));
    let message = sentence(&retry.words);
    let event = AgentEvent::Retrying { class, wait, message: message.clone() };
    (event, AgentFailure { class, message, until: asked_for })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_have_their_class_from_the_status() {
        let of = |name: &str, data: Value| failure(&json!({ "name": name, "data": data }), Timestamp(0));
        let limited =
            of("APIError", json!({ "statusCode": 429, "message": "slow", "responseHeaders": { "retry-after": "9" } }));
        assert_eq!((limited.class, limited.until), (FailureClass::RateLimit, Some(Timestamp(9_000))));
        assert_eq!(of("APIError", json!({ "statusCode": 401, "message": "x" })).class, FailureClass::Auth);
        assert_eq!(of("ContextOverflowError", json!({ "message": "x" })).class, FailureClass::ContextOverflow);
        assert_eq!(of("UnknownError", json!({ "message": "Model not found: a/b." })).class, FailureClass::Invalid);
        assert_eq!(of("New", json!(7)).class, FailureClass::Exit);
    }

    #[test]
    fn a_silent_retry_is_a_failure_of_its_provider() {
        let check = |words: &str, next: u64, class: FailureClass, until: Option<u64>| {
            let retry = Retry { attempt: 1, words: words.into(), next: Some(Timestamp(next)) };
            let (_, failure) = given_up(&retry, Timestamp(0));
            assert_eq!((failure.class, failure.until), (class, until.map(Timestamp)), "{words}");
        };
        check("slow down", 600_000, FailureClass::RateLimit, Some(600_000));
        check("patience", 600_000, FailureClass::RateLimit, Some(600_000));
        check("Too Many Requests", 2_000, FailureClass::RateLimit, None);
        check("Provider is overloaded", 2_100, FailureClass::Overloaded, None);
        check("Overloaded", 60_000, FailureClass::Overloaded, Some(60_000));
        check("Cannot connect to API: The socket connection was closed", 2_000, FailureClass::Network, None);
        check("?", 2_000, FailureClass::Overloaded, None);
    }
}
