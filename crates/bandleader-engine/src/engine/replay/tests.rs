//! Whatever lies where the snapshot should be, the run is the one that its log tells.

use std::collections::BTreeMap;
use std::fs;

use bandleader_core::plan::{Limits, Plan, Resource, Task, Use, Work};
use bandleader_core::{Exit, Input, Recorded, Report, RunId, Timestamp, decide};

use super::*;
use crate::engine::{NewMission, submit};
use crate::snapshot::{self, Snapshots};
use crate::store::{Batch, Mark};

/// Tasks of each run; three events each.
const TASKS: usize = 60;

struct Scene {
    _project: tempfile::TempDir,
    folder: Folder,
    store: Store,
}

/// A run as it was made, with where its log stood.
struct Made {
    id: RunId,
    run: Run,
    mark: Mark,
}

impl Scene {
    fn new() -> Scene {
        let project = tempfile::tempdir().unwrap();
        let folder = Folder::create(project.path()).unwrap();
        let store = Store::open(&folder).unwrap();
        Scene { _project: project, folder, store }
    }

    /// A new run of which `ended` tasks have ended so.
    fn run(&mut self, ended: usize, exit: &Exit) -> Made {
        let task = |number| Task {
            uses: vec![Use { resource: 0, units: 1 }],
            ..Task::plain(&format!("t{number}"), Work::Script { script: "true".into() })
        };
        let plan = Plan {
            mission: "test".into(),
            level: 3,
            limits: Limits { parallel: 1, ..Limits::default() },
            resources: vec![Resource { name: "slots".into(), capacity: 1 }],
            tasks: (0..TASKS).map(task).collect(),
            scopes: vec![BTreeMap::new()],
            ..Plan::default()
        };
        let project = self.folder.project().to_owned();
        let id =
            submit(&self.folder, &NewMission { plan: &plan, plan_name: "test", project: &project, merge_into: None })
                .unwrap();
        let run = Run::replay(Arc::new(plan), &self.store.events(&id, 0).unwrap()).unwrap();
        let mut made = Made { id, run, mark: Mark { seq: 0, sum: [0; 16] } };
        self.commit(&mut made, Input::Boot { epoch: 1, pid: 1 });
        for _ in 0..ended {
            self.end_one(&mut made, exit);
        }
        made
    }

    fn end_one(&mut self, made: &mut Made, exit: &Exit) {
        let attempt = made.run.jobs().keys().next().unwrap().attempt;
        let report = Report { exit: exit.clone(), ..Report::default() };
        self.commit(made, Input::WorkEnded { attempt, report });
    }

    fn commit(&mut self, made: &mut Made, input: Input) {
        let (now, after, mut batch) = (Timestamp(1_000), made.run.last_seq(), Vec::<Recorded>::new());
        for input in [input, Input::Tick] {
            for event in decide(&made.run, input, now).unwrap() {
                let recorded = event.record(made.run.last_seq(), now);
                made.run.apply(&recorded).unwrap();
                batch.push(recorded);
            }
        }
        let batch = Batch { run: &made.id, after, events: &batch, taken: &[], summary: None };
        made.mark = self.store.commit(&batch).unwrap();
    }

    fn plan_hash(&self, made: &Made) -> String {
        self.store.run(&made.id).unwrap().plan_hash
    }

    /// A snapshot of `run` as one of `of`, taken at `mark`.
    fn write(&self, of: &Made, run: &Run, mark: &Mark) {
        snapshot::write(&self.folder.run(&of.id), &of.id, &self.plan_hash(of), run, mark).unwrap();
    }

    /// A run with a snapshot in the middle of its log.
    fn with_snapshot(&mut self) -> (Made, u64) {
        let mut made = self.run(20, &Exit::Code { code: 0 });
        self.write(&made, &made.run, &made.mark);
        let at = made.mark.seq;
        for _ in 0..5 {
            self.end_one(&mut made, &Exit::Code { code: 0 });
        }
        (made, at)
    }

    fn file(&self, made: &Made) -> std::path::PathBuf {
        self.folder.run(&made.id).snapshot()
    }

    /// The run is the log's, folded from the snapshot at `from` (0: from none).
    fn check(&self, made: &Made, from: u64, why: &str) {
        let replayed = replay(&self.folder, &self.store, &self.store.run(&made.id).unwrap()).unwrap();
        assert_eq!(format!("{:?}", replayed.run), format!("{:?}", made.run), "{why}");
        assert_eq!(replayed.snapshot, from, "{why}");
    }
}

