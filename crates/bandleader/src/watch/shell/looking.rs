//! What the full screen looks at: the run as it goes on, the files beside it, the log of the chosen task.

use std::sync::Arc;
use std::time::Instant;

use bandleader_core::view::{History, check_in};
use bandleader_core::{Run, TaskId};
use bandleader_engine::engine::desk;

use super::{LOOK, Shell, scene};
use crate::error::Failure;
use crate::render::live::{Presence, Scene};
use crate::watch::dialog;
use crate::watch::log::{Grown, LogFile, most_telling};
use crate::watch::state::Tone;
use crate::watch::story::Story;
use crate::watch::update::settle;
use crate::watch::views;

impl Shell {
    /// What has happened since, in the run and in the files beside it.
    pub(super) fn catch_up(&mut self) -> Result<(), Failure> {
        let fresh = self.feed.catch_up()?;
        let playing = self.feed.playing();
        self.stale |= !fresh.is_empty() || playing != self.state.playing;
        self.state.playing = playing;
        if let Some(story) = &mut self.state.story {
            for recorded in &fresh {
                story.take(self.feed.run(), recorded);
            }
        }
        if playing.is_none() && self.looked.is_none_or(|at| at.elapsed() >= LOOK) {
            self.looked = Some(Instant::now());
            self.look();
        }
        if self.state.story.is_none() && views::tells_a_story(&self.state) {
            self.read_story()?;
            self.stale = true;
        }
        if let Some(task) = dialog::wants_summary(&self.state, &scene!(self)) {
            self.read_summary(task)?;
            self.stale = true;
        }
        if !fresh.is_empty() {
            settle(&mut self.state, &scene!(self));
        }
        self.read_log();
        // Clocks show seconds, and move while something does.
        let second = self.feed.now().0 / 1_000;
        let moves = !self.feed.run().is_over();
        self.stale |= moves && second != self.second;
        self.second = second;
        Ok(())
    }

    fn look(&mut self) {
        let engine = if desk::owner(&self.folder, &self.id).is_some() { Presence::Here } else { Presence::Gone };
        let activities = desk::activities(&self.folder, &self.id, self.feed.run());
        self.stale |= engine != self.engine || activities != self.activities;
        (self.engine, self.activities) = (engine, activities);
    }

    /// The lines of the chosen task's log that are in sight. What cannot be read is said once, at the bottom.
    fn read_log(&mut self) {
        let run = self.feed.run();
        let task = self.state.task();
        let job = self.state.log.wanted.or_else(|| task.and_then(|task| most_telling(run, task)));
        let Some(job) = job else {
            self.log = None;
            return;
        };
        let log = match &mut self.log {
            Some(log) if log.job() == job => log,
            other => other.insert(LogFile::new(job)),
        };
        let height = self.state.seen.height.max(1);
        let before = self.state.log.clone();
        let read = log.grow(self.folder.run(&self.id).path()).and_then(|grown| {
            if before.job == Some(job) && grown == Grown::No && self.read == (before.top, height) {
                return Ok(());
            }
            log.show(self.folder.run(&self.id).path(), &mut self.state.log, height)
        });
        self.read = (self.state.log.top, height);
        if let Err(error) = read {
            self.state.say(Tone::Refused, format!("cannot read the log of job {job}: {error}"));
        }
        self.stale |= self.state.log != before;
    }

    /// What a check-in tells, from the log.
    fn read_summary(&mut self, task: TaskId) -> Result<(), Failure> {
        let (run, now) = (self.feed.run(), self.feed.now());
        let mut history = History::new(Arc::clone(run.plan()));
        desk::tell(&self.folder, &self.id, 0, run.last_seq(), |recorded| {
            history.apply(recorded);
            Ok::<(), Failure>(())
        })?;
        let summary = check_in::summary(run, &history, task, now);
        if let Some(dialog) = &mut self.state.dialog {
            dialog.summary = summary;
        }
        Ok(())
    }

    fn read_story(&mut self) -> Result<(), Failure> {
        let run = self.feed.run();
        let mut story = Story::new(run.plan().clone());
        let mut then = Run::new(run.plan().clone());
        desk::tell(&self.folder, &self.id, 0, run.last_seq(), |recorded| {
            then.apply(recorded).map_err(|error| Failure::internal(error.to_string()))?;
            story.take(&then, recorded);
            Ok::<(), Failure>(())
        })?;
        self.state.story = Some(story);
        Ok(())
    }
}
