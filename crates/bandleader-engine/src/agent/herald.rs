//! Tells the run what an attendant learns while its agent works: who it is, what it used, limits, messages that arrived.
//!
//! Letters go into the run's durable inbox from a thread of their own, so that a store that is busy never holds the agent up. Of
//! figures only the newest counts: one that cannot be handed in is dropped, and the outcome carries the last word. Everything
//! else is tried again a few times.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bandleader_core::{AttemptId, RunId, Said, Spending, Timestamp};

use super::assignment::{AgentAssignment, Allowance};
use crate::engine::desk;
use crate::folder::{Folder, RunFolder};

/// Figures are told at most so often, except when much of the allowance is used.
const PAUSE: Duration = Duration::from_secs(2);

/// The same limit is told at most so often.
const LIMIT_PAUSE: Duration = Duration::from_secs(30);

/// Tries for a letter that must not get lost, and the pause between them.
const TRIES: u32 = 5;
const AGAIN: Duration = Duration::from_millis(300);

/// At the end, letters on their way are waited for no longer than this.
const LAST_CALL: Duration = Duration::from_secs(5);

/// Who an agent is, as far as it was told.
type Identity = (Option<String>, Option<String>, Option<String>);

/// The way from one attendant to its run. Silent for an attempt whose folder is not that of a run.
pub(super) struct Herald {
    letters: Option<Sender<Said>>,
    writer: Option<JoinHandle<()>>,
    done: Option<Receiver<()>>,
    allowance: Allowance,
    driver: &'static str,
    identity: Identity,
    told: Spending,
    told_at: Option<Instant>,
    limit_told: Option<(Option<Timestamp>, Instant)>,
}

impl Herald {
    /// Of the attempt that begins.
    pub(super) fn of(assignment: &AgentAssignment) -> Herald {
        let writer = writer(&assignment.run_folder, assignment.job.attempt);
        let (letters, writer, done) = match writer {
            Some((letters, writer, done)) => (Some(letters), Some(writer), Some(done)),
            None => (None, None, None),
        };
        Herald {
            letters,
            writer,
            done,
            allowance: assignment.allowance,
            driver: assignment.driver.as_str(),
            identity: Identity::default(),
            told: Spending::default(),
            told_at: None,
            limit_told: None,
        }
    }

    /// Its program said who it is: told once, and again when anything of it changes.
    pub(super) fn started(&mut self, version: Option<&String>, model: Option<&String>, session: Option<&String>) {
        let identity = (version.cloned(), model.cloned(), session.cloned());
        if identity == self.identity || identity == Identity::default() {
            return;
        }
        self.identity.clone_from(&identity);
        let (version, model, session) = identity;
        self.say(Said::Started { driver: self.driver.to_owned(), version, model, session });
    }

    /// What it used in all. Cheap to call often.
    pub(super) fn spent(&mut self, spending: Spending) {
        let more = spending.since(self.told);
        let waited = self.told_at.is_none_or(|at| at.elapsed() >= PAUSE);
        if more.is_nothing() || !(waited || self.is_much(more)) {
            return;
        }
        (self.told, self.told_at) = (spending, Some(Instant::now()));
        self.say(Said::Spent { spending });
    }

    /// A tenth of what it may spend.
    fn is_much(&self, more: Spending) -> bool {
        let tenth = |used: u64, limit: Option<u64>| limit.is_some_and(|limit| used >= (limit / 10).max(1));
        tenth(more.tokens(), self.allowance.tokens) || tenth(more.cost.unwrap_or_default(), self.allowance.cost)
    }

    /// Its provider asks for patience. Programs that ask again and again meanwhile say nothing new.
    pub(super) fn limited(&mut self, until: Option<Timestamp>, message: String) {
        let known = |(before, at): (Option<Timestamp>, Instant)| before == until && at.elapsed() < LIMIT_PAUSE;
        if self.limit_told.is_some_and(known) {
            return;
        }
        self.limit_told = Some((until, Instant::now()));
        self.say(Said::Limited { until, message });
    }

    /// A message has reached it.
    pub(super) fn told(&mut self, message: u64) {
        self.say(Said::Told { message });
    }

    fn say(&mut self, said: Said) {
        if let Some(letters) = &self.letters {
            // The thread ends with this sender alone.
            let _ = letters.send(said);
        }
    }

    /// Waits, but not for ever, until all that was said is in the inbox: what comes after the end means nothing any more.
    pub(super) fn close(mut self) {
        self.letters = None;
        let over =
            self.done.take().is_none_or(|done| !matches!(done.recv_timeout(LAST_CALL), Err(RecvTimeoutError::Timeout)));
        if let Some(writer) = self.writer.take().filter(|_| over) {
            let _ = writer.join();
        }
    }
}

type Writer = (Sender<Said>, JoinHandle<()>, Receiver<()>);

fn writer(run_folder: &Path, attempt: AttemptId) -> Option<Writer> {
    let (folder, run) = RunFolder::around(run_folder).filter(|(folder, _)| folder.database().exists())?;
    let (letters, received) = channel();
    // Dropped with the thread: whoever waits for it then knows.
    let (alive, done) = channel();
    let work = move || {
        let _alive = alive;
        write(&folder, &run, attempt, &received);
    };
    let writer = thread::Builder::new().name("herald".into()).spawn(work).ok()?;
    Some((letters, writer, done))
}

fn write(folder: &Folder, run: &RunId, attempt: AttemptId, letters: &Receiver<Said>) {
    let mut held = None;
    while let Some(said) = held.take().or_else(|| letters.recv().ok()) {
        let said = match said {
            // Newer figures may be there by now.
            Said::Spent { .. } => newest(said, letters, &mut held),
            other => other,
        };
        let tries = if matches!(said, Said::Spent { .. }) { 1 } else { TRIES };
        for last in 1..=tries {
            match desk::say(folder, run, attempt, &said) {
                Ok(()) => break,
                Err(_) if last < tries => thread::sleep(AGAIN),
                Err(_) => {}
            }
        }
    }
}

/// The last of the figures that wait in a row; what follows them is held.
fn newest(mut said: Said, letters: &Receiver<Said>, held: &mut Option<Said>) -> Said {
    while let Ok(next) = letters.try_recv() {
        if matches!(next, Said::Spent { .. }) {
            said = next;
        } else {
            *held = Some(next);
            break;
        }
    }
    said
}
