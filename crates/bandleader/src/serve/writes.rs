//! What is asked of a run: the same commands that the verbs of the command line hand in, through the run's durable inbox.
//!
//! Who asks is answered as soon as the command is durable (202); what came of it is told by the run's events. Where a run has no engine and
//! what is asked needs one, one is started, in a process of its own: it outlives the server.

use std::thread;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use bandleader_core::{Command, RunId, RunState, StopHow};
use bandleader_engine::engine::Leave;
use bandleader_engine::engine::desk::{self, Asked};
use bandleader_engine::folder::Folder;
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::asking::{Asking, done};
use super::extract::Path;
use super::problem::Problem;
use super::reply::{Answer, aside};
use super::watched::Watched;
use crate::cli::{lend_engine, start_engine};

/// What a command needs of an engine, where none is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: it waits in the inbox until somebody takes the run up.
    Nothing,
    /// One that goes on with the run.
    Driver,
    /// One that goes on, even if the run is paused.
    Mover,
    /// One that takes the inbox and goes again.
    Clerk,
}

/// An engine that leaves is gone within this time …
const LEAVING: Duration = Duration::from_secs(5);
/// … and looked for so often.
const LOOK: Duration = Duration::from_millis(20);

/// Hands it in.
pub(super) async fn hand_in(
    app: App,
    run: String,
    commands: Vec<Command>,
    key: Option<String>,
    needs: Needs,
) -> Answer {
    let run = app.hub.run(&run).await?;
    let what = json!({ "run": run.id, "commands": commands });
    let value = aside(move || {
        let mut asked = Asked::Now;
        for (place, command) in commands.iter().enumerate() {
            // Several commands of one request are told apart by their place.
            let key = key.as_ref().map(|key| if place == 0 { key.clone() } else { format!("{key}#{place}") });
            asked = run.see(|sight| desk::ask_about(&run.folder, &run.id, sight.run, command, key.as_deref()))??;
        }
        let begun = begin(&run, needs)?;
        let engine = desk::owner(&run.folder, &run.id);
        Ok(json!({
            "run": run.id, "accepted": true, "repeated": asked == Asked::Before, "engine": engine, "started": begun,
            "hint": (engine.is_none() && needs == Needs::Nothing).then_some("it counts when an engine takes the run up: POST /resume"),
        }))
    });
    done(StatusCode::ACCEPTED, &value.await?, what)
}

/// Sees to it that an engine is there, if one is needed; whether one was started.
fn begin(run: &Watched, needs: Needs) -> Result<bool, Problem> {
    let (folder, id) = (&run.folder, &run.id);
    if needs == Needs::Nothing || takes_it(run)? {
        return Ok(false);
    }
    if needs == Needs::Clerk {
        drop(lend_engine(folder, id, Leave::WhenInboxIsEmpty)?);
        return Ok(true);
    }
    if needs == Needs::Mover {
        // A pause that nobody is there to lift would hold it for ever.
        run.see(|sight| match sight.run.state() {
            RunState::Paused => desk::ask_about(folder, id, sight.run, &Command::Resume, None).map(drop),
            _ => Ok(()),
        })??;
    }
    start(folder, id)?;
    Ok(true)
}

/// Whether there is an engine that takes what was handed in. That of a run that is over may be about to leave: it is waited for until it
/// has taken the run up again, or has gone.
fn takes_it(run: &Watched) -> Result<bool, Problem> {
    let begun = Instant::now();
    loop {
        let is_there = desk::owner(&run.folder, &run.id).is_some();
        if !is_there || begun.elapsed() > LEAVING || !run.see(|sight| sight.run.is_over())? {
            return Ok(is_there);
        }
        thread::sleep(LOOK);
    }
}

/// Starts an engine. That another one was quicker is as good.
pub(super) fn start(folder: &Folder, id: &RunId) -> Result<(), Problem> {
    match start_engine(folder, id, Leave::WhenTold) {
        Err(_) if desk::owner(folder, id).is_some() => Ok(()),
        started => Ok(started?),
    }
}

/// Nothing needs to be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// `POST /runs/{run}/pause`
pub(super) async fn pause(State(app): State<App>, Path(run): Path<String>, asking: Asking<Nothing>) -> Answer {
    hand_in(app, run, vec![Command::Pause], asking.key, Needs::Clerk).await
}

/// What is cancelled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancel {
    /// Only these; the whole run when left out.
    #[serde(default)]
    tasks: Vec<String>,
    /// Kill at once.
    #[serde(default)]
    now: bool,
}

/// `POST /runs/{run}/cancel`
pub(super) async fn cancel(State(app): State<App>, Path(run): Path<String>, asking: Asking<Cancel>) -> Answer {
    let Cancel { tasks, now } = asking.body;
    if tasks.is_empty() {
        let how = if now { StopHow::AtOnce } else { StopHow::Politely };
        return hand_in(app, run, vec![Command::Cancel { how }], asking.key, Needs::Driver).await;
    }
    if now {
        return Err(Problem::bad("single tasks are stopped politely: `now` goes without `tasks`"));
    }
    let commands = tasks.into_iter().map(|task| Command::CancelTask { task }).collect();
    hand_in(app, run, commands, asking.key, Needs::Clerk).await
}

/// What is tried again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retry {
    /// All that failed when left out.
    #[serde(default)]
    tasks: Vec<String>,
}

/// `POST /runs/{run}/retry`
pub(super) async fn retry(State(app): State<App>, Path(run): Path<String>, asking: Asking<Retry>) -> Answer {
    hand_in(app, run, vec![Command::Retry { tasks: asking.body.tasks }], asking.key, Needs::Mover).await
}

/// A word to who works on a task.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tell {
    task: String,
    text: String,
}

/// `POST /runs/{run}/tell`
pub(super) async fn tell(State(app): State<App>, Path(run): Path<String>, asking: Asking<Tell>) -> Answer {
    let Tell { task, text } = asking.body;
    let text = text.trim_end().to_owned();
    hand_in(app, run, vec![Command::Tell { task, text }], asking.key, Needs::Nothing).await
}

/// Why it is good enough.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Accept {
    task: String,
    because: String,
}

/// `POST /runs/{run}/accept`
pub(super) async fn accept(State(app): State<App>, Path(run): Path<String>, asking: Asking<Accept>) -> Answer {
    let Accept { task, because } = asking.body;
    if because.trim().is_empty() {
        return Err(Problem::bad("`because` says why its work is good enough; it cannot be empty"));
    }
    hand_in(app, run, vec![Command::Accept { task, because }], asking.key, Needs::Mover).await
}

/// Which task.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfTask {
    task: String,
}

/// `POST /runs/{run}/resolve`
pub(super) async fn resolve(State(app): State<App>, Path(run): Path<String>, asking: Asking<OfTask>) -> Answer {
    hand_in(app, run, vec![Command::Resolve { task: asking.body.task }], asking.key, Needs::Mover).await
}
