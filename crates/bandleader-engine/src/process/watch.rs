//! The life of one job, on a thread of its own: start it, move its bytes, end it when asked, see it end, sweep up, account for it.
//!
//! Called by the supervisor's workers. Invariants: output is taken as it comes, so a job waits for the disk and never the other
//! way round; the leader is reaped last, so that its number and its process group cannot be given away before.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use bandleader_core::redact::Redactor;
use bandleader_core::{Exit, JobId, Millis, RunId, StopHow, Timestamp, Usage};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Rlimit, Signal};
use wait4::Wait4;

use super::ladder::{Ladder, Leader, Push};
use super::lineage::{Lineage, Marks};
use super::proc::{self, Seen};
use super::silence::Silence;
use super::stdin::Feed;
use super::{JOB_VARIABLE, RUN_VARIABLE, spawn};
use crate::link::{Assignment, Ended, LiveJob};
use crate::output::{JobsFolder, Stream, Writer};

/// A job that ends sooner is not reported as started: its end says all. Saves half of the messages of tiny jobs.
const TELL_AFTER: Duration = Duration::from_millis(2);

/// Output that is still taken after the last known process is gone. More than any pipe holds: only a stranger that was given
/// the pipe could write it.
const DRAIN_LIMIT: usize = 16 << 20;

/// What a worker is told.
pub(crate) enum Order {
    /// Run this. Comes only when nothing runs.
    Run(Box<Job>),
    /// End that job, if it still runs here.
    Stop { job: JobId, how: StopHow },
}

/// A job and what it needs from its surroundings.
pub(crate) struct Job {
    pub(crate) assignment: Assignment,
    pub(crate) run: RunId,
    pub(crate) env: Arc<Vec<(String, String)>>,
    pub(crate) redactor: Redactor,
    pub(crate) folder: JobsFolder,
}

/// What is seen of a job before it ends.
pub(crate) enum Sight {
    /// It is there; `start` is its start in ticks since boot.
    Spawned { live: LiveJob, start: u64 },
    /// It neither prints nor works.
    Silent { job: JobId, silent: Millis },
}

/// What a worker has for all its jobs.
pub(crate) struct Station {
    /// Where orders come from.
    pub(crate) orders: Receiver<Order>,
    /// Readable when there is an order while a job runs.
    pub(crate) wake: Arc<OwnedFd>,
    /// Finds what jobs leave behind.
    pub(crate) lineage: Lineage,
    /// The limit of open files that jobs get.
    pub(crate) files: Option<Rlimit>,
    /// For reading.
    pub(crate) buffer: Vec<u8>,
}

/// Runs a job to its end.
pub(crate) fn run(mut job: Job, station: &mut Station, tell: &dyn Fn(Sight)) -> Ended {
    let (began, started) = (Instant::now(), super::wall_clock());
    let id = job.assignment.job;
    let marks = [(RUN_VARIABLE, job.run.as_str().to_owned()), (JOB_VARIABLE, id.to_string())];
    job.assignment.env.extend(marks.map(|(name, value)| (name.to_owned(), value)));
    match Watch::start(job, station.files.clone(), began, started) {
        Ok(watch) => watch.to_the_end(station, tell),
        Err(message) => {
            let usage = Usage { started, ended: started, ..Usage::default() };
            Ended { job: id, exit: Exit::NotStarted { message }, usage, left_out: 0, output_error: None }
        }
    }
}

struct Watch {
    job: JobId,
    marks: Marks,
    child: Child,
    leader: Leader,
    handle: OwnedFd,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    feed: Option<Feed>,
    writer: Writer,
    ladder: Ladder,
    grace: Duration,
    silence: Option<Silence>,
    untold: Option<Instant>,
    left: BTreeSet<(i32, u64)>,
    began: Instant,
    started: Timestamp,
}

/// What a wait ended with.
struct Ready {
    order: bool,
    leader: bool,
    stdout: bool,
    stderr: bool,
    stdin: bool,
}

