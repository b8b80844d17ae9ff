//! The desk: what faces ask about runs, and of them, without owning one. Lists, finds, and hands commands in.
//!
//! A command goes into the run's durable inbox whether an engine is there or not; one that means nothing to the run as it
//! is now is refused here, with the core's own words.

use std::collections::BTreeMap;

use bandleader_core::{
    AttemptId, By, Command, Input, JobId, Recorded, Rejected, Run, RunId, Said, Step, TaskId, Timestamp, decide,
};
use serde::{Deserialize, Serialize};

use super::{EngineError, Follower, person};
use crate::agent::notes::{Activity, Notes};
use crate::chance;
use crate::clock::Clock;
use crate::folder::Folder;
use crate::inbox;
use crate::lock;
use crate::process::{self, wall_clock};
use crate::store::{RunRow, Sent, Store, StoreError};

/// Why a command was not handed in.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It means nothing to the run as it is.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// Something else was asked with the same key before.
    #[error("the key `{key}` was used for something else that was asked of this run")]
    KeyUsed {
        /// The key.
        key: String,
    },
    /// Store or folder.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What became of a command that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is in the inbox.
    Now,
    /// It was in there before, under the same key: nothing was done.
    Before,
}

/// What lies in the inbox.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Letter {
    /// A command, and who asked for it, who need not be the one whose engine takes it.
    Asked { command: Command, by: By },
    /// What an agent, or whoever runs it, says of its own accord.
    Said { attempt: AttemptId, said: Said },
}

impl Letter {
    pub(super) fn input(self) -> Input {
        match self {
            Letter::Asked { command, by } => Input::Asked { command, by },
            Letter::Said { attempt, said } => Input::Said { attempt, said },
        }
    }
}

/// All runs, newest first.
///
/// # Errors
/// The log cannot be read.
pub fn runs(folder: &Folder) -> Result<Vec<RunRow>, EngineError> {
    if !folder.database().exists() {
        return Ok(Vec::new());
    }
    Ok(Store::open_read_only(folder)?.runs()?)
}

/// The run of this name or whose name alone begins so; the newest if nothing is given.
///
/// # Errors
/// No run fits, or several do.
pub fn find(folder: &Folder, prefix: Option<&str>) -> Result<RunRow, EngineError> {
    Ok(Store::open_read_only(folder)?.find_run(prefix.unwrap_or_default())?)
}

/// Every event of a run so far.
///
/// # Errors
/// There is no such run, or its log is damaged.
pub fn story(folder: &Folder, id: &RunId) -> Result<Vec<Recorded>, EngineError> {
    Ok(Store::open_read_only(folder)?.events(id, 0)?)
}

/// The events of a run after the one numbered `after`, up to `until`, page by page: a long story is not in memory as a whole.
///
/// # Errors
/// There is no such run, or its log is damaged; `tell` says so.
pub fn tell<E: From<EngineError>>(
    folder: &Folder,
    id: &RunId,
    after: u64,
    until: u64,
    mut tell: impl FnMut(&Recorded) -> Result<(), E>,
) -> Result<(), E> {
    let mut told = Ok(());
    let store = Store::open_read_only(folder).map_err(EngineError::from)?;
    let read = store.pages(id, after, until, |page| {
        told = page.iter().try_for_each(&mut tell);
        if told.is_ok() { Ok(()) } else { Err(Stopped::ByTeller) }
    });
    match read {
        Err(Stopped::ByLog(error)) => Err(EngineError::from(error).into()),
        Ok(()) | Err(Stopped::ByTeller) => told,
    }
}

/// The process that owns a run now, if one does.
pub fn owner(folder: &Folder, id: &RunId) -> Option<u32> {
    lock::held_by(&folder.run(id))
}

/// Hands a command in and wakes the engine, if there is one. Durable when this returns.
///
/// # Errors
/// The command means nothing to the run as it is now; the disk refuses.
pub fn ask(folder: &Folder, id: &RunId, command: &Command) -> Result<(), AskError> {
    let follower = Follower::open(folder, id)?;
    ask_about(folder, follower.id(), follower.run(), command, None).map(drop)
}

/// The same for somebody who knows the run as it is, and who may ask again because no answer came: with the same `key`, nothing happens twice.
///
/// # Errors
/// As of `ask`; and the key was used for something else.
pub fn ask_about(
    folder: &Folder,
    id: &RunId,
    run: &Run,
    command: &Command,
    key: Option<&str>,
) -> Result<Asked, AskError> {
    ask_as(folder, id, run, command, key, person())
}

