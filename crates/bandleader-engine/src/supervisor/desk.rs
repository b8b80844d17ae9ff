//! The supervisor's main thread: hears engines and workers, and puts everything in order.
//!
//! One loop; each turn takes what came, writes the journal once, and only then acts and tells. It never waits for anybody but in
//! `poll`. Invariant: at most one engine is attached, that with the highest epoch.

mod requests;

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bandleader_core::redact::Redactor;
use bandleader_core::{JobId, RunId};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::Rlimit;

use super::crew::{Crew, News};
use super::door::{Door, Visitor};
use super::jobs::Jobs;
use super::journal::{Entry, History, Journal};
use super::strays::Strays;
use super::wire::Wire;
use crate::link::{Assignment, Ended, FromSupervisor, LiveJob};
use crate::output::JobsFolder;
use crate::process::{self, JobEnvironment, Sight};

/// Between two looks at processes that jobs left, and two tries to write to a full disk.
const HOUSEKEEPING: Duration = Duration::from_millis(500);

/// How long a new supervisor waits for its first engine.
const FIRST: Duration = Duration::from_secs(10);

/// Everything that the supervisor knows.
pub(super) struct Desk {
    run_folder: PathBuf,
    run: RunId,
    door: Door,
    folder: JobsFolder,
    journal: Journal,
    jobs: Jobs,
    crew: Crew,
    strays: Strays,
    epoch: u32,
    engine: Option<Wire>,
    redactor: Redactor,
    env: Arc<JobEnvironment>,
    starting: Vec<Assignment>,
    wait_for_first_until: Option<Instant>,
    looked: Instant,
}

impl Desk {
    /// Takes up the work where an earlier supervisor of the run left it; `files` is the limit of open files that jobs get.
    pub(super) fn new(
        run_folder: &Path,
        run: RunId,
        listener: UnixListener,
        history: History,
        files: Option<Rlimit>,
    ) -> io::Result<Desk> {
        Ok(Desk {
            run_folder: run_folder.to_owned(),
            run,
            door: Door::new(listener)?,
            folder: JobsFolder::open(&run_folder.join(crate::output::JOBS_FOLDER))?,
            journal: Journal::new(run_folder),
            epoch: history.epoch,
            jobs: Jobs::from_history(history),
            crew: Crew::new(files)?,
            strays: Strays::new(),
            engine: None,
            redactor: Redactor::default(),
            env: Arc::default(),
            starting: Vec::new(),
            wait_for_first_until: Some(Instant::now() + FIRST),
            looked: Instant::now(),
        })
    }

    /// The loop. Returns when nothing lives, nobody listens and everything is on disk.
    pub(super) fn serve(mut self) {
        let (pid, session) = (rustix::process::getpid().as_raw_pid(), rustix::process::getsid(None));
        let session = session.map_or(0, rustix::process::Pid::as_raw_pid);
        self.journal.add(&Entry::Began { pid, session, boot: process::proc::boot() });
        loop {
            let ready = self.wait();
            let mut ready = ready.into_iter();
            self.take_news();
            self.hear_engine(ready.next().unwrap_or(false));
            for visitor in self.door.open(&mut ready) {
                self.let_in(visitor);
            }
            self.keep_house();
            self.write_journal();
            self.start_jobs();
            self.tell_engine();
            if self.is_done() {
                break;
            }
        }
        self.journal.hurry();
        self.write_journal();
    }

    /// Sleeps until something is to be done; says of the engine, then of all at the door, whether they have something to say.
    fn wait(&self) -> Vec<bool> {
        let now = Instant::now();
        let mut fds = vec![PollFd::new(self.crew.bell(), PollFlags::IN)];
        if let Some(wire) = &self.engine {
            let output = if wire.has_output() { PollFlags::OUT } else { PollFlags::empty() };
            fds.push(PollFd::from_borrowed_fd(wire.fd(), PollFlags::IN | output));
        }
        self.door.watch(&mut fds, now);
        let pause = self.due(now).map(|due| due.saturating_duration_since(now));
        let pause = pause.and_then(|pause| Timespec::try_from(pause).ok());
        if rustix::event::poll(&mut fds, pause.as_ref()).is_err() {
            return Vec::new();
        }
        let mut ready: Vec<bool> = fds.iter().skip(1).map(|fd| !fd.revents().is_empty()).collect();
        if self.engine.is_none() {
            ready.insert(0, false);
        }
        ready
    }

