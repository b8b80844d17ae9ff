//! Messages from outside: `POST /hooks/{name}`. The signature is all that lets them in; what they may do is say how something went.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use bandleader_core::Timestamp;
use bandleader_engine::clock::Clock;
use bandleader_engine::folder::Folder;
use bandleader_engine::hooks::incoming::{Awaiting, Incoming, LONGEST, Message, Reply, receive};
use bandleader_engine::hooks::{Book, BookError, Stands};
use serde_json::json;

use super::App;
use super::asking::done;
use super::body::read_bytes;
use super::extract::Path;
use super::listen::Peer;
use super::problem::Problem;
use super::reply::{Answer, aside};
use crate::error::with_causes;

/// How often it is looked whether a question waits for what came before it was asked.
const BEAT: Duration = Duration::from_millis(500);

/// Who may tell us something, and how whoever waits for it is woken.
pub(crate) struct Doors {
    all: Vec<Incoming>,
    came: Mutex<Option<Sender<()>>>,
}

impl Doors {
    /// Opens them: from now on what comes is handed to the questions that wait for it.
    pub(super) fn open(folder: &Folder, all: Vec<Incoming>) -> Doors {
        if all.is_empty() {
            return Doors { all, came: Mutex::new(None) };
        }
        let (came, coming) = channel();
        let folder = folder.clone();
        // Without it messages are taken all the same; the next server hands them on.
        let _ = thread::Builder::new().name("hooks".into()).spawn(move || settle(&folder, &coming));
        Doors { all, came: Mutex::new(Some(came)) }
    }

    fn ring(&self) {
        if let Some(came) = &*self.came.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = came.send(());
        }
    }
}

/// Hands on what came, for as long as the server is there.
fn settle(folder: &Folder, coming: &Receiver<()>) {
    let mut awaiting = Awaiting::new(folder);
    let mut came = false;
    loop {
        // A book or a log that cannot be used now is tried again.
        if let Ok(book) = Book::open(folder) {
            while awaiting.look(&book, came).is_ok() {
                came = match coming.recv_timeout(BEAT) {
                    Ok(()) => true,
                    Err(RecvTimeoutError::Timeout) => false,
                    Err(RecvTimeoutError::Disconnected) => return,
                };
            }
        }
        match coming.recv_timeout(BEAT) {
            Err(RecvTimeoutError::Disconnected) => return,
            _ => came = true,
        }
    }
}

/// `POST /hooks/{name}`
pub(super) async fn take(
    State(app): State<App>,
    Path(name): Path<String>,
    peer: Option<Extension<Peer>>,
    request: Request,
) -> Answer {
    if app.links.is_only_to_look() {
        return Err(Problem::forbidden("read-only", "this server was started to look only"));
    }
    let headers = request.headers().clone();
    let body = read_bytes(request, LONGEST).await?;
    let sender = peer.map(|Extension(peer)| peer.0.to_string()).unwrap_or_default();
    let doors = Arc::clone(&app.doors);
    let shown = name.clone();
    let reply = aside(move || {
        let header = |name: &str| {
            let mut values = headers.get_all(name).iter();
            let first = values.next().filter(|_| values.next().is_none())?;
            first.to_str().ok().map(str::to_owned)
        };
        let message = Message { name: &name, sender: &sender, header: &header, body: &body };
        let mut book = Book::open(app.hub.folder()).map_err(|error| trouble(&error))?;
        let may_knock = || app.limits.strangers.take().is_ok();
        let now = Clock::start(Timestamp(0)).now();
        receive(&mut book, &app.doors.all, &message, now, may_knock).map_err(|error| trouble(&error))
    })
    .await?;
    match reply {
        Reply::Taken(stands, why) => {
            doors.ring();
            let value = json!({ "accepted": stands == Stands::Accepted, "state": stands.name(), "why": why });
            let what = json!({ "hook": shown, "state": stands.name() });
            done(StatusCode::ACCEPTED, &value, what)
        }
        Reply::Unknown => Err(Problem::unsigned()),
        Reply::Wrong(why) => Err(Problem::bad(why)),
        Reply::TooOften => Err(Problem::too_often()),
    }
}

fn trouble(error: &BookError) -> Problem {
    Problem::internal(with_causes(error))
}
