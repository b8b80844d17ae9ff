//! What went wrong, from Codex's codes where it gives any and from its words where it does not.
//!
//! Pure. Words change from version to version, so a status number in them counts before anything else.

use std::sync::LazyLock;

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Millis, Timestamp};
use regex::Regex;
use serde_json::Value;

/// Of a turn that failed: Codex's code (`codexErrorInfo`, or nothing), its words, and when a limit that is reached ends.
pub(super) fn failure(code: &Value, words: &str, limit_ends: Option<Timestamp>, now: Timestamp) -> AgentFailure {
    let class = by_code(code).or_else(|| by_words(words)).unwrap_or_else(|| {
        // What a provider refused comes as its answer, word for word, without a status.
        if words.trim_start().starts_with('{') { FailureClass::Invalid } else { FailureClass::Exit }
    });
    let until = (class == FailureClass::RateLimit).then(|| limit_ends.or_else(|| after(words, now))).flatten();
    AgentFailure { class, message: for_people(words), until }
}

/// The class that a code names; none where it names none.
fn by_code(code: &Value) -> Option<FailureClass> {
    if let Some(name) = code.as_str() {
        return Some(match name {
            "contextWindowExceeded" => FailureClass::ContextOverflow,
            "usageLimitExceeded" | "rateLimitExceeded" => FailureClass::RateLimit,
            "serverOverloaded" | "flexUnavailable" | "policyCapacityUnavailable" | "internalServerError" => {
                FailureClass::Overloaded
            }
            "unauthorized" => FailureClass::Auth,
            "sessionBudgetExceeded" => FailureClass::Budget,
            "tooManyDenials" => FailureClass::Denied,
            "badRequest" | "modelNotFound" | "cyberPolicy" | "misalignmentPolicyViolation" | "inferenceHookDenied" => {
                FailureClass::Invalid
            }
            _ => return None,
        });
    }
    let (name, detail) = code.as_object()?.iter().next()?;
    let status = detail["httpStatusCode"].as_u64().and_then(by_status);
    let network = name.starts_with("http") || name.starts_with("response");
    status.or(network.then_some(FailureClass::Network))
}

fn by_status(status: u64) -> Option<FailureClass> {
    Some(match status {
        429 => FailureClass::RateLimit,
        401..=403 => FailureClass::Auth,
        408 => FailureClass::Network,
        413 => FailureClass::ContextOverflow,
        400..=499 => FailureClass::Invalid,
        500..=599 => FailureClass::Overloaded,
        _ => return None,
    })
}

static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:last status:|unexpected status|http(?: status)?|status(?: code)?:?) (\d{3})\b").ok()
});

/// Patterns in order: the first that is found decides.
static WORDS: LazyLock<Vec<(Regex, FailureClass)>> = LazyLock::new(|| {
    let table = [
        (r"context[ _](window|length)|ran out of room|maximum context", FailureClass::ContextOverflow),
        (r"usage limit|rate.?limit|too many requests|quota exceeded|insufficient_quota", FailureClass::RateLimit),
        (r"at capacity|overloaded|high demand|server_error|internal server error", FailureClass::Overloaded),
        (
            r"missing environment variable|not logged in|unauthorized|(invalid|incorrect) api key|log ?in again|sign in again|refresh token|authentication",
            FailureClass::Auth,
        ),
        (
            r"stream disconnected|error sending request|connection (refused|reset|failed|closed)|connect error|timed out|timeout|network error|dns error",
            FailureClass::Network,
        ),
        (
            r"invalid_request_error|model provider .* not found|unsupported model|model_not_found|error loading config|unexpected argument|invalid value|not supported when using",
            FailureClass::Invalid,
        ),
        (r"required mcp servers? failed|not inside a (trusted|git)", FailureClass::Start),
    ];
    let compile = |(pattern, class): (&str, FailureClass)| Some((Regex::new(&format!("(?i){pattern}")).ok()?, class));
    table.into_iter().filter_map(compile).collect()
});

/// The class that words speak of; none where they are not known.
pub(super) fn by_words(words: &str) -> Option<FailureClass> {
    let number = STATUS.as_ref().and_then(|status| status.captures(words)?.get(1)?.as_str().parse().ok());
    let status = number.and_then(by_status);
    // Too long for the model is a refusal like any other to its provider, but not to us.
    let words = WORDS.iter().find(|(pattern, _)| pattern.is_match(words)).map(|(_, class)| *class);
    match (status, words) {
        (Some(FailureClass::Invalid), Some(FailureClass::ContextOverflow)) => words,
        (status, words) => status.or(words),
    }
}

/// A thread that is to be taken up is not there. Anything that is refused before a turn begins and speaks of it counts.
pub(super) fn is_unknown_thread(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    let known = ["no rollout found", "invalid session id", "invalid thread id", "thread not found", "no saved session"];
    known.iter().any(|text| words.contains(text)) || words.contains("thread/resume failed")
}

/// This server of tools did not start, and Codex would not begin without it.
pub(super) fn is_missing_server(words: &str, server: &str) -> bool {
    words.contains("required MCP server") && words.contains(&format!("{server}: "))
}

static WAIT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)try again in ((?:[\d.]+ ?[a-z]+,? ?(?:and )?)+)").ok());
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)([\d.]+) ?([a-z]+)").ok());

