//! `band logs`: what tasks printed.

mod merged;

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use bandleader_core::{JobId, Run, Step, TaskId};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::RunFolder;
use bandleader_engine::output::{Reader, Stream, log_path};
use clap::Args;

use super::OfRun;
use crate::error::{Exit, Failure, Outcome};
use crate::json::jobs::{jobs, label};
use crate::render::log::{Lines, More, Naming, Voice};
use crate::render::screen::Screen;
use crate::render::style::{STRONG, paint};
use crate::render::text::{clean, count, pad, width};

/// Show what tasks printed
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band logs                     the end of every task's output
  band logs build.api           all of one task's newest attempt
  band logs -f build.api        go on as it grows
  band logs -f build            all tasks of a phase, each line with its task's name
  band logs --merged            what all of them printed, in the order of time
  band logs --merged -n 100     the end of that
  band logs build.api --raw > api.log
Colours stay; other control characters are shown as escapes unless --raw is given. Lines from standard error begin with `!`.")]
pub(crate) struct Arguments {
    /// Tasks, or the ends of their paths; all when left out
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
    #[command(flatten)]
    of: OfRun,
    /// Go on as it grows, until the run ends
    #[arg(short, long)]
    follow: bool,
    /// In one log, in the order of time, each line with its task's name; of every attempt
    #[arg(short, long, conflicts_with_all = ["attempt", "raw"])]
    merged: bool,
    /// Only the last lines of each, or of the merged log
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<usize>,
    /// Which attempt; the newest when left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    attempt: Option<u32>,
    /// Only standard output
    #[arg(long, conflicts_with = "stderr")]
    stdout: bool,
    /// Only standard error
    #[arg(long)]
    stderr: bool,
    /// The bytes as they were written; not to a terminal, which they could control
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

/// Text is written in pieces of about this size.
const PIECE: usize = 64 << 10;

/// Shows them.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.of.run.as_deref())?;
    let mut follower = Follower::open(&folder, &id)?;
    let wanted = tasks(follower.run(), &arguments.tasks)?;
    if let Some(number) = arguments.attempt {
        check_attempt(follower.run(), &wanted, number)?;
    }
    let place = folder.run(&id);
    if arguments.merged {
        return merged::run(arguments, &folder, &mut follower, &wanted, screen);
    }
    if arguments.raw {
        return raw(follower.run(), &wanted, arguments, &place, screen);
    }
    let voice = voice(arguments, &wanted, follower.run());
    let mut open: BTreeMap<JobId, Lines> = BTreeMap::new();
    loop {
        // Before the output is read: what a task printed before its run ended is there by then.
        let over = follower.run().is_over() || desk::owner(&folder, &id).is_none();
        let more = if over || !arguments.follow { More::WillNotCome } else { More::MayCome };
        for job in jobs(follower.run(), &wanted, arguments.attempt) {
            if let Some(lines) = open.get_mut(&job) {
                show(lines, None, more, None, screen).map_err(|failure| about(job, failure))?;
                continue;
            }
            let mut lines = open_lines(&place, job, label(follower.run(), job), voice);
            let heading = heads(arguments, &wanted, job).then(|| heading(follower.run(), job));
            let most =
                arguments.lines.or(arguments.tasks.is_empty().then_some(END)).filter(|_| !arguments.follows_all());
            show(&mut lines, most, more, heading, screen).map_err(|failure| about(job, failure))?;
            open.insert(job, lines);
        }
        if more == More::WillNotCome {
            break;
        }
        thread::sleep(BEAT);
        follower.catch_up()?;
    }
    let lost = lost(follower.run(), &wanted);
    if lost.is_empty() && open.values().all(Lines::is_empty) {
        screen.note("nothing was printed");
    }
    for line in lost {
        screen.note(&line);
    }
    Ok(Exit::Succeeded)
}

impl Arguments {
    /// Whether everything is told from the beginning although no task was named.
    fn follows_all(&self) -> bool {
        self.lines.is_none() && (self.follow || self.json)
    }

    fn stream(&self) -> Option<Stream> {
        match (self.stdout, self.stderr) {
            (true, _) => Some(Stream::Stdout),
            (_, true) => Some(Stream::Stderr),
            _ => None,
        }
    }
}

