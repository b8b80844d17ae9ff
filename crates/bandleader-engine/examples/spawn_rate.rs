//! How fast the supervisor runs jobs that do nothing, beside two threads that only start and reap the same program.
//!
//! `cargo run --release -p bandleader-engine --example spawn_rate -- [JOBS [AT_ONCE]]`. Rounds of both alternate, so that a busy machine
//! bends both; the median of five counts.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use bandleader_core::{AttemptId, JobId, Millis, RunId, Step, TaskId};
use bandleader_engine::link::{Assignment, FromSupervisor, Hello, OUTPUT_LIMIT, ToSupervisor};
use bandleader_engine::supervisor::{Supervisor, early_exit};
use rustix::event::{PollFd, PollFlags, poll};

const PROGRAM: &str = "/bin/true";

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(code) = early_exit() {
        std::process::exit(code);
    }
    let mut numbers = std::env::args().skip(1).map(|text| text.parse());
    let jobs: u32 = numbers.next().transpose()?.unwrap_or(2000);
    let at_once: u32 = numbers.next().transpose()?.unwrap_or(8);
    let folder = std::env::temp_dir().join(format!("band-spawn-rate-{}", std::process::id()));
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for round in 0..5 {
        bare.push(f64::from(jobs) / bare_seconds(jobs));
        ours.push(f64::from(jobs) / our_seconds(&folder.join(round.to_string()), jobs, at_once)?);
    }
    std::fs::remove_dir_all(&folder)?;
    let (bare, ours) = (median(bare), median(ours));
    let text = format!("bare {bare:.0}/s, supervisor {ours:.0}/s with {at_once} at once, ratio {:.2}\n", ours / bare);
    std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())?;
    Ok(())
}

fn bare_seconds(jobs: u32) -> f64 {
    let start = Instant::now();
    let half = move || {
        for _ in 0..jobs / 2 {
            let _ = Command::new(PROGRAM).stdin(Stdio::null()).status();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(half);
        scope.spawn(half);
    });
    start.elapsed().as_secs_f64()
}

fn our_seconds(folder: &Path, jobs: u32, at_once: u32) -> Result<f64, Box<dyn Error>> {
    let hello = Hello::new(RunId::parse("rate")?, 1);
    let (mut link, _) = Supervisor::attach_or_start(&std::env::current_exe()?, folder, hello)?;
    let start = Instant::now();
    let (mut begun, mut ended) = (0, 0);
    while ended < jobs {
        while begun < jobs && begun - ended < at_once {
            link.queue(&ToSupervisor::Start(no_op(begun)))?;
            begun += 1;
        }
        link.flush()?;
        let link_fd = link.fd().ok_or("the supervisor is gone")?;
        poll(&mut [PollFd::from_borrowed_fd(link_fd, PollFlags::IN)], None)?;
        for message in link.hear() {
            if let FromSupervisor::Ended(one) = message {
                link.queue(&ToSupervisor::Acknowledge { job: one.job })?;
                ended += 1;
            }
        }
    }
    Ok(start.elapsed().as_secs_f64())
}

fn no_op(task: u32) -> Assignment {
    Assignment {
        job: JobId { attempt: AttemptId { task: TaskId(task), number: 1 }, step: Step::Work },
        argv: vec![PROGRAM.into()],
        env: Vec::new(),
        stdin: None,
        directory: "/".into(),
        grace: Millis(1000),
        stall: None,
        output_limit: OUTPUT_LIMIT,
        attended: false,
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
