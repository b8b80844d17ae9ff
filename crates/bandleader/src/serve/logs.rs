//! What the processes of a task printed: a part of it, or all that comes.
//!
//! Places are bytes of the output, so that whoever has read up to one can go on there. Text is UTF-8, with a mark in the place of what is
//! not; it may hold terminal sequences, for whoever shows it to deal with.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use bandleader_core::view::safe_json;
use bandleader_core::{AttemptId, JobId, Run, Step};
use bandleader_engine::output::{LONGEST_CHARACTER, Reader, size, whole_characters};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::App;
use super::events::{ALIVE, HEARTBEAT, last_event_id, streamed, wants_stream};
use super::extract::{Path, Query};
use super::metrics::Streaming;
use super::problem::Problem;
use super::reply::{self, Answer, aside};
use super::tasks::find;
use super::watched::Watched;

/// How much is read when nothing else is asked for, and at most, in bytes.
const PART: (usize, usize) = (128 << 10, 1 << 20);
/// How often a log that grows is looked at.
pub(super) const BEAT: Duration = Duration::from_millis(200);

/// Which part of which output.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// The newest when left out.
    #[serde(default)]
    attempt: Option<u32>,
    /// The process, as the task's `tries` name it; the work itself when left out.
    #[serde(default)]
    job: Option<String>,
    #[serde(default)]
    offset: Option<u64>,
    #[serde(default)]
    limit: Option<usize>,
    /// In place of an offset: so many bytes before the end of what there is now.
    #[serde(default)]
    tail: Option<u64>,
}

/// `GET /runs/{run}/tasks/{task}/log`
pub(super) async fn log(
    State(app): State<App>,
    Path((run, path)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let run = app.hub.run(&run).await?;
    let limit = asked.limit.unwrap_or(PART.0).clamp(1, PART.1);
    let last = last_event_id(&headers)?;
    let (seen, stream) = (Arc::clone(&run), wants_stream(&headers));
    let first = aside(move || {
        let job = seen.see(|sight| job(sight.run, &path, &asked))??;
        let from = asked.tail.map(|tail| size(seen.folder.run(&seen.id).path(), job).saturating_sub(tail));
        let offset = last.or(from).or(asked.offset).unwrap_or(0);
        // One who follows is told of nothing before the stream begins.
        Ok((job, offset, if stream { None } else { Some(part(&seen, job, offset, limit)?) }))
    });
    let (job, offset, part) = first.await?;
    if let Some(part) = part {
        return reply::json(&part.value(job));
    }
    let telling = Telling {
        run,
        job,
        place: offset,
        is_over: false,
        closing: app.hub.closing(),
        _counted: app.metrics.streaming("log"),
    };
    Ok(streamed(stream::unfold(telling, Telling::next)))
}

/// The process that was meant.
fn job(run: &Run, path: &str, asked: &Asked) -> Result<JobId, Problem> {
    let task = find(run, path)?;
    let made = run.task(task).attempts;
    if let Some(name) = &asked.job {
        let job = JobId::parse(name).filter(|job| job.attempt.task == task && job.attempt.number <= made);
        return job.ok_or_else(|| Problem::missing("this task has no such process").hint("its `tries` name them"));
    }
    let number = asked.attempt.unwrap_or(made);
    if number > made {
        return Err(Problem::missing(format!("there is no attempt {number}: so far there are {made}")));
    }
    Ok(JobId { attempt: AttemptId { task, number }, step: Step::Work })
}

/// Some of an output.
struct Part {
    chunks: Vec<Value>,
    /// Where it begins.
    offset: u64,
    /// How much there is by now.
    size: u64,
    /// Where the next part begins.
    next: u64,
    /// Nothing more will come.
    end: bool,
}

impl Part {
    fn value(&self, job: JobId) -> Value {
        json!({
            "job": job.to_string(), "chunks": self.chunks, "offset": self.offset, "size": self.size,
            "next_offset": self.next, "end": self.end,
        })
    }
}

fn part(run: &Watched, job: JobId, offset: u64, limit: usize) -> Result<Part, Problem> {
    // Before the output is read: what a process printed before it ended is there by then.
    let is_over = run.see(|sight| !sight.run.jobs().contains_key(&job))?;
    let unreadable = |error: std::io::Error| Problem::internal(format!("the output of {job} cannot be read: {error}"));
    let folder = run.folder.run(&run.id);
    let mut reader = Reader::new(folder.path(), job).starting_at(offset);
    let size = size(folder.path(), job);
    let mut part = Part { chunks: Vec::new(), offset, size, next: offset, end: false };
    let mut room = limit;
    while room > 0 {
        let Some(mut chunk) = reader.next_chunk().map_err(unreadable)? else {
            part.end = is_over;
            break;
        };
        let length = chunk.bytes.len();
        let begin = reader.place() - length as u64;
        chunk.bytes.truncate(room.max(LONGEST_CHARACTER));
        match whole_characters(&chunk.bytes) {
            // The rest of a character may still come.
            0 if !is_over && reader.next_chunk().map_err(unreadable)?.is_none() => break,
            0 => (),
            whole => chunk.bytes.truncate(whole),
        }
        part.next = begin + chunk.bytes.len() as u64;
        room = room.saturating_sub(chunk.bytes.len());
        let text = String::from_utf8_lossy(&chunk.bytes);
        part.chunks.push(json!({ "stream": chunk.stream.name(), "at_ms": chunk.at, "text": text }));
        if reader.place() != part.next {
            reader = Reader::new(folder.path(), job).starting_at(part.next);
        }
    }
    Ok(part)
}

/// One who follows an output.
struct Telling {
    run: Arc<Watched>,
    job: JobId,
    place: u64,
    is_over: bool,
    closing: watch::Receiver<bool>,
    _counted: Streaming,
}

impl Telling {
    /// The next bytes of the stream; none ends it, after it has said that there is no more.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Telling)> {
        if self.is_over {
            return None;
        }
        let mut waited = Duration::ZERO;
        loop {
            let (run, job, place) = (Arc::clone(&self.run), self.job, self.place);
            let part = aside(move || part(&run, job, place, PART.0)).await.ok()?;
            let mut text = String::new();
            if !part.chunks.is_empty() {
                let data = part.value(job).to_string();
                text = format!("id: {}\nevent: chunk\ndata: {}\n\n", part.next, safe_json(&data));
            }
            if part.end {
                self.is_over = true;
                text.push_str("event: end\ndata: {}\n\n");
            }
            self.place = part.next;
            if !text.is_empty() {
                return Some((Ok(text.into()), self));
            }
            if waited >= HEARTBEAT {
                return Some((Ok(Bytes::from_static(ALIVE)), self));
            }
            waited += BEAT;
            tokio::select! {
                () = tokio::time::sleep(BEAT) => (),
                _ = self.closing.wait_for(|closing| *closing) => return None,
            }
        }
    }
}
