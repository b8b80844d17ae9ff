//! No damage passes for truth: a torn end gives whole batches, anything else gives an error with a number.

use std::fs;
use std::path::Path;

use super::*;

/// Sizes of the batches; the log may end behind any of them, and nowhere else.
const BATCHES: [u64; 7] = [1, 4, 1, 30, 2, 90, 1];

fn total() -> u64 {
    BATCHES.iter().sum()
}

fn ends_a_batch(events: u64) -> bool {
    (0..=BATCHES.len()).any(|count| BATCHES.iter().take(count).sum::<u64>() == events)
}

/// A file and its write-ahead log as a power cut leaves them: the run is in the file, all its batches are in the WAL, without
/// the room that was made behind them.
fn torn() -> (Vec<u8>, Vec<u8>) {
    let mut fixture = Fixture::new();
    let connection = &fixture.store.connection;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    for count in BATCHES {
        fixture.commit(count).unwrap();
    }
    let file = fixture.folder.database();
    let (read, mut wal) = (fs::read(&file).unwrap(), fs::read(file.with_file_name("band.db-wal")).unwrap());
    let frames = "PRAGMA wal_checkpoint(PASSIVE)";
    let frames: i64 = fixture.store.connection.query_row(frames, [], |row| row.get(1)).unwrap();
    let used = 32 + usize::try_from(frames).unwrap() * (24 + 4_096);
    assert!(wal.get(used..).unwrap().iter().all(|byte| *byte == 0), "there is nothing behind the last frame");
    wal.truncate(used);
    (read, wal)
}

/// How many events a copy of these two files has; all of them are checked to be the right ones.
fn reopened(file: &[u8], wal: &[u8]) -> u64 {
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    fs::write(folder.database(), file).unwrap();
    fs::write(folder.database().with_file_name("band.db-wal"), wal).unwrap();
    let found = Store::open(&folder).unwrap().events(&run("k3v9"), 0).unwrap();
    let count = found.len() as u64;
    assert_eq!(found, events(0, count));
    count
}

#[test]
fn a_write_that_was_torn_anywhere_leaves_whole_batches() {
    let (file, wal) = torn();
    let mut last = 0;
    for length in (0..wal.len()).step_by(997) {
        let count = reopened(&file, wal.get(..length).unwrap());
        assert!(ends_a_batch(count), "cut at {length}: {count} events");
        assert!(count >= last, "cut at {length}: fewer than with a shorter file");
        last = count;
    }
    assert_eq!(reopened(&file, &wal), total());
}

#[test]
fn a_write_that_was_garbled_anywhere_leaves_whole_batches() {
    let (file, wal) = torn();
    for at in (0..wal.len()).step_by(2_003) {
        let mut garbled = wal.clone();
        garbled[at] ^= 0x40;
        let count = reopened(&file, &garbled);
        assert!(ends_a_batch(count) && count < total(), "garbled at {at}: {count} events");
    }
}

#[test]
fn no_damaged_page_passes_for_a_shorter_or_another_log() {
    let (file, wal) = torn();
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    fs::write(folder.database(), &file).unwrap();
    fs::write(folder.database().with_file_name("band.db-wal"), &wal).unwrap();
    drop(Store::open(&folder).unwrap());
    let whole = fs::read(folder.database()).unwrap();
    let mut noticed = 0;
    for page in 0..whole.len() / 4_096 {
        for garbage in [0x00, 0xff, b'e'] {
            let mut damaged = whole.clone();
            damaged[page * 4_096..][..4_096].fill(garbage);
            noticed += u32::from(check_damaged(&folder, &damaged));
        }
    }
    assert!(noticed > 6, "the pages of the events at least: {noticed}");
}

/// Reads a damaged file; whether it was noticed. If it was not, then nothing that counts was hit.
fn check_damaged(folder: &Folder, damaged: &[u8]) -> bool {
    fs::write(folder.database(), damaged).unwrap();
    for side in ["band.db-wal", "band.db-shm"] {
        let _ = fs::remove_file(folder.database().with_file_name(side));
    }
    match Store::open_read_only(folder).and_then(|store| store.events(&run("k3v9"), 0)) {
        Ok(found) => assert_eq!(found, events(0, total())),
        Err(_) => return true,
    }
    false
}

/// Six events, `change` made to the file behind our back, and what reading says then.
fn check_changed(change: &str, expected: &str) {
    let mut fixture = Fixture::new();
    fixture.commit(6).unwrap();
    fixture.store.connection.execute_batch(change).unwrap();
    let error = fixture.store.events(&fixture.run, 0).unwrap_err().to_string();
    let (_, error) = error.split_once("band.db`: ").unwrap();
    assert_eq!(error, expected);
}