impl Watch {
    fn start(job: Job, files: Option<Rlimit>, began: Instant, started: Timestamp) -> Result<Watch, String> {
        let mut assignment = job.assignment;
        let mut child = spawn::spawn(&assignment, &job.env, files)?;
        let leader = i32::try_from(child.id()).unwrap_or(i32::MAX);
        let prepared = prepare(&mut child, leader, assignment.stdin.take());
        let (handle, feed) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it was started, but cannot be watched: {error}"));
            }
        };
        let id = assignment.job;
        Ok(Watch {
            job: id,
            marks: Marks { leader, run: job.run.as_str().to_owned(), job: id.to_string() },
            stdout: child.stdout.take().map(OwnedFd::from),
            stderr: child.stderr.take().map(OwnedFd::from),
            child,
            leader: Leader::Alive,
            handle,
            feed,
            writer: Writer::new(job.folder, id, &job.redactor, assignment.output_limit),
            ladder: Ladder::Living,
            grace: Duration::from_millis(assignment.grace.0),
            silence: assignment.stall.map(|stall| Silence::new(Duration::from_millis(stall.0), began)),
            untold: Some(began + TELL_AFTER),
            left: BTreeSet::new(),
            began,
            started,
        })
    }

    fn to_the_end(mut self, station: &mut Station, tell: &dyn Fn(Sight)) -> Ended {
        loop {
            let ready = self.wait(&station.wake);
            self.take_output(&ready, &mut station.buffer);
            if ready.stdin {
                self.feed = self.feed.take().and_then(Feed::go_on);
            }
            if ready.order {
                self.take_orders(station);
            }
            let now = Instant::now();
            let looks = self.ladder.due(self.leader).is_some_and(|due| due <= now);
            if looks && let Some(push) = self.ladder.turn(now) {
                self.push(push, &station.lineage);
            }
            let just_ended = ready.leader && self.leader == Leader::Alive;
            if just_ended {
                self.leader = Leader::Ended;
            }
            if self.leader == Leader::Ended && (looks || just_ended) && self.is_clean(now, &station.lineage) {
                return self.finish(&mut station.buffer);
            }
            self.tell_sights(now, &station.lineage, tell);
        }
    }

    /// Sleeps until something is to be done.
    fn wait(&self, wake: &OwnedFd) -> Ready {
        let input = PollFlags::IN;
        let mut fds = vec![PollFd::new(wake, input)];
        let leader = add(&mut fds, (self.leader == Leader::Alive).then(|| PollFd::new(&self.handle, input)));
        let stdout = add(&mut fds, self.stdout.as_ref().map(|fd| PollFd::new(fd, input)));
        let stderr = add(&mut fds, self.stderr.as_ref().map(|fd| PollFd::new(fd, input)));
        let stdin = self.feed.as_ref().map(|feed| PollFd::from_borrowed_fd(feed.fd(), PollFlags::OUT));
        let stdin = add(&mut fds, stdin);
        let pause = self.due().map(|due| due.saturating_duration_since(Instant::now()));
        let pause = pause.and_then(|pause| Timespec::try_from(pause).ok());
        if rustix::event::poll(&mut fds, pause.as_ref()).is_err() {
            fds.iter_mut().for_each(PollFd::clear_revents);
        }
        let is_ready = |at: Option<usize>| at.and_then(|at| fds.get(at)).is_some_and(|fd| !fd.revents().is_empty());
        Ready {
            order: is_ready(Some(0)),
            leader: is_ready(leader),
            stdout: is_ready(stdout),
            stderr: is_ready(stderr),
            stdin: is_ready(stdin),
        }
    }

    fn due(&self) -> Option<Instant> {
        let silence = match self.leader {
            Leader::Alive => self.silence.as_ref().map(Silence::due),
            Leader::Ended => None,
        };
        [self.ladder.due(self.leader), silence, self.untold].into_iter().flatten().min()
    }

    fn take_output(&mut self, ready: &Ready, buffer: &mut [u8]) {
        let at = self.millis();
        for (stream, pipe, ready) in
            [(Stream::Stdout, &mut self.stdout, ready.stdout), (Stream::Stderr, &mut self.stderr, ready.stderr)]
        {
            let Some(open) = pipe.as_ref().filter(|_| ready) else { continue };
            match rustix::io::read(open, &mut *buffer) {
                Ok(0) => *pipe = None,
                Ok(count) => self.writer.write(stream, at, buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => *pipe = None,
            }
        }
    }

    fn take_orders(&mut self, station: &mut Station) {
        let _ = rustix::io::read(&station.wake, &mut [0; 8]);
        while let Ok(order) = station.orders.try_recv() {
            let Order::Stop { job, how } = order else { continue };
            if job != self.job {
                continue;
            }
            if let Some(push) = self.ladder.stop(how, self.grace, Instant::now()) {
                self.push(push, &station.lineage);
            }
        }
    }

    /// Signals all that is alive of the job.
    fn push(&mut self, push: Push, lineage: &Lineage) {
        let signals: &[Signal] = match push {
            // A stopped process acts on TERM only when it is continued.
            Push::Ask => &[Signal::TERM, Signal::CONT],
            Push::Kill => &[Signal::KILL],
        };
        let group = Pid::from_raw(self.marks.leader);
        for signal in signals {
            // Reaches also what is being forked at this moment. No such group: all of it has ended.
            let _ = group.map(|group| rustix::process::kill_process_group(group, *signal));
        }
        let alive = lineage.alive(&self.marks);
        for seen in alive.iter().filter(|seen| seen.group != self.marks.leader) {
            for signal in signals {
                proc::signal(*seen, *signal);
            }
        }
        if self.leader == Leader::Ended {
            self.count_left(&alive);
        }
    }

    /// After the leader's end: whether nothing is left. If something is, it goes up the ladder.
    fn is_clean(&mut self, now: Instant, lineage: &Lineage) -> bool {
        if !lineage.has_adopted() {
            return true;
        }
        let alive = lineage.alive(&self.marks);
        if alive.is_empty() {
            return true;
        }
        self.count_left(&alive);
        if let Some(push) = self.ladder.leader_left_others(now) {
            self.push(push, lineage);
        }
        false
    }

    fn count_left(&mut self, alive: &[Seen]) {
        self.left.extend(alive.iter().map(|seen| (seen.pid, seen.start)));
    }

    fn tell_sights(&mut self, now: Instant, lineage: &Lineage, tell: &dyn Fn(Sight)) {
        if self.untold.is_some_and(|due| due <= now) {
            self.untold = None;
            let start = proc::look(self.marks.leader).map_or(0, |seen| seen.start);
            tell(Sight::Spawned {
                live: LiveJob { job: self.job, pid: self.child.id(), started: self.started },
                start,
            });
        }
        if self.leader == Leader::Ended {
            return;
        }
        if let Some(silence) = self.silence.as_mut().filter(|silence| silence.due() <= now) {
            let ticks = || lineage.alive(&self.marks).iter().map(|seen| seen.ticks).sum();
            if let Some(quiet) = silence.sample(now, self.writer.total(), ticks) {
                tell(Sight::Silent { job: self.job, silent: millis(quiet) });
            }
        }
    }

    /// Everything has ended: takes what is in the pipes, reaps the leader, adds up.
    fn finish(mut self, buffer: &mut [u8]) -> Ended {
        let at = self.millis();
        for (stream, pipe) in [(Stream::Stdout, self.stdout.take()), (Stream::Stderr, self.stderr.take())] {
            if let Some(pipe) = pipe {
                drain(&pipe, buffer, |bytes| self.writer.write(stream, at, bytes));
            }
        }
        let used = self.child.wait4();
        let kept = self.writer.finish(at);
        let exit = used.as_ref().map_or(Exit::Unseen, |used| exit_of(used.status));
        let (cpu, peak) =
            used.map_or((Duration::ZERO, 0), |used| (used.rusage.utime + used.rusage.stime, used.rusage.maxrss / 1024));
        let usage = Usage {
            started: self.started,
            // By the steady clock, so that a clock that is set back gives no negative length.
            ended: self.started.plus(Millis(at)),
            cpu: millis(cpu),
            peak_kib: peak,
            output_bytes: kept.total,
            swept: u32::try_from(self.left.len()).unwrap_or(u32::MAX),
        };
        Ended { job: self.job, exit, usage, left_out: kept.left_out, output_error: kept.error }
    }

    fn millis(&self) -> u64 {
        millis(self.began.elapsed()).0
    }
}

