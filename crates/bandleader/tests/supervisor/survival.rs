//! Engines come and go, supervisors are killed, disks are full: no outcome is lost and nothing runs twice.

use std::time::Duration;

use bandleader_core::{Exit, JobId, StopHow};
use bandleader_engine::link::{FromSupervisor, ToSupervisor};
use bandleader_engine::supervisor::{SupervisorError, outcomes};
use bandleader_engine::sweep::{SweepError, end_leftovers};

use super::harness::{Run, assert_none_with, code, is_alive, processes_with, script, signal, until};

#[test]
fn jobs_outlive_the_engine_and_are_found_again() {
    let mut run = Run::new();
    let (mark, pid) = (run.mark(), run.pid());
    let go = run.folder.join("go");
    run.start(script("1.1", &format!("while [ ! -e {} ]; do sleep 0.01; done; echo gone on; exit 4", go.display())));
    run.start(script("2.1", &format!("echo up; sleep {mark}")));
    run.until_printed("2.1", "up");
    drop(run.link.take());
    std::fs::write(&go, "").unwrap();
    until("the outcome is on disk", || outcomes(&run.folder).unwrap().contains_key(&JobId::parse("1.1").unwrap()));
    run.attach(run.hello(2)).unwrap();
    assert_eq!(run.pid(), pid);
    let live: Vec<String> = run.live.iter().map(|live| live.job.to_string()).collect();
    let ended: Vec<_> = run.ended.iter().map(|ended| (ended.job.to_string(), ended.exit.clone())).collect();
    assert_eq!((live, ended), (vec!["2.1".into()], vec![("1.1".into(), code(4))]));
    assert_eq!(run.log("1.1"), b"gone on\n");
    run.stop("2.1", StopHow::Politely);
    assert_eq!(run.end_of("2.1").exit, Exit::Signal { signal: 15 });
}

#[test]
fn the_supervisor_ends_when_nobody_needs_it() {
    let mut run = Run::new();
    let pid = run.pid();
    run.run(script("1.1", "exit 3"));
    drop(run.link.take());
    until("the supervisor ends", || !is_alive(pid));
    run.attach(run.hello(2)).unwrap();
    assert_ne!(run.pid(), pid);
    assert_eq!(run.ended.iter().map(|ended| ended.exit.clone()).collect::<Vec<_>>(), [code(3)]);
    run.say(&ToSupervisor::Acknowledge { job: JobId::parse("1.1").unwrap() });
    run.run(script("2.1", "exit 0"));
    run.attach(run.hello(3)).unwrap();
    assert_eq!(run.ended.iter().map(|ended| ended.job.to_string()).collect::<Vec<_>>(), ["2.1"]);
}

#[test]
fn a_known_job_is_not_started_again() {
    let mut run = Run::new();
    let file = run.folder.join("count");
    let text = format!("echo x >> {}; [ -e {}.stay ] && sleep 600; exit 2", file.display(), file.display());
    let count = || std::fs::read_to_string(&file).unwrap_or_default().lines().count();
    run.run(script("1.1", &text));
    assert_eq!(run.run(script("1.1", &text)).exit, code(2));
    run.say(&ToSupervisor::Acknowledge { job: JobId::parse("1.1").unwrap() });
    assert_eq!(run.run(script("1.1", &text)).exit, code(2));
    assert_eq!(count(), 1);
    std::fs::write(file.with_extension("stay"), "").unwrap();
    run.start(script("2.1", &text));
    run.start(script("2.1", &text));
    until("it is started", || count() == 2);
    run.start(script("2.1", &text));
    let FromSupervisor::Spawned(live) = run.next() else { panic!("not reported") };
    run.stop("2.1", StopHow::AtOnce);
    run.end_of("2.1");
    assert_eq!((live.job.to_string(), count()), ("2.1".into(), 2));
}

#[test]
fn stopping_what_is_not_there_is_answered() {
    let mut run = Run::new();
    run.stop("5.1", StopHow::Politely);
    assert_eq!(run.next(), FromSupervisor::Unknown { job: JobId::parse("5.1").unwrap() });
    run.run(script("6.1", "exit 1"));
    run.stop("6.1", StopHow::Politely);
    assert_eq!(run.end_of("6.1").exit, code(1));
    run.start(script("7.1", "sleep 600"));
    run.stop("7.1", StopHow::AtOnce);
    assert_eq!(run.end_of("7.1").exit, Exit::Signal { signal: 9 });
}

#[test]
fn the_highest_epoch_wins() {
    let mut run = Run::new();
    let mut second = run.beside(2);
    assert_eq!(run.next(), FromSupervisor::Gone);
    let refused = run.attach(run.hello(1));
    assert!(matches!(refused, Err(SupervisorError::Refused { .. })), "{:?}", refused.err());
    assert_eq!(second.run(script("1.1", "exit 0")).exit, code(0));
    // Remembered over the supervisor's end.
    let pid = second.pid();
    drop(second.link.take());
    until("the supervisor ends", || !is_alive(pid));
    assert!(matches!(run.attach(run.hello(1)), Err(SupervisorError::Refused { .. })));
}

#[test]
fn after_a_killed_supervisor_nothing_is_left_and_its_jobs_are_unseen() {
    let mut run = Run::new();
    let (mark, pid) = (run.mark(), run.pid());
    run.run(script("1.1", "exit 0"));
    run.start(script("2.1", &format!("(setsid sleep {mark} &); (env -i sleep {mark} &) ; exec env -i sleep {mark}")));
    until("all sleep", || processes_with(&format!("sleep\0{mark}")).len() == 3);
    assert!(matches!(end_leftovers(&run.folder, &run.id), Err(SweepError::Alive { .. })));
    until("its pid is on disk", || matches!(run.poll(Duration::ZERO), Some(FromSupervisor::Spawned(_))));
    signal(pid, "KILL");
    until("it is noticed", || matches!(run.next(), FromSupervisor::Gone));
    assert_eq!(processes_with(&mark).len(), 3);
    run.attach(run.hello(2)).unwrap();
    assert_none_with(&mark);
    let ended: Vec<_> = run.ended.iter().map(|ended| (ended.job.to_string(), ended.exit.clone())).collect();
    assert_eq!(ended, [("1.1".into(), code(0)), ("2.1".into(), Exit::Unseen)]);
    assert!(run.live.is_empty());
}

#[test]
fn leftovers_can_be_ended_without_a_supervisor() {
    let mut run = Run::new();
    let (mark, pid) = (run.mark(), run.pid());
    run.start(script("1.1", &format!("sleep {mark}")));
    until("it sleeps", || !processes_with(&mark).is_empty());
    signal(pid, "KILL");
    until("it is noticed", || matches!(run.next(), FromSupervisor::Gone));
    let leftovers = end_leftovers(&run.folder, &run.id).unwrap();
    assert_eq!(leftovers.lost, [JobId::parse("1.1").unwrap()]);
    assert_none_with(&mark);
    assert_eq!(end_leftovers(&run.folder, &run.id).unwrap().lost, []);
}

#[test]
fn a_folder_too_deep_for_a_socket_is_no_hindrance() {
    let mut run = Run::in_folder(&"deep/".repeat(60));
    assert_eq!(run.run(script("1.1", "exit 0")).exit, code(0));
}