/// When to come back, from words such as `Please try again in 1m7.5s` or `Try again in 3 days 4 hours`.
fn after(words: &str, now: Timestamp) -> Option<Timestamp> {
    let spelt = WAIT.as_ref()?.captures(words)?.get(1)?.as_str();
    let mut wait = 0.0;
    for part in PART.as_ref()?.captures_iter(spelt) {
        let unit = match part.get(2)?.as_str().to_ascii_lowercase().as_str() {
            "ms" | "millisecond" | "milliseconds" => 1.0,
            "s" | "sec" | "secs" | "second" | "seconds" => 1e3,
            "m" | "min" | "mins" | "minute" | "minutes" => 6e4,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3.6e6,
            "d" | "day" | "days" => 8.64e7,
            _ => break,
        };
        wait += part.get(1)?.as_str().parse::<f64>().ok()? * unit;
    }
    millis(wait).map(|wait| now.plus(wait))
}

static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#""retry-after(-ms)?": "([\d.]+)""#).ok());

/// When to come back, from the headers of the last answer that Codex wrote to its log. It keeps them from everybody else.
pub(super) fn from_log(log: &str, now: Timestamp) -> Option<Timestamp> {
    let answer = log.lines().rev().find(|line| line.contains("Request completed"))?;
    let limited = answer.contains("429 ") || answer.contains("503 ") || answer.contains("529 ");
    let found = HEADER.as_ref()?.captures(answer).filter(|_| limited)?;
    let unit = if found.get(1).is_some() { 1.0 } else { 1e3 };
    millis(found.get(2)?.as_str().parse::<f64>().ok()? * unit).map(|wait| now.plus(wait))
}

/// A time of at least a millisecond and at most a month: whatever says more is wrong.
fn millis(wait: f64) -> Option<Millis> {
    let sound = (1.0..=31.0 * 8.64e7).contains(&wait);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "its range is checked before")]
    sound.then_some(Millis(wait.ceil() as u64))
}

/// The provider's own sentence where all of its answer is given.
fn for_people(words: &str) -> String {
    let inner = serde_json::from_str::<Value>(words).ok();
    let inner = inner.as_ref().and_then(|answer| {
        answer["error"]["message"].as_str().or_else(|| answer["message"].as_str()).or_else(|| answer["detail"].as_str())
    });
    inner.unwrap_or(words).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(code: &Value, words: &str, expected: FailureClass) {
        assert_eq!(failure(code, words, None, Timestamp(0)).class, expected, "{code} {words}");
    }

    #[test]
    fn codes_count_before_words() {
        let many = json!({ "responseTooManyFailedAttempts": { "httpStatusCode": 429 } });
        check(&many, "exceeded retry limit, last status: 429 Too Many Requests", FailureClass::RateLimit);
        check(&json!({ "httpConnectionFailed": { "httpStatusCode": 401 } }), "x", FailureClass::Auth);
        check(&json!({ "httpConnectionFailed": { "httpStatusCode": 529 } }), "x", FailureClass::Overloaded);
        check(&json!({ "responseStreamDisconnected": { "httpStatusCode": null } }), "x", FailureClass::Network);
        check(&json!("contextWindowExceeded"), "x", FailureClass::ContextOverflow);
        check(&json!("serverOverloaded"), "Selected model is at capacity.", FailureClass::Overloaded);
        check(&json!("usageLimitExceeded"), "You’ve hit your usage limit.", FailureClass::RateLimit);
    }

    #[test]
    fn words_do_where_there_is_no_code() {
        for none in [Value::Null, json!("other")] {
            check(
                &none,
                "exceeded retry limit, last status: 429 Too Many Requests, request id: r",
                FailureClass::RateLimit,
            );
            check(&none, "unexpected status 529 <unknown status code>: overloaded", FailureClass::Overloaded);
            check(
                &none,
                "We're currently experiencing high demand, which may cause temporary errors.",
                FailureClass::Overloaded,
            );
            check(&none, "unexpected status 401 Unauthorized: Incorrect API key provided", FailureClass::Auth);
            check(&none, "Missing environment variable: `MOCK_KEY`.", FailureClass::Auth);
            check(&none, "stream disconnected before completion: error decoding response body", FailureClass::Network);
            check(&none, "Codex ran out of room in the model's context window.", FailureClass::ContextOverflow);
            check(&none, "unexpected status 400 Bad Request: context_length_exceeded", FailureClass::ContextOverflow);
            check(&none, r#"{"error":{"message":"bad thing","type":"invalid_request_error"}}"#, FailureClass::Invalid);
            check(&none, r#"{"oops":1}"#, FailureClass::Invalid);
            check(
                &none,
                "Not inside a trusted directory and --skip-git-repo-check was not specified.",
                FailureClass::Start,
            );
            check(&none, "something new", FailureClass::Exit);
        }
    }

    #[test]
    fn a_time_to_come_back_is_found_wherever_it_is_said() {
        let until = |words| failure(&json!("rateLimitExceeded"), words, None, Timestamp(1_000)).until;
        assert_eq!(until("Please try again in 28ms."), Some(Timestamp(1_028)));
        assert_eq!(until("Please try again in 1m7.5s. Visit us"), Some(Timestamp(68_500)));
        assert_eq!(until("Try again in 3 days 4 hours 20 minutes."), Some(Timestamp(1_000 + 274_800_000)));
        assert_eq!(until("Try again later."), None);
        assert_eq!(until("try again in 1e99 s"), None);
        let line =
            |status: &str| format!("x\nDEBUG Request completed status={status} headers={{\"retry-after\": \"17\"}}\ny");
        assert_eq!(from_log(&line("429 Too Many Requests"), Timestamp(0)), Some(Timestamp(17_000)));
        assert_eq!(from_log(&line("200 OK"), Timestamp(0)), None);
    }

    #[test]
    fn people_read_the_providers_sentence() {
        let told = failure(&Value::Null, r#"{"error":{"message":"bad thing"}}"#, None, Timestamp(0));
        assert_eq!(told.message, "bad thing");
    }
}
