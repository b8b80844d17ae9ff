//! How a request is refused: `application/problem+json` (RFC 9457), which says what, where, and what to do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bandleader_core::view::safe_json;
use bandleader_engine::engine::EngineError;
use bandleader_engine::engine::desk::AskError;
use bandleader_engine::store::StoreError;
use serde_json::{Value, json};

use crate::error::{Exit, Failure, with_causes};

/// A refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    /// The end of its `type`; programs tell problems apart by this.
    kind: &'static str,
    title: &'static str,
    detail: String,
    hint: Option<String>,
    problems: Vec<Value>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, kind, title, detail: detail.into(), hint: None, problems: Vec::new() }
    }

    /// The request is not what the API documents.
    pub(crate) fn bad(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be understood", detail)
    }

    /// Nobody said who asks, or nobody believes it.
    pub(crate) fn unknown_caller() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "no-token", "A token is needed", "the request has no valid token")
            .hint("open the link that `band serve` has printed, or send its token as `Authorization: Bearer …`")
    }

    /// Nobody believes a message from outside. The same words whatever is wrong, so that nobody learns which hooks there are.
    pub(crate) fn unsigned() -> Problem {
        let detail = "there is no such hook, or the message is not signed as it should be";
        Problem::new(StatusCode::UNAUTHORIZED, "no-signature", "The message was not taken", detail)
            .hint("`band webhooks received` says on this side what came and why it was refused")
    }

    /// What it says, for a page.
    pub(crate) fn words(&self) -> String {
        self.detail.clone()
    }

    /// Known, but not allowed to.
    pub(crate) fn forbidden(kind: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, kind, "This is not allowed", detail)
    }

    /// There is no such thing.
    pub(crate) fn missing(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
    }

    /// It exists, but not for this method.
    pub(crate) fn method() -> Problem {
        let detail = "this path does not take that method; /api/v1/openapi.json says what it takes";
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "The method is not allowed here", detail)
    }

    /// It makes no sense to the run as it is.
    pub(crate) fn conflict(kind: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, kind, "That does not go together with how things are", detail)
    }

    /// The body is not JSON.
    pub(crate) fn media() -> Problem {
        let detail = "a body must be JSON: `Content-Type: application/json`";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "The body is of another kind", detail)
    }

    /// The body is longer than allowed.
    pub(crate) fn too_large(limit: usize) -> Problem {
        let detail = format!("a body may have {limit} bytes here");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
    }

    /// It can be read, but not done.
    pub(crate) fn unprocessable(kind: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, kind, "It cannot be done", detail)
    }

    /// Asked too often.
    pub(crate) fn too_often() -> Problem {
        let detail = "there were too many requests in a short time";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many requests", detail)
            .hint("wait for the seconds that `Retry-After` says")
    }

    /// Something of ours broke.
    pub(crate) fn internal(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something broke", detail)
    }

    /// The same, with advice.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Problem {
        Problem { hint: Some(hint.into()), ..self }
    }

    /// The same, with a list of what is wrong.
    pub(crate) fn problems(self, problems: Vec<Value>) -> Problem {
        Problem { problems, ..self }
    }

    fn body(&self) -> Value {
        let mut body = json!({
            "type": format!("urn:bandleader:problem:{}", self.kind), "title": self.title, "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let Value::Object(fields) = &mut body {
            fields.extend(self.hint.as_ref().map(|hint| ("hint".to_owned(), json!(hint))));
            fields.extend((!self.problems.is_empty()).then(|| ("problems".to_owned(), json!(self.problems))));
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let text = safe_json(&self.body().to_string()).into_owned();
        let mut response = (self.status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"))),
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => (),
        }
        response
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Problem {
        let words = with_causes(&error);
        match error {
            EngineError::Store(StoreError::NoSuchRun(_) | StoreError::NoRuns) => Problem::missing(words),
            EngineError::Store(StoreError::Ambiguous { .. }) => Problem::conflict("ambiguous", words),
            EngineError::Store(StoreError::ShorterThanTimeline { .. }) => Problem::conflict("no-such-event", words),
            EngineError::Store(StoreError::InputTooLong { .. }) => Problem::unprocessable("too-long", words),
            EngineError::Lock(_) => Problem::conflict("owned", words),
            EngineError::Isolation { .. } => Problem::unprocessable("isolation", words),
            _ => Problem::internal(words),
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Problem {
        match error {
            AskError::Rejected(rejected) => Problem::conflict("rejected", rejected.to_string()),
            used @ AskError::KeyUsed { .. } => Problem::unprocessable("key-used", used.to_string()).hint(
                "send a new `Idempotency-Key` with every new request; repeat one only with the very same request",
            ),
            AskError::Engine(error) => error.into(),
        }
    }
}

/// What a function that the command line shares says.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        let problem = match failure.exit {
            Exit::Usage => Problem::unprocessable("refused", failure.message),
            _ => Problem::internal(failure.message),
        };
        Problem { hint: failure.hint, ..problem }
    }
}
