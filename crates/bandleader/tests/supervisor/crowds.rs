//! Many jobs, many daemons, many engines at once.

use bandleader_core::StopHow;
use bandleader_engine::link::{Hello, ToSupervisor};
use bandleader_engine::supervisor::Supervisor;

use super::harness::{Run, assert_none_with, code, exe, processes_with, script, until};

#[test]
fn many_jobs_at_once_all_report() {
    let mut run = Run::new();
    for n in 0..100 {
        run.start(script(&format!("{n}.1"), &format!("echo {n}; exit {}", n % 7)));
    }
    for _ in 0..100 {
        let ended = run.next_end();
        let n = ended.job.attempt.task.0;
        let log = run.log(&ended.job.to_string());
        assert_eq!((ended.exit, log), (code((n % 7).cast_signed()), format!("{n}\n").into_bytes()));
    }
}

#[test]
fn four_hundred_jobs_live_at_once() {
    let mut run = Run::new();
    let mark = run.mark();
    for n in 0..400 {
        run.start(script(&format!("{n}.1"), &format!("exec sleep {mark}")));
    }
    until("all sleep", || processes_with(&format!("sleep\0{mark}")).len() == 400);
    for n in 0..400 {
        run.stop(&format!("{n}.1"), StopHow::Politely);
    }
    for _ in 0..400 {
        run.next_end();
    }
    assert_none_with(&mark);
}

#[test]
fn daemons_of_many_jobs_are_told_apart() {
    let mut run = Run::new();
    let mark = run.mark();
    let kinds = [
        "sleep MARK &",
        "(setsid sleep MARK &)",
        "(setsid sh -c 'sleep MARK & sleep MARK' &)",
        "(setsid sh -c \"trap '' TERM; sleep MARK\" &)",
    ];
    run.start(script("999.1", &format!("(setsid sleep {mark}1 &); echo up; sleep {mark}1")));
    run.until_printed("999.1", "up");
    for n in 0..40 {
        run.start(script(&format!("{n}.1"), &kinds[n % kinds.len()].replace("MARK", &mark)));
    }
    for _ in 0..40 {
        let ended = run.next_end();
        assert_eq!(ended.exit, code(0), "{ended:?}");
    }
    assert_none_with(&format!("sleep\0{mark}\0"));
    assert_eq!(processes_with(&format!("sleep\0{mark}1")).len(), 2);
    run.stop("999.1", StopHow::AtOnce);
    run.end_of("999.1");
    assert_none_with(&mark);
}

#[test]
fn who_hops_from_session_to_session_is_caught() {
    let mut run = Run::new();
    let mark = run.mark();
    let hop = run.folder.join("hop");
    // Ends by itself after so many hops, and when the folder is removed.
    let text = format!("trap '' TERM\n[ $2 -gt 3000 ] || setsid sh {} {mark} $(($2 + 1)) &", hop.display());
    std::fs::write(&hop, text).unwrap();
    run.start(script("1.1", &format!("sh {} {mark} 0; sleep 600", hop.display())));
    until("it hops", || !processes_with(&mark).is_empty());
    run.stop("1.1", StopHow::AtOnce);
    run.end_of("1.1");
    assert_none_with(&format!("hop\0{mark}"));
}

#[test]
fn engines_that_start_at_once_get_one_supervisor() {
    let run = Run::new();
    let (folder, id) = (run.folder.join("other"), run.id.clone());
    let attach = || {
        let hello = Hello::new(id.clone(), 1);
        Supervisor::attach_or_start(exe(), &folder, hello).unwrap().0
    };
    let links: Vec<Supervisor> = std::thread::scope(|scope| {
        (0..8)
            .map(|_| scope.spawn(attach))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    // Each took the place of the one before, so that the last to be welcomed holds the only one that lives.
    let journal = std::fs::read_to_string(folder.join("supervisor/journal.jsonl")).unwrap();
    let alive: Vec<u32> = links.iter().map(Supervisor::pid).collect();
    assert_eq!(journal.matches("\"began\"").count(), 1, "{alive:?}\n{journal}");
}

#[test]
fn a_stopped_engine_holds_nobody_up() {
    let mut run = Run::new();
    let (mut deaf, _) = Supervisor::attach_or_start(exe(), &run.folder, run.hello(2)).unwrap();
    for n in 0..3000 {
        deaf.queue(&ToSupervisor::Start(script(&format!("{n}.1"), "exit 0"))).unwrap();
    }
    deaf.flush().unwrap();
    until("all outcomes are on disk", || bandleader_engine::supervisor::outcomes(&run.folder).unwrap().len() == 3000);
    run.attach(run.hello(3)).unwrap();
    assert_eq!(run.ended.len(), 3000);
}
