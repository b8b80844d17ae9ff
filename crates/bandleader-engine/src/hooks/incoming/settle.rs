//! From what came to the questions that wait for it: follows the runs of a project that have such questions, and hands answers in.
//!
//! Looks at states, not at what happens: a message that comes before its question is asked counts as well as one that comes after, and a
//! crash in between loses nothing.

use std::collections::{BTreeMap, BTreeSet};

use bandleader_core::plan::{Awaited, Plan};
use bandleader_core::{Asker, Command, Decider, Decision, Run, RunId, RunState, Timestamp};

use super::{Outcome, task_of};
use crate::engine::desk::{self, AskError};
use crate::engine::{EngineError, Follower, Pulse};
use crate::folder::Folder;
use crate::hooks::book::{Book, BookError, Told};
use crate::process::wall_clock;
use crate::store::RunRow;

/// What went wrong; it is tried again at the next look.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The book.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The log.
    #[error(transparent)]
    Log(#[from] EngineError),
}

/// The runs of a project, as far as they wait for anything from outside.
pub struct Awaiting {
    folder: Folder,
    pulse: Option<Pulse>,
    /// None where the plan waits for nothing.
    known: BTreeMap<RunId, Option<Follower>>,
}

impl Awaiting {
    /// Nothing was looked at yet.
    pub fn new(folder: &Folder) -> Awaiting {
        Awaiting { folder: folder.clone(), pulse: None, known: BTreeMap::new() }
    }

    /// Hands in what came for questions that are open. Costs next to nothing when nothing has happened in a run and `came` says that
    /// nothing came. How many answers that were.
    ///
    /// # Errors
    /// The log or the book cannot be read.
    pub fn look(&mut self, book: &Book, came: bool) -> Result<usize, SettleError> {
        if self.pulse.is_none() && self.folder.database().exists() {
            self.pulse = Some(Pulse::open(&self.folder)?);
        }
        let Some(pulse) = &mut self.pulse else { return Ok(0) };
        if !pulse.beats()? && !came {
            return Ok(0);
        }
        let rows = pulse.runs()?;
        let mut answers = 0;
        for row in rows.iter().filter(|row| !RunState::ENDED.contains(&row.state.as_str())) {
            match self.settle(book, row) {
                Ok(number) => answers += number,
                // One that cannot be read keeps no other from its answers; all are looked at again with the next thing that happens.
                Err(_) => drop(self.known.remove(&row.id)),
            }
        }
        let goes_on =
            |id: &RunId| rows.iter().any(|row| &row.id == id && !RunState::ENDED.contains(&row.state.as_str()));
        self.known.retain(|id, _| goes_on(id));
        Ok(answers)
    }

    fn settle(&mut self, book: &Book, row: &RunRow) -> Result<usize, SettleError> {
        if !self.known.contains_key(&row.id) {
            let follower = Follower::open(&self.folder, &row.id)?;
            let waits = waits(follower.run().plan());
            self.known.insert(row.id.clone(), waits.then_some(follower));
        }
        let Some(Some(follower)) = self.known.get_mut(&row.id) else { return Ok(0) };
        follower.catch_up()?;
        let run = follower.run();
        let mut answers = 0;
        for (number, decision) in run.open_decisions() {
            let Some((told, option)) = answer(book, run, &row.id, decision)? else { continue };
            let Some(hook) = &decision.question.hook else { continue };
            let command = Command::Signal {
                decision: number,
                option: option.to_owned(),
                because: told.summary.clone(),
                hook: hook.name.clone(),
                message: told.message.clone(),
            };
            let key = format!("hook:{}:{number}", told.received);
            match desk::ask_about(&self.folder, &row.id, run, &command, Some(&key)) {
                Ok(desk::Asked::Now) => {
                    book.counted(told.received, &row.id, number, option, wall_clock())?;
                    answers += 1;
                }
                // It waits for the engine; or somebody was quicker, or it has counted before.
                Ok(desk::Asked::Before) | Err(AskError::Rejected(_) | AskError::KeyUsed { .. }) => (),
                Err(AskError::Engine(error)) => return Err(error.into()),
            }
        }
        Ok(answers)
    }
}

fn waits(plan: &Plan) -> bool {
    plan.tasks.iter().any(|task| task.question().is_some_and(|question| question.hook.is_some()))
}

/// What answers a question, if anything does: one part that failed is enough, and all that is known of must have passed.
fn answer(book: &Book, run: &Run, id: &RunId, decision: &Decision) -> Result<Option<(Told, &'static str)>, BookError> {
    let (Asker::Task { task }, Some(hook)) = (&decision.asker, &decision.question.hook) else { return Ok(None) };
    let path = &run.plan().task(*task).path;
    let told = told(book, hook, &task_of(id.as_str(), path), run.created())?;
    // A task that is tried again waits for a word that it has not had.
    let used = run.decisions().values().filter(|one| one.asker == decision.asker);
    let used: Vec<&str> = used
        .filter_map(|one| match &one.taken.as_ref()?.by {
            Decider::Hook { message, .. } => Some(message.as_str()),
            _ => None,
        })
        .collect();
    Ok(judge(&told).filter(|(told, _)| !used.contains(&told.message.as_str())))
}

/// One part that failed is enough, and all that is known of must have passed.
fn judge(told: &[Told]) -> Option<(Told, &'static str)> {
    let first = |outcome| told.iter().find(|one| one.outcome == outcome).cloned();
    match (first(Outcome::Failed), first(Outcome::Pending), first(Outcome::Passed)) {
        (Some(failed), _, _) => Some((failed, "failed")),
        (None, None, Some(passed)) => Some((passed, "passed")),
        _ => None,
    }
}

/// What has been said of one thing so far, for whoever waits outside of any question: how it went, and in what words. None: nothing that
/// decides it. `since` counts for names; what is said of a commit is the same for ever.
///
/// # Errors
/// The book cannot be read.
pub fn word(book: &Book, hook: &Awaited, task: &str, since: Timestamp) -> Result<Option<Word>, BookError> {
    let told = told(book, hook, task, since)?;
    Ok(judge(&told).map(|(told, option)| Word { has_passed: option == "passed", summary: told.summary }))
}

/// How something went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Well.
    pub has_passed: bool,
    /// In the words of whoever told us; may be hostile text.
    pub summary: String,
}

/// The newest word of each part of what a question waits for, the newest first.
fn told(book: &Book, hook: &Awaited, task: &str, created: Timestamp) -> Result<Vec<Told>, BookError> {
    let check = hook.check.as_deref();
    let mut all = book.told(&hook.name, task, check, created)?;
    if let Some(about) = hook.about.as_deref().map(str::trim).filter(|about| !about.is_empty()) {
        // A commit is the same for ever; what was said of a branch or a name before there was this run is about something else.
        let since = if is_commit(about) { Timestamp(0) } else { created };
        all.extend(book.told(&hook.name, about, check, since)?);
    }
    all.sort_by_key(|one| std::cmp::Reverse(one.received));
    // A part may be told of in both ways.
    let mut parts = BTreeSet::new();
    all.retain(|one| parts.insert(one.part.clone()));
    Ok(all)
}

/// A commit's hash, or enough of its beginning.
fn is_commit(about: &str) -> bool {
    (7..=64).contains(&about.len()) && about.bytes().all(|byte| byte.is_ascii_hexdigit())
}
