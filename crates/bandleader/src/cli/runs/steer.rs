//! `band pause`, `band cancel`, `band retry`, `band accept`: a word to the engine that holds the run, through the run's inbox. Where no
//! engine is, this process becomes one for as long as the word needs.

use std::thread;
use std::time::{Duration, Instant};

use bandleader_core::{Command, Run, RunId, RunState, StopHow};
use bandleader_engine::engine::{Engine, Follower, Leave, Options, desk, own_binary};
use bandleader_engine::folder::Folder;
use clap::Args;

use super::{OfRun, Seeing, WhichRun, drive, outcome};
use crate::error::{Exit, Failure, Outcome};
use crate::render::live::state_words;
use crate::render::screen::Screen;

/// Start nothing new in a run until `band resume`
#[derive(Debug, Args)]
#[command(after_help = "Running tasks go on to their end. `band resume` lifts the pause.")]
pub(crate) struct PauseArguments {
    #[command(flatten)]
    which: WhichRun,
}

/// Stop a run, or single tasks of it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band cancel                   the newest run: TERM, a grace, then KILL
  band cancel k3v9 --now        KILL at once
  band cancel --task build.api  only that task
Returns when nothing of it runs any more.")]
pub(crate) struct CancelArguments {
    #[command(flatten)]
    which: WhichRun,
    /// Only this task; may be given several times
    #[arg(short, long = "task", value_name = "TASK")]
    tasks: Vec<String>,
    /// Kill at once instead of asking first
    #[arg(long, conflicts_with = "tasks")]
    now: bool,
}

/// Try tasks again
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band retry --failed           everything that failed, and what was skipped for it
  band retry build.api          one task
A run that has ended is taken up again and driven from here, as `band resume` does.")]
pub(crate) struct RetryArguments {
    /// Tasks, or the ends of their paths
    #[arg(value_name = "TASK", required_unless_present = "failed")]
    tasks: Vec<String>,
    #[command(flatten)]
    of: OfRun,
    /// All that failed
    #[arg(long, conflicts_with = "tasks")]
    failed: bool,
    #[command(flatten)]
    seeing: Seeing,
}

/// Take a task's worktree as its work, once it was put right by hand
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band resolve build.api        its merge is tried again with what is in its worktree now
For a task that is blocked by a conflict, or failed, and works in a git worktree of its own. Its agent is not run again; what
is not committed there is, its gates run, and its work is merged.
A run that has ended is taken up again and driven from here, as `band resume` does.")]
pub(crate) struct ResolveArguments {
    /// The task, or the end of its path
    #[arg(value_name = "TASK")]
    task: String,
    #[command(flatten)]
    of: OfRun,
    #[command(flatten)]
    seeing: Seeing,
}

/// Take the work of a failed or blocked task as done
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band accept build.api --because 'the flaky test is known, see issue 12'
Kept for ever as an override, with who and why: the run can then only succeed `with overrides`.
Of a task in a git worktree, what is there is committed and merged with the work of the others, without its gates; if it clashes,
the task is blocked again.
A run that has ended is taken up again and driven from here, as `band resume` does.")]
pub(crate) struct AcceptArguments {
    /// The task, or the end of its path
    #[arg(value_name = "TASK")]
    task: String,
    /// Why its work is good enough
    #[arg(short, long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    because: String,
    #[command(flatten)]
    of: OfRun,
    #[command(flatten)]
    seeing: Seeing,
}

/// How long an engine may take to answer before we say so and go.
const PATIENCE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_millis(50);

/// Pauses it.
pub(crate) fn pause(arguments: &PauseArguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    desk::ask(&folder, &id, &Command::Pause).map_err(Failure::from)?;
    if desk::owner(&folder, &id).is_none() {
        lend_an_engine(&folder, &id, Leave::WhenInboxIsEmpty, screen)?;
    }
    let follower = wait_until(&folder, &id, Some(PATIENCE), |run| run.state() == RunState::Paused || run.is_over())?;
    let left = follower.run().counts().running + follower.run().counts().reviewing;
    let rest = if left > 0 { format!("; {left} still running") } else { String::new() };
    screen.note(&format!("run {id} is {}{rest}", state_words(follower.run().state())));
    Ok(Exit::Succeeded)
}

