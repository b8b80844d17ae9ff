//! Tools that steer a run: a word to an agent, pause, go on, stop. Each hands its word in and comes back; `run_status` shows what
//! came of it.

use bandleader_core::{Command, RunId, RunState, StopHow};
use bandleader_engine::engine::{Follower, Leave, desk};
use bandleader_engine::folder::Folder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::find;
use crate::cli::runs as verbs;
use crate::error::Failure;
use crate::render::screen::{Colour, Screen};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TellAsked {
    run: Option<String>,
    task: String,
    text: String,
}

/// Says something to whoever works on a task.
pub(super) fn tell(asked: TellAsked) -> Result<Value, Failure> {
    let (folder, id) = find(asked.run.as_deref())?;
    desk::ask(&folder, &id, &Command::Tell { task: asked.task, text: asked.text.trim_end().to_owned() })?;
    told(&folder, &id)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OneRun {
    run: Option<String>,
}

/// Starts nothing new until it goes on.
pub(super) fn pause(asked: &OneRun) -> Result<Value, Failure> {
    let (folder, id) = find(asked.run.as_deref())?;
    if Follower::open(&folder, &id)?.run().state() != RunState::Paused {
        desk::ask(&folder, &id, &Command::Pause)?;
        if desk::owner(&folder, &id).is_none() {
            verbs::steer::lend_an_engine(&folder, &id, Leave::WhenInboxIsEmpty, &mut Screen::new(Colour::Never))?;
        }
    }
    told(&folder, &id)
}

/// Lifts a pause, and gives a run an engine that has none.
pub(super) fn resume(asked: &OneRun) -> Result<Value, Failure> {
    let (folder, id) = find(asked.run.as_deref())?;
    let follower = Follower::open(&folder, &id)?;
    let state = follower.run().state();
    if state == RunState::OverBudget {
        return Err(Failure::usage(format!("run {id} is over budget, and more of it is a person's to give"))
            .hint(format!("they type `band resume {id} --cost 40USD`, `--tokens` or `--time`")));
    }
    if follower.run().is_over() {
        return Err(Failure::usage(format!("run {id} has ended: {}", state.name()))
            .hint(format!("`band retry --failed --run {id}` takes up what failed")));
    }
    if state == RunState::Paused {
        desk::ask(&folder, &id, &Command::Resume)?;
    }
    drop(follower);
    if desk::owner(&folder, &id).is_none() {
        verbs::drive::start(&folder, &id, Leave::WhenTold)?;
    }
    told(&folder, &id)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelAsked {
    run: Option<String>,
    #[serde(default)]
    tasks: Vec<String>,
    #[serde(default)]
    now: bool,
}

/// Stops a run, or single tasks of it.
pub(super) fn cancel(asked: CancelAsked) -> Result<Value, Failure> {
    let (folder, id) = find(asked.run.as_deref())?;
    if asked.tasks.is_empty() && Follower::open(&folder, &id)?.run().is_over() {
        return told(&folder, &id);
    }
    let whole = asked.tasks.is_empty();
    for task in asked.tasks {
        desk::ask(&folder, &id, &Command::CancelTask { task })?;
    }
    if whole {
        let how = if asked.now { StopHow::AtOnce } else { StopHow::Politely };
        desk::ask(&folder, &id, &Command::Cancel { how })?;
    }
    if desk::owner(&folder, &id).is_none() && whole {
        // Stopping processes needs an engine until the last of them is gone; single tasks are for the next one.
        verbs::drive::start(&folder, &id, Leave::WhenTold)?;
    }
    told(&folder, &id)
}

/// How the run stands now that it was told: it may not have taken it in yet.
fn told(folder: &Folder, id: &RunId) -> Result<Value, Failure> {
    let follower = Follower::open(folder, id)?;
    let run = follower.run();
    Ok(json!({
        "run": id, "state": run.state().name(), "over": run.is_over(), "seq": run.last_seq(),
        "engine": desk::owner(folder, id).is_some(), "running": run.counts().running + run.counts().reviewing,
    }))
}
