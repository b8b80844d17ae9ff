//! Messages in the book: their order, their tries, and when they are forgotten.

use super::*;

fn book() -> (tempfile::TempDir, Book, RunId) {
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap();
    let book = Book::open(&folder).unwrap();
    (project, book, RunId::parse("k3v9").unwrap())
}

fn new(seq: u64) -> New {
    New {
        id: format!("msg_{seq}"),
        seq,
        event: "agent_start".into(),
        at: Timestamp(seq),
        body: "{}".into(),
        link: None,
    }
}

fn due(book: &Book, now: u64) -> Vec<String> {
    book.due("ops", Timestamp(now)).unwrap().into_iter().map(|one| one.id).collect()
}

fn tried(book: &mut Book, outcome: Outcome, now: u64) {
    let one = book.due("ops", Timestamp(now)).unwrap().remove(0);
    let attempt = Attempt { at: Timestamp(now), took: Millis(1), status: None, error: None };
    book.tried(&one, &attempt, outcome, Timestamp(now)).unwrap();
}

#[test]
fn messages_of_a_run_go_one_after_the_other_and_those_of_another_do_not_wait() {
    let (_project, mut book, run) = book();
    let other = RunId::parse("b").unwrap();
    book.write("ops", &run, 2, &[new(1), new(2)], Timestamp(0)).unwrap();
    book.write("ops", &other, 9, &[new(9)], Timestamp(0)).unwrap();
    assert_eq!(due(&book, 0), ["msg_1", "msg_9"]);
    tried(&mut book, Outcome::Refused { again: None }, 0);
    assert_eq!(due(&book, 4_000), ["msg_9"], "what is behind one that waits, waits");
    assert_eq!(due(&book, 6_000), ["msg_9", "msg_1"]);
    tried(&mut book, Outcome::Taken, 6_000);
    tried(&mut book, Outcome::Taken, 6_000);
    assert_eq!(due(&book, 6_000), ["msg_2"]);
    assert_eq!(book.cursor("ops", &run).unwrap(), Some(2));
    assert_eq!(book.counts("ops").unwrap(), [1, 2, 0]);
}

#[test]
fn nothing_is_written_twice_and_a_replay_keeps_its_id() {
    let (_project, mut book, run) = book();
    book.write("ops", &run, 1, &[new(1)], Timestamp(0)).unwrap();
    book.write("ops", &run, 1, &[new(1)], Timestamp(0)).unwrap();
    assert_eq!(due(&book, 0), ["msg_1"]);
    tried(&mut book, Outcome::Taken, 0);
    assert_eq!(due(&book, 1 << 40), [""; 0]);
    assert!(book.replay("msg_1", Timestamp(7)).unwrap() && !book.replay("msg_2", Timestamp(7)).unwrap());
    assert_eq!(due(&book, 7), ["msg_1"]);
}

#[test]
fn it_is_tried_for_three_days_and_then_given_up() {
    let (_project, mut book, run) = book();
    book.write("ops", &run, 2, &[new(1), new(2)], Timestamp(0)).unwrap();
    let (mut now, mut tries) = (0, 0);
    while due(&book, now) == ["msg_1"] {
        tried(&mut book, Outcome::Refused { again: None }, now);
        tries += 1;
        now = book.message("msg_1").unwrap().unwrap().next_at.0;
    }
    assert_eq!((tries, book.message("msg_1").unwrap().unwrap().state), (10, State::GivenUp));
    let days = now / (24 * 3_600 * 1_000);
    assert!((2..=4).contains(&days), "{days}");
    assert_eq!(due(&book, now), ["msg_2"], "it stands in nobody's way any more");
    assert_eq!(book.attempts(&book.message("msg_1").unwrap().unwrap()).unwrap().len(), 10);
    assert_eq!(book.replay_failed("ops", Timestamp(now)).unwrap(), 1);
    assert_eq!(due(&book, now), ["msg_1"]);
}

#[test]
fn a_receiver_may_ask_for_more_time_or_for_no_more_at_all() {
    let (_project, mut book, run) = book();
    book.write("ops", &run, 2, &[new(1), new(2)], Timestamp(0)).unwrap();
    tried(&mut book, Outcome::Refused { again: Some(Timestamp(60_000)) }, 0);
    assert_eq!((due(&book, 59_000).len(), due(&book, 60_000).len()), (0, 1));
    tried(&mut book, Outcome::NoMore, 60_000);
    assert_eq!(book.message("msg_1").unwrap().unwrap().state, State::GivenUp);
    book.forget(Timestamp(60_000 + KEPT.0 + 1)).unwrap();
    assert!(book.message("msg_1").unwrap().is_none() && book.message("msg_2").unwrap().is_some());
}
