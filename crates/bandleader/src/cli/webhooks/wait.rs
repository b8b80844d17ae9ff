//! `band webhooks wait`: waits for a word from outside and ends as it says. As the command of a gate it makes the gate wait for it.
//!
//! The word is in the book of hooks when it was believed, so this process may be ended and started at any time: it reads what came before it,
//! too. It needs no secret.

use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use bandleader_core::plan::Awaited;
use bandleader_core::{RunId, Timestamp};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::hooks::Book;
use bandleader_engine::hooks::incoming::{task_of, word};
use clap::Args;

use super::trouble;
use crate::cli::runs;
use crate::error::{Exit, Failure, Outcome};
use crate::hooks;
use crate::render::screen::Screen;
use crate::render::text::clean;

/// How often the book is asked. A question to it costs some microseconds.
const BEAT: Duration = Duration::from_millis(500);

/// What is waited for.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gates:                                     in a plan: the gate is open until CI has said how it went
    - { run: band webhooks wait github --check CI, timeout: 30m }
  band webhooks wait own --about release-7   in a shell, before what must not come sooner
Ends with 0 when it passed and with 4 when it failed. It waits without end: give the gate a `timeout`, or use timeout(1).")]
pub(super) struct Arguments {
    /// The hook by which the word comes
    #[arg(value_name = "HOOK")]
    hook: String,
    /// What it must be about: a commit, a branch, any name; the commit that is checked out here when left out
    #[arg(long, value_name = "THING")]
    about: Option<String>,
    /// Only this check, where several are told of
    #[arg(long, value_name = "NAME")]
    check: Option<String>,
}

/// Waits.
pub(super) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let about = arguments.about.clone().or_else(head);
    let task = Attempt::of_this_process();
    let about = match (about, &task) {
        (None, None) => {
            return Err(Failure::usage("there is nothing that the word could be about")
                .hint("give `--about`, or stand in a git repository with a commit"));
        }
        (about, _) => about,
    };
    // The plan's project has the state and the settings; a gate may stand in a worktree.
    if let Some(project) = task.as_ref().map(|task| &task.project) {
        std::env::set_current_dir(project)
            .map_err(|error| Failure::usage(format!("the folder of the project cannot be entered: {error}")))?;
    }
    let folder = runs::folder()?;
    check_name(&arguments.hook)?;
    let awaited = Awaited { name: arguments.hook.clone(), about, check: arguments.check.clone() };
    let since = task.as_ref().map(|task| task.began(&folder)).transpose()?.unwrap_or(Timestamp(0));
    let name = task.as_ref().map(|task| task_of(task.run.as_str(), &task.path)).unwrap_or_default();
    screen.note(&format!("waiting for {}", said(&awaited)));
    let book = Book::open(&folder).map_err(|error| trouble(&error))?;
    loop {
        if let Some(word) = word(&book, &awaited, &name, since).map_err(|error| trouble(&error))? {
            let went = if word.has_passed { "passed" } else { "failed" };
            screen.line(&format!("{} {went}: {}", clean(&awaited.name), clean(&word.summary)))?;
            return Ok(if word.has_passed { Exit::Succeeded } else { Exit::Refused });
        }
        thread::sleep(BEAT);
    }
}

/// `github: CI of 3f2a91c`.
fn said(awaited: &Awaited) -> String {
    let check = awaited.check.as_deref().unwrap_or("any check");
    let about = awaited.about.as_deref().unwrap_or("this task");
    format!("`{}` to say how it went: {} of {}", clean(&awaited.name), clean(check), clean(about))
}

fn check_name(name: &str) -> Result<(), Failure> {
    let all = hooks::incoming()?;
    if all.iter().any(|one| one.hook.name == name) {
        return Ok(());
    }
    let names: Vec<String> = all.iter().map(|one| clean(&one.hook.name).into_owned()).collect();
    let known = if names.is_empty() { "there are none".to_owned() } else { format!("there are {}", names.join(", ")) };
    Err(Failure::usage(format!("no hook is called `{}`", clean(name)))
        .hint(format!("{known}; `[[hooks]]` in band.toml makes one")))
}

/// The commit that is checked out here.
fn head() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The attempt that this process is of.
struct Attempt {
    run: RunId,
    path: String,
    project: PathBuf,
}

impl Attempt {
    fn of_this_process() -> Option<Attempt> {
        let text = |name| std::env::var(name).ok();
        let run = RunId::parse(&text("BAND_RUN")?).ok()?;
        Some(Attempt { run, path: text("BAND_TASK_ID")?, project: text("BAND_PROJECT")?.into() })
    }

    /// When it began: what was said of a name before that is about something else.
    fn began(&self, folder: &Folder) -> Result<Timestamp, Failure> {
        let id = desk::find(folder, Some(self.run.as_str()))?.id;
        let follower = Follower::open(folder, &id)?;
        let run = follower.run();
        let began = run.plan().find(&self.path).and_then(|task| run.task(task).past().attempt_started);
        Ok(began.unwrap_or_else(|| run.created()))
    }
}
