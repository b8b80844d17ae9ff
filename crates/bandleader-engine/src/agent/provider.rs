//! What the provider of a model means by the status and the headers of its answer. Shared by drivers that come to see these.
//!
//! Pure but for the crypto of `web_client`, which is chosen once for the process.

use bandleader_core::plan::FailureClass;
use bandleader_core::{Millis, Timestamp};

/// A wait of more than this is a mistake of whoever says it.
const LONGEST_WAIT: u64 = 31 * 24 * 3_600_000;

/// The words in which providers say that a request does not fit into the model.
const TOO_LONG: [&str; 7] = [
    "context_length_exceeded",
    "context length",
    "context window",
    "prompt is too long",
    "too many tokens",
    "input is too long",
    "maximum context",
];

/// The class of an answer with this HTTP status; `words` is what its body says.
pub(super) fn class_of(status: u16, words: &str) -> FailureClass {
    let by_words = by_words(words);
    match status {
        429 => FailureClass::RateLimit,
        401..=403 => FailureClass::Auth,
        408 => FailureClass::Network,
        413 => FailureClass::ContextOverflow,
        400..=499 if by_words == Some(FailureClass::ContextOverflow) => FailureClass::ContextOverflow,
        // Some gateways hide what happened behind a 400 of their own.
        400..=499 => FailureClass::Invalid,
        500..=599 => FailureClass::Overloaded,
        _ => by_words.unwrap_or(FailureClass::Network),
    }
}

/// The class that words speak of, where there is no status; none where they are not known.
pub(super) fn by_words(words: &str) -> Option<FailureClass> {
    let words = words.to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|text| words.contains(text));
    if says(&TOO_LONG) {
        return Some(FailureClass::ContextOverflow);
    }
    let table: [(&[&str], FailureClass); 5] = [
        (
            &["rate limit", "rate_limit", "ratelimit", "too many requests", "quota", "usage limit", "slow down", "429"],
            FailureClass::RateLimit,
        ),
        (
            &[
                "overloaded",
                "capacity",
                "high demand",
                "server_error",
                "internal server error",
                "service unavailable",
                "529",
            ],
            FailureClass::Overloaded,
        ),
        (
            &[
                "unauthorized",
                "api key",
                "api_key",
                "authentication",
                "permission denied",
                "forbidden",
                "not logged in",
            ],
            FailureClass::Auth,
        ),
        (&["model not found", "modelnotfound", "invalid_request", "unsupported"], FailureClass::Invalid),
        (
            &["connect", "socket", "network", "timed out", "timeout", "econn", "dns", "json parsing failed", "stream"],
            FailureClass::Network,
        ),
    ];
    table.into_iter().find(|(any, _)| says(any)).map(|(_, class)| class)
}

/// When the provider wants to be asked again, from the headers of its answer. `header` knows them by their names in small letters.
pub(super) fn comes_back(header: impl Fn(&str) -> Option<String>, now: Timestamp) -> Option<Timestamp> {
    let number = |name: &str| header(name)?.trim().parse::<f64>().ok();
    let after = number("retry-after-ms").or_else(|| number("retry-after").map(|seconds| seconds * 1e3));
    if let Some(wait) = after {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast from floating point saturates"
        )]
        return soon((wait.ceil() as u64).max(1)).map(|wait| now.plus(wait));
    }
    let reset = number("anthropic-ratelimit-unified-reset");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from floating point saturates")]
    let reset = reset.map(|seconds| seconds as u64).map(|seconds| Timestamp(seconds.saturating_mul(1_000)));
    let reset = reset.or_else(|| date(&header("retry-after")?))?;
    let wait = reset.0.checked_sub(now.0).filter(|wait| *wait > 0)?;
    soon(wait).map(|wait| now.plus(wait))
}

fn soon(wait: u64) -> Option<Millis> {
    (wait <= LONGEST_WAIT).then_some(Millis(wait))
}

/// A date as HTTP writes it: `Wed, 21 Oct 2026 07:28:00 GMT`.
fn date(text: &str) -> Option<Timestamp> {
    let zoned = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
    u64::try_from(zoned.timestamp().as_millisecond()).ok().map(Timestamp)
}

/// The sentence that a provider wrote, out of all of its answer.
pub(super) fn sentence(body: &str) -> String {
    let answer = serde_json::from_str::<serde_json::Value>(body).ok();
    let said = answer.as_ref().and_then(|answer| {
        let places = ["/error/message", "/message", "/error", "/detail", "/0/error/message"];
        places.into_iter().find_map(|place| answer.pointer(place)?.as_str())
    });
    said.unwrap_or(body).trim().to_owned()
}

/// An address as providers' clients want it: one without a path is that of a host, and their interfaces are at `/v1`.
pub(super) fn with_version(base_url: &str) -> String {
    let plain = base_url.trim_end_matches('/');
    let host = plain.split_once("://").map_or(plain, |(_, rest)| rest);
    if host.contains('/') { plain.to_owned() } else { format!("{plain}/v1") }
}

/// A client without any limit on time: a model may think for long, and who waits has a clock of its own.
///
/// # Errors
/// In words for people: the system's certificates cannot be read.
pub(super) fn web_client(
    build: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> Result<reqwest::Client, String> {
    // The second call finds the first one's choice, which is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().connect_timeout(std::time::Duration::from_secs(30));
    build(builder).build().map_err(|error| format!("no HTTP client: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_counts_before_words_but_for_what_is_too_long() {
        let check = |status, words, class| assert_eq!(class_of(status, words), class, "{status} {words}");
        check(429, "overloaded", FailureClass::RateLimit);
        check(529, "", FailureClass::Overloaded);
        check(401, "", FailureClass::Auth);
        check(400, "the prompt is too long: 210000 tokens", FailureClass::ContextOverflow);
        check(400, "unknown field", FailureClass::Invalid);
        check(200, "rate limit", FailureClass::RateLimit);
        assert_eq!(by_words("something new"), None);
    }

    #[test]
    fn a_time_to_come_back_is_read_in_every_form() {
        let at = |name: &'static str, value: &'static str| {
            comes_back(|asked| (asked == name).then(|| value.to_owned()), Timestamp(1_000)).map(|until| until.0)
        };
        assert_eq!(at("retry-after", "30"), Some(31_000));
        assert_eq!(at("retry-after-ms", "250"), Some(1_250));
        assert_eq!(at("retry-after", "Thu, 01 Jan 1970 00:01:00 GMT"), Some(60_000));
        assert_eq!(at("anthropic-ratelimit-unified-reset", "61"), Some(61_000));
        assert_eq!(at("retry-after", "1e99"), None);
        assert_eq!(at("retry-after", "soon"), None);
        assert_eq!(at("x", "1"), None);
    }

    #[test]
    fn an_address_without_a_path_gets_the_usual_one() {
        assert_eq!(with_version("http://127.0.0.1:4000/"), "http://127.0.0.1:4000/v1");
        assert_eq!(with_version("https://host/openai/v1/"), "https://host/openai/v1");
    }

    #[test]
    fn people_read_the_sentence_and_not_the_json() {
        assert_eq!(sentence(r#"{"error":{"message":"slow down"}}"#), "slow down");
        assert_eq!(sentence("<html>"), "<html>");
    }
}