/// Cancels it.
pub(crate) fn cancel(arguments: &CancelArguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    for task in &arguments.tasks {
        desk::ask(&folder, &id, &Command::CancelTask { task: task.clone() }).map_err(Failure::from)?;
    }
    let whole = arguments.tasks.is_empty();
    if whole {
        let how = if arguments.now { StopHow::AtOnce } else { StopHow::Politely };
        desk::ask(&folder, &id, &Command::Cancel { how }).map_err(Failure::from)?;
    }
    if desk::owner(&folder, &id).is_none() {
        // Stopping processes needs an engine until the last of them is gone; single tasks are for the next one.
        lend_an_engine(&folder, &id, if whole { Leave::WhenTold } else { Leave::WhenInboxIsEmpty }, screen)?;
    }
    if !whole {
        screen.note(&format!("run {id} was told"));
        return Ok(Exit::Succeeded);
    }
    let follower = wait_until(&folder, &id, None, Run::is_over)?;
    screen.note(&format!("run {id} is {}", state_words(follower.run().state())));
    Ok(Exit::Succeeded)
}

/// Tries again.
pub(crate) fn retry(arguments: &RetryArguments, screen: &mut Screen) -> Outcome {
    let command = Command::Retry { tasks: arguments.tasks.clone() };
    tell_and_go(arguments.of.run.as_deref(), &command, &arguments.seeing, screen)
}

/// Takes what is in its worktree.
pub(crate) fn resolve(arguments: &ResolveArguments, screen: &mut Screen) -> Outcome {
    let command = Command::Resolve { task: arguments.task.clone() };
    tell_and_go(arguments.of.run.as_deref(), &command, &arguments.seeing, screen)
}

/// Takes it as done.
pub(crate) fn accept(arguments: &AcceptArguments, screen: &mut Screen) -> Outcome {
    let command = Command::Accept { task: arguments.task.clone(), because: arguments.because.clone() };
    tell_and_go(arguments.of.run.as_deref(), &command, &arguments.seeing, screen)
}

/// Hands a command in that brings a run on: to its engine, or to one in this process if it has none.
fn tell_and_go(wanted: Option<&str>, command: &Command, seeing: &Seeing, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(wanted)?;
    desk::ask(&folder, &id, command).map_err(Failure::from)?;
    if let Some(pid) = desk::owner(&folder, &id) {
        screen.note(&format!("run {id} was told (process {pid}); `band watch {id}` shows it"));
        return Ok(Exit::Succeeded);
    }
    // Whoever asks for this wants it to move: a pause that nobody is there to lift would hold it for ever.
    if Follower::open(&folder, &id)?.run().state() == RunState::Paused {
        desk::ask(&folder, &id, &Command::Resume).map_err(Failure::from)?;
    }
    drive::go(&folder, &id, seeing, screen)
}

/// An engine in this process, without a view.
pub(crate) fn lend_an_engine(folder: &Folder, id: &RunId, leave: Leave, screen: &mut Screen) -> Result<(), Failure> {
    if let Some(warning) = lend(folder, id, leave)? {
        screen.note(&warning);
    }
    Ok(())
}

/// The same; a warning when the run's files could not be kept up to date.
pub(crate) fn lend(folder: &Folder, id: &RunId, leave: Leave) -> Result<Option<String>, Failure> {
    let options = Options { exe: own_binary()?, leave, on_commit: Box::new(|_, _| {}) };
    let mut engine = Engine::take(folder, id, options)?;
    engine.drive()?;
    Ok(outcome::files_behind(&engine))
}

/// Looks at the run until it is as wanted, or patience ends.
pub(super) fn wait_until(
    folder: &Folder,
    id: &RunId,
    patience: Option<Duration>,
    wanted: impl Fn(&Run) -> bool,
) -> Result<Follower, Failure> {
    let mut follower = Follower::open(folder, id)?;
    let start = Instant::now();
    while !wanted(follower.run()) {
        if patience.is_some_and(|patience| start.elapsed() > patience) {
            return Err(Failure::internal(format!("the engine of run {id} does not answer"))
                .hint("it was told all the same, and will do it when it wakes"));
        }
        thread::sleep(BEAT);
        follower.catch_up()?;
    }
    Ok(follower)
}