#[test]
fn a_changed_or_missing_row_is_named() {
    let whole = "the events before it are whole; restore the file from a backup";
    let damaged = |seq, what| format!("event {seq} of run `k3v9` is damaged ({what}); {whole}");
    let sum = "its checksum does not match";
    check_changed("UPDATE event SET body = replace(body, 'reason', 'excuse') WHERE seq = 4", &damaged(4, sum));
    check_changed("UPDATE event SET at = at + 1 WHERE seq = 2", &damaged(2, sum));
    check_changed("UPDATE event SET type = 'task_failed' WHERE seq = 6", &damaged(6, sum));
    check_changed("UPDATE event SET sum = zeroblob(16) WHERE seq = 1", &damaged(1, sum));
    check_changed("DELETE FROM event WHERE seq = 3", &format!("event 3 of run `k3v9` is missing; {whole}"));
    check_changed("DELETE FROM event WHERE seq > 4", &format!("event 5 of run `k3v9` is missing; {whole}"));
    check_changed("DELETE FROM event", &format!("event 1 of run `k3v9` is missing; {whole}"));
    let end = "the list of runs knows another end of this log";
    check_changed("UPDATE run SET last_seq = 4", &damaged(7, end));
    check_changed("UPDATE run SET head = zeroblob(16)", &damaged(7, end));
}

#[test]
fn events_cannot_move_from_one_run_to_another() {
    let mut fixture = Fixture::new();
    fixture.store.create_run(&new_run("other")).unwrap();
    fixture.commit(2).unwrap();
    commit(&mut fixture.store, &run("other"), 0, 2).unwrap();
    let swap = "DELETE FROM event WHERE run = 1; UPDATE event SET key = (1 << 32) + seq WHERE run = 2";
    fixture.store.connection.execute_batch(swap).unwrap();
    let error = fixture.store.events(&fixture.run, 0).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { seq: 1, .. }), "{error}");
}

#[test]
fn what_is_before_the_damage_can_be_saved() {
    let mut fixture = Fixture::new();
    fixture.commit(6).unwrap();
    fixture.store.connection.execute_batch("UPDATE event SET body = '{}' WHERE seq = 5").unwrap();
    let (saved, problem) = fixture.store.salvage(&fixture.run);
    assert_eq!(saved, events(0, 4));
    assert!(matches!(problem, Some(StoreError::Corrupt { seq: 5, .. })));
}

#[test]
fn an_event_of_a_newer_version_is_not_taken_for_damage() {
    let mut fixture = Fixture::new();
    fixture.commit(1).unwrap();
    let body = r#"{"type":"task_praised","task":1}"#;
    let row = super::super::chain::Row { seq: 1, at: 1_001, name: "task_praised", version: 1, body };
    let sum = super::super::chain::link(&super::super::chain::start(&fixture.run), &row);
    let connection = &fixture.store.connection;
    connection.execute("UPDATE event SET type = 'task_praised', body = ?1, sum = ?2", (body, sum)).unwrap();
    connection.execute("UPDATE run SET head = ?1", [sum]).unwrap();
    let error = fixture.store.events(&fixture.run, 0).unwrap_err();
    assert!(matches!(error, StoreError::NewerEvent { seq: 1, .. }), "{error}");
}

fn check_witness(committed: u64, timeline: &str, expected: Option<&str>) {
    let mut fixture = Fixture::new();
    fixture.commit(committed).unwrap();
    let folder = fixture.folder.create_run(&fixture.run).unwrap();
    write(&folder.timeline(), timeline);
    let error = fixture.store.check_witness(&fixture.run, &folder).err().map(|error| error.to_string());
    match (&error, expected) {
        (None, None) => {}
        (Some(error), Some(expected)) if error.contains(expected) => {}
        _ => panic!("{timeline:?}: {error:?}, expected {expected:?}"),
    }
}

fn write(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
}

#[test]
fn a_log_that_is_shorter_than_its_timeline_is_refused() {
    check_witness(3, "{\"seq\":2}\n{\"seq\":3}\n", None);
    check_witness(3, "", None);
    check_witness(3, "not ours\n\n", None);
    let shorter = "is shorter than its timeline: it ends at event 3, but event 4 was shown";
    check_witness(3, "{\"seq\":3}\n{\"seq\":4}\n{\"seq\":5,\"ev", Some(shorter));
    let long = format!("{}{{\"seq\":4}}\n", "{\"seq\":1}\n".repeat(100_000));
    check_witness(3, &long, Some(shorter));
}
