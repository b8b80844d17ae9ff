//! An input is kept until it is taken, and taken once.

use super::super::{Sent, Waiting};
use super::*;

fn keys(waiting: &[Waiting]) -> Vec<&str> {
    waiting.iter().map(|input| input.key.as_str()).collect()
}

#[test]
fn inputs_wait_in_order_until_a_commit_takes_them() {
    let mut fixture = Fixture::new();
    let mut face = Store::open(&fixture.folder).unwrap();
    for key in ["pause", "resume", "cancel"] {
        face.send(&fixture.run, key, Timestamp(5), "{}").unwrap();
    }
    let waiting = fixture.store.waiting(&fixture.run).unwrap();
    assert_eq!(keys(&waiting), ["pause", "resume", "cancel"]);
    let taken: Vec<i64> = waiting.iter().take(2).map(|input| input.id).collect();
    let batch = Batch { run: &fixture.run, after: 0, events: &[], taken: &taken, summary: None };
    fixture.store.commit(&batch).unwrap();
    assert_eq!(keys(&face.waiting(&fixture.run).unwrap()), ["cancel"]);
}

#[test]
fn a_repeated_key_is_one_input_even_after_it_was_taken() {
    let mut fixture = Fixture::new();
    let Sent::New(id) = fixture.store.send(&fixture.run, "once", Timestamp(5), "first").unwrap() else {
        panic!("it is new");
    };
    let again = fixture.store.send(&fixture.run, "once", Timestamp(6), "second").unwrap();
    assert_eq!(again, Sent::Known(id));
    let batch = Batch { run: &fixture.run, after: 0, events: &[], taken: &[id], summary: None };
    fixture.store.commit(&batch).unwrap();
    assert_eq!(fixture.store.send(&fixture.run, "once", Timestamp(7), "third").unwrap(), Sent::Known(id));
    assert_eq!(fixture.store.waiting(&fixture.run).unwrap(), []);
}

#[test]
fn an_input_cannot_be_taken_twice_and_the_batch_that_tries_is_undone() {
    let mut fixture = Fixture::new();
    fixture.store.send(&fixture.run, "pause", Timestamp(5), "{}").unwrap();
    let id = fixture.store.waiting(&fixture.run).unwrap()[0].id;
    let one = events(0, 1);
    fixture.store.commit(&Batch { run: &fixture.run, after: 0, events: &one, taken: &[id], summary: None }).unwrap();
    let two = events(1, 1);
    let again = Batch { run: &fixture.run, after: 1, events: &two, taken: &[id], summary: None };
    let error = fixture.store.commit(&again).unwrap_err();
    assert!(matches!(error, StoreError::AlreadyTaken { .. }), "{error}");
    assert_eq!(fixture.store.events(&fixture.run, 0).unwrap(), one);
}

#[test]
fn an_input_needs_a_run_and_a_sensible_length() {
    let mut fixture = Fixture::new();
    let error = fixture.store.send(&run("nobody"), "pause", Timestamp(5), "{}").unwrap_err();
    assert!(matches!(error, StoreError::NoSuchRun(_)), "{error}");
    let error = fixture.store.send(&fixture.run, "long", Timestamp(5), &"x".repeat(40_000)).unwrap_err();
    assert!(matches!(error, StoreError::InputTooLong { bytes: 40_004, .. }), "{error}");
}