/// The same in the name of somebody else, who has shown that they may ask.
///
/// # Errors
/// As of `ask_about`.
pub fn ask_as(
    folder: &Folder,
    id: &RunId,
    run: &Run,
    command: &Command,
    key: Option<&str>,
    by: By,
) -> Result<Asked, AskError> {
    let now = Clock::start(run.last_at()).now();
    let letter = Letter::Asked { command: command.clone(), by: by.clone() };
    if let Some(key) = key
        && let Some(before) =
            Store::open_read_only(folder).and_then(|store| store.sent(id, key)).map_err(EngineError::from)?
    {
        let same = serde_json::to_string(&letter).is_ok_and(|letter| letter == before);
        return if same { Ok(Asked::Before) } else { Err(AskError::KeyUsed { key: key.to_owned() }) };
    }
    if command.is_for_people() && process::is_within_a_task() {
        Err(Rejected("only people do this, and this is a task of a run; `band report ask` asks them".into()))?;
    }
    decide(run, Input::Asked { command: command.clone(), by }, now)?;
    match send_once(folder, id, &letter, now, key)? {
        Sent::New(_) => Ok(Asked::Now),
        Sent::Known(_) => Ok(Asked::Before),
    }
}

/// Hands in what an agent says, and wakes the engine. Durable when this returns. What means nothing by the time it is read is
/// passed over; `check` looks before.
///
/// # Errors
/// There is no such run; the disk refuses.
pub fn say(folder: &Folder, id: &RunId, attempt: AttemptId, said: &Said) -> Result<(), EngineError> {
    send(folder, id, &Letter::Said { attempt, said: said.clone() }, wall_clock())
}

/// The same, refused at once if it means nothing to the run as it is.
///
/// # Errors
/// It means nothing to the run; there is no such run; the disk refuses.
pub fn say_checked(folder: &Folder, id: &RunId, attempt: AttemptId, said: &Said) -> Result<(), AskError> {
    let follower = Follower::open(folder, id)?;
    let now = Clock::start(follower.run().last_at()).now();
    decide(follower.run(), Input::Said { attempt, said: said.clone() }, now)?;
    Ok(say(folder, id, attempt, said)?)
}

/// What those at work are doing now, by task, as far as is known: a side channel, which may be behind or lost. Its texts are theirs:
/// clean them before they are shown.
pub fn activities(folder: &Folder, id: &RunId, run: &Run) -> BTreeMap<TaskId, Activity> {
    let run_folder = folder.run(id);
    let at_work = run.jobs().keys().filter(|job| job.step == Step::Work);
    let activity = |job: &JobId| Some((job.attempt.task, Notes::of(run_folder.path(), *job).activity()?));
    at_work.filter_map(activity).collect()
}

/// Hands a command in without a look at the run, for an engine that is about to take it: one that means nothing by then is passed
/// over. Durable when this returns.
///
/// # Errors
/// There is no such run; the disk refuses.
pub fn post(folder: &Folder, row: &RunRow, command: &Command) -> Result<(), EngineError> {
    let letter = Letter::Asked { command: command.clone(), by: person() };
    send(folder, &row.id, &letter, Clock::start(row.last_at).now())
}

fn send(folder: &Folder, id: &RunId, letter: &Letter, now: Timestamp) -> Result<(), EngineError> {
    send_once(folder, id, letter, now, None).map(drop)
}

fn send_once(
    folder: &Folder,
    id: &RunId,
    letter: &Letter,
    now: Timestamp,
    key: Option<&str>,
) -> Result<Sent, EngineError> {
    let body = serde_json::to_string(letter).map_err(|source| EngineError::Unwritable { source })?;
    let chosen = key.is_none().then(chance::seed).transpose()?.map(|seed| format!("{seed:016x}"));
    let key = key.or(chosen.as_deref()).unwrap_or_default();
    let sent = Store::open(folder).and_then(|mut store| store.send(id, key, now, &body))?;
    inbox::ring(&folder.run(id));
    Ok(sent)
}

/// Why a story was not told to its end.
enum Stopped {
    ByTeller,
    ByLog(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Stopped {
        Stopped::ByLog(error)
    }
}
