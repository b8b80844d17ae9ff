//! One run that somebody looks at: its state, folded once for all who look, and fed with what is committed.
//!
//! A request folds in what is new (`see`); events go on to everybody who follows, in order, whoever caused the fold.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use axum::body::Bytes;
use bandleader_core::view::update::Lately;
use bandleader_core::view::{History, safe_json};
use bandleader_core::{Millis, Recorded, Run, RunId, TaskId, Timestamp};
use bandleader_engine::agent::notes::Activity;
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{EngineError, Follower, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::merged::{Scene, Tracks};
use serde_json::Value;
use tokio::sync::broadcast;

use super::metrics::Timings;
use super::problem::Problem;
use crate::json::status::lately;
use crate::json::talk;

/// So many commits may wait for a follower; one that is behind by more reads the log instead.
const AHEAD: usize = 64;

/// An event as followers get it.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// Its number in the log; 0 for what is no event, and goes to whoever follows now.
    pub seq: u64,
    /// In the form of server-sent events.
    pub bytes: Bytes,
}

/// A run that is looked at.
pub(super) struct Watched {
    pub id: RunId,
    pub folder: Folder,
    /// The layout of its plan, which never changes.
    pub graph: OnceLock<Value>,
    look: Mutex<Look>,
    /// As of some event, for whoever goes through its past.
    then: Mutex<Option<Box<Run>>>,
    feed: broadcast::Sender<Arc<[Frame]>>,
    is_fed: AtomicBool,
    timings: Timings,
}

/// Its state.
struct Look {
    follower: Follower,
    /// What its events tell beyond the present; read when somebody first asks.
    history: Option<History>,
    /// Who printed after whom; read when somebody first asks.
    tracks: Option<Tracks>,
    /// What happened last; read when somebody first asks.
    lately: Option<Lately>,
    clock: Clock,
    used: Instant,
}

/// What a request sees of a run.
pub(super) struct Sight<'a> {
    pub run: &'a Run,
    pub now: Timestamp,
}

impl Watched {
    /// Folds the run as far as it is now, from its snapshot if there is one. May take a while.
    pub(super) fn open(folder: &Folder, id: &RunId, timings: &Timings) -> Result<Watched, EngineError> {
        let begun = Instant::now();
        let follower = Follower::open(folder, id)?;
        let clock = Clock::start(follower.run().last_at());
        let look = Look { follower, history: None, tracks: None, lately: None, clock, used: Instant::now() };
        let (feed, _) = broadcast::channel(AHEAD);
        timings.folded.observe(begun.elapsed().as_secs_f64());
        Ok(Watched {
            id: id.clone(),
            folder: folder.clone(),
            graph: OnceLock::new(),
            look: Mutex::new(look),
            then: Mutex::new(None),
            feed,
            is_fed: AtomicBool::new(false),
            timings: timings.clone(),
        })
    }

