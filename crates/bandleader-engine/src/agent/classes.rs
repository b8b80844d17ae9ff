//! What a refusal of a model's provider means, from what an agent's program tells of it: a status of HTTP, or words for people.

use std::sync::LazyLock;

use bandleader_core::Millis;
use bandleader_core::plan::FailureClass;
use regex::Regex;

/// Words and what they mean. The first that fits counts, so the narrow ones come first.
const WORDS: [(&[&str], FailureClass); 6] = [
    (
        &[
            "prompt is too long",
            "prompt_too_long",
            "context length",
            "context_length",
            "context window",
            "maximum context",
            "input token count",
            "contextoverflow",
            "context_exhausted",
            "too many tokens",
        ],
        FailureClass::ContextOverflow,
    ),
    (
        &[
            "rate limit",
            "rate_limit",
            "ratelimit",
            "too many requests",
            "resource_exhausted",
            "quota",
            "usage limit",
            "usage_limit",
            "slow down",
            "please wait and try again later",
            "status 429",
            "(429)",
        ],
        FailureClass::RateLimit,
    ),
    (
        &["overloaded", "unavailable", "server_error", "internal server error", "status 5", "bad gateway"],
        FailureClass::Overloaded,
    ),
    (
        &[
            "authentication",
            "auth_required",
            "unauthenticated",
            "unauthorized",
            "api key",
            "api_key",
            "not logged in",
            "log in",
            "login",
            "permission_denied",
            "billing",
            "credit balance",
            "oauth",
        ],
        FailureClass::Auth,
    ),
    (
        &[
            "fetch failed",
            "terminated",
            "econnrefused",
            "econnreset",
            "enotfound",
            "etimedout",
            "socket hang up",
            "stream disconnected",
            "connection",
            "network",
            "transport_lost",
            "json parse",
            "unexpected end of json",
            "incomplete json",
        ],
        FailureClass::Network,
    ),
    (
        &["invalid_request", "invalid_argument", "invalid request", "model_not_found", "not found"],
        FailureClass::Invalid,
    ),
];

/// What a status of HTTP means; what was said with it tells a prompt that is too long from one that is wrong.
pub(super) fn of_status(status: u64, words: &str) -> FailureClass {
    match status {
        401..=403 | 407 => FailureClass::Auth,
        408 | 425 => FailureClass::Network,
        413 => FailureClass::ContextOverflow,
        429 => FailureClass::RateLimit,
        500.. => FailureClass::Overloaded,
        _ => of_words(words).filter(|class| *class == FailureClass::ContextOverflow).unwrap_or(FailureClass::Invalid),
    }
}

/// What words mean, if they are known ones.
pub(super) fn of_words(words: &str) -> Option<FailureClass> {
    let words = words.to_lowercase();
    let fits = |parts: &&[&str]| parts.iter().any(|part| words.contains(part));
    WORDS.iter().find(|(parts, _)| fits(parts)).map(|(_, class)| *class)
}

/// For how long a provider asks to be left alone, if its words say so: `retry in 30s`, `"retryDelay": "12.5s"`, `reset after 1h20m`.
pub(super) fn patience(words: &str) -> Option<Millis> {
    static ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let before = r#"(?:retry[ _-]?(?:after|in)|retryDelay(?:Ms)?|resets? (?:after|in))["']?\s*:?\s*["']?"#;
        Regex::new(&format!(r"(?i){before}((?:[0-9]+(?:\.[0-9]+)?\s*(?:ms|[hms])?[a-z]*\s*)+)")).ok()
    });
    static PART: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)([0-9]+(?:\.[0-9]+)?)\s*(ms|milli|h|m|s)?").ok());
    let found = ASKED.as_ref()?.captures(words)?;
    let bare = if found.get(0)?.as_str().to_lowercase().starts_with("retrydelayms") { 0.001 } else { 1.0 };
    let mut seconds = 0.0;
    for part in PART.as_ref()?.captures_iter(found.get(1)?.as_str()) {
        let number: f64 = part.get(1)?.as_str().parse().ok()?;
        let unit = part.get(2).map_or(bare, |unit| match unit.as_str().to_lowercase().as_str() {
            "ms" | "milli" => 0.001,
            "h" => 3_600.0,
            "m" => 60.0,
            _ => 1.0,
        });
        seconds += number * unit;
    }
    // A week is longer than any limit of a provider: more is a misunderstanding.
    let known = std::time::Duration::try_from_secs_f64(seconds).ok().filter(|wait| wait.as_secs() < 7 * 86_400)?;
    u64::try_from(known.as_millis()).ok().filter(|wait| *wait > 0).map(Millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_it_is_about() {
        for (status, words, class) in [
            (401, "", FailureClass::Auth),
            (429, "prompt is too long", FailureClass::RateLimit),
            (529, "", FailureClass::Overloaded),
            (503, "", FailureClass::Overloaded),
            (400, "prompt is too long: 250000 tokens", FailureClass::ContextOverflow),
            (400, "no such field", FailureClass::Invalid),
            (404, "", FailureClass::Invalid),
        ] {
            assert_eq!(of_status(status, words), class, "{status} {words}");
        }
    }

    #[test]
    fn words_say_it_where_there_is_no_status() {
        assert_eq!(of_words("Internal error: invalid api key"), Some(FailureClass::Auth));
        assert_eq!(of_words("[API Error: terminated]"), Some(FailureClass::Network));
        assert_eq!(of_words("Rate limited by its provider: rate limit"), Some(FailureClass::RateLimit));
        assert_eq!(of_words("something else"), None);
    }

    #[test]
    fn a_provider_is_left_alone_for_as_long_as_it_asks() {
        let millis = |words| patience(words).map(|wait| wait.0);
        assert_eq!(millis("Please retry in 30.5s."), Some(30_500));
        assert_eq!(millis(r#"{"retryDelay": "12s"}"#), Some(12_000));
        assert_eq!(millis("retryDelayMs: 1500,"), Some(1_500));
        assert_eq!(millis("Your quota will reset after 1h2m3s."), Some(3_723_000));
        assert_eq!(millis("retry-after: 7"), Some(7_000));
        assert_eq!(millis("retry after 2 minutes"), Some(120_000));
        assert_eq!(millis("retryDelayMs: undefined"), None);
        assert_eq!(millis("retry in 99999999999999999h"), None);
    }
}
