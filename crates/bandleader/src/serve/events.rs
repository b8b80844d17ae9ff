//! The events of a run: pages of them, and a stream that goes on from any of them without a gap (server-sent events, whose id is the
//! number of the event).
//!
//! Whoever follows is told from the log until it has reached its end, and then what is committed, which all followers of a run share. One that
//! falls behind reads the log again: nothing is kept for the slow. Whoever takes nothing at all is cut off (`listen`).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::watch;

use super::App;
use super::extract::{Path, Query};
use super::metrics::Streaming;
use super::problem::Problem;
use super::reply::{self, Answer, aside};
use super::watched::{Frame, Watched, frame};

/// A line comes at least this often, so that both ends know that the other is there.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(15);
/// How many events are read from the log at a time for a follower.
const READ: usize = 256;
/// How many a page has when nothing else is asked for, and at most.
const PAGE: (usize, usize) = (500, 5_000);

/// What a page, or a stream, begins after.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    after: Option<u64>,
    #[serde(default)]
    limit: Option<usize>,
}

/// `GET /runs/{run}/events`
pub(super) async fn events(
    State(app): State<App>,
    Path(run): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let run = app.hub.run(&run).await?;
    if !wants_stream(&headers) {
        let (after, limit) = (asked.after.unwrap_or(0), asked.limit.unwrap_or(PAGE.0).clamp(1, PAGE.1));
        let page = aside(move || run.page(after, limit)).await?;
        let next = page.last().filter(|_| page.len() == limit).map(|last| last.seq.to_string());
        return reply::json(&json!({ "events": page, "next": next }));
    }
    let last = last_event_id(&headers)?.or(asked.after).unwrap_or(0);
    // What a browser knows of a log that was put back to an older state must be said before the stream begins.
    let seen = Arc::clone(&run);
    aside(move || seen.page(last, 1)).await?;
    let live = run.follow();
    app.hub.feed(&run);
    let closing = app.hub.closing();
    let telling = Telling { run, live, closing, last, place: Place::Log, _counted: app.metrics.streaming("run") };
    Ok(streamed(stream::unfold(telling, Telling::next)))
}

/// Whether the client asked for server-sent events.
pub(super) fn wants_stream(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accepts.split(',').any(|kind| kind.trim().starts_with("text/event-stream"))
}

/// The last event that the client has had.
pub(super) fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(id) = headers.get("last-event-id") else { return Ok(None) };
    let number = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    number.map(Some).ok_or_else(|| Problem::bad("`Last-Event-ID` is not the number of an event"))
}

/// A stream of server-sent events as a response.
pub(super) fn streamed(parts: impl stream::Stream<Item = Result<Bytes, Infallible>> + Send + 'static) -> Response {
    let mut response = Body::from_stream(parts).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // Proxies that gather answers must not do it here.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// What says that we are there. Clients pass it over.
pub(super) const ALIVE: &[u8] = b": \n\n";

/// Where a follower takes its next events from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Log,
    Live,
}

/// One follower.
struct Telling {
    run: Arc<Watched>,
    live: Receiver<Arc<[Frame]>>,
    closing: watch::Receiver<bool>,
    /// The last event that it was told.
    last: u64,
    place: Place,
    _counted: Streaming,
}

