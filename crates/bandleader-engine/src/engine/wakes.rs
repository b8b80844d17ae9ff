//! What the engine sleeps on, and for how long: its supervisor's words, its doorbell, and whatever other threads want it to know.
//!
//! One place to sleep, in the engine's own thread: each thread in between would be one more to wake for every task that ends.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec};

use super::gather::Gathering;
use super::world::World;
use super::{Engine, Wake};
use crate::inbox::Doorbell;
use crate::link::FromSupervisor;

/// Wakes an engine from another thread, or from itself.
#[derive(Clone, Debug)]
pub struct Waker {
    sender: Sender<Wake>,
    bell: Arc<OwnedFd>,
}

impl Waker {
    /// Has it know this as soon as it can. An engine that is gone needs to know nothing.
    pub fn wake(&self, wake: Wake) {
        if self.sender.send(wake).is_ok() {
            // It fails only where it rings already.
            let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
        }
    }
}

/// All that wakes one engine.
#[derive(Debug)]
pub(super) struct Wakes {
    doorbell: Doorbell,
    arriving: Receiver<Wake>,
    waker: Waker,
}

impl Wakes {
    pub(super) fn new(doorbell: Doorbell) -> io::Result<Wakes> {
        let (sender, arriving) = channel();
        let bell = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Wakes { doorbell, arriving, waker: Waker { sender, bell: Arc::new(bell) } })
    }

    pub(super) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Sleeps until something comes, at most so long, and gives all that came.
    pub(super) fn wait(&self, world: &mut World, patience: Duration) -> Vec<Wake> {
        let mut fds = vec![
            PollFd::new(&self.waker.bell, PollFlags::IN),
            PollFd::from_borrowed_fd(self.doorbell.fd(), PollFlags::IN),
        ];
        fds.extend(world.link().map(|link| PollFd::from_borrowed_fd(link, PollFlags::IN)));
        let patience = Timespec::try_from(patience).ok();
        // A signal came in between: the caller asks again.
        let Ok(_) = rustix::event::poll(&mut fds, patience.as_ref()) else { return Vec::new() };
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let (woken, rang) = (ready.next() == Some(true), ready.next() == Some(true));
        let said = ready.next() == Some(true);
        drop(fds);
        let mut wakes = Vec::new();
        if said {
            wakes.extend(world.hear().into_iter().map(Wake::Supervisor));
        }
        if woken {
            let _ = rustix::io::read(self.waker.bell.as_fd(), &mut [0; 8]);
            wakes.extend(self.arriving.try_iter());
        }
        if rang && self.doorbell.rang() {
            wakes.push(Wake::Inbox);
        }
        wakes
    }
}

impl Engine {
    /// Sleeps until something happens, and a moment longer when further ends are near: they share a commit.
    pub(super) fn await_wakes(&mut self, gathering: &mut Gathering, begun: Instant) -> Vec<Wake> {
        let patience = self.patience();
        let mut wakes = self.wakes.wait(&mut self.world, patience);
        let (running, mut ends, mut heard) = (self.run.jobs().len(), 0, 0);
        loop {
            let fresh = wakes.get(heard..).unwrap_or_default();
            let ended: Vec<Duration> = fresh.iter().filter_map(|wake| self.took(wake)).collect();
            let urgent = fresh.iter().any(|wake| !matches!(wake, Wake::Supervisor(_)));
            (heard, ends) = (wakes.len(), ends + ended.len());
            gathering.came(&ended, running, begun.elapsed());
            let pause = gathering.pause(running.saturating_sub(ends), begun.elapsed()).filter(|_| !urgent);
            let Some(pause) = pause else { break };
            let more = self.wakes.wait(&mut self.world, pause);
            if more.is_empty() {
                break;
            }
            wakes.extend(more);
        }
        gathering.close();
        wakes
    }

    /// How long a job was there, if this says that it ended.
    fn took(&self, wake: &Wake) -> Option<Duration> {
        let Wake::Supervisor(FromSupervisor::Ended(ended)) = wake else { return None };
        let took = self.run.jobs().get(&ended.job).map(|job| self.clock.now().since(job.since));
        Some(Duration::from_millis(took.unwrap_or_default().0))
    }

    /// How long nothing needs to be done. Never longer than a minute, so that a clock that jumped is noticed.
    fn patience(&self) -> Duration {
        let wake = self.run.wanted().wake_at.map_or(60_000, |at| at.since(self.clock.now()).0);
        Duration::from_millis(wake.min(60_000))
    }
}
