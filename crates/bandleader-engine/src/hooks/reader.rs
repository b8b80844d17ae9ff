//! From the log to messages: follows all runs of a project, each with a timeline of its own, and writes what hooks have not been told.

use std::collections::BTreeMap;

use bandleader_core::view::Timeline;
use bandleader_core::{By, RunId, Timestamp};
use serde_json::Value;

use super::Hook;
use super::book::{Book, BookError, New, NewLink};
use super::links::Maker;
use super::message;
use crate::engine::{EngineError, Follower, Pulse, desk, person};
use crate::folder::Folder;
use crate::process::wall_clock;
use crate::store::RunRow;

/// States, as lists have them, in which nothing more happens by itself.
const IS_OVER: [&str; 4] = ["succeeded", "succeeded_with_overrides", "failed", "cancelled"];

/// What went wrong; it is tried again at the next look.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Book(#[from] BookError),
    #[error(transparent)]
    Log(#[from] EngineError),
}

/// The runs as far as they were read.
pub(super) struct Reader {
    folder: Folder,
    pulse: Option<Pulse>,
    known: BTreeMap<RunId, Known>,
    /// None where nobody is given links, or none can be made.
    links: Option<Maker>,
}

struct Known {
    timeline: Timeline,
    seq: u64,
}

impl Reader {
    pub(super) fn new(folder: &Folder, hooks: &[Hook]) -> Reader {
        let wants_links = hooks.iter().any(|hook| hook.webhook.links.is_some());
        let links = wants_links.then(|| Maker::of(folder).ok()).flatten();
        Reader { folder: folder.clone(), pulse: None, known: BTreeMap::new(), links }
    }

    /// Writes down what is to be told since the last look. Costs next to nothing when nothing has happened.
    pub(super) fn look(&mut self, book: &mut Book, hooks: &[Hook]) -> Result<(), ReadError> {
        if self.pulse.is_none() {
            // Until the first run there is no log.
            if !self.folder.database().exists() {
                return Ok(());
            }
            self.pulse = Some(Pulse::open(&self.folder)?);
        }
        let Some(pulse) = &mut self.pulse else { return Ok(()) };
        if !pulse.beats()? {
            return Ok(());
        }
        let rows = pulse.runs()?;
        for row in &rows {
            if let Err(error) = self.read(book, hooks, row) {
                // All of it is looked at again, also if nothing happens until then.
                self.known.remove(&row.id);
                self.pulse = None;
                return Err(error);
            }
        }
        // Ended runs are read anew if they are taken up.
        self.known.retain(|id, _| rows.iter().any(|row| &row.id == id && !IS_OVER.contains(&row.state.as_str())));
        Ok(())
    }

    fn read(&mut self, book: &mut Book, hooks: &[Hook], row: &RunRow) -> Result<(), ReadError> {
        let now = wall_clock();
        let mut behind: Vec<(&Hook, u64)> = Vec::new();
        for hook in hooks {
            let name = &hook.webhook.name;
            let told = match book.cursor(name, &row.id)? {
                Some(seq) => seq,
                // A hook is not told of runs in which nothing has happened since it was first known.
                None if row.last_at < book.since(name, now)? => continue,
                None => 0,
            };
            if told < row.last_seq {
                behind.push((hook, told));
            }
        }
        if behind.is_empty() {
            return Ok(());
        }
        let lines = self.lines(row)?;
        let upto = self.known.get(&row.id).map_or(row.last_seq, |known| known.seq);
        for (hook, told) in behind {
            let new: Vec<New> = fresh(hook, row, &lines, told, self.links.as_ref());
            book.write(&hook.webhook.name, &row.id, upto, &new, now)?;
        }
        Ok(())
    }

    /// The lines of a run that were not read before; all if it was not read in this process, so that none is missed after a crash.
    fn lines(&mut self, row: &RunRow) -> Result<Vec<(u64, Timestamp, Value)>, ReadError> {
        if !self.known.contains_key(&row.id) {
            let plan = Follower::open(&self.folder, &row.id)?.run().plan().clone();
            self.known.insert(row.id.clone(), Known { timeline: Timeline::new(plan), seq: 0 });
        }
        let mut lines = Vec::new();
        let Some(known) = self.known.get_mut(&row.id) else { return Ok(lines) };
        let told = desk::tell::<EngineError>(&self.folder, &row.id, known.seq, row.last_seq, |recorded| {
            let of_event = known.timeline.lines(recorded);
            lines.extend(of_event.into_iter().map(|line| (recorded.seq, recorded.at, line)));
            known.seq = recorded.seq;
            Ok(())
        });
        if told.is_err() {
            self.known.remove(&row.id);
        }
        told?;
        Ok(lines)
    }
}

/// What one hook is to be told of these lines.
fn fresh(hook: &Hook, row: &RunRow, lines: &[(u64, Timestamp, Value)], told: u64, maker: Option<&Maker>) -> Vec<New> {
    let webhook = &hook.webhook;
    let mut number = 0;
    let mut last = 0;
    let mut new = Vec::new();
    for (seq, at, line) in lines {
        number = if *seq == last { number + 1 } else { 0 };
        last = *seq;
        let event = line.get("event").and_then(Value::as_str).unwrap_or_default();
        if *seq > told && message::is_wanted(event, webhook.format, &webhook.events) {
            let id = message::id(&webhook.name, &row.id, *seq, number);
            let link = webhook.links.as_ref().zip(maker).zip(message::question(line));
            let link = link.map(|((wanted, maker), decision)| {
                let person = wanted.answers_as.clone().unwrap_or_else(whoever_runs);
                NewLink::new(&maker.token(&webhook.name, &id), decision, &person)
            });
            new.push(New {
                id,
                link,
                seq: *seq,
                event: event.to_owned(),
                at: *at,
                body: message::body(webhook.format, &row.id, &row.mission, line),
            });
        }
    }
    new
}

fn whoever_runs() -> String {
    match person() {
        By::Person { name } => name,
        By::Engine => String::new(),
    }
}
