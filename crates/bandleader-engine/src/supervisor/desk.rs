//! The supervisor's main thread: hears engines and workers, and puts everything in order.
//!
//! One loop; each turn takes what came, writes the journal once, and only then acts and tells. It never waits for anybody but in
//! `poll`. Invariant: at most one engine is attached, that with the highest epoch.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bandleader_core::redact::Redactor;
use bandleader_core::{Exit, JobId, RunId, StopHow, Usage};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::Rlimit;

use super::crew::{Crew, News};
use super::jobs::{Jobs, State};
use super::journal::{self, Entry, History, Journal};
use super::strays::Strays;
use super::wire::Wire;
use crate::link::{Assignment, Ended, FromSupervisor, Hello, LiveJob, PROTOCOL, ToSupervisor};
use crate::output::JobsFolder;
use crate::process::{self, Job, Sight};

/// Between two looks at processes that jobs left, and two tries to write to a full disk.
const HOUSEKEEPING: Duration = Duration::from_millis(500);

/// How long a connection may take to greet, and a new supervisor waits for its first.
const GREETING: Duration = Duration::from_secs(10);

/// After a connection could not be taken (no file descriptors), until the next try.
const DEAF: Duration = Duration::from_millis(100);

/// Everything that the supervisor knows.
pub(super) struct Desk {
    run_folder: PathBuf,
    run: RunId,
    listener: UnixListener,
    folder: JobsFolder,
    journal: Journal,
    jobs: Jobs,
    crew: Crew,
    strays: Strays,
    epoch: u32,
    engine: Option<Wire>,
    guests: Vec<(Wire, Instant)>,
    redactor: Redactor,
    env: Arc<Vec<(String, String)>>,
    starting: Vec<Assignment>,
    wait_for_first_until: Option<Instant>,
    deaf_until: Option<Instant>,
    looked: Instant,
}

