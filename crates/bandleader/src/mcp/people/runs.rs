//! Tools that look at runs: all of them, one, its story, what it amounts to.

use std::thread;
use std::time::{Duration, Instant};

use bandleader_core::{RunId, RunState};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::{self, Window};
use crate::cli::runs as verbs;
use crate::error::Failure;

/// Nobody waits longer in one call: programs give their tools about a minute.
const LONGEST_WAIT: u64 = 50;

/// So often a run is looked at that somebody waits for.
const BEAT: Duration = Duration::from_millis(200);

/// Entries kept of lists that only go along with a status.
const ALONG: usize = 30;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListAsked {
    state: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// The runs of the project, newest first.
pub(super) fn list(asked: &ListAsked) -> Result<Value, Failure> {
    let window = Window::of(asked.after.as_deref(), asked.limit)?;
    // A project without runs has no state folder yet.
    let Ok(folder) = verbs::folder() else { return Ok(page::listed("runs", Vec::new(), window)) };
    let rows = desk::runs(&folder)?;
    let rows = rows.iter().map(|row| crate::json::runs::row(&folder, row));
    let fits = |row: &Value| asked.state.as_ref().is_none_or(|state| row["state"] == state.as_str());
    Ok(page::listed("runs", rows.filter(fits).collect(), window))
}

/// What is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WaitFor {
    /// Anything new.
    #[default]
    Change,
    /// A question to people, or the end.
    Decision,
    /// The end.
    End,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusAsked {
    run: Option<String>,
    wait_seconds: Option<u64>,
    #[serde(default)]
    wait_for: WaitFor,
    after_seq: Option<u64>,
    task_state: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// How a run stands, at once or when something has come of it.
pub(super) fn status(asked: &StatusAsked) -> Result<Value, Failure> {
    let window = Window::of(asked.after.as_deref(), asked.limit)?;
    let (folder, id) = verbs::find(asked.run.as_deref())?;
    let mut follower = Follower::open(&folder, &id)?;
    if let Some(seconds) = asked.wait_seconds {
        wait(&folder, &id, &mut follower, asked, Duration::from_secs(seconds.min(LONGEST_WAIT)))?;
    }
    let run = follower.run();
    let mut status = crate::json::status::describe(&folder, &id, run);
    let tasks = status.get_mut("tasks").map(Value::take);
    let tasks = if let Some(Value::Array(tasks)) = tasks { tasks } else { Vec::new() };
    let fits = |task: &Value| asked.task_state.as_ref().is_none_or(|state| task["state"] == state.as_str());
    let tasks: Vec<Value> = tasks.into_iter().filter(fits).collect();
    let total = tasks.len();
    let (tasks, next) = page::page(tasks, window);
    let cut = page::cut(&mut status, "tasks", ALONG);
    if let Value::Object(fields) = &mut status {
        fields.insert("seq".into(), json!(run.last_seq()));
        fields.insert("over".into(), json!(run.is_over()));
        fields
            .insert("open_decisions".into(), json!(run.open_decisions().map(|(number, _)| number).collect::<Vec<_>>()));
        fields.insert("tasks".into(), Value::Array(tasks));
        fields.insert("tasks_total".into(), json!(total));
        fields.insert("next".into(), json!(next));
        fields.insert("cut".into(), Value::Object(cut));
    }
    Ok(status)
}

/// Waits until what is waited for is there, the run is left alone, or the time is up.
fn wait(
    folder: &Folder,
    id: &RunId,
    follower: &mut Follower,
    asked: &StatusAsked,
    longest: Duration,
) -> Result<(), Failure> {
    let since = asked.after_seq.unwrap_or_else(|| follower.run().last_seq());
    let start = Instant::now();
    loop {
        // Before the log is read: what an engine commits before it goes is in there by then.
        let alone = desk::owner(folder, id).is_none();
        follower.catch_up()?;
        let run = follower.run();
        let asks = run.open_decisions().next().is_some() || run.state() == RunState::Waiting;
        let there = match asked.wait_for {
            WaitFor::Change => run.last_seq() > since,
            WaitFor::Decision => asks,
            WaitFor::End => false,
        };
        if there || run.is_over() || alone || start.elapsed() >= longest {
            return Ok(());
        }
        thread::sleep(BEAT);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimelineAsked {
    run: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// What happened, in order.
pub(super) fn timeline(asked: &TimelineAsked) -> Result<Value, Failure> {
    let window = Window::of(asked.after.as_deref(), asked.limit)?;
    let (folder, id) = verbs::find(asked.run.as_deref())?;
    let mut listed = page::listed("events", verbs::timeline::lines(&folder, &id)?, window);
    if let Value::Object(fields) = &mut listed {
        fields.insert("run".into(), json!(id));
    }
    Ok(listed)
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Markdown,
    Json,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportAsked {
    run: Option<String>,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    offset: usize,
}

/// What a run amounted to, or amounts to so far: a text, in pieces.
pub(super) fn report(asked: &ReportAsked) -> Result<Value, Failure> {
    let (folder, id) = verbs::find(asked.run.as_deref())?;
    let report = verbs::report::of(&folder, &id)?;
    let (format, text) = match asked.format {
        Format::Markdown => ("markdown", report.to_markdown()),
        Format::Json => ("json", serde_json::to_string(&report)?),
    };
    let (text, next_offset, total) = page::piece(&text, asked.offset);
    Ok(json!({ "run": id, "format": format, "text": text, "next_offset": next_offset, "total": total }))
}