    fn due(&self, now: Instant) -> Option<Instant> {
        let keeps_house = self.jobs.has_live() || self.journal.is_behind() || self.strays.may_exist();
        let house = keeps_house.then(|| (self.looked + HOUSEKEEPING).max(now));
        [house, self.door.due(), self.wait_for_first_until].into_iter().flatten().min()
    }

    fn take_news(&mut self) {
        let mut over = Vec::new();
        for news in self.crew.news() {
            match news {
                News::Sight(Sight::Spawned { live, start }) => {
                    let pid = i32::try_from(live.pid).unwrap_or(0);
                    self.journal.add(&Entry::Spawned { job: live.job, pid, start });
                    self.jobs.spawned(&live);
                    self.tell(&FromSupervisor::Spawned(live));
                }
                News::Sight(Sight::Silent { job, silent }) => self.tell(&FromSupervisor::Silent { job, silent }),
                News::Ended { worker, ended } => {
                    self.crew.is_free(worker);
                    over.push(ended);
                }
            }
        }
        self.end_jobs(over);
    }

    fn end_jobs(&mut self, mut over: Vec<Ended>) {
        if over.is_empty() {
            return;
        }
        if self.strays.may_exist() {
            self.look_for_strays();
            let ended: Vec<JobId> = over.iter().map(|ended| ended.job).collect();
            let killed = self.strays.end(&ended);
            if let Some(ended) = over.first_mut() {
                ended.usage.swept += killed;
            }
        }
        for ended in over {
            self.journal.add(&Entry::Ended(ended.clone()));
            self.tell(&FromSupervisor::Ended(ended.clone()));
            self.jobs.end(ended);
        }
    }

    fn look_for_strays(&mut self) {
        let leader = |live: &LiveJob| (live.job, i32::try_from(live.pid).unwrap_or(0));
        let alive: BTreeMap<JobId, i32> = self.jobs.live().map(leader).collect();
        self.strays.look(&self.run, &alive, &mut self.journal);
    }

    fn keep_house(&mut self) {
        let now = Instant::now();
        if self.wait_for_first_until.is_some_and(|until| until <= now) {
            self.wait_for_first_until = None;
        }
        if self.looked + HOUSEKEEPING <= now {
            self.looked = now;
            if self.strays.may_exist() {
                self.look_for_strays();
                self.strays.end(&[]);
            }
        }
    }

    fn let_in(&mut self, visitor: Visitor) {
        if let Some(wire) = visitor.wire {
            self.greet(&visitor.hello, wire);
            for message in visitor.more {
                self.take(message);
            }
        }
    }

    fn hear_engine(&mut self, ready: bool) {
        let Some(wire) = self.engine.as_mut().filter(|_| ready) else { return };
        let mut messages = Vec::new();
        let heard = wire.hear(&mut messages);
        for message in messages {
            self.take(message);
        }
        if heard.is_err() {
            self.engine = None;
        }
    }

    fn write_journal(&mut self) {
        // A full disk: the lines stay and are tried again, and the engine is told all the same.
        let _ = self.journal.flush();
    }

    fn tell(&mut self, message: &FromSupervisor) {
        if let Some(wire) = &mut self.engine {
            wire.say(message);
        }
    }

    fn tell_engine(&mut self) {
        if self.engine.as_mut().is_some_and(|wire| wire.flush().is_err()) {
            self.engine = None;
        }
    }

    fn is_done(&self) -> bool {
        let expects = self.wait_for_first_until.is_some();
        let is_busy = self.jobs.has_live() || !self.starting.is_empty() || self.journal.is_behind();
        !expects && !is_busy && self.engine.is_none() && self.door.is_empty()
    }
}
