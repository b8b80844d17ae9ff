//! What is looked at: the runs that somebody watches, and the beat that says that something was committed.
//!
//! Nothing here is state: all of it is folded from the log and may be dropped at any time. A run that nobody has looked at for a
//! while is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bandleader_core::RunId;
use bandleader_engine::engine::{Pulse, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::store::RunRow;
use tokio::sync::watch;

use super::metrics::Timings;
use super::problem::Problem;
use super::reply::aside;
use super::watched::Watched;

/// How often it is asked whether anything was committed while somebody follows …
const BEAT: Duration = Duration::from_millis(40);
/// … and while nobody does: only those who come next are told then.
const IDLE: Duration = Duration::from_millis(500);
/// How often followers are told what those at work do.
const ACTIVITY: Duration = Duration::from_secs(1);
/// A run that nobody has looked at for so long is forgotten.
const FORGOTTEN: Duration = Duration::from_mins(1);

/// Shared by all requests.
pub(crate) struct Hub {
    folder: Folder,
    runs: Mutex<BTreeMap<RunId, Arc<Watched>>>,
    beat: watch::Sender<Beat>,
    closing: watch::Sender<bool>,
    timings: Timings,
}

/// What the last look at the log has shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Beat {
    /// Rises with every change.
    pub number: u64,
    /// The runs as they were then; only while somebody follows all of them.
    pub rows: Arc<[RunRow]>,
}

impl Hub {
    pub(crate) fn new(folder: &Folder, timings: Timings) -> Arc<Hub> {
        let (beat, closing) = (watch::Sender::new(Beat::default()), watch::Sender::new(false));
        Arc::new(Hub { folder: folder.clone(), runs: Mutex::default(), beat, closing, timings })
    }

    /// The project's state folder.
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The run of this name or whose name alone begins so.
    pub(super) async fn run(self: &Arc<Hub>, name: &str) -> Result<Arc<Watched>, Problem> {
        if let Ok(id) = RunId::parse(name)
            && let Some(known) = self.runs().get(&id)
        {
            return Ok(Arc::clone(known));
        }
        let (hub, name) = (Arc::clone(self), name.to_owned());
        aside(move || hub.open(&name)).await
    }

    /// The same, for threads that may wait.
    pub(super) fn open(&self, name: &str) -> Result<Arc<Watched>, Problem> {
        if name.is_empty() || !self.folder.database().exists() {
            return Err(Problem::missing("this project has no such run"));
        }
        let id = desk::find(&self.folder, Some(name))?.id;
        if let Some(known) = self.runs().get(&id) {
            return Ok(Arc::clone(known));
        }
        // Two may fold it at the same time; one of the folds counts.
        let fresh = Arc::new(Watched::open(&self.folder, &id, &self.timings)?);
        Ok(Arc::clone(self.runs().entry(id).or_insert(fresh)))
    }

    /// Tells when something was committed.
    pub(super) fn beat(&self) -> watch::Receiver<Beat> {
        self.beat.subscribe()
    }

    /// Tells when the server ends.
    pub(super) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Ends everything that goes on for ever.
    pub(super) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// How many runs are folded now.
    pub(super) fn watched(&self) -> usize {
        self.runs().len()
    }

    /// Feeds whoever follows this run, if nobody does that yet; ends when the last of them has gone.
    pub(super) fn feed(self: &Arc<Hub>, run: &Arc<Watched>) {
        if run.begin_feeding() {
            tokio::spawn(feed(Arc::clone(self), Arc::clone(run)));
        }
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<RunId, Arc<Watched>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self) {
        let unused = |run: &Arc<Watched>| run.unused_since().is_some_and(|since| since.elapsed() > FORGOTTEN);
        self.runs().retain(|_, run| Arc::strong_count(run) > 1 || !unused(run));
    }
}

async fn feed(hub: Arc<Hub>, run: Arc<Watched>) {
    let (mut beat, mut closing) = (hub.beat(), hub.closing());
    let (mut told, mut looked) = (BTreeMap::new(), Instant::now());
    while !*closing.borrow_and_update() {
        if looked.elapsed() > ACTIVITY {
            let seen = Arc::clone(&run);
            // What cannot be read now is told the next time; until then as if nothing had been told.
            told = aside(move || seen.tell_activities(&mut told).map(|()| told)).await.unwrap_or_default();
            looked = Instant::now();
        }
        let seen = Arc::clone(&run);
        // A damaged log is told to each follower when it reads the log itself.
        let _ = aside(move || seen.see(|_| ())).await;
        tokio::select! {
            _ = beat.changed() => (),
            _ = closing.changed() => (),
            () = tokio::time::sleep(IDLE) => (),
        }
        if run.followers() == 0 {
            run.end_feeding();
            // Somebody may have come in between, who found it fed.
            if run.followers() == 0 || !run.begin_feeding() {
                return;
            }
        }
    }
    run.end_feeding();
}

/// Looks at the log for as long as the server is there. Runs in a thread of its own: it may wait for the disk.
pub(super) fn keep_beating(hub: &Hub) {
    let (mut pulse, mut forgotten) = (None, Instant::now());
    while !*hub.closing.borrow() {
        if pulse.is_none() && hub.folder.database().exists() {
            pulse = Pulse::open(&hub.folder).ok();
        }
        let beats = pulse.as_mut().map(Pulse::beats);
        match beats {
            Some(Ok(true)) => {
                let rows = pulse.as_ref().and_then(|pulse| pulse.runs().ok()).unwrap_or_default();
                hub.beat.send_modify(|beat| {
                    beat.number += 1;
                    beat.rows = rows.into();
                });
            }
            Some(Err(_)) => pulse = None,
            Some(Ok(false)) | None => (),
        }
        if forgotten.elapsed() > FORGOTTEN / 4 {
            forgotten = Instant::now();
            hub.forget();
        }
        std::thread::sleep(if hub.beat.receiver_count() > 0 { BEAT } else { IDLE });
    }
}
