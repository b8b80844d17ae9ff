//! What jobs print: all of it, in order, masked, within limits, and never in the way of the job.

use bandleader_core::JobId;
use bandleader_engine::output::{Stream, log_path};

use super::harness::{Run, code, script};

#[test]
fn bytes_stay_as_they_are() {
    let mut run = Run::new();
    let ended = run.run(script("1.1", r"printf 'a\377\033[31mb\000c'; printf 'err' >&2"));
    assert_eq!((ended.exit, ended.usage.output_bytes), (code(0), 13));
    assert_eq!(run.printed("1.1", Stream::Stderr), "err");
    let log = run.log("1.1");
    assert!(log.windows(10).any(|part| part == b"a\xff\x1b[31mb\0c"), "{log:?}");
}

#[test]
fn a_job_that_prints_nothing_has_no_log() {
    let mut run = Run::new();
    assert_eq!(run.run(script("1.1", "true")).usage.output_bytes, 0);
    assert!(!log_path(&run.folder, JobId::parse("1.1").unwrap()).exists());
}

#[test]
fn a_secret_is_masked_before_disk_even_in_pieces() {
    let mut run = Run::greeted("", |hello| hello.secrets = vec!["hunter22".into()]);
    run.run(script(
        "1.1",
        "printf 'pass hun'; sleep 0.05; printf 'ter'; sleep 0.05; printf '22 end'; printf hunter22 >&2",
    ));
    assert_eq!(run.printed("1.1", Stream::Stdout), "pass *** end");
    assert_eq!(run.printed("1.1", Stream::Stderr), "***");
    assert!(!String::from_utf8_lossy(&run.log("1.1")).contains("hunter22"));
}

#[test]
fn a_hundred_megabytes_without_a_line_break_use_little_memory() {
    let mut run = Run::new();
    let ended = run.run(script("1.1", "head -c 104857600 /dev/zero | tr '\\0' x; printf END"));
    assert_eq!((ended.exit, ended.usage.output_bytes), (code(0), 104_857_603));
    let log = run.log("1.1");
    assert!(log.len() < 65 << 20 && log.starts_with(b"xxxx") && log.ends_with(b"xEND"), "{}", log.len());
    let marker = format!("\n[band: {} bytes left out here]\n", ended.left_out);
    let found = log.windows(marker.len()).filter(|part| *part == marker.as_bytes()).count();
    assert_eq!((found, log.len() as u64 - marker.len() as u64 + ended.left_out), (1, 104_857_603));
    let status = std::fs::read_to_string(format!("/proc/{}/status", run.pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 40_000, "{peak} kB");
}

#[test]
fn a_full_disk_costs_the_output_but_not_the_job() {
    let mut run = Run::new();
    std::os::unix::fs::symlink("/dev/full", log_path(&run.folder, JobId::parse("1.1").unwrap())).unwrap();
    let ended = run.run(script("1.1", "head -c 1000000 /dev/zero; exit 3"));
    assert_eq!((ended.exit, ended.usage.output_bytes), (code(3), 1_000_000));
    let message = ended.output_error.unwrap();
    assert!(message.starts_with("cannot keep the output: No space left"), "{message}");
}

#[test]
fn output_after_the_leaders_end_is_not_waited_for() {
    let mut run = Run::new();
    let ended = run.run(script("1.1", "(sleep 600; echo late) & echo early"));
    assert_eq!((ended.exit, run.log("1.1")), (code(0), b"early\n".to_vec()));
}
