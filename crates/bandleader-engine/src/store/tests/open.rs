//! What may be opened, and how an older file becomes a newer one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use rusqlite::Connection;

use super::super::schema;
use super::*;

fn check_open(content: &[u8], expected: &str) {
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    fs::write(folder.database(), content).unwrap();
    for error in [Store::open(&folder).unwrap_err(), Store::open_read_only(&folder).unwrap_err()] {
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}

/// The bytes of an SQLite file that `sql` makes.
fn sqlite_file(sql: &str) -> Vec<u8> {
    let project = tempfile::tempdir().unwrap();
    let file = project.path().join("some.db");
    Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    fs::read(file).unwrap()
}

#[test]
fn what_is_not_ours_is_refused() {
    let refusal = "band.db` is not a log of band; move it away, or restore it from a backup";
    check_open(b"a text that somebody put there, long enough to be taken for a header of something", refusal);
    check_open(&sqlite_file("CREATE TABLE note (text)"), refusal);
    check_open(&sqlite_file("PRAGMA user_version = 1; CREATE TABLE note (text)"), refusal);
}

#[test]
fn what_a_newer_version_made_is_refused() {
    let newer = sqlite_file("PRAGMA application_id = 0x62616e64; PRAGMA user_version = 9; CREATE TABLE event (x)");
    check_open(&newer, "was written by a newer version of band (format 9, this one knows 2); use that version");
}

#[test]
fn an_empty_file_is_a_new_log_and_only_its_owner_may_read_it() {
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    let mut store = Store::open(&folder).unwrap();
    store.create_run(&new_run("k3v9")).unwrap();
    for file in ["band.db", "band.db-wal", "band.db-shm"] {
        let mode = fs::metadata(folder.root().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_new_log_leaves_nothing_beside_it() {
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    drop(Store::open(&folder).unwrap());
    let mut names: Vec<_> = fs::read_dir(folder.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [".gitignore", "band.db", "blobs", "plans", "runs"]);
}

/// What somebody who was killed while he made the log leaves, by name and content; the next one makes it all the same.
fn check_completed(left: &[(&str, &[u8])]) {
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    for (name, content) in left {
        fs::write(folder.root().join(name), content).unwrap();
    }
    let mut store = Store::open(&folder).unwrap();
    store.commit_new(&new_run("k3v9"), &events(0, 1)).unwrap();
    drop(store);
    assert_eq!(Store::open_read_only(&folder).unwrap().events(&run("k3v9"), 0).unwrap(), events(0, 1));
}

#[test]
fn a_log_that_was_begun_and_not_finished_is_made() {
    let half = sqlite_file("PRAGMA journal_mode = MEMORY; CREATE TABLE run (id)");
    let ours = format!("band.db.new-0-{}", std::process::id());
    check_completed(&[]);
    check_completed(&[("band.db.new-0-1", b"")]);
    check_completed(&[(&ours, &half)]);
    check_completed(&[("band.db.new-0-1", &half), ("band.db.new-0-1-journal", b"torn")]);
    // As a version that made it in its place could leave it.
    check_completed(&[("band.db", b"")]);
}

#[test]
fn reading_where_there_is_no_log_says_so_and_makes_none() {
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    let error = Store::open_read_only(&folder).unwrap_err();
    assert!(matches!(error, StoreError::Absent { .. }), "{error}");
    assert!(!folder.database().exists());
}

#[test]
fn many_may_open_a_new_folder_at_once() {
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
    thread::scope(|scope| {
        for id in ids {
            let folder = &folder;
            scope.spawn(move || {
                let mut store = Store::open(folder).unwrap();
                store.create_run(&new_run(id)).unwrap();
                for after in 0..5 {
                    commit(&mut store, &run(id), after, 1).unwrap();
                }
            });
        }
    });
    let store = Store::open_read_only(&folder).unwrap();
    assert_eq!(store.runs().unwrap().len(), ids.len());
    for id in ids {
        assert_eq!(store.events(&run(id), 0).unwrap(), events(0, 5));
    }
}

fn version(connection: &Connection) -> i64 {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn a_file_takes_only_the_steps_that_it_has_not_seen() {
    let project = tempfile::tempdir().unwrap();
    let file = project.path().join("band.db");
    let mut connection = Connection::open(&file).unwrap();
    let steps = ["CREATE TABLE a (x); INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1"];
    schema::migrate(&mut connection, &file, &steps[..1]).unwrap();
    assert_eq!(version(&connection), 1);
    schema::migrate(&mut connection, &file, &steps).unwrap();
    schema::migrate(&mut connection, &file, &steps).unwrap();
    assert_eq!(version(&connection), 2);
    let row = connection.query_row("SELECT count(*), sum(y) FROM a", [], |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(row.unwrap(), (1, 2));
}

#[test]
fn a_step_that_fails_leaves_the_file_as_it_was() {
    let project = tempfile::tempdir().unwrap();
    let file = project.path().join("band.db");
    let mut connection = Connection::open(&file).unwrap();
    schema::migrate(&mut connection, &file, &["CREATE TABLE a (x)"]).unwrap();
    let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
    schema::migrate(&mut connection, &file, &steps).unwrap_err();
    assert_eq!(version(&connection), 1);
    assert!(connection.prepare("SELECT x FROM b").is_err(), "the first half is undone");
}

#[test]
fn a_log_of_the_first_shape_is_read_as_it_was_written_and_goes_on() {
    let mut fixture = Fixture::new();
    fixture.store.create_run(&new_run("other")).unwrap();
    fixture.commit(3).unwrap();
    commit(&mut fixture.store, &run("other"), 0, 2).unwrap();
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    let file = folder.database();
    let mut connection = Connection::open(&file).unwrap();
    schema::migrate(&mut connection, &file, &schema::MIGRATIONS[..1]).unwrap();
    connection.execute("ATTACH ?1 AS now", [fixture.folder.database().to_str().unwrap()]).unwrap();
    let back = "INSERT INTO run SELECT * FROM now.run;
        INSERT INTO event (run, seq, at, type, v, body, sum)
            SELECT run.id, seq, at, type, v, body, sum FROM now.event JOIN now.run ON run.number = event.run";
    connection.execute_batch(back).unwrap();
    drop(connection);
    let mut store = Store::open(&folder).unwrap();
    assert_eq!(store.events(&run("k3v9"), 0).unwrap(), events(0, 3));
    commit(&mut store, &run("k3v9"), 3, 2).unwrap();
    assert_eq!(store.events(&run("k3v9"), 1).unwrap(), events(1, 4));
    assert_eq!(store.events(&run("other"), 0).unwrap(), events(0, 2));
}
