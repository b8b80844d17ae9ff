//! How jobs end, and that nothing of them is left.

use bandleader_core::{Exit, Millis, StopHow};
use bandleader_engine::link::FromSupervisor;
use bandleader_engine::output::Stream;

use super::harness::{Run, assert_none_with, children_of, code, processes_with, program, script, until};

#[test]
fn exit_codes_and_signals_are_seen() {
    let mut run = Run::new();
    assert_eq!(run.run(script("1.1", "exit 0")).exit, code(0));
    assert_eq!(run.run(script("2.1", "exit 7")).exit, code(7));
    assert_eq!(run.run(script("3.1", "kill -SEGV $$")).exit, Exit::Signal { signal: 11 });
    assert!(run.run(script("4.1", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done")).usage.cpu > Millis(20));
}

#[test]
fn what_cannot_start_says_why() {
    let mut run = Run::new();
    let cases = [
        (program("1.1", &["no-such-program"]), "the program `no-such-program` is in no folder of its PATH"),
        (program("2.1", &["/no/such/program"]), "the program `/no/such/program` is not there"),
        (program("3.1", &["/etc/passwd"]), "`/etc/passwd` cannot be started: it is not an executable file"),
        (program("4.1", &[]), "there is no program to start"),
        (program("5.1", &["sh", "-c", "a\0b"]), "`sh` cannot be started"),
    ];
    for (assignment, expected) in cases {
        let Exit::NotStarted { message } = run.run(assignment).exit else { panic!("it started") };
        assert!(message.starts_with(expected), "{message}");
    }
    let mut lost = script("6.1", "true");
    lost.directory = "/no/such/folder".into();
    let message = "the folder `/no/such/folder` in which it should start is not there".to_owned();
    assert_eq!(run.run(lost).exit, Exit::NotStarted { message });
}

#[test]
fn a_job_has_its_own_environment_folder_and_input() {
    let mut run = Run::greeted("", |hello| hello.env = vec![("BASE".into(), "b".into()), ("OVER".into(), "b".into())]);
    let mut assignment = script("1.1", "env | sort; pwd; cat");
    assignment.env.push(("OVER".into(), "a".into()));
    assignment.directory = "/usr".into();
    assignment.stdin = Some("hello".into());
    assert_eq!(run.run(assignment).exit, code(0));
    let printed = run.printed("1.1", Stream::Stdout);
    let path = std::env::var("PATH").unwrap();
    let expected = format!("BAND_JOB=1.1\nBAND_RUN={}\nBASE=b\nOVER=a\nPATH={path}\nPWD=/usr\n/usr\nhello", run.id);
    assert_eq!(printed.replace("_=/usr/bin/env\n", "").replace("OLDPWD=/\n", ""), expected);
}

#[test]
fn a_large_input_arrives_whole_and_an_unread_one_does_no_harm() {
    let mut run = Run::new();
    let mut count = script("1.1", "wc -c");
    count.stdin = Some("x".repeat(1 << 20));
    assert_eq!(run.run(count).exit, code(0));
    assert_eq!(run.printed("1.1", Stream::Stdout).trim(), (1 << 20).to_string());
    let mut unread = script("2.1", "exec 0<&-; echo closed");
    unread.stdin = Some("x".repeat(1 << 20));
    assert_eq!(run.run(unread).exit, code(0));
}

#[test]
fn a_polite_stop_lets_a_job_clean_up() {
    let mut run = Run::new();
    let mark = run.mark();
    run.start(script("1.1", &format!("trap 'echo cleaned; exit 5' TERM; sleep {mark} & echo up; wait")));
    run.until_printed("1.1", "up");
    until("it sleeps", || !processes_with(&format!("sleep\0{mark}")).is_empty());
    run.stop("1.1", StopHow::Politely);
    assert_eq!(run.end_of("1.1").exit, code(5));
    assert!(run.printed("1.1", Stream::Stdout).contains("cleaned"));
    assert_none_with(&mark);
}

#[test]
fn who_ignores_term_is_killed_after_the_grace() {
    let mut run = Run::new();
    let mark = run.mark();
    let mut deaf = script("1.1", &format!("trap '' TERM; echo up; sleep {mark}; sleep {mark}"));
    deaf.grace = Millis(100);
    run.start(deaf);
    run.until_printed("1.1", "up");
    run.stop("1.1", StopHow::Politely);
    assert_eq!(run.end_of("1.1").exit, Exit::Signal { signal: 9 });
    assert_none_with(&mark);
}

#[test]
fn a_stop_at_once_shortens_a_polite_one() {
    let mut run = Run::new();
    run.start(script("1.1", "trap '' TERM; echo up; while :; do sleep 1; done"));
    run.until_printed("1.1", "up");
    run.stop("1.1", StopHow::Politely);
    run.stop("1.1", StopHow::AtOnce);
    assert_eq!(run.end_of("1.1").exit, Exit::Signal { signal: 9 });
}

#[test]
fn a_stopped_process_can_be_ended_politely() {
    let mut run = Run::new();
    run.start(script("1.1", "trap 'exit 6' TERM; echo up; kill -STOP $$; exit 1"));
    run.until_printed("1.1", "up");
    run.stop("1.1", StopHow::Politely);
    assert_eq!(run.end_of("1.1").exit, code(6));
}

#[test]
fn what_a_job_leaves_behind_is_ended_and_counted() {
    let mut run = Run::new();
    let mark = run.mark();
    // In its group; in a session of its own; and deaf in a session of its own, holding the pipes.
    let left = format!("sleep {mark} & (setsid sleep {mark} &) ; echo done");
    let ended = run.run(script("1.1", &left));
    assert_eq!((ended.exit, ended.usage.swept), (code(0), 2));
    assert_none_with(&mark);
    let deaf = format!("(setsid sh -c \"trap '' TERM; echo deaf; sleep {mark}; sleep {mark}\" &) ; sleep 0.2");
    let ended = run.run(script("2.1", &deaf));
    assert_eq!(ended.exit, code(0));
    assert!(ended.usage.swept >= 2, "{ended:?}");
    assert_none_with(&mark);
}

#[test]
fn daemons_without_environment_are_ended_with_the_last_job_that_could_own_them() {
    let mut run = Run::new();
    let mark = run.mark();
    run.start(script("2.1", "echo up; read line < /dev/null; sleep 600"));
    run.until_printed("2.1", "up");
    let ended = run.run(script("1.1", &format!("(env -i setsid sleep {mark} &)")));
    assert_eq!(ended.exit, code(0));
    run.stop("2.1", StopHow::AtOnce);
    run.end_of("2.1");
    until("the daemon is gone", || processes_with(&mark).is_empty());
    let ended = run.run(script("3.1", &format!("(env -i setsid sleep {mark} &)")));
    assert!(ended.exit == code(0) && ended.usage.swept >= 1, "{ended:?}");
    until("the daemon is gone", || processes_with(&mark).is_empty());
    let pid = run.pid();
    until("its dead are buried", || children_of(pid).is_empty());
}

#[test]
fn a_job_inherits_no_descriptors() {
    let mut run = Run::new();
    run.run(program("1.1", &["ls", "/proc/self/fd"]));
    // The last is the folder that `ls` reads.
    assert_eq!(run.printed("1.1", Stream::Stdout), "0\n1\n2\n3\n");
}

#[test]
fn a_job_ignores_and_blocks_no_signal() {
    // We ignore a broken pipe ourselves, as every Rust program does, and the supervisor has that of us.
    let mut run = Run::new();
    run.run(script("1.1", "grep -E 'Sig(Ign|Blk)' /proc/self/status"));
    let printed = run.printed("1.1", Stream::Stdout);
    let masks: Vec<u64> = printed.split_whitespace().filter_map(|word| u64::from_str_radix(word, 16).ok()).collect();
    // The C library starts every process with its own two, 32 and 33, ignored.
    assert_eq!(masks.iter().map(|mask| mask & !(0b11 << 31)).collect::<Vec<u64>>(), [0, 0], "{printed}");
}

#[test]
fn a_stop_reaches_daemons_too() {
    let mut run = Run::new();
    let mark = run.mark();
    run.start(script("1.1", &format!("(setsid sleep {mark} &); sleep {mark}")));
    until("both sleep", || processes_with(&mark).len() >= 3);
    run.stop("1.1", StopHow::Politely);
    assert_eq!(run.end_of("1.1").exit, Exit::Signal { signal: 15 });
    assert_none_with(&mark);
}

#[test]
fn a_job_that_closes_its_pipes_is_still_watched() {
    let mut run = Run::new();
    let ended = run.run(script("1.1", "echo out; exec >&- 2>&- <&-; sleep 0.1; exit 9"));
    assert_eq!((ended.exit, run.log("1.1")), (code(9), b"out\n".to_vec()));
}

#[test]
fn silence_is_reported_at_half_and_in_full_but_work_is_not_silence() {
    let mut run = Run::new();
    let mut quiet = script("1.1", "sleep 600");
    quiet.stall = Some(Millis(400));
    run.start(quiet);
    let mut told = Vec::new();
    while told.len() < 2 {
        if let FromSupervisor::Silent { silent, .. } = run.next() {
            told.push(silent);
        }
    }
    assert!(told[0] >= Millis(200) && told[1] >= Millis(400), "{told:?}");
    run.stop("1.1", StopHow::AtOnce);
    run.end_of("1.1");
    let mut busy = script("2.1", "end=$(($(date +%s)+2)); while [ $(date +%s) -lt $end ]; do :; done");
    busy.stall = Some(Millis(1500));
    run.start(busy);
    loop {
        match run.next() {
            FromSupervisor::Silent { silent, .. } => panic!("silent for {silent}"),
            FromSupervisor::Ended(ended) => break assert_eq!(ended.exit, code(0)),
            _ => {}
        }
    }
}