impl Telling {
    /// The next bytes; none ends the stream.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Telling)> {
        let bytes = loop {
            if self.place == Place::Log {
                match self.read_log().await? {
                    Some(bytes) => break bytes,
                    None => self.place = Place::Live,
                }
            }
            let waited = tokio::select! {
                waited = tokio::time::timeout(HEARTBEAT, self.live.recv()) => waited,
                _ = self.closing.wait_for(|closing| *closing) => return None,
            };
            match waited {
                Err(_) => break Bytes::from_static(ALIVE),
                Ok(Ok(batch)) => match self.fresh(&batch) {
                    Some(bytes) if bytes.is_empty() => (),
                    Some(bytes) => break bytes,
                    None => self.place = Place::Log,
                },
                Ok(Err(RecvError::Lagged(_))) => self.place = Place::Log,
                Ok(Err(RecvError::Closed)) => return None,
            }
        };
        Some((Ok(bytes), self))
    }

    /// What follows in the log; nothing at its end. None if it cannot be read: the client comes again and is told why.
    async fn read_log(&mut self) -> Option<Option<Bytes>> {
        let (run, last) = (Arc::clone(&self.run), self.last);
        let page = aside(move || run.page(last, READ)).await.ok()?;
        self.last = page.last().map_or(self.last, |last| last.seq);
        let bytes: Vec<u8> = page.iter().filter_map(frame).flat_map(|frame| frame.bytes).collect();
        Some((!bytes.is_empty()).then(|| bytes.into()))
    }

    /// What of a batch this follower does not have yet; none if something before it is missing.
    fn fresh(&mut self, batch: &[Frame]) -> Option<Bytes> {
        if batch.iter().all(|frame| frame.seq == 0) {
            return Some(batch.iter().flat_map(|frame| frame.bytes.iter().copied()).collect());
        }
        let fresh = batch.get(batch.partition_point(|frame| frame.seq <= self.last)..).unwrap_or_default();
        let (Some(first), Some(end)) = (fresh.first(), fresh.last()) else { return Some(Bytes::new()) };
        if first.seq != self.last + 1 {
            return None;
        }
        self.last = end.seq;
        if fresh.len() == 1 {
            return Some(first.bytes.clone());
        }
        Some(fresh.iter().flat_map(|frame| frame.bytes.iter().copied()).collect())
    }
}

#[cfg(test)]
mod tests {
    use bandleader_core::{By, CheckOptions, Event, Timestamp, check};
    use bandleader_engine::engine::{NewMission, submit};
    use bandleader_engine::folder::Folder;
    use bandleader_engine::store::{Batch, Store};

    use super::super::hub::Hub;
    use super::super::metrics::Metrics;
    use super::*;

    /// The numbers in a piece of the stream.
    fn ids(bytes: &Bytes) -> Vec<u64> {
        let text = std::str::from_utf8(bytes).unwrap();
        text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect()
    }

    #[tokio::test]
    async fn one_who_falls_behind_reads_the_log_and_misses_nothing() {
        let project = tempfile::tempdir().unwrap();
        let folder = Folder::create(project.path()).unwrap();
        let text = "mission: m\ntasks: [{id: a, run: 'true'}]\n";
        let plan = check("p", text, &CheckOptions::default(), &mut |_| Err(String::new())).plan.unwrap();
        let new = NewMission { plan: &plan, plan_name: "p", project: project.path(), merge_into: None };
        let id = submit(&folder, &new).unwrap();
        let metrics = Metrics::new();
        let hub = Hub::new(&folder, metrics.timings.clone());
        let run = hub.run(id.as_str()).await.unwrap();
        let counted = metrics.streaming("run");
        let (live, closing) = (run.follow(), hub.closing());
        let telling = Telling { run: Arc::clone(&run), live, closing, last: 0, place: Place::Log, _counted: counted };
        let (first, mut telling) = telling.next().await.unwrap();
        let mut told = ids(&first.unwrap());
        let mut store = Store::open(&folder).unwrap();
        // Far more commits than wait for anybody, each told to whoever follows.
        let by = || By::Person { name: "p".into() };
        for after in 1..=400 {
            let event = if after % 2 == 1 { Event::RunPaused { by: by() } } else { Event::RunResumed { by: by() } };
            let events = [event.record(after, Timestamp(after))];
            store.commit(&Batch { run: &id, after, events: &events, taken: &[], summary: None }).unwrap();
            run.see(|_| ()).unwrap();
        }
        while telling.last < 401 {
            let (bytes, next) = telling.next().await.unwrap();
            told.extend(ids(&bytes.unwrap()));
            telling = next;
        }
        assert_eq!(told, (1..=401).collect::<Vec<u64>>());
        hub.close();
        assert!(telling.next().await.is_none(), "it ends with the server");
    }
}
