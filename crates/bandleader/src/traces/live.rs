//! Beside an engine: its run's spans are sent as they end, by a thread of their own that only reads the log.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bandleader_core::view::History;
use bandleader_core::view::spans::{Span, spans};
use bandleader_core::{RunId, Timestamp};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;

use super::Exporter;
use crate::error::Failure;

/// How often spans are looked for.
const BEAT: Duration = Duration::from_secs(5);

/// Spans that are being sent.
pub(crate) struct Live {
    stop: Sender<()>,
    thread: JoinHandle<Result<(), String>>,
}

/// Begins, if the environment names a collector.
pub(crate) fn start(folder: &Folder, id: &RunId) -> Option<Live> {
    if !super::is_wanted() {
        return None;
    }
    let (folder, id) = (folder.clone(), id.clone());
    let (stop, told) = channel();
    let thread = thread::spawn(move || {
        let mut sender = Sending::open(&folder, &id).map_err(|failure| failure.message)?;
        loop {
            let is_last = told.recv_timeout(BEAT) != Err(RecvTimeoutError::Timeout);
            let sent = sender.send();
            if is_last {
                return sent;
            }
            // A collector that is not there now may be there at the next beat: nothing is taken for sent that was not.
        }
    });
    Some(Live { stop, thread })
}

impl Live {
    /// Sends what is left. What went wrong, for people.
    pub(crate) fn finish(self) -> Option<String> {
        let _ = self.stop.send(());
        let ended = self.thread.join().unwrap_or_else(|_| Err("its thread stopped short".into()));
        let why = ended.err()?;
        Some(format!("spans of this run were not sent ({why}); `band traces` sends them again"))
    }
}

struct Sending {
    exporter: Exporter,
    follower: Follower,
    history: History,
    /// By key, when each span that was sent had ended.
    sent: BTreeMap<String, Timestamp>,
}

impl Sending {
    fn open(folder: &Folder, id: &RunId) -> Result<Sending, Failure> {
        let exporter = Exporter::open(None)?;
        let follower = Follower::open(folder, id)?;
        let seen = follower.run().last_seq();
        let story = desk::story(folder, id)?;
        let known = story.iter().filter(|recorded| recorded.seq <= seen);
        let history = History::replay(follower.run().plan().clone(), known);
        Ok(Sending { exporter, follower, history, sent: BTreeMap::new() })
    }

    fn send(&mut self) -> Result<(), String> {
        for recorded in self.follower.catch_up().map_err(|error| error.to_string())? {
            self.history.apply(&recorded);
        }
        let is_new = |span: &Span| self.sent.get(&span.key) != Some(&span.end);
        let new: Vec<Span> = spans(self.follower.id(), &self.history).into_iter().filter(is_new).collect();
        self.exporter.send(self.follower.id(), self.history.created(), &new)?;
        self.sent.extend(new.into_iter().map(|span| (span.key, span.end)));
        Ok(())
    }
}