fn add<'a>(fds: &mut Vec<PollFd<'a>>, fd: Option<PollFd<'a>>) -> Option<usize> {
    fds.push(fd?);
    Some(fds.len() - 1)
}

fn prepare(child: &mut Child, pid: i32, stdin: Option<String>) -> io::Result<(OwnedFd, Option<Feed>)> {
    let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::NotFound)?;
    let handle = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
    let feed = match (child.stdin.take(), stdin) {
        (Some(pipe), Some(text)) => Some(Feed::new(OwnedFd::from(pipe), text)?),
        _ => None,
    };
    Ok((handle, feed))
}

/// Reads what is there, without waiting for more: a stranger may hold the other end open.
fn drain(pipe: &OwnedFd, buffer: &mut [u8], mut write: impl FnMut(&[u8])) {
    if rustix::io::ioctl_fionbio(pipe.as_fd(), true).is_err() {
        return;
    }
    let mut room = DRAIN_LIMIT;
    while room > 0 {
        match rustix::io::read(pipe, &mut *buffer) {
            Ok(0) => return,
            Ok(count) => {
                write(buffer.get(..count).unwrap_or_default());
                room = room.saturating_sub(count);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code { code },
        (None, Some(signal)) => Exit::Signal { signal },
        (None, None) => Exit::Unseen,
    }
}

fn millis(length: Duration) -> Millis {
    Millis(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
}
