//! Who asked for what: a line for every write, kept on disk.
//!
//! What a run was asked stands in its own log, by the name of the account; this adds by which link, from where, and what was refused.
//! `.band/serve/audit.jsonl`, one JSON object a line, readable by its owner alone. No token is in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use bandleader_core::Timestamp;
use bandleader_core::view::safe_json;
use bandleader_core::view::when::rfc3339;
use bandleader_engine::clock::Clock;
use bandleader_engine::folder::Folder;
use serde_json::{Value, json};

use super::App;
use super::guard::{Caller, Proof};
use super::listen::Peer;
use crate::error::Failure;

/// When it is longer, it is put aside as `audit.1.jsonl`, in the place of an older one.
const LONGEST: u64 = 16 << 20;
/// Longer words of a client are cut.
const WORDS: usize = 200;

/// The record.
pub(crate) struct Audit {
    path: PathBuf,
    file: Mutex<File>,
}

/// What a handler found out that was asked for. It travels in the response.
#[derive(Clone, Debug)]
pub(super) struct Done(pub Value);

impl Audit {
    /// Opens it.
    ///
    /// # Errors
    /// The disk refuses: nothing is served then.
    pub(crate) fn open(folder: &Folder) -> Result<Audit, Failure> {
        let path = folder.create_serve()?.join("audit.jsonl");
        let file =
            append(&path).map_err(|error| Failure::internal(format!("cannot write `{}`: {error}", path.display())))?;
        Ok(Audit { path, file: Mutex::new(file) })
    }

    /// Adds a line.
    fn write(&self, line: &Value) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.metadata()?.len() > LONGEST {
            fs::rename(&self.path, self.path.with_extension("1.jsonl"))?;
            *file = append(&self.path)?;
        }
        // In one piece: another server of the same project may write to it too.
        file.write_all(format!("{}\n", safe_json(&line.to_string())).as_bytes())
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Writes down every write that comes by, whatever becomes of it.
pub(super) async fn record(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let caller = super::guard::caller(&app, request.headers());
    let mut line = asked(&request, caller);
    let response = next.run(request).await;
    if caller.is_none() && response.status() == StatusCode::TOO_MANY_REQUESTS {
        // Whoever knocks without end does not fill the disk.
        return response;
    }
    if let Value::Object(fields) = &mut line {
        fields.insert("status".into(), json!(response.status().as_u16()));
        fields.insert("what".into(), response.extensions().get::<Done>().map_or(Value::Null, |done| done.0.clone()));
    }
    let written = tokio::task::spawn_blocking(move || app.audit.write(&line)).await;
    if !matches!(written, Ok(Ok(()))) {
        // It is done already, and stands in the run's log. Whoever keeps the server should know all the same.
        tell_once();
    }
    response
}

fn asked(request: &Request, caller: Option<Caller>) -> Value {
    let from = request.extensions().get::<Peer>().map(|peer| peer.0.to_string());
    let by = caller.map(|caller| match caller.by {
        Proof::Token => "token",
        Proof::Session => "session",
    });
    json!({
        "at": rfc3339(Clock::start(Timestamp(0)).now()), "role": caller.map(|caller| caller.role.name()), "by": by, "from": from,
        "agent": words(request.headers(), header::USER_AGENT.as_str()), "method": request.method().as_str(),
        "path": path(request.uri().path()),
        "key": words(request.headers(), "idempotency-key"),
    })
}

/// Without what opens a link by which people answer.
fn path(path: &str) -> String {
    if path.starts_with("/answer/") { "/answer/…".to_owned() } else { path.chars().take(WORDS * 2).collect() }
}

fn words(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.chars().take(WORDS).collect())
}

fn tell_once() {
    static TOLD: std::sync::Once = std::sync::Once::new();
    TOLD.call_once(|| {
        let mut screen = crate::render::screen::Screen::new(crate::render::screen::Colour::Never);
        screen.note("warning: `.band/serve/audit.jsonl` cannot be written; is the disk full?");
    });
}
