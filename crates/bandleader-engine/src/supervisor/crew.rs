//! The supervisor's workers: a thread for each job that runs, used again for the next.
//!
//! Called by `desk`, which alone knows who does what. Workers talk to it through one channel and one event counter that it polls.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use bandleader_core::{JobId, StopHow};
use rustix::event::EventfdFlags;
use rustix::process::Rlimit;

use crate::link::Ended;
use crate::process::{self, Job, Lineage, Order, Place, Sight, Station};

/// Idle threads that are kept for the next jobs.
const KEPT_IDLE: usize = 64;

/// The deepest call is a few hundred lines of ours; output buffers are on the heap.
const STACK: usize = 256 << 10;

/// What is read from a job at once.
const BUFFER: usize = 64 << 10;

/// Names a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WorkerId(usize);

/// What workers tell the desk.
pub(super) enum News {
    Sight(Sight),
    Ended { worker: WorkerId, ended: Ended },
}

/// All workers.
pub(super) struct Crew {
    workers: Vec<Option<Worker>>,
    idle: Vec<WorkerId>,
    sender: Sender<News>,
    news: Receiver<News>,
    bell: Arc<OwnedFd>,
    nothing: Arc<OwnedFd>,
    files: Option<Rlimit>,
}

struct Worker {
    orders: Sender<Order>,
    wake: Arc<OwnedFd>,
}

impl Crew {
    /// Without workers yet. `files` is the limit of open files that jobs get.
    pub(super) fn new(files: Option<Rlimit>) -> io::Result<Crew> {
        let (sender, news) = channel();
        let nothing = Arc::new(OwnedFd::from(File::open("/dev/null")?));
        Ok(Crew { workers: Vec::new(), idle: Vec::new(), sender, news, bell: Arc::new(counter()?), nothing, files })
    }

    /// Readable when there is news.
    pub(super) fn bell(&self) -> &OwnedFd {
        &self.bell
    }

    /// All news, after the bell rang.
    pub(super) fn news(&self) -> Vec<News> {
        let _ = rustix::io::read(&*self.bell, &mut [0; 8]);
        self.news.try_iter().collect()
    }

    /// Gives a job to a worker that has none.
    pub(super) fn run(&mut self, job: Job) -> io::Result<WorkerId> {
        let id = match self.idle.pop() {
            Some(id) => id,
            None => self.hire()?,
        };
        let worker = self.workers.get(id.0).and_then(Option::as_ref);
        let sent = worker.is_some_and(|worker| worker.orders.send(Order::Run(Box::new(job))).is_ok());
        if sent { Ok(id) } else { Err(io::Error::other("a worker thread is gone")) }
    }

    /// Has a job ended.
    pub(super) fn stop(&self, worker: WorkerId, job: JobId, how: StopHow) {
        if let Some(worker) = self.workers.get(worker.0).and_then(Option::as_ref) {
            let _ = worker.orders.send(Order::Stop { job, how });
            ring(&worker.wake);
        }
    }

    /// The worker has reported the end of its job.
    pub(super) fn is_free(&mut self, worker: WorkerId) {
        if self.idle.len() < KEPT_IDLE {
            self.idle.push(worker);
        } else if let Some(place) = self.workers.get_mut(worker.0) {
            // Its channel closes, and so its thread ends.
            *place = None;
        }
    }

    fn hire(&mut self) -> io::Result<WorkerId> {
        let place = self.workers.iter().position(Option::is_none).unwrap_or(self.workers.len());
        let id = WorkerId(place);
        let (orders, receiver) = channel();
        let wake = Arc::new(counter()?);
        let (files, nothing, bells) = (self.files, self.nothing.clone(), wake.clone());
        let station = move || Station {
            orders: receiver,
            wake: bells,
            lineage: Lineage::new(),
            place: Place::of_this_thread(),
            nothing,
            files,
            buffer: vec![0; BUFFER],
        };
        let (sender, bell) = (self.sender.clone(), self.bell.clone());
        let thread = std::thread::Builder::new().name(format!("job {place}")).stack_size(STACK);
        thread.spawn(move || work(id, station(), &sender, &bell))?;
        let worker = Some(Worker { orders, wake });
        match self.workers.get_mut(place) {
            Some(free) => *free = worker,
            None => self.workers.push(worker),
        }
        Ok(id)
    }
}

fn work(worker: WorkerId, mut station: Station, sender: &Sender<News>, bell: &OwnedFd) {
    let tell = |news| {
        let _ = sender.send(news);
        ring(bell);
    };
    while let Ok(order) = station.orders.recv() {
        // A stop that comes now is for a job that has just ended.
        let Order::Run(job) = order else { continue };
        let ended = process::run(*job, &mut station, &|sight| tell(News::Sight(sight)));
        tell(News::Ended { worker, ended });
    }
}

fn counter() -> io::Result<OwnedFd> {
    Ok(rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)
}

fn ring(bell: &OwnedFd) {
    let _ = rustix::io::write(bell, &1_u64.to_ne_bytes());
}
