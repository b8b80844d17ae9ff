//! The life of one job, on a thread of its own: start it, move its bytes, end it when asked, see it end, sweep up, account for it.
//!
//! Called by the supervisor's workers. Invariants: output is taken as it comes, so a job waits for the disk and never the other
//! way round; the leader is reaped last, so that its number and its process group cannot be given away before.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use bandleader_core::{Exit, JobId, Millis, Timestamp, Usage};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions};

use super::ladder::{Ladder, Leader, Push};
use super::lineage::{Lineage, Marks};
use super::orders::{Job, Order, Sight, Station};
use super::pipes::Pipes;
use super::proc::{self, Seen};
use super::silence::Silence;
use super::spawn::{Ground, Started, spawn};
use super::stdin::Feed;
use super::used::{exit_of, usage_of};
use super::{JOB_VARIABLE, RUN_VARIABLE};
use crate::link::{Ended, LiveJob};
use crate::output::Writer;

/// A job that ends sooner is not reported as started: its end says all. Saves half of the messages of tiny jobs.
const TELL_AFTER: Duration = Duration::from_millis(8);

/// Looks at all processes that one kill takes at most.
const KILL_LOOKS: u32 = 10;

/// Looks at adopted processes for each of those.
const FAST_LOOKS: u32 = 100;

/// Runs a job to its end.
pub(crate) fn run(mut job: Job, station: &mut Station, tell: &dyn Fn(Sight)) -> Ended {
    let (began, started) = (Instant::now(), super::wall_clock());
    let id = job.assignment.job;
    let marks = [(RUN_VARIABLE, job.run.as_str().to_owned()), (JOB_VARIABLE, id.to_string())];
    job.assignment.env.extend(marks.map(|(name, value)| (name.to_owned(), value)));
    match Watch::start(job, station, began, started) {
        Ok(watch) => watch.live_out(station, tell),
        Err(message) => {
            let usage = Usage { started, ended: started, ..Usage::default() };
            Ended { job: id, exit: Exit::NotStarted { message }, usage, left_out: 0, output_error: None }
        }
    }
}

struct Watch {
    job: JobId,
    marks: Marks,
    pid: Pid,
    leader: Leader,
    handle: OwnedFd,
    pipes: Pipes,
    writer: Writer,
    ladder: Ladder,
    grace: Duration,
    /// The leader ends the others in its own way.
    attended: bool,
    silence: Option<Silence>,
    untold: Option<Instant>,
    left: BTreeSet<(i32, u64)>,
    began: Instant,
    started: Timestamp,
}

impl Watch {
    fn start(job: Job, station: &Station, began: Instant, started: Timestamp) -> Result<Watch, String> {
        let mut assignment = job.assignment;
        let ground =
            Ground { place: &station.place, env: &job.env, nothing: station.nothing.as_fd(), files: station.files };
        let Started { pid, stdin, stdout, stderr } = spawn(&assignment, &ground)?;
        let (handle, feed) = match prepare(pid, stdin, assignment.stdin.take()) {
            Ok(prepared) => prepared,
            Err(error) => {
                let _ = rustix::process::kill_process(pid, Signal::KILL);
                let _ = rustix::process::waitpid(Some(pid), WaitOptions::empty());
                return Err(format!("it was started, but cannot be watched: {error}"));
            }
        };
        let id = assignment.job;
        Ok(Watch {
            job: id,
            marks: Marks { leader: pid.as_raw_pid(), run: job.run.as_str().to_owned(), job: id.to_string() },
            pipes: Pipes::new(stdout, stderr, feed),
            pid,
            leader: Leader::Alive,
            handle,
            writer: Writer::new(job.folder, id, started, &job.redactor, assignment.output_limit),
            ladder: Ladder::Living,
            grace: Duration::from_millis(assignment.grace.0),
            attended: assignment.attended,
            silence: assignment.stall.map(|stall| Silence::new(Duration::from_millis(stall.0), began)),
            untold: Some(began + TELL_AFTER),
            left: BTreeSet::new(),
            began,
            started,
        })
    }

    fn live_out(mut self, station: &mut Station, tell: &dyn Fn(Sight)) -> Ended {
        loop {
            let mut ready = self.wait(&station.wake).into_iter();
            let (ordered, leader_ended) = (ready.next().unwrap_or(false), ready.next().unwrap_or(false));
            self.pipes.go_on(&mut ready, millis(self.began.elapsed()).0, &mut station.buffer, &mut self.writer);
            if ordered {
                self.take_orders(station);
            }
            let now = Instant::now();
            let looks = self.ladder.due(self.leader).is_some_and(|due| due <= now);
            if looks && let Some(push) = self.ladder.turn(now) {
                self.push(push, &station.lineage);
            }
            let just_ended = leader_ended && self.leader == Leader::Alive;
            if just_ended {
                self.leader = Leader::Ended;
            }
            if self.leader == Leader::Ended && (looks || just_ended) && self.is_clean(now, &station.lineage) {
                return self.finish(&mut station.buffer);
            }
            self.tell_sights(now, &station.lineage, tell);
        }
    }

