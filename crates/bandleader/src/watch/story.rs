//! What happened so far, for the timeline: every attempt with its times, and every fact in a line.
//!
//! Pure: folded from events as the run is. The shell reads the events when the timeline is first looked at.

use std::sync::Arc;

use bandleader_core::view::History;
use bandleader_core::{Plan, Recorded, Run, TaskId};

use crate::render::plain;

/// The past of one run.
#[derive(Debug)]
pub(crate) struct Story {
    history: History,
    facts: Vec<String>,
    /// Tasks that have begun, in the order in which they did.
    begun: Vec<TaskId>,
    known: u64,
}

impl Story {
    /// Before the first event.
    pub(crate) fn new(plan: Arc<Plan>) -> Story {
        Story { history: History::new(plan), facts: Vec::new(), begun: Vec::new(), known: 0 }
    }

    /// One event more, given the run as it is after it, or later. Events that are known already are passed over.
    pub(crate) fn take(&mut self, run: &Run, recorded: &Recorded) {
        if recorded.seq <= self.known {
            return;
        }
        self.known = recorded.seq;
        let attempts = self.history.attempts().len();
        self.history.apply(recorded);
        if let Some(fresh) = self.history.attempts().get(attempts)
            && fresh.id.number == 1
        {
            self.begun.push(fresh.id.task);
        }
        self.facts.extend(plain::line_today(run, recorded));
    }

    /// Attempts and phases.
    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// Facts in lines, oldest first, safe to show, with colours.
    pub(crate) fn facts(&self) -> &[String] {
        &self.facts
    }

    /// Tasks that have begun, the earliest first.
    pub(crate) fn begun(&self) -> &[TaskId] {
        &self.begun
    }
}
