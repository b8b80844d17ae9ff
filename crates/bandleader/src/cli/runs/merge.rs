//! `band merge`: the work of a run that has ended, merged into a branch of the person's, who is asked first.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;

use bandleader_core::{BranchMerge, Command, Run, RunId, RunState, Verdict};
use bandleader_engine::engine::{Follower, Leave, desk};
use bandleader_engine::process::is_within_a_task;
use bandleader_engine::workspace::{self, Outlook, run_branch};
use clap::Args;
use serde_json::json;

use super::{WhichRun, outcome, steer};
use crate::config;
use crate::error::{Exit, Failure, Outcome};
use crate::render::live::state_words;
use crate::render::screen::Screen;
use crate::render::style::{GOOD, paint};
use crate::render::text::{clean, count};
use crate::render::when::stamp;

/// Merge the work of a run that has ended into a branch of yours
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band merge                      the newest run, into the branch that is checked out
  band merge k3v9 --into main     of one run, into another branch
  band merge k3v9 --into main --yes --json
For work in git worktrees: the run's branch is `band/<run>/run`. Nothing is forced: with changes that are not committed, a
conflict or a rebase in the way, nothing is changed, and it ends with 4 and what to do.
`band run --merge-into BRANCH` does the same as soon as a run has succeeded.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// Your branch; the one that is checked out in the project when left out
    #[arg(long, value_name = "BRANCH")]
    into: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Print what came of it as JSON
    #[arg(long)]
    json: bool,
}

/// Asks, and merges.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    if is_within_a_task() {
        return Err(Failure::usage("only people merge into their branches, and this is a task of a run"));
    }
    let folder = super::folder()?;
    let row = desk::find(&folder, arguments.which.run.as_deref())?;
    let id = row.id;
    let follower = Follower::open(&folder, &id)?;
    mergeable(follower.run(), &id)?;
    let into = target(arguments.into.as_deref(), &row.project)?;
    let outlook = workspace::outlook(&row.project, &run_branch(&id), &into).map_err(Failure::usage)?;
    if outlook.commits == 0 {
        return there_already(&id, &into, arguments.json, screen);
    }
    if !arguments.yes && !confirmed(follower.run(), &id, &into, &outlook, screen)? {
        screen.note("nothing was changed");
        return Ok(Exit::Succeeded);
    }
    let before = follower.run().merged_into().len();
    drop(follower);
    desk::ask(&folder, &id, &Command::MergeInto { branch: into.clone() })?;
    if desk::owner(&folder, &id).is_none() {
        steer::lend_an_engine(&folder, &id, Leave::WhenTold, screen)?;
    }
    let done = |run: &Run| run.is_over() && run.merged_into().len() > before;
    let follower = steer::wait_until(&folder, &id, None, done)?;
    let Some(merge) = follower.run().merged_into().last() else {
        return Err(Failure::internal(format!("run {id} says nothing of the merge")));
    };
    tell(&id, merge, &outlook, arguments.json, screen)
}

/// It has ended, and has a branch.
fn mergeable(run: &Run, id: &RunId) -> Result<(), Failure> {
    if !run.is_over() {
        return Err(Failure::usage(format!("run {id} has not ended"))
            .hint(format!("`band resume {id} --merge-into BRANCH` has it merged when it has succeeded")));
    }
    if run.plan().repository.is_none() {
        return Err(Failure::usage(format!("run {id} has no branch: no task of it works in a git worktree"))
            .hint("what its tasks changed is in the project folder"));
    }
    Ok(())
}

/// The branch that is meant.
fn target(wanted: Option<&str>, project: &Path) -> Result<String, Failure> {
    let into = match wanted {
        Some(into) => into.to_owned(),
        None => workspace::current_branch(project)
            .ok_or_else(|| Failure::usage("no branch is checked out here").hint("name one with `--into`"))?,
    };
    workspace::check_target(project, &into).map_err(Failure::usage)?;
    Ok(into)
}

fn there_already(id: &RunId, into: &str, json: bool, screen: &mut Screen) -> Outcome {
    if json {
        let branch = run_branch(id);
        screen.json(
            &json!({ "run": id, "branch": branch, "into": into, "status": "success", "commits": 0, "files": 0 }),
        )?;
    } else {
        screen.line(&format!("`{}` has all the work of run {id} already", clean(into)))?;
    }
    Ok(Exit::Succeeded)
}

/// Whether a person at the terminal says yes.
fn confirmed(run: &Run, id: &RunId, into: &str, outlook: &Outlook, screen: &mut Screen) -> Result<bool, Failure> {
    let into = clean(into);
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Failure::usage(format!("nobody is there to say whether run {id} may be merged into `{into}`"))
            .hint("`--yes` says so"));
    }
    let (commits, files) = (count(outlook.commits as usize, "commit"), count(outlook.files, "file"));
    screen.note(&format!("{commits} of run {id}, with {files}, for `{into}`{}", place(outlook)));
    if !matches!(run.state(), RunState::Succeeded | RunState::SucceededWithOverrides) {
        let state = state_words(run.state());
        screen.note(&format!("the run is {state}: only the work of tasks that are done is on its branch"));
    }
    screen.prompt("merge it? [y/N] ");
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::usage(format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn place(outlook: &Outlook) -> String {
    let shown = outlook.checkout.as_deref().map(config::shown);
    match shown.as_deref() {
        Some("") => ", which is checked out here".to_owned(),
        Some(path) => format!(", which is checked out in {path}"),
        None => String::new(),
    }
}

fn tell(id: &RunId, merge: &BranchMerge, outlook: &Outlook, json: bool, screen: &mut Screen) -> Outcome {
    let passed = merge.verdict == Verdict::Passed;
    if json {
        screen.json(&json!({
            "run": id, "branch": run_branch(id), "into": merge.branch, "status": if passed { "success" } else { "refused" },
            "commit": merge.commit, "onto": merge.onto, "message": merge.message, "at": stamp(merge.at),
            "commits": if passed { outlook.commits } else { 0 }, "files": if passed { outlook.files } else { 0 },
        }))?;
        return Ok(if passed { Exit::Succeeded } else { Exit::Refused });
    }
    if !passed {
        let message = format!("run {id} is not merged: {}", outcome::merge_words(merge));
        return Err(Failure { exit: Exit::Refused, ..Failure::internal(message) });
    }
    let (commits, files) = (count(outlook.commits as usize, "commit"), count(outlook.files, "file"));
    let words = outcome::merge_words(merge);
    screen.line(&format!("{} run {id} is {words}: {commits}, {files}", paint(GOOD, "✓")))?;
    Ok(Exit::Succeeded)
}
