//! Keeps a run's files up to date while it goes on: plan file, timeline, and at its end the report.
//!
//! It reads the story so far from the log, page by page, and then the engine feeds it every committed batch, and nothing else: what
//! stands in a file is in the log. It works in a thread of its own on its own fold, so that neither a long story nor a disk that is
//! slow or full holds up a run. The files can be made again from the log (`rebuild`), equal byte for byte once the run is over.
//! Having a fold of its own, it also makes the run's snapshots.

mod files;

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bandleader_core::report::RunReport;
use bandleader_core::view::{Timeline, plan_file};
use bandleader_core::{CorruptLog, Recorded, Run};

use crate::clock::Clock;
use crate::folder::RunFolder;
use crate::snapshot::Snapshots;
use crate::store::{Mark, StoreError};
pub use files::rebuild;
use files::{Appender, replace};

/// The plan file is written at most this often; it is on disk well within the second that people are promised.
const PAUSE: Duration = Duration::from_millis(500);

/// Between two writes of timeline lines: batches of tiny tasks come every millisecond, and to wake for each costs more than to write.
const MOMENT: Duration = Duration::from_millis(20);

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
    /// The log is damaged.
    #[error(transparent)]
    Log(#[from] StoreError),
    /// The thread is gone: a fault of ours.
    #[error("the plan file and the timeline are not kept up any more; please report this, and use `band export`")]
    Gone,
}

/// Takes a page of the story.
pub type Tell<'a> = dyn FnMut(&[Recorded]) -> Result<(), ProjectorError> + 'a;

/// Tells the story of a run, each event once and in order.
pub type Story = Box<dyn FnOnce(&mut Tell<'_>) -> Result<(), ProjectorError> + Send>;

/// What a projector begins with.
pub struct Start {
    /// The run as it is.
    pub run: Run,
    /// Where its log stands; none if it is not known yet.
    pub mark: Option<Mark>,
    /// The story up to there.
    pub story: Story,
    /// Those that are to be made.
    pub snapshots: Snapshots,
    /// Told if the log turns out to be damaged; `finish` says how.
    pub on_damage: Box<dyn FnOnce() + Send>,
}

/// What the engine feeds: a batch, and where the log stands after it.
type Fed = (Arc<[Recorded]>, Mark);

/// Keeps the files of one run until it is finished or dropped.
#[derive(Debug)]
pub struct Projector {
    batches: Option<Sender<Fed>>,
    /// Nothing is ever sent; dropped together with `batches`, it ends a pause, too.
    stays: Option<Sender<Infallible>>,
    thread: Option<JoinHandle<Result<(), ProjectorError>>>,
}

impl Projector {
    /// Brings the files up to the end of the story and then follows. Call it with the run's lock held, once the witness was heard.
    pub fn start(folder: &RunFolder, start: Start, clock: Clock) -> Result<Projector, ProjectorError> {
        let (batches, arriving) = mpsc::channel();
        let (stays, stayed) = mpsc::channel();
        let folder = folder.clone();
        let file = folder.timeline();
        let Start { run, mark, story, snapshots, on_damage } = start;
        let work = move || {
            let mut pages = Pages::new(folder, run, mark, snapshots, clock);
            let read = pages.read(story);
            if matches!(read, Err(ProjectorError::Log(_))) {
                on_damage();
            }
            read.and_then(|()| pages.follow(&arriving, &stayed))
        };
        let thread = thread::Builder::new().name("projector".to_owned()).spawn(work);
        let thread = thread.map_err(|source| ProjectorError::Io { file, source })?;
        Ok(Projector { batches: Some(batches), stays: Some(stays), thread: Some(thread) })
    }

    /// Takes a batch that was committed, and where the log stands now. Never waits for the disk.
    pub fn feed(&self, batch: &Arc<[Recorded]>, mark: Mark) {
        if let Some(batches) = &self.batches {
            // If the thread is gone, `finish` says so.
            let _ = batches.send((Arc::clone(batch), mark));
        }
    }

    /// Nothing more comes: it writes what is still to be written, and nobody waits for it yet.
    pub fn no_more(&mut self) {
        drop((self.batches.take(), self.stays.take()));
    }

    /// Writes everything that is still to be written, and the report if the run is over.
    pub fn finish(mut self) -> Result<(), ProjectorError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), ProjectorError> {
        self.no_more();
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
    mark: Option<Mark>,
    timeline: Timeline,
    lines: Appender,
    snapshots: Snapshots,
    clock: Clock,
    /// Something happened since the plan file was written.
    stale: bool,
    written: Option<Instant>,
    /// How long the last writing took: a very large plan is written less often.
    took: Duration,
}

impl Pages {
    fn new(folder: RunFolder, run: Run, mark: Option<Mark>, snapshots: Snapshots, clock: Clock) -> Pages {
        let timeline = Timeline::new(Arc::clone(run.plan()));
        let lines = Appender::open(folder.timeline());
        let (stale, written, took) = (true, None, Duration::ZERO);
        Pages { folder, run, mark, timeline, lines, snapshots, clock, stale, written, took }
    }

    /// What happened before: the run has it already, the timeline has not.
    fn read(&mut self, story: Story) -> Result<(), ProjectorError> {
        story(&mut |page| {
            for recorded in page {
                files::push_lines(&mut self.lines.pending, &self.timeline.lines(recorded));
            }
            let _ = self.lines.write();
            Ok(())
        })?;
        let _ = self.lines.end_of_known();
        self.keep_snapshot();
        Ok(())
    }

    fn follow(mut self, arriving: &Receiver<Fed>, stayed: &Receiver<Infallible>) -> Result<(), ProjectorError> {
        loop {
            let arrived = arriving.recv_timeout(self.patience());
            let any = arrived.is_ok();
            match arrived {
                Ok(fed) => {
                    self.take(fed)?;
                    for fed in arriving.try_iter() {
                        self.take(fed)?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.finish(),
            }
            // A full disk may have room again the next time, and `finish` reports if it has not.
            let _ = self.lines.write();
            self.keep_snapshot();
            if self.patience().is_zero() {
                let _ = self.write_plan(self.clock.now());
            }
            if any {
                // Not a parked thread that `end` wakes: a wait for batches, being parked itself, may take that waking for its own.
                let _ = stayed.recv_timeout(MOMENT);
            }
        }
    }

    fn keep_snapshot(&mut self) {
        if let Some(mark) = &self.mark {
            self.snapshots.now_and_then(&self.run, mark);
        }
    }

    fn take(&mut self, (batch, mark): Fed) -> Result<(), ProjectorError> {
        for recorded in batch.iter() {
            self.run.apply(recorded)?;
            files::push_lines(&mut self.lines.pending, &self.timeline.lines(recorded));
        }
        self.mark = Some(mark);
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
        if let Some(mark) = &self.mark {
            self.snapshots.at_leave(&self.run, mark);
        }
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
