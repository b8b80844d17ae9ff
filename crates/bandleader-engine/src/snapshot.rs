//! The snapshot of a run in its folder: the state as of some event, so that whoever takes the run up or looks at it folds only what
//! came after.
//!
//! Only a cache. The projector writes it now and then, without waiting for the disk; losing it, tearing it or finding that of
//! another version costs the time of a replay and nothing else. It counts only if it is whole, of this run, of this frozen plan, by a
//! `band` with the same core, and if the log goes through the very place (number and checksum) at which it was taken; anything else
//! is passed over without a word. `StoredRun` says what the state's bytes are.
//!
//! ```text
//! <BLAKE3 of all that follows, in hex>\n
//! {"format":1, …}\n          `Head`
//! <bytes of the state>
//! ```

use std::fs::File;
use std::io::{self, Read as _};

use bandleader_core::{FOLD, Run, RunId, StoredRun};
use serde::{Deserialize, Serialize};

use crate::folder::RunFolder;
use crate::replace::replace;
use crate::store::Mark;

/// Raised when the file's own shape changes; `FOLD` stands for that of the state.
const FORMAT: u32 = 1;

/// More is not ours: 20,000 tasks with 20 KB each.
const LARGEST: u64 = 400 * 1024 * 1024;

/// A snapshot is made after so many events, or after a quarter as many as the plan has tasks: writing it costs about as much as
/// the plan is long, so that an event's share of it stays the same; and what is folded on top of it stays a matter of milliseconds.
const EVERY: u64 = 1_000;

/// An engine that goes leaves a snapshot if this many events came since the last.
const WORTH_IT: u64 = 100;

/// What a snapshot is of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    /// The sources of the core that folded it.
    fold: String,
    run: RunId,
    /// Hash of the frozen plan.
    plan: String,
    seq: u64,
    /// The log's checksum at `seq`.
    sum: [u8; 16],
}

impl Head {
    fn of(run: &RunId, plan: &str, mark: &Mark) -> Head {
        Head {
            format: FORMAT,
            fold: FOLD.to_owned(),
            run: run.clone(),
            plan: plan.to_owned(),
            seq: mark.seq,
            sum: mark.sum,
        }
    }
}

/// A snapshot that is whole and of the run that was asked for. Whether the log goes through its place is for the store to say.
pub(crate) struct Snapshot {
    pub(crate) mark: Mark,
    file: Vec<u8>,
    state_at: usize,
}

impl Snapshot {
    /// The one in the run's folder, if there is one that counts.
    pub(crate) fn find(folder: &RunFolder, run: &RunId, plan_hash: &str) -> Option<Snapshot> {
        let file = read(folder).ok().flatten()?;
        let (hash, rest) = file.split_at_checked(65)?;
        if hash != line_of_hash(rest).as_bytes() {
            return None;
        }
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(rest.get(..end)?).ok()?;
        let mark = Mark { seq: head.seq, sum: head.sum };
        let state_at = hash.len() + end + 1;
        (head == Head::of(run, plan_hash, &mark)).then_some(Snapshot { mark, file, state_at })
    }

    /// The run as it was, but for its plan.
    pub(crate) fn state(&self) -> Option<StoredRun> {
        let state = StoredRun::read(self.file.get(self.state_at..)?).ok()?;
        (state.last_seq() == self.mark.seq).then_some(state)
    }
}

/// The file's bytes; nothing if it is not a file of ours.
fn read(folder: &RunFolder) -> io::Result<Option<Vec<u8>>> {
    let path = folder.snapshot();
    let known = path.symlink_metadata()?;
    // A pipe would be waited for for ever.
    if !known.is_file() || known.len() > LARGEST {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(known.len()).unwrap_or_default() + 1);
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Puts a snapshot of `run`, taken at `mark`, into the run's folder. Not made durable.
///
/// # Errors
/// The disk refuses. The old snapshot is still there then, if there was one.
pub fn write(folder: &RunFolder, id: &RunId, plan_hash: &str, run: &Run, mark: &Mark) -> io::Result<()> {
    let head = serde_json::to_string(&Head::of(id, plan_hash, mark))?;
    let state = run.snapshot().map_err(io::Error::other)?;
    let rest = [head.as_bytes(), b"\n", &state].concat();
    drop(state);
    let hash = line_of_hash(&rest);
    replace(&folder.snapshot(), &[hash.as_bytes(), &rest])
}

fn line_of_hash(bytes: &[u8]) -> String {
    format!("{}\n", blake3::hash(bytes).to_hex())
}

/// Makes the snapshots of one run while it goes on.
#[derive(Debug)]
pub struct Snapshots {
    folder: RunFolder,
    run: RunId,
    plan_hash: String,
    /// The event at which the latest was made; 0 if there is none.
    latest: u64,
}

impl Snapshots {
    /// Of this run; its folder has one as of the event `latest`, or none (0).
    pub fn new(folder: &RunFolder, run: &RunId, plan_hash: &str, latest: u64) -> Snapshots {
        Snapshots { folder: folder.clone(), run: run.clone(), plan_hash: plan_hash.to_owned(), latest }
    }

    /// Makes one if enough has happened. `mark` is where `run` stands.
    pub fn now_and_then(&mut self, run: &Run, mark: &Mark) {
        let every = EVERY.max(run.plan().tasks.len() as u64 / 4);
        self.after(every, run, mark);
    }

    /// Makes one for whoever takes the run up, if that is worth it.
    pub fn at_leave(&mut self, run: &Run, mark: &Mark) {
        if !run.is_over() {
            self.after(WORTH_IT, run, mark);
        }
    }

    fn after(&mut self, events: u64, run: &Run, mark: &Mark) {
        if run.last_seq() != mark.seq || mark.seq < self.latest.saturating_add(events) {
            return;
        }
        // Without it nothing is lost but time. A disk that is full is not asked again at every event.
        let _ = write(&self.folder, &self.run, &self.plan_hash, run, mark);
        self.latest = mark.seq;
    }
}
