//! What came of a run of the program: by its result line, then by its exit code, then by what it complained of.

use std::process::ExitStatus;

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Timestamp};
use serde_json::Value;

use super::hearing::Hearing;
use crate::agent::child::failed_exit;
use crate::agent::classes;
use crate::agent::driver::Outcome;

/// Statuses of HTTP whose low byte is an exit code: the program ends with the status itself, of which the system keeps a byte.
const STATUSES: [u64; 16] = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 501, 502, 503, 504, 529];

/// How a run ended.
#[derive(Debug, PartialEq)]
pub(super) enum Ended {
    /// Like this.
    With(Outcome),
    /// It does not know the session that it should go on with.
    NoSuchSession,
}

/// Of a run that ended at that moment.
pub(super) fn of(hearing: Hearing, status: Option<ExitStatus>, complaints: &str, now: Timestamp) -> Ended {
    let Some(result) = &hearing.result else { return without_result(status, complaints, now) };
    if result.get("status").and_then(Value::as_str) == Some("success") {
        return Ended::With(Outcome::done(hearing.into_answer()));
    }
    let error = |key: &str| result.get("error").and_then(|error| error.get(key)?.as_str());
    let message = error("message").map(str::to_owned).or_else(|| hearing.problem.clone());
    let message = message.unwrap_or_else(|| "it failed and did not say why".into());
    let class = match error("type").unwrap_or_default() {
        "FatalTurnLimitedError" => FailureClass::MaxTurns,
        "FatalCancellationError" => FailureClass::Cancelled,
        "FatalAuthenticationError" => FailureClass::Auth,
        "FatalConfigError" | "FatalInputError" => FailureClass::Invalid,
        _ => of_call(&message, status, hearing.problem.is_some() && error("message").is_none()),
    };
    Ended::With(failed(class, tidy(&message), &format!("{message}\n{complaints}"), now))
}

/// A call of the model that failed. The status is in the words when they are the provider's own, else in the exit code.
fn of_call(message: &str, exit: Option<ExitStatus>, spoilt: bool) -> FailureClass {
    if spoilt {
        return of_spoilt_answer(message);
    }
    let told = message.split("\"code\":").nth(1).map(|rest| rest.trim_start().split(|c: char| !c.is_ascii_digit()));
    let told =
        told.and_then(|mut digits| digits.next()?.parse::<u64>().ok()).filter(|status| (400..600).contains(status));
    match told.or_else(|| status_of(exit)) {
        Some(status) => classes::of_status(status, message),
        None => classes::of_words(message).unwrap_or(FailureClass::Network),
    }
}

/// The model answered, but with nothing that can be used.
fn of_spoilt_answer(message: &str) -> FailureClass {
    let words = message.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if has(&["safety", "recitation", "blocked", "policy"]) {
        FailureClass::Invalid
    } else if has(&["token limit", "max_tokens", "maximum", "compress"]) {
        FailureClass::ContextOverflow
    } else {
        // Empty, or cut off: most likely better the next time.
        FailureClass::Network
    }
}

/// The status of HTTP behind an exit code. 144 is 400, not a signal.
fn status_of(exit: Option<ExitStatus>) -> Option<u64> {
    let code = u64::try_from(exit?.code()?).ok()?;
    STATUSES.into_iter().find(|status| status & 0xFF == code)
}

fn without_result(status: Option<ExitStatus>, complaints: &str, now: Timestamp) -> Ended {
    let said = complaint(complaints);
    let with = |class, meaning: &str| {
        let message = if said.is_empty() { meaning.to_owned() } else { format!("{meaning}: {said}") };
        Ended::With(failed(class, message, complaints, now))
    };
    let Some(code) = status.and_then(|status| status.code()) else {
        return Ended::With(failed_exit(status));
    };
    match code {
        // As it ends on INT and TERM.
        0 => with(FailureClass::Crash, "it ended without a result, as it does when it is interrupted"),
        41 => with(FailureClass::Auth, "it cannot log in"),
        42 if complaints.contains("Error resuming session") => Ended::NoSuchSession,
        42 => with(FailureClass::Invalid, "it refused its input"),
        44 => with(FailureClass::Start, "its sandbox cannot be made"),
        52 => with(FailureClass::Start, "its configuration is wrong"),
        53 => with(FailureClass::MaxTurns, "it used up its calls of the model"),
        55 => with(FailureClass::Start, "it does not trust the folder"),
        130 => with(FailureClass::Cancelled, "it was interrupted"),
        _ => match status_of(status).filter(|_| complaints.contains("API")) {
            Some(http) => with(classes::of_status(http, complaints), "its provider refused"),
            None => match failed_exit(status).answer {
                Err(failure) => with(failure.class, &failure.message),
                Ok(_) => with(FailureClass::Exit, "it ended without a result"),
            },
        },
    }
}

fn failed(class: FailureClass, message: String, words: &str, now: Timestamp) -> Outcome {
    let until = classes::patience(words).filter(|_| class.is_providers()).map(|wait| now.plus(wait));
    Outcome { answer: Err(AgentFailure { class, message, until }) }
}

/// The line of its complaints that says most: the last that is neither a warning nor a trace of its stack.
fn complaint(complaints: &str) -> &str {
    let telling = |line: &&str| {
        !line.starts_with([' ', '\t', '{', '}', '[']) && !line.starts_with("Warning:") && !line.is_empty()
    };
    let mut lines = complaints.lines().filter(telling);
    let error = complaints.lines().filter(telling).find(|line| line.to_lowercase().contains("error"));
    error.or_else(|| lines.next_back()).unwrap_or_default()
}

/// What the provider said, out of the brackets and the JSON that the program leaves it in.
fn tidy(message: &str) -> String {
    let inner = message.strip_prefix("[API Error: ").unwrap_or(message);
    let (inner, rest) = inner.split_once("]\n").unwrap_or((inner.strip_suffix(']').unwrap_or(inner), ""));
    let told = serde_json::from_str::<Value>(inner).ok().and_then(|value| {
        let error = value.get("error")?;
        Some(format!("{} ({})", error.get("message")?.as_str()?, error.get("code")?))
    });
    let words = told.unwrap_or_else(|| inner.to_owned());
    if rest.is_empty() { words } else { format!("{words}. {rest}") }
}

/// An exit code as a status, for tests of what such a code means.
#[cfg(test)]
pub(super) fn exit(code: i32) -> ExitStatus {
    use std::os::unix::process::ExitStatusExt as _;
    ExitStatus::from_raw(code << 8)
}
