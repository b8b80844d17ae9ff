//! Where engines come in: the socket, and connections that have not greeted yet.
//!
//! Called by `desk`, which decides whom it lets in. Nobody here makes anybody wait.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::wire::Wire;
use crate::link::{Hello, ToSupervisor};

/// How long a connection may take to greet.
const GREETING: Duration = Duration::from_secs(10);

/// After a connection could not be taken (no file descriptors), until the next try.
const DEAF: Duration = Duration::from_millis(100);

/// The socket and who stands at it.
pub(super) struct Door {
    listener: UnixListener,
    guests: Vec<(Wire, Instant)>,
    deaf_until: Option<Instant>,
}

/// Somebody who has greeted.
pub(super) struct Visitor {
    pub(super) hello: Hello,
    /// What came in the same breath.
    pub(super) more: Vec<ToSupervisor>,
    /// None when the connection has ended already.
    pub(super) wire: Option<Wire>,
}

impl Door {
    pub(super) fn new(listener: UnixListener) -> io::Result<Door> {
        listener.set_nonblocking(true)?;
        Ok(Door { listener, guests: Vec::new(), deaf_until: None })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.guests.is_empty()
    }

    /// Adds what to wait on; `open` takes the answers in the same order.
    pub(super) fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>, now: Instant) {
        let listens = self.deaf_until.is_none_or(|until| until <= now);
        fds.push(PollFd::new(&self.listener, if listens { PollFlags::IN } else { PollFlags::empty() }));
        fds.extend(self.guests.iter().map(|(wire, _)| PollFd::from_borrowed_fd(wire.fd(), PollFlags::IN)));
    }

    /// When to come back without a knock.
    pub(super) fn due(&self) -> Option<Instant> {
        let guests = self.guests.iter().map(|(_, since)| *since + GREETING);
        guests.chain(self.deaf_until).min()
    }

    /// Lets in who has greeted, and sends away who does not.
    pub(super) fn open(&mut self, ready: &mut impl Iterator<Item = bool>) -> Vec<Visitor> {
        let knocks = ready.next().unwrap_or(false);
        let mut visitors = Vec::new();
        let now = Instant::now();
        for (mut wire, since) in std::mem::take(&mut self.guests) {
            if !ready.next().unwrap_or(false) {
                if since + GREETING > now {
                    self.guests.push((wire, since));
                }
                continue;
            }
            let mut messages = Vec::new();
            let heard = wire.hear(&mut messages);
            let mut messages = messages.into_iter();
            match (messages.next(), heard) {
                (Some(ToSupervisor::Hello(hello)), heard) => {
                    visitors.push(Visitor { hello, more: messages.collect(), wire: heard.is_ok().then_some(wire) });
                }
                (None, Ok(())) => self.guests.push((wire, since)),
                _ => {}
            }
        }
        self.deaf_until = self.deaf_until.filter(|until| *until > now);
        if knocks {
            self.accept(now);
        }
        visitors
    }

    fn accept(&mut self, now: Instant) {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) if is_ours(&stream) => {
                    self.guests.extend(Wire::new(stream).ok().map(|wire| (wire, now)));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    self.deaf_until = Some(now + DEAF);
                    return;
                }
            }
        }
    }
}

/// The folder of the socket is closed to others; this is the second lock on the door.
fn is_ours(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == rustix::process::geteuid())
}
