//! What went wrong with a call, by the provider's status and headers.

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Timestamp};
use genai::{Error, webc};
use serde_json::Value;

use crate::agent::provider::{by_words, class_of, comes_back, sentence};

/// Of a call that failed.
pub(super) fn of(error: &Error, now: Timestamp) -> AgentFailure {
    match status_and_body(error) {
        Some((status, body, headers)) => {
            let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
            let class = class_of(status, body);
            let waits = matches!(class, FailureClass::RateLimit | FailureClass::Overloaded);
            let until = waits.then(|| comes_back(header, now)).flatten();
            let said = sentence(body);
            AgentFailure { class, message: format!("the provider answered {status}: {said}"), until }
        }
        None => without_status(error),
    }
}

/// Of an answer that claims to be good and has an error in it.
pub(super) fn inside(body: &Value) -> AgentFailure {
    let status = body.pointer("/error/code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    let words = body.get("error").map(Value::to_string).unwrap_or_default();
    let class = status.map(|status| class_of(status, &words)).or_else(|| by_words(&words));
    AgentFailure { class: class.unwrap_or(FailureClass::Network), message: sentence(&body.to_string()), until: None }
}

/// Whether the provider refused how the form of the answer was asked for.
pub(super) fn is_about_form(error: &Error) -> bool {
    let words = ["response_format", "json_schema", "output_config", "output_format", "schema", "responseschema"];
    status_and_body(error).is_some_and(|(status, body, _)| {
        let body = body.to_ascii_lowercase();
        matches!(status, 400 | 404 | 422 | 501) && words.iter().any(|word| body.contains(word))
    })
}

fn status_and_body(error: &Error) -> Option<(u16, &str, &reqwest::header::HeaderMap)> {
    match error {
        Error::WebModelCall { webc_error, .. } | Error::WebAdapterCall { webc_error, .. } => match webc_error {
            webc::Error::ResponseFailedStatus { status, body, headers } => Some((status.as_u16(), body, headers)),
            _ => None,
        },
        Error::HttpError { status, body, headers, .. } => Some((status.as_u16(), body, headers)),
        _ => None,
    }
}

fn without_status(error: &Error) -> AgentFailure {
    let failure = |class, message| AgentFailure { class, message, until: None };
    match error {
        Error::WebModelCall { webc_error, .. } | Error::WebAdapterCall { webc_error, .. } => match webc_error {
            webc::Error::Reqwest(error) => failure(FailureClass::Network, causes(error)),
            // A proxy's page, or half an answer: another try may get a whole one.
            _ => failure(FailureClass::Network, "the provider's answer cannot be read as JSON".into()),
        },
        Error::ChatResponseGeneration { cause, .. } => {
            failure(FailureClass::Network, format!("the provider's answer is not what was expected: {cause}"))
        }
        Error::RequiresApiKey { .. } | Error::NoAuthData { .. } | Error::NoAuthResolver { .. } => {
            failure(FailureClass::Auth, error.to_string())
        }
        Error::NoChatResponse { .. } | Error::InvalidJsonResponseElement { .. } => {
            failure(FailureClass::Network, "the provider's answer has no words of the model in it".into())
        }
        other => failure(FailureClass::Invalid, other.to_string()),
    }
}

/// The error and what it says is behind it, without the address, which may have a key in it.
fn causes(error: &reqwest::Error) -> String {
    let mut words =
        vec![if error.is_connect() { "the provider cannot be reached" } else { "the connection broke" }.to_owned()];
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        words.push(cause.to_string());
        next = cause.source();
    }
    words.join(": ")
}
