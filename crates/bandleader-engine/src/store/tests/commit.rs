//! A batch is committed whole, once, by the one writer.

use super::*;

#[test]
fn what_was_committed_comes_back_equal() {
    let mut fixture = Fixture::new();
    fixture.commit(1).unwrap();
    fixture.commit(5).unwrap();
    let Fixture { store, run, folder, .. } = &fixture;
    assert_eq!(store.events(run, 0).unwrap(), events(0, 6));
    assert_eq!(store.events(run, 4).unwrap(), events(4, 2));
    assert_eq!(store.events(run, 6).unwrap(), []);
    assert_eq!(store.some_events(run, 1, 3).unwrap(), events(1, 3));
    assert_eq!(Store::open_read_only(folder).unwrap().events(run, 0).unwrap(), events(0, 6));
}

#[test]
fn fractions_come_back_to_the_last_bit() {
    let mut fixture = Fixture::new();
    let mut report = bandleader_core::Report::default();
    for (name, number) in [("third", 1.0 / 3.0), ("tiny", 5e-324), ("odd", 123_456.789e-7), ("sum", 0.1 + 0.2)] {
        report.outputs.insert(name.into(), number.into());
    }
    let attempt = bandleader_core::AttemptId { task: TaskId(0), number: 1 };
    let event = Event::AttemptSucceeded { attempt, report };
    let events = [Recorded { seq: 1, at: Timestamp(7), event }];
    let batch = Batch { run: &fixture.run, after: 0, events: &events, taken: &[], summary: None };
    fixture.store.commit(&batch).unwrap();
    assert_eq!(fixture.store.events(&fixture.run, 0).unwrap(), events);
}

#[test]
fn a_writer_that_was_overtaken_is_refused_and_changes_nothing() {
    let mut fixture = Fixture::new();
    let mut other = Store::open(&fixture.folder).unwrap();
    fixture.commit(2).unwrap();
    let error = commit(&mut other, &fixture.run, 0, 3).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the log of run `k3v9` moved on: expected event 1, found 3; another process runs it now"
    );
    assert_eq!(other.events(&fixture.run, 0).unwrap(), events(0, 2));
    commit(&mut other, &fixture.run, 2, 3).unwrap();
    assert_eq!(fixture.store.events(&fixture.run, 0).unwrap(), events(0, 5));
}

#[test]
fn a_batch_with_a_gap_in_it_is_refused_whole() {
    let mut fixture = Fixture::new();
    let mut gap = events(0, 3);
    gap.remove(1);
    let batch = Batch { run: &fixture.run, after: 0, events: &gap, taken: &[], summary: None };
    let error = fixture.store.commit(&batch).unwrap_err();
    assert!(matches!(error, StoreError::OutOfOrder { expected: 2, found: 3, .. }), "{error}");
    assert_eq!(fixture.store.events(&fixture.run, 0).unwrap(), []);
}

#[test]
fn a_commit_to_a_run_that_is_not_there_is_refused() {
    let mut fixture = Fixture::new();
    let error = commit(&mut fixture.store, &run("nobody"), 0, 1).unwrap_err();
    assert_eq!(error.to_string(), "no run `nobody` in this folder; `band list` shows all of them");
}

#[test]
fn another_process_sees_that_something_was_committed() {
    let mut fixture = Fixture::new();
    let reader = Store::open_read_only(&fixture.folder).unwrap();
    let before = reader.data_version().unwrap();
    assert_eq!(reader.data_version().unwrap(), before);
    fixture.commit(1).unwrap();
    assert_ne!(reader.data_version().unwrap(), before);
}

#[test]
fn the_summary_is_what_lists_show_and_stays_until_the_next() {
    let mut fixture = Fixture::new();
    let events = events(0, 1);
    let summary = Some(Summary { state: "running", body: r#"{"done":1}"# });
    let batch = Batch { run: &fixture.run, after: 0, events: &events, taken: &[], summary };
    fixture.store.commit(&batch).unwrap();
    fixture.commit(1).unwrap();
    let row = fixture.store.run(&fixture.run).unwrap();
    assert_eq!((row.state.as_str(), row.summary.as_str(), row.last_seq), ("running", r#"{"done":1}"#, 2));
    assert_eq!(row.last_at, Timestamp(1_002));
}

#[test]
fn a_full_disk_stops_the_run_says_what_is_safe_and_leaves_a_whole_log() {
    let mut fixture = Fixture::new();
    fixture.commit(3).unwrap();
    let pages: i64 = fixture.store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    fixture.store.connection.pragma_update(None, "max_page_count", pages).unwrap();
    let error = fixture.commit(2_000).unwrap_err().to_string();
    assert!(error.starts_with("the disk is full for `"), "{error}");
    let rest = "nothing was lost of run `k3v9` up to event 3; make room and `band resume k3v9`";
    assert!(error.ends_with(rest), "{error}");
    assert_eq!(fixture.store.events(&fixture.run, 0).unwrap(), events(0, 3));
    fixture.store.connection.pragma_update(None, "max_page_count", pages + 1_000).unwrap();
    fixture.commit(2_000).unwrap();
    assert_eq!(fixture.store.events(&fixture.run, 0).unwrap(), events(0, 2_003));
}
