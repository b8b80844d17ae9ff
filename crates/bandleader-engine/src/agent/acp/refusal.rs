//! What an error of the protocol means, and what is said of it.

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Timestamp};
use serde_json::Value;

use crate::agent::classes;

/// An error that an agent answered with, or hid elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Refusal {
    /// JSON-RPC's code, or a status of HTTP: Gemini CLI answers with that.
    pub(super) code: i64,
    /// For people.
    pub(super) message: String,
    /// The agent's own word for the kind of error.
    pub(super) kind: Option<String>,
    /// The status of HTTP that its provider answered with.
    pub(super) status: Option<u64>,
}

impl Refusal {
    /// Of the `error` in an answer.
    pub(super) fn of(error: &Value) -> Refusal {
        let data = error.get("data").unwrap_or(&Value::Null);
        let code = error.get("code").and_then(Value::as_i64).unwrap_or_default();
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let mut message = text(error, "message").unwrap_or_else(|| "it refused and did not say why".into());
        let more = ["message", "details", "detail", "reason"].iter().find_map(|key| text(data, key));
        let more = more.or_else(|| data.as_str().map(str::to_owned)).filter(|more| !message.contains(more.as_str()));
        if let Some(more) = more {
            message = format!("{message}: {more}");
        }
        let kind = ["errorKind", "errorName", "kind", "type"].iter().find_map(|key| text(data, key));
        let http = u64::try_from(code).ok().filter(|code| (400..600).contains(code));
        Refusal { code, message, kind, status: http.or_else(|| status_in(data)) }
    }

    /// Of the error that Codex' adapter puts into `session_info_update`.
    pub(super) fn of_codex(error: &Value) -> Refusal {
        let text = |key: &str| error.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let message = text("additionalDetails").or_else(|| text("message")).unwrap_or("it failed and did not say why");
        let info = error.get("codexErrorInfo").unwrap_or(&Value::Null);
        let kind = info.as_str().or_else(|| info.as_object()?.keys().next().map(String::as_str));
        Refusal { code: 0, message: message.to_owned(), kind: kind.map(str::to_owned), status: status_in(info) }
    }

    /// What sort of failure it is.
    pub(super) fn class(&self) -> FailureClass {
        if let Some(status) = self.status {
            return classes::of_status(status, &self.message);
        }
        let of_kind = self.kind.as_deref().and_then(of_kind);
        let of_words = || classes::of_words(&self.message);
        of_kind.or_else(of_words).unwrap_or(match self.code {
            -32_000 => FailureClass::Auth,
            -32_700 | -32_602..=-32_600 => FailureClass::Invalid,
            _ => FailureClass::Exit,
        })
    }

    /// Why the attempt failed, as of `now`.
    pub(super) fn into_failure(self, now: Timestamp) -> AgentFailure {
        let class = self.class();
        let until = classes::patience(&self.message).filter(|_| class.is_providers()).map(|wait| now.plus(wait));
        AgentFailure { class, message: self.message, until }
    }
}

/// Words of single agents for kinds of errors.
fn of_kind(kind: &str) -> Option<FailureClass> {
    Some(match kind {
        "rate_limit" | "usageLimitExceeded" | "usage_limit" => FailureClass::RateLimit,
        "overloaded" | "server_error" | "serverOverloaded" | "internalServerError" => FailureClass::Overloaded,
        "authentication_failed" | "billing_error" | "oauth_org_not_allowed" | "unauthorized" | "ProviderAuthError" => {
            FailureClass::Auth
        }
        "invalid_request" | "model_not_found" | "badRequest" => FailureClass::Invalid,
        "max_output_tokens" | "prompt_too_long" | "contextWindowExceeded" | "ContextOverflowError" => {
            FailureClass::ContextOverflow
        }
        "transport_lost" | "httpConnectionFailed" | "responseStreamConnectionFailed" | "responseStreamDisconnected" => {
            FailureClass::Network
        }
        "budget_exhausted" => FailureClass::Budget,
        _ => return None,
    })
}

/// The first status of HTTP in it, however deep.
fn status_in(value: &Value) -> Option<u64> {
    let names = ["httpStatusCode", "statusCode", "status", "code"];
    match value {
        Value::Object(fields) => {
            let own =
                names.iter().find_map(|name| fields.get(*name)?.as_u64()).filter(|status| (400..600).contains(status));
            own.or_else(|| fields.values().find_map(status_in))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_told_apart_by_what_each_agent_says() {
        for (error, class) in [
            (json!({"code": 429, "message": "slow down"}), FailureClass::RateLimit),
            (
                json!({"code": -32603, "message": "Internal error: x", "data": {"errorKind": "rate_limit"}}),
                FailureClass::RateLimit,
            ),
            (
                json!({"code": -32603, "message": "Internal error: invalid api key", "data": {"errorName": "APIError"}}),
                FailureClass::Auth,
            ),
            (json!({"code": -32603, "message": "x", "data": {"error": {"statusCode": 529}}}), FailureClass::Overloaded),
            (json!({"code": -32000, "message": "Authentication required"}), FailureClass::Auth),
            (json!({"code": -32602, "message": "Invalid params"}), FailureClass::Invalid),
            (json!({"code": -32603, "message": "prompt is too long"}), FailureClass::ContextOverflow),
            (json!({"code": -32603, "message": "Internal error"}), FailureClass::Exit),
            (json!("odd"), FailureClass::Exit),
        ] {
            assert_eq!(Refusal::of(&error).class(), class, "{error}");
        }
        assert_eq!(
            Refusal::of(&json!({"message": "Internal error", "data": {"details": "why"}})).message,
            "Internal error: why"
        );
    }

    #[test]
    fn a_provider_that_says_until_when_is_left_alone_until_then() {
        let failure = Refusal::of(&json!({"code": 429, "message": "retry in 10s"})).into_failure(Timestamp(1_000));
        assert_eq!(failure.until, Some(Timestamp(11_000)));
    }
}
