//! What changes in the project: a stream over all its runs, for lists and counts. It has no numbers: who comes again asks for the lists anew.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use bandleader_core::RunId;
use bandleader_engine::store::RunRow;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::App;
use super::events::{ALIVE, HEARTBEAT, streamed};
use super::hub::Beat;
use super::inbox::open_questions;
use super::metrics::Streaming;
use super::reply::{Answer, aside};
use crate::json::runs::state_name;

/// Changes that come more quickly than this are told as one.
const PAUSE: Duration = Duration::from_millis(250);

/// `GET /events`
pub(super) async fn changes(State(app): State<App>) -> Answer {
    let (beat, closing) = (app.hub.beat(), app.hub.closing());
    let counted = app.metrics.streaming("project");
    let telling = Telling {
        app,
        beat,
        closing,
        known: BTreeMap::new(),
        open: None,
        waiting: VecDeque::new(),
        fresh: true,
        _counted: counted,
    };
    Ok(streamed(stream::unfold(telling, Telling::next)))
}

struct Telling {
    app: App,
    beat: watch::Receiver<Beat>,
    closing: watch::Receiver<bool>,
    /// What was told of each run: its last event and its state.
    known: BTreeMap<RunId, (u64, String)>,
    open: Option<usize>,
    waiting: VecDeque<Bytes>,
    /// Nothing was told yet.
    fresh: bool,
    _counted: Streaming,
}

impl Telling {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Telling)> {
        while self.waiting.is_empty() {
            if !std::mem::take(&mut self.fresh) {
                let heard = tokio::select! {
                    heard = tokio::time::timeout(HEARTBEAT, self.beat.changed()) => heard,
                    _ = self.closing.wait_for(|closing| *closing) => return None,
                };
                if heard.is_err() {
                    self.waiting.push_back(Bytes::from_static(ALIVE));
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
            self.look().await;
        }
        let bytes = self.waiting.pop_front().unwrap_or_else(|| Bytes::from_static(ALIVE));
        Some((Ok(bytes), self))
    }

    async fn look(&mut self) {
        let rows = Arc::clone(&self.beat.borrow_and_update().rows);
        let moved: Vec<RunRow> = rows.iter().filter(|row| self.moved(row)).cloned().collect();
        let is_first = self.open.is_none();
        if moved.is_empty() && !is_first {
            return;
        }
        let app = self.app.clone();
        let told = aside(move || {
            let folder = app.hub.folder();
            let lines: Vec<Bytes> = moved
                .iter()
                .map(|row| {
                    let state = state_name(folder, &row.id, &row.state);
                    line("run", &json!({ "run": row.id, "seq": row.last_seq, "state": state }))
                })
                .collect();
            let open = open_questions(&app.hub, &rows).len();
            Ok((lines, open, moved))
        });
        let Ok((lines, open, moved)) = told.await else { return };
        // Who has just come asks for the list itself; only what changes from now on is news.
        self.waiting.extend(lines.into_iter().filter(|_| !is_first));
        self.known.extend(moved.into_iter().map(|row| (row.id, (row.last_seq, row.state))));
        if self.open.replace(open) != Some(open) {
            self.waiting.push_back(line("inbox", &json!({ "open": open })));
        }
    }

    fn moved(&self, row: &RunRow) -> bool {
        self.known.get(&row.id).is_none_or(|(seq, state)| *seq != row.last_seq || *state != row.state)
    }
}

fn line(event: &str, data: &Value) -> Bytes {
    format!("event: {event}\ndata: {data}\n\n").into()
}
