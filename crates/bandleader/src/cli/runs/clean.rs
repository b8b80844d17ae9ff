//! `band clean`: removes git worktrees of runs that have ended; shows first.

use bandleader_core::{RunId, RunState};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::workspace;
use clap::Args;

use super::WhichRun;
use crate::config;
use crate::error::{Exit, Failure, Outcome};
use crate::render::screen::Screen;
use crate::render::text::{clean, count};

/// Remove git worktrees of runs that have ended
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band clean              shows what would go, of all runs
  band clean k3v9 --yes   removes it, of one
Nothing goes that is not committed, or whose commit is on no branch. Branches always stay.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// Remove it
    #[arg(short, long)]
    yes: bool,
}

/// Shows, and removes if that is wanted.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let folder = super::folder()?;
    let rows = match &arguments.which.run {
        Some(run) => vec![desk::find(&folder, Some(run))?],
        None => desk::runs(&folder)?,
    };
    let (mut gone, mut stayed) = (0, 0);
    for row in rows {
        if !folder.run(&row.id).path().is_dir() {
            continue;
        }
        if !has_ended(&folder, &row.id)? {
            if arguments.which.run.is_some() {
                screen.note(&format!("run {} has not ended; its worktrees stay", row.id));
            }
            continue;
        }
        let path = folder.run(&row.id).path().to_owned();
        let found = workspace::leftovers(&path)
            .map_err(|error| Failure::internal(format!("`{}` cannot be read: {error}", config::shown(&path))))?;
        for leftover in found {
            let shown = config::shown(&leftover.path);
            let kept = match &leftover.stays {
                Some(why) => Err(why.clone()),
                None if arguments.yes => workspace::remove(&leftover, &row.project),
                None => Ok(()),
            };
            match kept {
                Ok(()) => {
                    gone += 1;
                    screen.line(&format!(
                        "{} {}",
                        if arguments.yes { "removed" } else { "would go" },
                        clean(&shown)
                    ))?;
                }
                Err(why) => {
                    stayed += 1;
                    screen.line(&format!("stays {}: {}", clean(&shown), clean(&why)))?;
                }
            }
        }
    }
    match (gone, arguments.yes) {
        (0, _) if stayed == 0 => screen.note("there is nothing to remove"),
        (1.., false) => screen.note(&format!("`--yes` removes {}", count(gone, "worktree"))),
        _ => {}
    }
    Ok(Exit::Succeeded)
}

/// Whether nothing of it runs, and nothing will by itself.
fn has_ended(folder: &Folder, id: &RunId) -> Result<bool, Failure> {
    let follower = Follower::open(folder, id)?;
    let state: RunState = follower.run().state();
    Ok(follower.run().is_over() && state != RunState::Running && desk::owner(folder, id).is_none())
}
