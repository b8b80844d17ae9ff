//! What the engine sleeps on: its supervisor's words, its doorbell, and whatever other threads want it to know.
//!
//! One place to sleep, in the engine's own thread: each thread in between would be one more to wake for every task that ends.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec};

use super::Wake;
use super::world::World;
use crate::inbox::Doorbell;

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
