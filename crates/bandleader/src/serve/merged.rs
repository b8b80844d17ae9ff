//! What all tasks of a run printed, in one log: a part of it, or all that comes.
//!
//! The engine's `merged` reads it; here are the question and the answer. Text is as in the log of a task.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use bandleader_core::view::safe_json;
use bandleader_core::{Plan, Run, TaskId};
use bandleader_engine::merged::{Before, Cursor, Merged, MergedLine, Much, Sieve};
use bandleader_engine::output::Stream;
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::App;
use super::events::{ALIVE, HEARTBEAT, streamed, wants_stream};
use super::extract::{Path, Query};
use super::logs::BEAT;
use super::metrics::Streaming;
use super::problem::Problem;
use super::reply::{self, Answer, aside};
use super::watched::Watched;
use crate::json::jobs::label;
use crate::render::log::text;

/// Lines on a page when nothing else is asked for, and at most.
const LINES: (usize, usize) = (500, 5_000);
/// Bytes of lines on a page, about.
const BYTES: usize = 1 << 20;
/// Bytes that are looked through for a page.
const SEEN: usize = 16 << 20;

/// Which part of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Paths of tasks, or of what they stand in, with commas between them.
    #[serde(default)]
    task: Option<String>,
    /// Streams, with commas between them.
    #[serde(default)]
    stream: Option<String>,
    /// A part of the text.
    #[serde(default)]
    search: Option<String>,
    #[serde(default)]
    after: Option<String>,
    /// A place, or `end`.
    #[serde(default)]
    before: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

/// Where a page is.
enum Place {
    After(Cursor),
    Before(Cursor),
    End,
}

impl Asked {
    fn place(&self, headers: &HeaderMap) -> Result<Place, Problem> {
        let last = headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default());
        let cursor = |text: &str| Cursor::parse(text).ok_or_else(no_such_place);
        match (last.or(self.after.as_deref()), self.before.as_deref()) {
            (Some(after), None) => cursor(after).map(Place::After),
            (Some(after), Some(_)) if last.is_some() => cursor(after).map(Place::After),
            (Some(_), Some(_)) => Err(Problem::bad("`after` and `before` cannot both be given")),
            (None, Some("end")) => Ok(Place::End),
            (None, Some(before)) => cursor(before).map(Place::Before),
            (None, None) => Ok(Place::After(Cursor::default())),
        }
    }

    fn sieve(&self, plan: &Plan) -> Result<Sieve, Problem> {
        let word = |word: &str| {
            let all = [Stream::Stdout, Stream::Stderr, Stream::Note];
            let found = all.into_iter().find(|stream| stream.name() == word);
            found.ok_or_else(|| Problem::bad("a stream is `stdout`, `stderr` or `note`"))
        };
        let streams = self.stream.iter().flat_map(|words| words.split(',')).map(word).collect::<Result<_, _>>()?;
        let search = self.search.as_deref().unwrap_or_default().to_lowercase();
        let tasks = self.task.as_deref().map(|paths| tasks(plan, paths)).transpose()?;
        Ok(Sieve { tasks, streams, search })
    }
}

fn no_such_place() -> Problem {
    Problem::bad("this is not a place in the log of this run").hint("begin again without it")
}

