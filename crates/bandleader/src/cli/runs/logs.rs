//! `band logs`: what tasks printed.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use bandleader_core::{AttemptId, JobId, Run, Step, TaskId};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::RunFolder;
use bandleader_engine::output::log_path;
use clap::Args;

use super::OfRun;
use crate::error::{Exit, Failure, Outcome};
use crate::render::log::{Lines, Voice};
use crate::render::screen::Screen;
use crate::render::style::{STRONG, paint};
use crate::render::text::clean;

/// Show what tasks printed
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band logs                     the end of every task's output
  band logs build.api           all of one task's newest attempt
  band logs -f build.api        go on as it grows
  band logs build.api --raw > api.log
Control characters are shown as escapes unless --raw is given; lines from standard error begin with `!`.")]
pub(crate) struct Arguments {
    /// Tasks, or the ends of their paths; all when left out
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
    #[command(flatten)]
    of: OfRun,
    /// Go on as it grows, until the run ends
    #[arg(short, long)]
    follow: bool,
    /// Only the last lines of each
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<usize>,
    /// Which attempt; the newest when left out
    #[arg(long, value_name = "N")]
    attempt: Option<u32>,
    /// The bytes as they were written
    #[arg(long, conflicts_with_all = ["json", "lines", "follow"])]
    raw: bool,
    /// One JSON object per line of output
    #[arg(long)]
    json: bool,
}

/// Lines shown of each task when all are shown.
const END: usize = 10;
/// How often growing logs are looked at.
const BEAT: Duration = Duration::from_millis(150);

/// Shows them.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.of.run.as_deref())?;
    let mut follower = Follower::open(&folder, &id)?;
    let wanted = tasks(follower.run(), &arguments.tasks)?;
    let place = folder.run(&id);
    if arguments.raw {
        return raw(follower.run(), &wanted, arguments.attempt, &place, screen);
    }
    let several = wanted.len() != 1;
    let voice = match () {
        () if arguments.json => Voice::Json,
        () if several && arguments.follow => Voice::Named,
        () => Voice::Bare,
    };
    let most = arguments.lines.or((several && !arguments.follow && !arguments.json).then_some(END));
    let mut open: Vec<(JobId, Lines)> = Vec::new();
    let mut known = BTreeSet::new();
    loop {
        // Before the output is read: what a task printed before its run ended is there by then.
        let over = follower.run().is_over() || desk::owner(&folder, &id).is_none();
        for job in jobs(follower.run(), &wanted, arguments.attempt) {
            if known.insert(job) {
                open.push((job, Lines::new(place.path(), job, label(follower.run(), job), voice)));
            }
        }
        for (job, lines) in &mut open {
            let heading = (several && voice == Voice::Bare).then(|| heading(follower.run(), *job));
            show(*job, lines, How { most, last: over || !arguments.follow }, heading, screen)?;
        }
        if over || !arguments.follow {
            break;
        }
        thread::sleep(BEAT);
        follower.catch_up()?;
    }
    let lost = lost(follower.run(), &wanted);
    if lost.is_empty() && open.iter().all(|(_, lines)| lines.is_empty()) {
        screen.note("nothing was printed");
    }
    for line in lost {
        screen.note(&line);
    }
    Ok(Exit::Succeeded)
}

/// What came of one job, piece by piece: it may be more than the memory holds.
fn show(job: JobId, lines: &mut Lines, how: How, heading: Option<String>, screen: &mut Screen) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| unreadable(job, &error);
    let mut heading = heading;
    // What follows the end that was asked for is shown whole.
    let mut most = how.most.filter(|_| lines.is_empty());
    loop {
        let fresh = match most.take() {
            Some(most) => lines.end(most, how.last).map(Some),
            None => lines.next(how.last),
        };
        let Some(fresh) = fresh.map_err(unreadable)? else { return Ok(()) };
        for line in fresh {
            if let Some(heading) = heading.take() {
                screen.line(&heading)?;
            }
            screen.line(&line)?;
        }
    }
}

/// Whose output is not whole, and why.
fn lost(run: &Run, wanted: &[TaskId]) -> Vec<String> {
    let lost = wanted.iter().filter_map(|id| Some((*id, run.task(*id).report.as_ref()?.output_lost.as_ref()?)));
    lost.map(|(id, why)| format!("not all that {} printed is here: {}", clean(&run.plan().task(id).path), clean(why)))
        .collect()
}

/// How much is shown.
#[derive(Clone, Copy)]
struct How {
    /// Of what is there at first, only so many lines at the end.
    most: Option<usize>,
    /// No more will come.
    last: bool,
}

/// The bytes, one job after the other.
fn raw(run: &Run, wanted: &[TaskId], attempt: Option<u32>, place: &RunFolder, screen: &mut Screen) -> Outcome {
    for job in jobs(run, wanted, attempt) {
        match std::fs::File::open(log_path(place.path(), job)) {
            Ok(file) => screen.copy(file)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(job, &error)),
        }
    }
    Ok(Exit::Succeeded)
}

fn unreadable(job: JobId, error: &std::io::Error) -> Failure {
    Failure::internal(format!("cannot read the output of job {job}: {error}"))
}

/// The tasks of these names; all that began if none is given.
fn tasks(run: &Run, names: &[String]) -> Result<Vec<TaskId>, Failure> {
    let plan = run.plan();
    let real = || plan.ids().filter(|id| plan.task(*id).is_real());
    if names.is_empty() {
        return Ok(real().collect());
    }
    let mut tasks = Vec::new();
    for name in names {
        let inside =
            |path: &str| path == name || path.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
        let ends = |path: &str| path.strip_suffix(name.as_str()).is_some_and(|head| head.ends_with('.'));
        let mut found: Vec<TaskId> = real().filter(|id| inside(&plan.task(*id).path)).collect();
        if found.is_empty() {
            found = real().filter(|id| ends(&plan.task(*id).path)).collect();
        }
        if found.is_empty() {
            return Err(Failure::usage(format!("no task is called `{name}`"))
                .hint("`band status --json | jq -r '.tasks[].path'` lists them"));
        }
        tasks.extend(found);
    }
    Ok(tasks)
}

/// The processes of these tasks' attempts, in the order in which they ran.
fn jobs(run: &Run, wanted: &[TaskId], attempt: Option<u32>) -> Vec<JobId> {
    let mut jobs = Vec::new();
    let mut tasks = wanted.to_vec();
    tasks.sort_by_key(|id| (run.task(*id).started, *id));
    for task in tasks {
        let number = attempt.unwrap_or(run.task(task).attempts);
        if number == 0 || number > run.task(task).attempts {
            continue;
        }
        let gates = u32::try_from(run.plan().task(task).gates.len()).unwrap_or(0);
        let steps = std::iter::once(Step::Work).chain((0..gates).map(Step::Gate)).chain([Step::Undo]);
        jobs.extend(steps.map(|step| JobId { attempt: AttemptId { task, number }, step }));
    }
    jobs
}

/// `build.api`, `build.api gate 1`.
fn label(run: &Run, job: JobId) -> String {
    let path = clean(&run.plan().task(job.attempt.task).path).into_owned();
    match job.step {
        Step::Work => path,
        Step::Gate(gate) => format!("{path} gate {}", gate + 1),
        Step::Undo => format!("{path} undo"),
    }
}

fn heading(run: &Run, job: JobId) -> String {
    let task = run.task(job.attempt.task);
    let tries = if task.attempts > 1 { format!(", try {}", job.attempt.number) } else { String::new() };
    format!("{} ({}{tries})", paint(STRONG, label(run, job)), task.state.name())
}
