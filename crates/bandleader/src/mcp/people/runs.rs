//! Tools that look at runs: all of them, one, its story, what it amounts to.

use std::thread;
use std::time::{Duration, Instant};

use bandleader_core::{RunId, RunState, TaskState};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::find;
use super::page::{self, Window};
use crate::cli::runs as verbs;
use crate::error::Failure;
use crate::json::runs::STATES;
use crate::render::text::clean;

/// Nobody waits longer in one call: programs give their tools about a minute.
pub(super) const LONGEST_WAIT: u64 = 50;

/// So often a run is looked at that somebody waits for.
const BEAT: Duration = Duration::from_millis(200);

/// Entries kept of lists that only go along with a status.
const ALONG: usize = 30;

/// Lists of a status of which the beginning matters: what comes next, and the plan's own order.
const AHEAD: [&str; 4] = ["critical_path", "coming", "phases", "agents"];

/// Tasks in these are shown when nobody says which: what is at work, and what went wrong.
const ACTIVE: [&str; 4] = ["running", "reviewing", "blocked", "failed"];

/// The states that are asked for, separated by commas. One that does not exist would find nothing, and nobody would know why.
fn states<'a>(asked: &'a str, known: &[&str]) -> Result<Vec<&'a str>, Failure> {
    let states: Vec<&str> = asked.split(',').map(str::trim).collect();
    match states.iter().find(|state| !known.contains(*state)) {
        None => Ok(states),
        Some(unknown) => Err(Failure::usage(format!("there is no state `{}`", clean(unknown)))
            .hint(format!("the states are {}", known.join(", ")))),
    }
}

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
    let wanted = asked.state.as_deref().map(|state| states(state, &STATES)).transpose()?;
    // A project without runs has no state folder yet.
    let Ok(folder) = verbs::folder() else { return Ok(page::listed("runs", Vec::new(), window)) };
    let rows = desk::runs(&folder)?;
    let rows = rows.iter().map(|row| crate::json::runs::row(&folder, row));
    let fits = |row: &Value| wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|state| row["state"] == **state));
    Ok(page::listed("runs", rows.filter(fits).map(page::lean).collect(), window))
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
    let wanted = match asked.task_state.as_deref() {
        None => ACTIVE.to_vec(),
        Some("all") => TaskState::NAMES.to_vec(),
        Some(state) => states(state, &TaskState::NAMES)?,
    };
    let (folder, id) = find(asked.run.as_deref())?;
    let mut follower = Follower::open(&folder, &id)?;
    if let Some(seconds) = asked.wait_seconds {
        wait(&folder, &id, &mut follower, asked, Duration::from_secs(seconds.min(LONGEST_WAIT)))?;
    }
    let run = follower.run();
    let mut status = crate::json::status::describe(&folder, &id, run);
    let Value::Object(fields) = &mut status else { return Ok(status) };
    let (tasks, total, next) = tasks(fields.remove("tasks"), &wanted, window.beside_others());
    // What the verb calls so is the next work; here it is the next page.
    let coming = fields.remove("next").unwrap_or_default();
    fields.insert("coming".into(), coming);
    if let Some(Value::Array(decisions)) = fields.get_mut("decisions") {
        decisions.retain(|decision| decision["taken"].is_null());
    }
    let cut = page::cut(&mut status, "", &AHEAD, ALONG);
    let mut status = page::lean(status);
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

/// The tasks in these states: those of the page, how many there are, the next page.
fn tasks(all: Option<Value>, wanted: &[&str], window: Window) -> (Vec<Value>, usize, Option<String>) {
    let Some(Value::Array(all)) = all else { return (Vec::new(), 0, None) };
    let fits = |task: &Value| wanted.iter().any(|state| task["state"] == **state);
    let fitting: Vec<Value> = all.into_iter().filter(fits).map(page::lean).collect();
    let total = fitting.len();
    let (shown, next) = page::page(fitting, window);
    (shown, total, next)
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
            // Who knows of it already, and says so, waits for the next news.
            WaitFor::Decision => asks && (asked.after_seq.is_none() || run.last_seq() > since),
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
    #[serde(default)]
    newest_first: bool,
    after: Option<String>,
    limit: Option<usize>,
}

/// What happened, in order or from its end.
pub(super) fn timeline(asked: &TimelineAsked) -> Result<Value, Failure> {
    let window = Window::of(asked.after.as_deref(), asked.limit)?;
    let (folder, id) = find(asked.run.as_deref())?;
    let mut events = verbs::timeline::lines(&folder, &id)?;
    if asked.newest_first {
        events.reverse();
    }
    let mut listed = page::listed("events", events, window);
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
    let (folder, id) = find(asked.run.as_deref())?;
    let report = verbs::report::of(&folder, &id)?;
    let (format, text) = match asked.format {
        Format::Markdown => ("markdown", report.to_markdown()),
        Format::Json => ("json", serde_json::to_string(&report)?),
    };
    let (text, next_offset, total) = page::piece(&text, asked.offset);
    Ok(json!({ "run": id, "format": format, "text": text, "next_offset": next_offset, "total": total }))
}
