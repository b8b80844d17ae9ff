//! The write-ahead log has room before it is needed, and nothing that was committed is ever under it.

use std::fs;

use super::super::room;
use super::*;

fn length(folder: &Folder) -> u64 {
    fs::metadata(room::path(&folder.database())).unwrap().len()
}

#[test]
fn most_commits_do_not_make_the_file_longer() {
    let mut fixture = Fixture::new();
    let (mut longer, mut before) = (0, length(&fixture.folder));
    for _ in 0..200 {
        fixture.commit(3).unwrap();
        let now = length(&fixture.folder);
        longer += u32::from(now != before);
        before = now;
    }
    assert!(longer < 20, "{longer} of 200");
    assert_eq!(fixture.store.events(&fixture.run, 0).unwrap(), events(0, 600));
}

#[test]
fn it_ends_where_sqlite_starts_again_at_the_beginning() {
    let mut fixture = Fixture::new();
    for _ in 0..800 {
        fixture.commit(3).unwrap();
    }
    let length = length(&fixture.folder);
    assert!(length < 5 << 20, "{length} bytes");
    assert_eq!(fixture.store.events(&fixture.run, 0).unwrap(), events(0, 2_400));
}

/// Two writers in turns, each with the room of the other in front of it: what a crash leaves has every commit of both.
#[test]
fn room_that_one_writer_makes_is_no_harm_to_another() {
    let mut fixture = Fixture::new();
    let mut other = Store::open(&fixture.folder).unwrap();
    other.create_run(&new_run("other")).unwrap();
    let mut copies = 0;
    for turn in 0..150 {
        fixture.commit(2).unwrap();
        commit(&mut other, &run("other"), turn * 3, 3).unwrap();
        other.send(&run("other"), &format!("key {turn}"), Timestamp(5), "{}").unwrap();
        if turn % 10 == 9 {
            check_copy(&fixture.folder, (turn + 1) * 2, (turn + 1) * 3);
            copies += 1;
        }
    }
    assert_eq!(copies, 15);
}

/// The files as they are now, elsewhere, without the shared index: as after a loss of power.
fn check_copy(folder: &Folder, first: u64, second: u64) {
    let project = tempfile::tempdir().unwrap();
    let copy = Folder::create(project.path()).unwrap();
    fs::copy(folder.database(), copy.database()).unwrap();
    fs::copy(room::path(&folder.database()), room::path(&copy.database())).unwrap();
    let store = Store::open(&copy).unwrap();
    assert_eq!(store.events(&run("k3v9"), 0).unwrap(), events(0, first));
    assert_eq!(store.events(&run("other"), 0).unwrap(), events(0, second));
}

/// The same at once: whoever makes room holds the lock of writers, or a step of zeros would lie on what the other has committed.
#[test]
fn writers_at_the_same_time_lose_nothing() {
    let fixture = Fixture::new();
    let names = ["one", "two", "three"];
    let write = |name: &str| {
        let mut store = Store::open(&fixture.folder).unwrap();
        store.create_run(&new_run(name)).unwrap();
        for turn in 0..120 {
            commit(&mut store, &run(name), turn * 2, 2).unwrap();
        }
        store.hand_over().unwrap();
    };
    std::thread::scope(|scope| names.map(|name| scope.spawn(move || write(name))).map(|one| one.join().unwrap()));
    let store = Store::open_read_only(&fixture.folder).unwrap();
    for name in names {
        assert_eq!(store.events(&run(name), 0).unwrap(), events(0, 240), "{name}");
    }
}

#[test]
fn a_log_that_was_emptied_meanwhile_goes_on() {
    let mut fixture = Fixture::new();
    for _ in 0..5 {
        fixture.commit(2).unwrap();
        let empty = "PRAGMA wal_checkpoint(TRUNCATE)";
        fixture.store.connection.query_row(empty, [], |_| Ok(())).unwrap();
        fixture.commit(1).unwrap();
    }
    let read = Store::open_read_only(&fixture.folder).unwrap();
    assert_eq!(read.events(&fixture.run, 0).unwrap(), events(0, 15));
}
