//! Ctrl-C, a closed terminal and `kill` while a person is asked, edits, or waits for a planner: heard here. At all other times they do what
//! they always do.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// One for the whole process, made when it is first needed: what a library has once put on a signal it cannot take off again.
static SIGNALS: OnceLock<Signals> = OnceLock::new();

struct Signals {
    /// Nobody listens: a signal ends the process.
    idle: Arc<AtomicBool>,
    /// How many listen, one within the other.
    listeners: AtomicUsize,
    asked: Arc<AtomicBool>,
    /// Becomes readable with a signal, so that one can wait for it and for something else at once.
    came: UnixStream,
}

/// As long as this is there, a signal is something to be asked for.
pub(super) struct Interrupts {
    signals: &'static Signals,
}

/// What came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// Something to read, or the end of it.
    Input,
    /// A signal that asks us to stop.
    Signal,
}

impl Interrupts {
    /// From now on. Within another one it hears what that has heard and not answered.
    pub(super) fn watch() -> io::Result<Interrupts> {
        let signals = if let Some(signals) = SIGNALS.get() {
            signals
        } else {
            let made = Signals::register()?;
            SIGNALS.get_or_init(|| made)
        };
        signals.listeners.fetch_add(1, Ordering::Relaxed);
        signals.idle.store(false, Ordering::Relaxed);
        Ok(Interrupts { signals })
    }

    /// What was asked for was done, or was somebody else's: from now on only what comes counts.
    pub(super) fn answered(&self) {
        self.signals.asked.store(false, Ordering::Relaxed);
        while (&self.signals.came).read(&mut [0; 64]).is_ok_and(|read| read > 0) {}
    }

    pub(super) fn is_asked_for(&self) -> bool {
        self.signals.asked.load(Ordering::Relaxed)
    }

    /// Waits until there is something to read on standard input, which must be a terminal, or a signal has come.
    pub(super) fn or_input(&self) -> io::Result<Came> {
        let stdin = io::stdin();
        loop {
            if self.is_asked_for() {
                return Ok(Came::Signal);
            }
            let mut both = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(&self.signals.came, PollFlags::IN)];
            match poll(&mut both, None) {
                Ok(_) if !both.iter().all(|one| one.revents().is_empty()) => {}
                Ok(_) | Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            // A terminal that is closed comes as both; the signal says what it is.
            return Ok(if self.is_asked_for() { Came::Signal } else { Came::Input });
        }
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        if self.signals.listeners.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.answered();
            self.signals.idle.store(true, Ordering::Relaxed);
        }
    }
}

impl Signals {
    fn register() -> io::Result<Signals> {
        let (asked, idle) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(true)));
        let (came, tell) = UnixStream::pair()?;
        came.set_nonblocking(true)?;
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&idle))?;
            signal_hook::flag::register(signal, Arc::clone(&asked))?;
            signal_hook::low_level::pipe::register(signal, tell.try_clone()?)?;
        }
        Ok(Signals { idle, listeners: AtomicUsize::new(0), asked, came })
    }
}
