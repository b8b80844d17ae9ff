//! What a result line means, and what it means that there is none.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Millis, Timestamp};
use serde_json::Value;

use crate::agent::child::failed_exit;
use crate::agent::driver::{Answer, Outcome};

/// What was said before the result that bears on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints {
    /// The kind of failure, as the last synthetic message named it.
    pub(super) error: Option<String>,
    /// When the provider will listen again, as far as it said.
    pub(super) until: Option<Timestamp>,
    /// For how long it asked for patience last: a provider that says so again is likely to mean as much again.
    pub(super) wait: Option<Millis>,
}

/// What a result line, heard at that moment, says came of the turn. Its `subtype` is `success` for failed calls of the model too;
/// `is_error` is then set.
pub(super) fn of_result(result: &Value, hints: &Hints, now: Timestamp) -> Outcome {
    let text = |key: &str| result.get(key).and_then(Value::as_str);
    let is_error = result.get("is_error").and_then(Value::as_bool).unwrap_or(false);
    let (subtype, words) = (text("subtype").unwrap_or_default(), text("result").unwrap_or_default());
    if subtype == "success" && !is_error {
        let structured = result.get("structured_output").filter(|output| !output.is_null()).cloned();
        return Outcome { answer: Ok(Answer { text: words.to_owned(), structured }) };
    }
    let message = first_error(result).unwrap_or(words).trim();
    let message = if message.is_empty() { text("terminal_reason").unwrap_or(subtype) } else { message };
    let class = match subtype {
        "error_max_turns" => FailureClass::MaxTurns,
        "error_max_budget_usd" => FailureClass::Budget,
        "error_max_structured_output_retries" => FailureClass::Deliverable,
        _ => match text("terminal_reason").unwrap_or_default() {
            "max_turns" => FailureClass::MaxTurns,
            "budget_exhausted" => FailureClass::Budget,
            "prompt_too_long" => FailureClass::ContextOverflow,
            reason if reason.starts_with("aborted") => FailureClass::Cancelled,
            _ => of_call(result, message, hints),
        },
    };
    let message = if message.is_empty() { "it failed and did not say why" } else { message };
    let mut failure = AgentFailure { class, message: message.to_owned(), until: None };
    if class.is_providers() {
        let announced = hints.until.or_else(|| epoch_in(message));
        failure.until = announced.or(hints.wait.map(|wait| now.plus(wait)));
    }
    Outcome { answer: Err(failure) }
}

/// A call of the model that failed: by its status, then by the program's word for it, then by what it tells people.
fn of_call(result: &Value, message: &str, hints: &Hints) -> FailureClass {
    let words = message.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if has(&["prompt is too long", "context window", "context limit"]) {
        return FailureClass::ContextOverflow;
    }
    if has(&["not logged in", "run /login", "credit balance is too low"]) {
        return FailureClass::Auth;
    }
    if let Some(status) = result.get("api_error_status").and_then(Value::as_u64) {
        return of_status(status);
    }
    if result.get("api_error").and_then(Value::as_str) == Some("connection_failed") {
        return FailureClass::Network;
    }
    if has(&["usage limit reached", "hit your limit", "limit reached"]) {
        return FailureClass::RateLimit;
    }
    match hints.error.as_deref().unwrap_or_default() {
        "rate_limit" => FailureClass::RateLimit,
        "overloaded" => FailureClass::Overloaded,
        "authentication_failed" | "billing_error" | "oauth_org_not_allowed" => FailureClass::Auth,
        "invalid_request" | "model_not_found" => FailureClass::Invalid,
        // A connection that was refused or broke off has no status, and is called a server error like the rest.
        "server_error" | "unknown" => FailureClass::Network,
        _ if result.get("terminal_reason").and_then(Value::as_str) == Some("api_error") => FailureClass::Network,
        _ => FailureClass::Exit,
    }
}

/// What a status of a provider means.
pub(super) fn of_status(status: u64) -> FailureClass {
    match status {
        401..=403 => FailureClass::Auth,
        408 => FailureClass::Network,
        413 => FailureClass::ContextOverflow,
        429 => FailureClass::RateLimit,
        400..=499 => FailureClass::Invalid,
        _ => FailureClass::Overloaded,
    }
}

/// The program is gone and left no result: `complaints` are its last words on standard error.
pub(super) fn without_result(status: Option<ExitStatus>, complaints: &str) -> Outcome {
    let last = complaints.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let gone = |signal: i32| {
        Outcome::failed(FailureClass::Crash, format!("ended by signal {signal}, which did not come from here"))
    };
    match status.map(|status| (status.code(), status.signal())) {
        Some((Some(0), _)) => Outcome::failed(FailureClass::Crash, "it ended without saying what came of its work"),
        // It catches signals, and gives them back as shells do.
        Some((Some(code @ 129..=165), _)) => gone(code - 128),
        Some((Some(1), _)) if last.starts_with("error: ") || last.contains("cannot be used with root") => {
            Outcome::failed(FailureClass::Start, format!("it does not take its arguments: {last}"))
        }
        _ if last.is_empty() => failed_exit(status),
        _ => {
            let mut outcome = failed_exit(status);
            if let Err(failure) = &mut outcome.answer {
                failure.message = format!("{}: {last}", failure.message);
            }
            outcome
        }
    }
}

/// Whether the conversation that was to go on is not known to it.
pub(super) fn knows_no_session(result: &Value) -> bool {
    first_error(result).is_some_and(|error| error.starts_with("No conversation found"))
}

fn first_error(result: &Value) -> Option<&str> {
    result.get("errors")?.as_array()?.iter().find_map(Value::as_str)
}

/// `Claude AI usage limit reached|1700003600`: the moment, in seconds.
fn epoch_in(message: &str) -> Option<Timestamp> {
    let seconds: u64 = message.rsplit_once('|')?.1.trim().parse().ok()?;
    Some(Timestamp(seconds.saturating_mul(1_000)))
}