/// Whose output is not whole, and why.
fn lost(run: &Run, wanted: &[TaskId]) -> Vec<String> {
    let lost = wanted.iter().filter_map(|id| Some((*id, run.task(*id).past().report.as_ref()?.output_lost.as_ref()?)));
    lost.map(|(id, why)| format!("not all that {} printed is here: {}", clean(&run.plan().task(id).path), clean(why)))
        .collect()
}

/// How lines of several tasks are told apart, and the width of their widest name.
fn voice(arguments: &Arguments, wanted: &[TaskId], run: &Run) -> (Voice, usize) {
    let naming = match () {
        () if arguments.json => Naming::Json,
        () if wanted.len() != 1 && arguments.follow => Naming::Named,
        () => Naming::Bare,
    };
    let longest = wanted.iter().map(|id| width(&clean(&run.plan().task(*id).path))).max().unwrap_or_default();
    (Voice { naming, stream: arguments.stream() }, longest)
}

fn open_lines(place: &RunFolder, job: JobId, label: String, (voice, longest): (Voice, usize)) -> Lines {
    let label = if voice.naming == Naming::Named { pad(&label, longest.clamp(width(&label), 32)) } else { label };
    Lines::new(place.path(), job, label, voice)
}

/// Whether a job's output needs a heading to be told from others.
fn heads(arguments: &Arguments, wanted: &[TaskId], job: JobId) -> bool {
    let several = wanted.len() != 1;
    !arguments.json && if several { !arguments.follow } else { job.step != Step::Work }
}

/// Writes what is new, under its heading if there is anything; only the last lines if there are to be at `most` so many.
fn show(
    lines: &mut Lines,
    most: Option<usize>,
    more: More,
    heading: Option<String>,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let mut text = heading.map_or_else(String::new, |heading| format!("{heading}\n"));
    let empty = text.len();
    if let Some(most) = most {
        for line in lines.end(most)? {
            text.push_str(&line);
            text.push('\n');
        }
    }
    lines.read(more, &mut |line| {
        text.push_str(&line);
        text.push('\n');
        if text.len() < PIECE {
            return Ok::<(), Failure>(());
        }
        screen.out(&std::mem::take(&mut text))
    })?;
    let nothing = text.is_empty() || (text.len() == empty && lines.is_empty());
    if nothing { Ok(()) } else { screen.out(&text) }
}

/// The bytes, one job after the other.
fn raw(run: &Run, wanted: &[TaskId], arguments: &Arguments, place: &RunFolder, screen: &mut Screen) -> Outcome {
    if Screen::is_live() {
        return Err(Failure::usage("`--raw` would let what tasks printed control this terminal")
            .hint("send it to a file or a pipe, or leave `--raw` out: colours are shown all the same"));
    }
    for job in jobs(run, wanted, arguments.attempt) {
        if let Some(stream) = arguments.stream() {
            let mut reader = Reader::new(place.path(), job).only(stream);
            while let Some(chunk) = reader.next_chunk().map_err(|error| unreadable(job, &error))? {
                screen.copy(chunk.bytes.as_slice())?;
            }
            continue;
        }
        match std::fs::File::open(log_path(place.path(), job)) {
            Ok(file) => screen.copy(file)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(job, &error)),
        }
    }
    Ok(Exit::Succeeded)
}

/// That number of attempts was made of at least one of these tasks.
fn check_attempt(run: &Run, wanted: &[TaskId], number: u32) -> Result<(), Failure> {
    let made = wanted.iter().map(|id| run.task(*id).attempts).max().unwrap_or_default();
    if number <= made {
        return Ok(());
    }
    let made = count(made as usize, "attempt");
    Err(Failure::usage(format!("there is no attempt {number}: so far there is {made}")))
}

/// The same failure, or its words with the job that it is about.
fn about(job: JobId, failure: Failure) -> Failure {
    if failure.message.is_empty() { failure } else { Failure::internal(format!("job {job}: {}", failure.message)) }
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

fn heading(run: &Run, job: JobId) -> String {
    let task = run.task(job.attempt.task);
    let tries = if task.attempts > 1 { format!(", try {}", job.attempt.number) } else { String::new() };
    format!("{} ({}{tries})", paint(STRONG, label(run, job)), task.state.name())
}
