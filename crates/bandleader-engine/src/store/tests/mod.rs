//! Rules of the log: what a batch is, what damage looks like, what a full disk does.

mod commit;
mod damage;
mod inbox;
mod open;
mod room;
mod runs;

use bandleader_core::{Event, Recorded, RunId, TaskId, Timestamp};

use super::{Batch, NewRun, Store, StoreError, Summary};
use crate::folder::Folder;

/// A fresh folder with one run in it.
struct Fixture {
    _project: tempfile::TempDir,
    folder: Folder,
    store: Store,
    run: RunId,
}

impl Fixture {
    fn new() -> Fixture {
        let project = tempfile::tempdir().unwrap();
        let folder = Folder::create(project.path()).unwrap();
        let mut store = Store::open(&folder).unwrap();
        let run = run("k3v9");
        store.create_run(&new_run("k3v9")).unwrap();
        Fixture { _project: project, folder, store, run }
    }

    /// Commits `count` further events in one batch.
    fn commit(&mut self, count: u64) -> Result<(), StoreError> {
        let after = self.store.run(&self.run)?.last_seq;
        commit(&mut self.store, &self.run, after, count)
    }
}

fn run(text: &str) -> RunId {
    RunId::parse(text).unwrap()
}

fn new_run(id: &str) -> NewRun {
    NewRun {
        id: run(id),
        at: Timestamp(1_000),
        mission: "Low-stock alerts".into(),
        plan_hash: "00".repeat(32),
        plan_name: "plan.yaml".into(),
        project: "/srv/shop".into(),
    }
}

fn commit(store: &mut Store, run: &RunId, after: u64, count: u64) -> Result<(), StoreError> {
    let events = events(after, count);
    store.commit(&Batch { run, after, events: &events, taken: &[], summary: None }).map(drop)
}

/// Event `n` of these tests, always the same.
fn events(after: u64, count: u64) -> Vec<Recorded> {
    let number = |seq| u32::try_from(seq).unwrap();
    (after + 1..=after + count)
        .map(|seq| Recorded {
            seq,
            at: Timestamp(1_000 + seq),
            event: Event::TaskBlocked {
                task: TaskId(number(seq)), why: format!("the {seq}. reason, \"ü\"\u{1b}[31m")
            },
        })
        .collect()
}