/// The tasks of these paths, and all below them.
fn tasks(plan: &Plan, paths: &str) -> Result<BTreeSet<TaskId>, Problem> {
    let mut found = BTreeSet::new();
    for path in paths.split(',') {
        let inside = |id: &TaskId| {
            let rest = plan.task(*id).path.strip_prefix(path);
            plan.task(*id).is_real() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let before = found.len();
        found.extend(plan.ids().filter(inside));
        if found.len() == before {
            return Err(Problem::missing("this run has no task of that path").hint("its `tasks` list them"));
        }
    }
    Ok(found)
}

/// `GET /runs/{run}/log`
pub(super) async fn log(
    State(app): State<App>,
    Path(run): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let run = app.hub.run(&run).await?;
    let place = asked.place(&headers)?;
    let much = Much { lines: asked.limit.unwrap_or(LINES.0).clamp(1, LINES.1), bytes: BYTES, seen: SEEN };
    if !wants_stream(&headers) {
        return reply::made(move || page(&run, &asked, &place, much)).await;
    }
    let seen = Arc::clone(&run);
    let first = aside(move || begin(&seen, &asked, &place, much));
    let (merged, first) = first.await?;
    let closing = app.hub.closing();
    let state = Some((merged, first));
    let telling = Telling { run, state, is_over: false, much, closing, _counted: app.metrics.streaming("run log") };
    Ok(streamed(stream::unfold(telling, Telling::next)))
}

fn unreadable(error: &io::Error) -> Problem {
    Problem::internal(format!("what the tasks printed cannot be read: {error}"))
}

fn page(run: &Watched, asked: &Asked, place: &Place, much: Much) -> Result<Value, Problem> {
    let (scene, sieve) = run.scene(0, |run| asked.sieve(run.plan()))?;
    let (sieve, folder) = (sieve?, run.folder.run(&run.id).path().to_owned());
    let until = match place {
        Place::After(cursor) => {
            let merged = Merged::after(folder, sieve, &scene, cursor).map_err(|error| unreadable(&error))?;
            let mut merged = merged.ok_or_else(no_such_place)?;
            let lines = merged.read(&scene, much).map_err(|error| unreadable(&error))?;
            let end = merged.is_at_end(&scene);
            return body(run, &lines, Some(cursor), &merged.cursor(), end);
        }
        Place::Before(cursor) => Some(cursor),
        Place::End => None,
    };
    let found = Merged::before(&folder, &sieve, &scene, until, much).map_err(|error| unreadable(&error))?;
    let Before { lines, begin, end } = found.ok_or_else(no_such_place)?;
    let mut rest = Merged::after(folder, sieve, &scene, &end).map_err(|error| unreadable(&error))?;
    let rest = rest.as_mut().map(|rest| rest.read(&scene, Much { lines: 1, ..much }).map(|_| rest.is_at_end(&scene)));
    let is_end = until.is_none() && rest.transpose().map_err(|error| unreadable(&error))?.unwrap_or(false);
    body(run, &lines, Some(&begin), &end, is_end)
}

fn body(
    run: &Watched,
    lines: &[MergedLine],
    prev: Option<&Cursor>,
    next: &Cursor,
    end: bool,
) -> Result<Value, Problem> {
    let prev = prev.filter(|prev| !prev.is_beginning()).map(ToString::to_string);
    let lines = run.see(|sight| values(sight.run, lines))?;
    Ok(json!({ "lines": lines, "prev": prev, "next": next.to_string(), "end": end }))
}

fn values(run: &Run, lines: &[MergedLine]) -> Vec<Value> {
    let value = |line: &MergedLine| {
        json!({
            "task": run.plan().task(line.job.attempt.task).path, "attempt": line.job.attempt.number,
            "job": line.job.to_string(), "name": label(run, line.job), "stream": line.stream.name(), "at": line.at,
            "text": text(&line.bytes),
        })
    };
    lines.iter().map(value).collect()
}

/// A reader at the place from which on is told, and what stands before it that is told first.
fn begin(run: &Watched, asked: &Asked, place: &Place, much: Much) -> Result<(Merged, Vec<MergedLine>), Problem> {
    let (scene, sieve) = run.scene(0, |run| asked.sieve(run.plan()))?;
    let (sieve, folder) = (sieve?, run.folder.run(&run.id).path().to_owned());
    let (at, first) = match place {
        Place::After(cursor) => (cursor.clone(), Vec::new()),
        Place::Before(_) => {
            return Err(Problem::bad("a stream goes on: it begins `after` a place or before the `end`"));
        }
        Place::End => {
            let found = Merged::before(&folder, &sieve, &scene, None, much).map_err(|error| unreadable(&error))?;
            found.map(|found| (found.end, found.lines)).ok_or_else(no_such_place)?
        }
    };
    let merged = Merged::after(folder, sieve, &scene, &at).map_err(|error| unreadable(&error))?;
    Ok((merged.ok_or_else(no_such_place)?, first))
}

/// One who follows it.
struct Telling {
    run: Arc<Watched>,
    /// The reader, and what was read already. None while it reads.
    state: Option<(Merged, Vec<MergedLine>)>,
    is_over: bool,
    much: Much,
    closing: watch::Receiver<bool>,
    _counted: Streaming,
}

/// What a look has found.
struct Found {
    merged: Merged,
    text: String,
    /// There may be more already.
    is_full: bool,
    is_end: bool,
}

fn look(run: &Watched, mut merged: Merged, mut lines: Vec<MergedLine>, much: Much) -> Result<Found, Problem> {
    let (scene, ()) = run.scene(merged.known(), |_| ())?;
    lines.extend(merged.read(&scene, much).map_err(|error| unreadable(&error))?);
    let mut text = String::new();
    let next = merged.cursor();
    if !lines.is_empty() {
        let data = json!({ "lines": run.see(|sight| values(sight.run, &lines))? }).to_string();
        text = format!("id: {next}\nevent: lines\ndata: {}\n\n", safe_json(&data));
    }
    let is_end = merged.is_at_end(&scene);
    if is_end {
        text.push_str("event: end\ndata: {}\n\n");
    }
    let is_full = merged.has_more();
    Ok(Found { merged, text, is_full, is_end })
}

impl Telling {
    /// The next bytes of the stream; none ends it, after it has said that there is no more.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Telling)> {
        if self.is_over {
            return None;
        }
        let mut waited = Duration::ZERO;
        loop {
            let (merged, lines) = self.state.take()?;
            let (run, much) = (Arc::clone(&self.run), self.much);
            // Whoever cannot be told comes again and is told why.
            let found = aside(move || look(&run, merged, lines, much)).await.ok()?;
            self.is_over = found.is_end;
            self.state = Some((found.merged, Vec::new()));
            if !found.text.is_empty() {
                return Some((Ok(found.text.into()), self));
            }
            if waited >= HEARTBEAT {
                return Some((Ok(Bytes::from_static(ALIVE)), self));
            }
            if found.is_full {
                // What was looked through had nothing that is asked for.
                continue;
            }
            waited += BEAT;
            tokio::select! {
                () = tokio::time::sleep(BEAT) => (),
                _ = self.closing.wait_for(|closing| *closing) => return None,
            }
        }
    }
}