    /// Sleeps until something is to be done; says whether there is an order, whether the leader has ended, and of the pipes
    /// whether they are ready.
    fn wait(&self, wake: &OwnedFd) -> Vec<bool> {
        let leader = if self.leader == Leader::Alive { PollFlags::IN } else { PollFlags::empty() };
        let mut fds = Vec::with_capacity(5);
        fds.extend([PollFd::new(wake, PollFlags::IN), PollFd::new(&self.handle, leader)]);
        self.pipes.watch(&mut fds);
        let pause = self.due().map(|due| due.saturating_duration_since(Instant::now()));
        let pause = pause.and_then(|pause| Timespec::try_from(pause).ok());
        if rustix::event::poll(&mut fds, pause.as_ref()).is_err() {
            return Vec::new();
        }
        fds.iter().map(|fd| !fd.revents().is_empty()).collect()
    }

    fn due(&self) -> Option<Instant> {
        let silence = match self.leader {
            Leader::Alive => self.silence.as_ref().map(Silence::due),
            Leader::Ended => None,
        };
        [self.ladder.due(self.leader), silence, self.untold].into_iter().flatten().min()
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
        match push {
            Push::Ask => self.ask(lineage),
            Push::Kill => self.kill(lineage),
        }
    }

    fn ask(&mut self, lineage: &Lineage) {
        if self.attended && self.leader == Leader::Alive {
            for signal in [Signal::TERM, Signal::CONT] {
                // Not reaped yet, so the number is still its own.
                let _ = rustix::process::kill_process(self.pid, signal);
            }
            return;
        }
        let alive = lineage.alive(&self.marks);
        self.count_left(&alive);
        // A stopped process acts on TERM only when it is continued.
        for signal in [Signal::TERM, Signal::CONT] {
            self.signal_group(signal);
            alive.iter().filter(|seen| seen.group != self.marks.leader).for_each(|seen| proc::signal(*seen, signal));
        }
    }

    /// Kills what is there, and what that forks meanwhile, as far as some looks go; the ladder comes back for more.
    fn kill(&mut self, lineage: &Lineage) {
        self.signal_group(Signal::KILL);
        for _ in 0..KILL_LOOKS {
            self.kill_orphans(lineage);
            let alive = lineage.alive(&self.marks);
            self.count_left(&alive);
            let others: Vec<&Seen> = alive.iter().filter(|seen| seen.group != self.marks.leader).collect();
            if others.is_empty() {
                return;
            }
            for seen in others {
                proc::signal(*seen, Signal::KILL);
            }
        }
    }

    /// The fast part of killing: a look at all processes takes so long (50 ms were seen on a busy machine) that it never finds
    /// alive what forks, dies and is adopted within a millisecond.
    fn kill_orphans(&mut self, lineage: &Lineage) {
        for _ in 0..FAST_LOOKS {
            let Some(orphans) = lineage.orphans(&self.marks).filter(|orphans| !orphans.is_empty()) else { return };
            for seen in &orphans {
                proc::signal(*seen, Signal::KILL);
            }
            self.count_left(&orphans);
        }
    }

    fn signal_group(&self, signal: Signal) {
        // Reaches also what is being forked at this moment. No such group: all of it has ended.
        let _ = rustix::process::kill_process_group(self.pid, signal);
    }

    /// After the leader's end: whether nothing is left. If something is, it goes up the ladder.
    fn is_clean(&mut self, now: Instant, lineage: &Lineage) -> bool {
        if !lineage.has_adopted() || lineage.orphans(&self.marks).is_some_and(|orphans| orphans.is_empty()) {
            return true;
        }
        if let Some(push) = self.ladder.leader_left_others(now) {
            self.push(push, lineage);
        }
        false
    }

    fn count_left(&mut self, alive: &[Seen]) {
        if self.leader == Leader::Alive {
            return;
        }
        self.left.extend(alive.iter().map(|seen| (seen.pid, seen.start)));
    }

    fn tell_sights(&mut self, now: Instant, lineage: &Lineage, tell: &dyn Fn(Sight)) {
        if self.untold.is_some_and(|due| due <= now) {
            self.untold = None;
            let start = proc::look(self.marks.leader).map_or(0, |seen| seen.start);
            tell(Sight::Spawned {
                live: LiveJob { job: self.job, pid: self.pid.as_raw_pid().unsigned_abs(), started: self.started },
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
        let at = millis(self.began.elapsed()).0;
        self.pipes.drain(at, buffer, &mut self.writer);
        // Its handle said that it has ended, so there is nothing to wait for.
        let used = wait4::try_wait4_pid(self.pid.as_raw_pid().unsigned_abs()).ok().flatten();
        let kept = self.writer.finish(at);
        let exit = used.as_ref().map_or(Exit::Unseen, |used| exit_of(used.status));
        let swept = u32::try_from(self.left.len()).unwrap_or(u32::MAX);
        // By the steady clock, so that a clock that is set back gives no negative length.
        let ended = self.started.plus(Millis(at));
        let usage = Usage { started: self.started, ended, output_bytes: kept.total, swept, ..usage_of(used.as_ref()) };
        Ended { job: self.job, exit, usage, left_out: kept.left_out, output_error: kept.error }
    }
}

fn prepare(pid: Pid, stdin: Option<OwnedFd>, text: Option<String>) -> io::Result<(OwnedFd, Option<Feed>)> {
    let handle = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
    let feed = match (stdin, text) {
        (Some(pipe), Some(text)) => Some(Feed::new(pipe, text)?),
        _ => None,
    };
    Ok((handle, feed))
}

pub(super) fn millis(length: Duration) -> Millis {
    Millis(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
}