/// What `poll` found.
#[derive(Default)]
struct Ready {
    listener: bool,
    engine: bool,
    guests: Vec<bool>,
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
        listener.set_nonblocking(true)?;
        Ok(Desk {
            run_folder: run_folder.to_owned(),
            run,
            listener,
            folder: JobsFolder::open(&run_folder.join(crate::output::JOBS_FOLDER))?,
            journal: Journal::new(run_folder),
            epoch: history.epoch,
            jobs: Jobs::from_history(history),
            crew: Crew::new(files)?,
            strays: Strays::new(),
            engine: None,
            guests: Vec::new(),
            redactor: Redactor::default(),
            env: Arc::default(),
            starting: Vec::new(),
            wait_for_first_until: Some(Instant::now() + GREETING),
            deaf_until: None,
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
            self.take_news();
            self.hear_engine(&ready);
            self.hear_guests(&ready);
            if ready.listener {
                self.accept();
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

    fn wait(&self) -> Ready {
        let now = Instant::now();
        let listens = self.deaf_until.is_none_or(|until| until <= now);
        let mut fds = vec![PollFd::new(self.crew.bell(), PollFlags::IN)];
        fds.push(PollFd::new(&self.listener, if listens { PollFlags::IN } else { PollFlags::empty() }));
        for (wire, _) in &self.guests {
            fds.push(PollFd::from_borrowed_fd(wire.fd(), PollFlags::IN));
        }
        if let Some(wire) = &self.engine {
            let output = if wire.has_output() { PollFlags::OUT } else { PollFlags::empty() };
            fds.push(PollFd::from_borrowed_fd(wire.fd(), PollFlags::IN | output));
        }
        let pause = self.due(now).map(|due| due.saturating_duration_since(now));
        let pause = pause.and_then(|pause| Timespec::try_from(pause).ok());
        if rustix::event::poll(&mut fds, pause.as_ref()).is_err() {
            return Ready::default();
        }
        let mut found = fds.iter().skip(1).map(|fd| !fd.revents().is_empty());
        let listener = found.next().unwrap_or(false);
        let guests = found.by_ref().take(self.guests.len()).collect();
        Ready { listener, guests, engine: found.next().unwrap_or(false) }
    }

    fn due(&self, now: Instant) -> Option<Instant> {
        let keeps_house = self.jobs.has_live() || self.journal.is_behind() || self.strays.may_exist();
        let house = keeps_house.then(|| (self.looked + HOUSEKEEPING).max(now));
        let guests = self.guests.iter().map(|(_, since)| *since + GREETING).min();
        [house, guests, self.wait_for_first_until, self.deaf_until].into_iter().flatten().min()
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
        if self.deaf_until.is_some_and(|until| until <= now) {
            self.deaf_until = None;
        }
        if self.wait_for_first_until.is_some_and(|until| until <= now) {
            self.wait_for_first_until = None;
        }
        self.guests.retain(|(_, since)| *since + GREETING > now);
        if self.looked + HOUSEKEEPING <= now {
            self.looked = now;
            if self.strays.may_exist() {
                self.look_for_strays();
                self.strays.end(&[]);
            }
        }
    }

    fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) if is_ours(&stream) => {
                    self.guests.extend(Wire::new(stream).ok().map(|wire| (wire, Instant::now())));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    self.deaf_until = Some(Instant::now() + DEAF);
                    return;
                }
            }
        }
    }

    fn hear_guests(&mut self, ready: &Ready) {
        for (place, (mut wire, since)) in std::mem::take(&mut self.guests).into_iter().enumerate() {
            if !ready.guests.get(place).copied().unwrap_or(false) {
                self.guests.push((wire, since));
                continue;
            }
            let mut messages = Vec::new();
            let heard = wire.hear(&mut messages);
            let mut messages = messages.into_iter();
            match (messages.next(), heard) {
                (Some(ToSupervisor::Hello(hello)), heard) => {
                    self.greet(hello, wire);
                    messages.for_each(|message| self.take(message));
                    if heard.is_err() {
                        self.engine = None;
                    }
                }
                (None, Ok(())) => self.guests.push((wire, since)),
                _ => {}
            }
        }
    }

    fn greet(&mut self, hello: Hello, mut wire: Wire) {
        self.wait_for_first_until = None;
        let redactor = Redactor::new(hello.secrets.iter().map(String::as_str));
        let (redactor, refused) = match redactor {
            Ok(redactor) => (redactor, self.refusal(&hello)),
            Err(error) => (Redactor::default(), Some(error.to_string())),
        };
        if let Some(message) = refused {
            wire.say(&FromSupervisor::Refused { message });
            let _ = wire.flush();
            return;
        }
        self.redactor = redactor;
        self.env = Arc::new(hello.env);
        if hello.epoch > self.epoch {
            self.epoch = hello.epoch;
            self.journal.add(&Entry::Engine { epoch: hello.epoch });
        }
        let (live, ended) = (self.jobs.live().cloned().collect(), self.jobs.ended().cloned().collect());
        wire.say(&FromSupervisor::Welcome { pid: std::process::id(), live, ended });
        self.engine = Some(wire);
    }

    fn refusal(&self, hello: &Hello) -> Option<String> {
        if hello.protocol != PROTOCOL {
            return Some(format!(
                "the supervisor of run `{}` was started by another version of band; let it end, or continue with that version",
                self.run
            ));
        }
        if hello.run != self.run {
            return Some(format!("this is the supervisor of run `{}`, not of `{}`", self.run, hello.run));
        }
        let message =
            || format!("engine {} of run `{}` has taken over from engine {}", self.epoch, self.run, hello.epoch);
        (hello.epoch < self.epoch).then(message)
    }

    fn hear_engine(&mut self, ready: &Ready) {
        let Some(wire) = self.engine.as_mut().filter(|_| ready.engine) else { return };
        let mut messages = Vec::new();
        let heard = wire.hear(&mut messages);
        messages.into_iter().for_each(|message| self.take(message));
        if heard.is_err() {
            self.engine = None;
        }
    }

    fn take(&mut self, message: ToSupervisor) {
        match message {
            // Greeted already: a connection speaks for one engine.
            ToSupervisor::Hello(_) => {}
            ToSupervisor::Start(assignment) => {
                let is_starting = self.starting.iter().any(|starting| starting.job == assignment.job);
                if !is_starting && !self.tell_state(assignment.job) {
                    self.journal.add(&Entry::Accepted { job: assignment.job });
                    self.starting.push(assignment);
                }
            }
            ToSupervisor::Stop { job, how } => self.stop(job, how),
            ToSupervisor::Acknowledge { job } => {
                if self.jobs.acknowledge(job) {
                    self.journal.add_lazily(&Entry::Acknowledged { job });
                }
            }
        }
    }

    fn stop(&mut self, job: JobId, how: StopHow) {
        if self.starting.iter().any(|starting| starting.job == job) {
            // It came in the same batch as its start. Started it must be, so that there is an end to report.
            self.start_jobs();
        }
        if let Some(State::Live { worker, .. }) = self.jobs.find(job) {
            self.crew.stop(*worker, job, how);
        } else if !self.tell_state(job) {
            self.tell(&FromSupervisor::Unknown { job });
        }
    }

    /// Reports what is known of a job; false when it is not known.
    fn tell_state(&mut self, job: JobId) -> bool {
        let message = match self.jobs.find(job) {
            None => return false,
            Some(State::Live { live, .. }) => Some(FromSupervisor::Spawned(live.clone())),
            Some(State::Ended(ended)) => Some(FromSupervisor::Ended(ended.clone())),
            Some(State::Acknowledged) => {
                let past = journal::read(&self.run_folder).ok().and_then(|mut history| history.jobs.remove(&job));
                past.and_then(|past| past.ended).map(FromSupervisor::Ended)
            }
        };
        if let Some(message) = message {
            self.tell(&message);
        }
        true
    }

    fn start_jobs(&mut self) {
        for assignment in std::mem::take(&mut self.starting) {
            let live = LiveJob { job: assignment.job, pid: 0, started: process::wall_clock() };
            let job = Job {
                assignment,
                run: self.run.clone(),
                env: self.env.clone(),
                redactor: self.redactor.clone(),
                folder: self.folder.clone(),
            };
            match self.crew.run(job) {
                Ok(worker) => self.jobs.begin(worker, live),
                Err(error) => self.end_jobs(vec![not_started(&live, &error)]),
            }
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
        !expects && !is_busy && self.engine.is_none() && self.guests.is_empty()
    }
}

fn not_started(live: &LiveJob, error: &io::Error) -> Ended {
    let message = format!("the supervisor has no thread for it: {error}");
    let usage = Usage { started: live.started, ended: live.started, ..Usage::default() };
    Ended { job: live.job, exit: Exit::NotStarted { message }, usage, left_out: 0, output_error: None }
}

/// The folder of the socket is closed to others; this is the second lock on the door.
fn is_ours(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == rustix::process::geteuid())
}