    /// The run as it is now. Blocks while others look.
    pub(super) fn see<T>(&self, show: impl FnOnce(&Sight<'_>) -> T) -> Result<T, Problem> {
        let mut look = self.look();
        self.catch_up(&mut look)?;
        Ok(show(&Sight { run: look.follower.run(), now: look.clock.now() }))
    }

    /// The same with its whole past, which is read from the log the first time and kept then.
    pub(super) fn see_past<T>(&self, show: impl FnOnce(&Sight<'_>, &History) -> T) -> Result<T, Problem> {
        let mut look = self.look();
        self.catch_up(&mut look)?;
        let look = &mut *look;
        let run = look.follower.run();
        let history = match look.history.take() {
            Some(history) => history,
            None => read_past(&look.follower)?,
        };
        let shown = show(&Sight { run, now: look.clock.now() }, &history);
        look.history = Some(history);
        Ok(shown)
    }

    /// What a reader of the log of all tasks has to know that knows so many of its tracks, and something else of the run at that moment.
    pub(super) fn scene<T>(&self, known: usize, show: impl FnOnce(&Run) -> T) -> Result<(Scene, T), Problem> {
        let mut look = self.look();
        self.catch_up(&mut look)?;
        let look = &mut *look;
        let tracks = look.tracks.get_or_insert_default();
        tracks.catch_up(&look.follower)?;
        Ok((Scene::of(look.follower.run(), tracks, known), show(look.follower.run())))
    }

    /// The same with what happened last, where the end of its log can be read.
    pub(super) fn see_lately<T>(&self, show: impl FnOnce(&Run, Option<&Lately>) -> T) -> Result<T, Problem> {
        let mut look = self.look();
        self.catch_up(&mut look)?;
        let look = &mut *look;
        if look.lately.is_none() {
            look.lately = lately(&self.folder, &self.id, look.follower.run());
        }
        Ok(show(look.follower.run(), look.lately.as_ref()))
    }

    /// The run as it was when this event had just happened. Goes on from the last one that was asked for, if that came before.
    pub(super) fn back_then<T>(&self, at: u64, show: impl FnOnce(&Run) -> T) -> Result<T, Problem> {
        let plan = self.see(|sight| {
            let is_there = (1..=sight.run.last_seq()).contains(&at);
            is_there.then(|| Arc::clone(sight.run.plan())).ok_or_else(|| {
                let last = sight.run.last_seq();
                Problem::missing(format!("this run has events 1 to {last}, and no event {at}"))
            })
        })??;
        let mut then = self.then.lock().unwrap_or_else(PoisonError::into_inner);
        let mut run = then.take().filter(|then| then.last_seq() <= at).unwrap_or_else(|| Box::new(Run::new(plan)));
        while run.last_seq() < at {
            let rest = usize::try_from(at - run.last_seq()).unwrap_or(PAGE);
            let page = self.page(run.last_seq(), rest.min(PAGE))?;
            if page.is_empty() {
                break;
            }
            page.iter().try_for_each(|recorded| run.apply(recorded)).map_err(EngineError::from)?;
        }
        let shown = show(&run);
        *then = Some(run);
        Ok(shown)
    }

    /// Some events of the log.
    pub(super) fn page(&self, after: u64, limit: usize) -> Result<Vec<Recorded>, Problem> {
        let mut look = self.look();
        look.used = Instant::now();
        Ok(look.follower.page(after, limit)?)
    }

    /// Everything that is committed from now on. The caller sees to it that `feed` runs.
    pub(super) fn follow(&self) -> broadcast::Receiver<Arc<[Frame]>> {
        self.feed.subscribe()
    }

    /// How many follow it.
    pub(super) fn followers(&self) -> usize {
        self.feed.receiver_count()
    }

    /// True for the first who asks, until `unfed`: that one feeds it.
    pub(super) fn begin_feeding(&self) -> bool {
        !self.is_fed.swap(true, Ordering::SeqCst)
    }

    /// Nobody feeds it any more.
    pub(super) fn end_feeding(&self) {
        self.is_fed.store(false, Ordering::SeqCst);
    }

    /// Since when nobody has looked; none while somebody follows.
    pub(super) fn unused_since(&self) -> Option<Instant> {
        // Somebody who looks right now holds it.
        let look = self.look.try_lock().ok()?;
        (self.followers() == 0).then_some(look.used)
    }

    /// Tells followers what those at work do, where that has changed since it was `told`.
    pub(super) fn tell_activities(&self, told: &mut BTreeMap<TaskId, Timestamp>) -> Result<(), Problem> {
        let frames = self.see(|sight| {
            let now = desk::activities(&self.folder, &self.id, sight.run);
            let fresh = now.iter().filter(|(task, one)| told.get(task) != Some(&one.at));
            let frames: Arc<[Frame]> =
                fresh.map(|(task, one)| activity_frame(&sight.run.plan().task(*task).path, one)).collect();
            *told = now.into_iter().map(|(task, one)| (task, one.at)).collect();
            frames
        })?;
        if !frames.is_empty() {
            let _ = self.feed.send(frames);
        }
        Ok(())
    }

    fn look(&self) -> MutexGuard<'_, Look> {
        // A panic within leaves the fold at some event; `catch_up` goes on from there.
        self.look.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn catch_up(&self, look: &mut Look) -> Result<(), Problem> {
        look.used = Instant::now();
        let begun = Instant::now();
        let fresh = look.follower.catch_up()?;
        let Some(last) = fresh.last() else { return Ok(()) };
        if let Some(lately) = &mut look.lately {
            for recorded in &fresh {
                lately.note(look.follower.run(), recorded);
            }
        }
        self.timings.read.observe(begun.elapsed().as_secs_f64());
        if let Some(history) = &mut look.history {
            for recorded in &fresh {
                history.apply(recorded);
            }
        }
        if self.followers() > 0 {
            self.timings.told_after.observe(seconds(look.clock.now().since(last.at)));
            // Still under the lock: batches go out in the order of the log.
            let _ = self.feed.send(fresh.iter().filter_map(frame).collect());
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a delay is short")]
fn seconds(length: Millis) -> f64 {
    length.0 as f64 / 1_000.0
}

/// Some events as they are read at a time.
const PAGE: usize = 2_000;

fn read_past(follower: &Follower) -> Result<History, Problem> {
    let run = follower.run();
    let mut history = History::new(Arc::clone(run.plan()));
    let mut after = 0;
    while after < run.last_seq() {
        let page = follower.page(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        // The follower has not folded in what came since; it will, and so will the history then.
        page.iter().filter(|recorded| recorded.seq <= run.last_seq()).for_each(|recorded| history.apply(recorded));
    }
    Ok(history)
}

/// What one at work does, in the form of server-sent events. It has no number: nobody is told of it again.
fn activity_frame(task: &str, activity: &Activity) -> Frame {
    let mut value = talk::activity(activity);
    if let Value::Object(fields) = &mut value {
        fields.insert("task".into(), task.into());
    }
    let bytes = format!("event: activity\ndata: {}\n\n", safe_json(&value.to_string()));
    Frame { seq: 0, bytes: bytes.into() }
}

/// One event in the form of server-sent events: its number, its kind, and itself as one line of JSON.
pub(super) fn frame(recorded: &Recorded) -> Option<Frame> {
    let data = serde_json::to_string(recorded).ok()?;
    let text = format!("id: {}\nevent: {}\ndata: {}\n\n", recorded.seq, recorded.event.name(), safe_json(&data));
    Some(Frame { seq: recorded.seq, bytes: text.into() })
}