/// The file with another head, whole as to its hash.
fn with_head(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let rest = &file[65..];
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
    let head = String::from_utf8(rest[..end].to_vec()).unwrap();
    assert!(head.contains(from), "{head}");
    let rest = [head.replace(from, to).as_bytes(), &rest[end..]].concat();
    [format!("{}\n", blake3::hash(&rest).to_hex()).as_bytes(), &rest].concat()
}

#[test]
fn a_run_is_folded_from_its_snapshot_and_what_came_after() {
    let mut scene = Scene::new();
    let (made, at) = scene.with_snapshot();
    scene.check(&made, at, "as it was written");
    fs::remove_file(scene.file(&made)).unwrap();
    scene.check(&made, 0, "without one");
}

#[test]
fn a_torn_or_damaged_snapshot_is_passed_over() {
    let mut scene = Scene::new();
    let (made, at) = scene.with_snapshot();
    let whole = fs::read(scene.file(&made)).unwrap();
    for length in (0..whole.len()).step_by(61).chain(whole.len() - 3..whole.len()) {
        fs::write(scene.file(&made), &whole[..length]).unwrap();
        scene.check(&made, 0, &format!("cut to {length}"));
        let mut zeros = whole.clone();
        zeros[length..].fill(0);
        // Its last bytes may be zeros by right.
        let from = if zeros == whole { at } else { 0 };
        fs::write(scene.file(&made), zeros).unwrap();
        scene.check(&made, from, &format!("only zeros from {length} on"));
    }
    for place in (0..whole.len()).step_by(31) {
        let mut flipped = whole.clone();
        flipped[place] ^= 1 << (place % 8);
        fs::write(scene.file(&made), flipped).unwrap();
        scene.check(&made, 0, &format!("flipped at {place}"));
    }
    fs::write(scene.file(&made), [whole.as_slice(), b"\n"].concat()).unwrap();
    scene.check(&made, 0, "with something behind it");
    fs::write(scene.file(&made), whole).unwrap();
    scene.check(&made, at, "whole again");
}

#[test]
fn a_snapshot_of_another_band_run_or_plan_is_passed_over() {
    let mut scene = Scene::new();
    let (made, at) = scene.with_snapshot();
    let (other, _) = scene.with_snapshot();
    let whole = fs::read(scene.file(&made)).unwrap();
    let cases = [
        (bandleader_core::FOLD.to_owned(), "0123456789abcdef".to_owned()),
        ("\"format\":1".to_owned(), "\"format\":2".to_owned()),
        (scene.plan_hash(&made), "ab".repeat(32)),
        (made.id.to_string(), other.id.to_string()),
        (format!("\"seq\":{at}"), format!("\"seq\":{}", at + 1)),
        (format!("\"seq\":{at}"), "\"seq\":-1".to_owned()),
        ("\"format\":1".to_owned(), "\"format\":1,\"more\":true".to_owned()),
    ];
    for (from, to) in cases {
        fs::write(scene.file(&made), with_head(&whole, &from, &to)).unwrap();
        scene.check(&made, 0, &to);
    }
    fs::copy(scene.file(&other), scene.file(&made)).unwrap();
    scene.check(&made, 0, "another run's");
    fs::write(scene.file(&made), with_head(&whole, "\"seq\"", "\"seq\"")).unwrap();
    scene.check(&made, at, "the test's own heads are good");
}

#[test]
fn a_snapshot_through_which_the_log_does_not_go_is_passed_over() {
    let mut scene = Scene::new();
    let (mut made, _) = scene.with_snapshot();
    scene.write(&made, &made.run, &Mark { sum: [7; 16], ..made.mark });
    scene.check(&made, 0, "another checksum");
    // The log is an older copy than the snapshot.
    let mut ahead = Made { id: made.id.clone(), run: made.run.clone(), mark: made.mark };
    let before = fs::read(scene.folder.database()).unwrap();
    let wal = scene.folder.database().with_extension("db-wal");
    let wal_before = fs::read(&wal).unwrap();
    scene.end_one(&mut ahead, &Exit::Code { code: 0 });
    scene.write(&made, &ahead.run, &ahead.mark);
    scene.check(&ahead, ahead.mark.seq, "at the very end of the log");
    scene.store = Store::open(&Scene::new().folder).unwrap();
    fs::write(scene.folder.database(), before).unwrap();
    fs::write(&wal, wal_before).unwrap();
    let _ = fs::remove_file(scene.folder.database().with_extension("db-shm"));
    scene.store = Store::open(&scene.folder).unwrap();
    scene.check(&made, 0, "newer than the log");
    scene.end_one(&mut made, &Exit::Code { code: 1 });
    scene.end_one(&mut made, &Exit::Code { code: 1 });
    scene.check(&made, 0, "the log went another way");
}

