//! Plans that a planner writes: one call has it begin, others look how far it is, because it takes minutes.
//!
//! As previews they live in this process alone. Who leaves ends them: nothing is put in their place, and what they wrote so far is lost.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bandleader_engine::agent::notes::Activity;
use bandleader_engine::agent::once::Patience;
use bandleader_engine::chance;
use serde::Deserialize;
use serde_json::{Value, json};

use super::plans::shown;
use super::runs::LONGEST_WAIT;
use crate::cli::plan::{Attention, Drafter, write_new};
use crate::error::Failure;
use crate::render::text::{clean, clip};

/// Planners at work at the same time, at most.
const AT_ONCE: usize = 4;

/// Finished ones that are kept: the oldest is forgotten.
const MOST: usize = 16;

/// Columns of what a planner says that it does.
const DOING: usize = 200;

/// One that was asked to stop is waited for so long; ending its program takes some seconds at worst.
const STOPPING: Duration = Duration::from_secs(15);

/// Those of this process.
#[derive(Default)]
pub(super) struct Proposals(Mutex<Vec<Arc<Writing>>>);

/// A plan that is being written, or was.
struct Writing {
    id: String,
    who: String,
    since: Instant,
    stop: AtomicBool,
    progress: Mutex<Progress>,
    ended: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Progress {
    doing: String,
    remarks: Vec<String>,
    /// The proposal, or why there is none.
    end: Option<Result<Value, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposalAsked {
    proposal: String,
    #[serde(default)]
    wait_seconds: u64,
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Proposals {
    /// Has a planner begin. What it writes is saved at `file`, if one is given.
    pub(super) fn begin(&self, drafter: Drafter, file: Option<PathBuf>) -> Result<Value, Failure> {
        let mut all = lock(&self.0);
        let at_work: Vec<&str> = all.iter().filter(|one| one.is_at_work()).map(|one| one.id.as_str()).collect();
        if at_work.len() >= AT_ONCE {
            return Err(Failure::usage(format!("planners are at work already: {}", at_work.join(", ")))
                .hint("proposal_status waits for one, cancel_proposal ends it"));
        }
        if all.len() >= MOST
            && let Some(oldest) = all.iter().position(|one| !one.is_at_work())
        {
            all.remove(oldest);
        }
        let id = chance::run_id().map_err(|error| Failure::internal(error.to_string()))?;
        let writing = Arc::new(Writing {
            id: id.to_string(),
            who: drafter.who(),
            since: Instant::now(),
            stop: AtomicBool::new(false),
            progress: Mutex::default(),
            ended: Condvar::new(),
            thread: Mutex::default(),
        });
        let mine = Arc::clone(&writing);
        let started =
            thread::Builder::new().name("planner".into()).spawn(move || mine.write(&drafter, file.as_deref()));
        let started = started.map_err(|error| Failure::internal(format!("no thread: {error}")))?;
        *lock(&writing.thread) = Some(started);
        let said = writing.told()?;
        all.push(writing);
        Ok(said)
    }

    fn find(&self, id: &str) -> Result<Arc<Writing>, Failure> {
        let all = lock(&self.0);
        all.iter().find(|one| one.id == id).map(Arc::clone).ok_or_else(|| {
            Failure::usage(format!("no proposal is called `{}` here", clean(&id.chars().take(80).collect::<String>())))
                .hint("propose_plan begins one; they are forgotten when this connection ends")
        })
    }

    /// How far one is; waits for its end if that is wanted.
    pub(super) fn status(&self, asked: &ProposalAsked) -> Result<Value, Failure> {
        let writing = self.find(&asked.proposal)?;
        writing.wait(Duration::from_secs(asked.wait_seconds.min(LONGEST_WAIT)));
        writing.told()
    }

    /// Ends one.
    pub(super) fn cancel(&self, asked: &ProposalAsked) -> Result<Value, Failure> {
        let writing = self.find(&asked.proposal)?;
        writing.stop.store(true, Ordering::Relaxed);
        writing.wait(STOPPING);
        writing.told()
    }

    /// Ends all of them, and waits until nothing of them is left.
    pub(super) fn end(&self) {
        let all = std::mem::take(&mut *lock(&self.0));
        for writing in &all {
            writing.stop.store(true, Ordering::Relaxed);
        }
        for writing in all {
            if let Some(thread) = lock(&writing.thread).take() {
                // What broke it is of no use to anybody any more.
                let _ = thread.join();
            }
        }
    }
}

impl Writing {
    fn write(&self, drafter: &Drafter, file: Option<&Path>) {
        let written = drafter.write(file, &mut Watching(self)).map(|(mut proposal, text)| {
            if let Some(file) = file
                && let Err(failure) = write_new(file, &text)
                && let Value::Object(fields) = &mut proposal
            {
                // It was paid for: whoever asked gets it all the same.
                fields.insert("file".into(), Value::Null);
                fields.insert("not_saved".into(), json!(failure.message));
            }
            proposal
        });
        lock(&self.progress).end = Some(written.map_err(|failure| failure.message));
        self.ended.notify_all();
    }

    fn patience(&self) -> Patience {
        if self.stop.load(Ordering::Relaxed) { Patience::Stop } else { Patience::Wait }
    }

    fn is_at_work(&self) -> bool {
        lock(&self.progress).end.is_none() && !self.is_broken()
    }

    /// Whether its thread is gone without having said what came of it.
    fn is_broken(&self) -> bool {
        lock(&self.thread).as_ref().is_some_and(JoinHandle::is_finished) && lock(&self.progress).end.is_none()
    }

    fn wait(&self, longest: Duration) {
        let waits = |progress: &mut Progress| progress.end.is_none();
        drop(self.ended.wait_timeout_while(lock(&self.progress), longest, waits));
    }

    fn told(&self) -> Result<Value, Failure> {
        if self.is_broken() {
            return Err(Failure::internal("the planner's thread stopped short"));
        }
        let progress = lock(&self.progress);
        let stopped = self.stop.load(Ordering::Relaxed);
        let state = match &progress.end {
            None if stopped => "stopping",
            None => "working",
            Some(Ok(proposal)) => return Ok(shown(proposal.clone(), Some(&self.id))),
            Some(Err(_)) if stopped => "cancelled",
            Some(Err(why)) => {
                return Err(Failure::usage(why.clone()).hint(
                    "propose_plan without `by` fills a built-in template; another `agent` or `model` may do better",
                ));
            }
        };
        Ok(json!({
            "proposal": self.id, "state": state, "planner": self.who, "seconds": self.since.elapsed().as_secs(),
            "doing": progress.doing, "remarks": progress.remarks,
        }))
    }
}

/// Hears what a planner does, for whoever asks meanwhile.
struct Watching<'a>(&'a Writing);

impl Attention for Watching<'_> {
    fn note(&mut self, words: &str) {
        lock(&self.0.progress).remarks.push(words.to_owned());
    }

    fn at_work(&mut self, _name: &str, _began: Instant, activity: Option<&Activity>) -> Patience {
        let doing = activity.map(|activity| clip(&clean(&activity.doing), DOING)).unwrap_or_default();
        lock(&self.0.progress).doing = doing;
        self.0.patience()
    }

    fn ended(&mut self) -> Patience {
        self.0.patience()
    }
}
