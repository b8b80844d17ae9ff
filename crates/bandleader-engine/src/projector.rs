//! Keeps a run's files up to date while it goes on: plan file, timeline, and at its end the report.
//!
//! The engine feeds it every committed batch, and nothing else: what stands in a file is in the log. It works in a thread of its
//! own on its own fold, so that no disk that is slow or full holds up a run. The files can be made again from the log
//! (`rebuild`), equal byte for byte once the run is over.

mod files;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bandleader_core::report::RunReport;
use bandleader_core::view::{Timeline, plan_file};
use bandleader_core::{CorruptLog, Plan, Recorded, Run};

use crate::clock::Clock;
use crate::folder::RunFolder;
pub use files::rebuild;
use files::{Appender, replace};

/// The plan file is written at most this often; it is on disk well within the second that people are promised.
const PAUSE: Duration = Duration::from_millis(500);

/// Nothing happens, but elapsed times go on.
const IDLE: Duration = Duration::from_secs(10);

/// A file of the run could not be kept up to date. The run itself is not hurt.
#[derive(Debug, thiserror::Error)]
pub enum ProjectorError {
    /// The disk said no.
    #[error("cannot write `{}`; the run itself is safe: make room, then `band export` writes it again", .file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The log tells an impossible story.
    #[error(transparent)]
    Corrupt(#[from] CorruptLog),
    /// The thread is gone: a fault of ours.
    #[error("the plan file and the timeline are not kept up any more; please report this, and use `band export`")]
    Gone,
}

/// Keeps the files of one run until it is finished or dropped.
#[derive(Debug)]
pub struct Projector {
    batches: Option<Sender<Arc<[Recorded]>>>,
    thread: Option<JoinHandle<Result<(), ProjectorError>>>,
}

impl Projector {
    /// Brings the files up to `log` and then follows. Call it with the run's lock held, once the witness was heard.
    pub fn start(
        folder: &RunFolder,
        plan: Arc<Plan>,
        log: Vec<Recorded>,
        clock: Clock,
    ) -> Result<Projector, ProjectorError> {
        let (batches, arriving) = mpsc::channel();
        let folder = folder.clone();
        let file = folder.timeline();
        let work = move || Pages::open(folder, plan, &log, clock).and_then(|pages| pages.follow(&arriving));
        let thread = thread::Builder::new().name("projector".to_owned()).spawn(work);
        let thread = thread.map_err(|source| ProjectorError::Io { file, source })?;
        Ok(Projector { batches: Some(batches), thread: Some(thread) })
    }

    /// Takes a batch that was committed. Never waits for the disk.
    pub fn feed(&self, batch: &Arc<[Recorded]>) {
        if let Some(batches) = &self.batches {
            // If the thread is gone, `finish` says so.
            let _ = batches.send(Arc::clone(batch));
        }
    }

    /// Writes everything that is still to be written, and the report if the run is over.
    pub fn finish(mut self) -> Result<(), ProjectorError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), ProjectorError> {
        drop(self.batches.take());
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(ProjectorError::Gone),
        }
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// The files, and the state that they are made of.
struct Pages {
    folder: RunFolder,
    run: Run,
    timeline: Timeline,
    lines: Appender,
    clock: Clock,
    /// Something happened since the plan file was written.
    stale: bool,
    written: Option<Instant>,
    /// How long the last writing took: a very large plan is written less often.
    took: Duration,
}

impl Pages {
    fn open(folder: RunFolder, plan: Arc<Plan>, log: &[Recorded], clock: Clock) -> Result<Pages, ProjectorError> {
        let mut run = Run::new(Arc::clone(&plan));
        let mut timeline = Timeline::new(plan);
        let mut text = String::new();
        for recorded in log {
            run.apply(recorded)?;
            files::push_lines(&mut text, &timeline.lines(recorded));
        }
        let lines = Appender::open(folder.timeline(), text);
        Ok(Pages { folder, run, timeline, lines, clock, stale: true, written: None, took: Duration::ZERO })
    }

    fn follow(mut self, arriving: &Receiver<Arc<[Recorded]>>) -> Result<(), ProjectorError> {
        loop {
            match arriving.recv_timeout(self.patience()) {
                Ok(batch) => {
                    self.take(&batch)?;
                    for batch in arriving.try_iter() {
                        self.take(&batch)?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.finish(),
            }
            // A full disk may have room again the next time, and `finish` reports if it has not.
            let _ = self.lines.write();
            if self.patience().is_zero() {
                let _ = self.write_plan(self.clock.now());
            }
        }
    }

    fn take(&mut self, batch: &[Recorded]) -> Result<(), ProjectorError> {
        for recorded in batch {
            self.run.apply(recorded)?;
            files::push_lines(&mut self.lines.pending, &self.timeline.lines(recorded));
        }
        self.stale = true;
        Ok(())
    }

    /// Until the plan file is to be written again.
    fn patience(&self) -> Duration {
        let Some(written) = self.written else { return Duration::ZERO };
        let pause = if self.stale { PAUSE.max(self.took * 10) } else { IDLE };
        pause.saturating_sub(written.elapsed())
    }

    fn write_plan(&mut self, now: bandleader_core::Timestamp) -> Result<(), ProjectorError> {
        let begun = Instant::now();
        let page = plan_file(&self.run, self.timeline.history(), now);
        self.stale = false;
        let result = replace(&self.folder.plan_file(), &page);
        (self.written, self.took) = (Some(Instant::now()), begun.elapsed());
        result
    }

    fn finish(mut self) -> Result<(), ProjectorError> {
        let lines = self.lines.write();
        self.write_plan(self.run.last_at())?;
        if self.run.is_over() {
            let report = RunReport::of(&self.run, self.timeline.history());
            for (extension, page) in [("md", report.to_markdown()), ("json", files::report_json(&report))] {
                replace(&self.folder.report(&report.date(), extension), &page)?;
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests;
