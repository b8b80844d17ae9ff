//! The courier: a thread that tells hooks what they have not been told, in whichever process of a project runs. One at a time does so,
//! by a lock that the kernel drops with its holder; the others stand by.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::Hook;
use super::book::{Book, Delivery};
use super::links::{self, Maker};
use super::message;
use super::reader::Reader;
use super::send::{Answer, send};
use crate::chance;
use crate::folder::Folder;
use crate::process::wall_clock;

/// How often the log is looked at; a look costs next to nothing.
const BEAT: Duration = Duration::from_millis(250);

/// How often one that stands by looks whether it is its turn.
const STAND_BY: Duration = Duration::from_secs(1);

/// Messages that are under way are waited for so long.
const LONGEST: Duration = Duration::from_mins(1);

/// A process that ends still tells what there is to tell, for so long. The rest waits for the next one.
const FAREWELL: Duration = Duration::from_secs(5);

/// A courier at work. Dropping it lets it tell what is left, for a moment, and ends it.
pub struct Courier {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Courier {
    /// Starts one; none where nobody is to be told.
    pub fn start(folder: &Folder, hooks: Vec<Hook>) -> Option<Courier> {
        if hooks.is_empty() {
            return None;
        }
        // Known from here on, before anything more happens. A book that cannot be opened is tried again by the thread.
        if let Ok(book) = Book::open(folder) {
            for hook in &hooks {
                let _ = book.since(&hook.webhook.name, wall_clock());
            }
        }
        let (end, ending) = channel();
        let folder = folder.clone();
        // Without it runs go on as well; the next process tells what this one did not.
        let thread =
            thread::Builder::new().name("courier".into()).spawn(move || stand_by(&folder, &hooks, &ending)).ok()?;
        Some(Courier { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Sends a message of no run now, and writes nothing down.
///
/// # Errors
/// In words for people: there is no runtime.
pub fn test(hook: &Hook) -> Result<Answer, String> {
    let seed = chance::seed().map_err(|error| error.to_string())?;
    let now = bandleader_core::view::when::rfc3339(wall_clock());
    let line = serde_json::json!({ "timestamp": now, "event": "test", "message": "a test of this webhook" });
    let run = bandleader_core::RunId::parse("test").map_err(|error| error.to_string())?;
    let body = message::body(hook.webhook.format, &run, "Test", &line);
    Ok(runtime()?.block_on(send(hook, &format!("msg_test{seed:016x}"), &body)))
}

fn runtime() -> Result<Runtime, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| format!("no runtime: {error}"))
}

/// Waits for its turn.
fn stand_by(folder: &Folder, hooks: &[Hook], ending: &Receiver<()>) {
    let path = folder.root().join("hooks.lock");
    loop {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        if let Some(_turn) = file.ok().filter(|file: &File| file.try_lock().is_ok()) {
            let _ = work(folder, hooks, ending);
            return;
        }
        // Whoever has the turn tells the last words of this one too.
        match ending.recv_timeout(STAND_BY) {
            Err(RecvTimeoutError::Timeout) => (),
            _ => return,
        }
    }
}

/// Tells until it is to end, and then what is left.
fn work(folder: &Folder, hooks: &[Hook], ending: &Receiver<()>) -> Result<(), String> {
    let mut book = Book::open(folder).map_err(|error| error.to_string())?;
    let (mut reader, runtime) = (Reader::new(folder, hooks), runtime()?);
    let by_name: BTreeMap<&str, &Hook> = hooks.iter().map(|hook| (hook.webhook.name.as_str(), hook)).collect();
    let _ = book.forget(wall_clock());
    loop {
        let _ = reader.look(&mut book, hooks);
        let told = tell(folder, &mut book, &by_name, &runtime, LONGEST);
        match ending.recv_timeout(if told > 0 { Duration::ZERO } else { BEAT }) {
            Err(RecvTimeoutError::Timeout) => (),
            _ => break,
        }
    }
    let until = Instant::now() + FAREWELL;
    let _ = reader.look(&mut book, hooks);
    while tell(folder, &mut book, &by_name, &runtime, until.saturating_duration_since(Instant::now())) > 0 {}
    Ok(())
}

/// Tells what is due, side by side, for so long at most; how many answers were written down.
fn tell(folder: &Folder, book: &mut Book, hooks: &BTreeMap<&str, &Hook>, runtime: &Runtime, within: Duration) -> usize {
    let now = wall_clock();
    let due: Vec<(Hook, Delivery)> = hooks
        .iter()
        .flat_map(|(name, hook)| book.due(name, now).unwrap_or_default().into_iter().map(|one| ((*hook).clone(), one)))
        .map(|(hook, mut one)| {
            one.body = with_link(folder, book, &hook, &one).unwrap_or(one.body);
            (hook, one)
        })
        .collect();
    if due.is_empty() {
        return 0;
    }
    let mut answers: Vec<(Delivery, Answer)> = Vec::new();
    runtime.block_on(async {
        let mut under_way = JoinSet::new();
        for (hook, one) in due {
            under_way.spawn(async move {
                let answer = send(&hook, &one.id, &one.body).await;
                (one, answer)
            });
        }
        let all = async {
            while let Some(answer) = under_way.join_next().await {
                answers.extend(answer);
            }
        };
        // What is not back by then is told again, under the same id.
        let _ = tokio::time::timeout(within, all).await;
    });
    answers
        .iter()
        .filter(|(one, answer)| book.tried(one, &answer.attempt, answer.outcome, wall_clock()).is_ok())
        .count()
}

/// The body with the link that it goes out with, if it has one and there is somewhere that it can lead.
fn with_link(folder: &Folder, book: &Book, hook: &Hook, one: &Delivery) -> Option<String> {
    let wanted = hook.webhook.links.as_ref()?;
    let name = &hook.webhook.name;
    let has_link = book.has_link(name, &one.id).unwrap_or(false);
    let place = wanted.public_url.clone().or_else(|| links::reached(folder)).filter(|_| has_link)?;
    let token = Maker::of(folder).ok()?.token(name, &one.id);
    Some(message::with_link(hook.webhook.format, &one.body, &format!("{place}/answer/{token}")))
}