#[test]
fn a_state_that_the_log_does_not_follow_from_is_passed_over() {
    let mut scene = Scene::new();
    let (made, _) = scene.with_snapshot();
    // As many events, but another engine came where in the log the first task ended.
    let mut other = scene.run(0, &Exit::Unseen);
    scene.commit(&mut other, Input::Boot { epoch: 2, pid: 2 });
    let mark = mark_at(&scene, &made, other.mark.seq);
    scene.write(&made, &other.run, &mark);
    scene.check(&made, 0, "a state of another log");
    scene.write(&made, &made.run, &mark);
    scene.check(&made, 0, "a state of another event than it says");
}

/// Where the log of a run stood after this event.
fn mark_at(scene: &Scene, made: &Made, seq: u64) -> Mark {
    let connection = rusqlite::Connection::open(scene.folder.database()).unwrap();
    let sql = "SELECT sum FROM event WHERE run = (SELECT number FROM run WHERE id = ?1) AND seq = ?2";
    let key = rusqlite::params![made.id.as_str(), seq.cast_signed()];
    let sum = connection.query_row(sql, key, |row| row.get(0)).unwrap();
    Mark { seq, sum }
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let mut scene = Scene::new();
    let (made, _) = scene.with_snapshot();
    let file = scene.file(&made);
    fs::remove_file(&file).unwrap();
    let rights = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, rights, 0).unwrap();
    scene.check(&made, 0, "a pipe");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    scene.check(&made, 0, "a folder");
}

#[test]
fn damage_behind_the_snapshot_is_told_and_before_it_is_not_read() {
    let mut scene = Scene::new();
    let (made, at) = scene.with_snapshot();
    let connection = rusqlite::Connection::open(scene.folder.database()).unwrap();
    let spoil = |seq: u64| {
        let sql = "UPDATE event SET at = at + 1 WHERE run = (SELECT number FROM run WHERE id = ?1) AND seq = ?2";
        assert_eq!(connection.execute(sql, rusqlite::params![made.id.as_str(), seq.cast_signed()]).unwrap(), 1);
    };
    spoil(1);
    scene.check(&made, at, "the first event is damaged");
    spoil(at + 1);
    let told = replay(&scene.folder, &scene.store, &scene.store.run(&made.id).unwrap()).err().unwrap().to_string();
    assert!(told.contains(&format!("event {} of run `{}` is damaged", at + 1, made.id)), "{told}");
}

#[test]
fn a_snapshot_is_made_now_and_then_and_when_an_engine_leaves_a_run_that_goes_on() {
    let mut scene = Scene::new();
    let mut made = scene.run(10, &Exit::Code { code: 0 });
    let (folder, plan_hash) = (scene.folder.run(&made.id), scene.plan_hash(&made));
    let mut snapshots = Snapshots::new(&folder, &made.id, &plan_hash, 0);
    snapshots.at_leave(&made.run, &made.mark);
    assert!(!folder.snapshot().exists(), "{} events are folded at once", made.mark.seq);
    for _ in 0..30 {
        scene.end_one(&mut made, &Exit::Code { code: 0 });
    }
    snapshots.now_and_then(&made.run, &made.mark);
    assert!(!folder.snapshot().exists());
    snapshots.at_leave(&made.run, &made.mark);
    scene.check(&made, made.mark.seq, "left");
    fs::remove_file(folder.snapshot()).unwrap();
    while !made.run.is_over() {
        scene.end_one(&mut made, &Exit::Code { code: 0 });
    }
    Snapshots::new(&folder, &made.id, &plan_hash, 0).at_leave(&made.run, &made.mark);
    assert!(!folder.snapshot().exists(), "over");
}
