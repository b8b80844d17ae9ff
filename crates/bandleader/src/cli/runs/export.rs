//! `band export`: everything that a run left, in one folder, rebuilt from its log.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bandleader_core::Recorded;
use bandleader_core::view::safe_json;
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::projector::rebuild;
use clap::Args;

use super::WhichRun;
use crate::error::{Exit, Failure, Outcome};
use crate::render::screen::Screen;

/// Write a run's plan, timeline, report, events and logs to a folder
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band export
  band export k3v9 --output /tmp/k3v9
In it: orchestration-plan.md, orchestration-timeline.jsonl, the report, plan.json (the frozen plan), events.jsonl (the log)
and logs/ (what each task printed). All but the logs are made again from the log alone.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// The folder to make; `band-RUN` when left out. It must not exist
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Writes it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    let follower = Follower::open(&folder, &id)?;
    let plan = follower.run().plan();
    let story = desk::story(&folder, &id)?;
    let mut files = rebuild(plan.clone(), &story).map_err(|error| Failure::internal(error.to_string()))?;
    files.push(("plan.json".into(), json(&serde_json::to_string_pretty(plan.as_ref())?)));
    files.push(("events.jsonl".into(), lines(&story)?));
    let output = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("band-{id}")));
    let failed = |error: io::Error| cannot(&output, &error);
    fs::create_dir(&output).map_err(failed)?;
    for (name, text) in &files {
        fs::write(output.join(name), text).map_err(failed)?;
    }
    copy_logs(&folder.run(&id).jobs(), &output.join("logs")).map_err(failed)?;
    screen.line(&output.display().to_string())?;
    Ok(Exit::Succeeded)
}

fn json(text: &str) -> String {
    safe_json(text).into_owned() + "\n"
}

fn lines(story: &[Recorded]) -> Result<String, Failure> {
    let mut text = String::new();
    for recorded in story {
        text.push_str(&json(&serde_json::to_string(recorded)?));
    }
    Ok(text)
}

/// What tasks printed, as it was kept.
fn copy_logs(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        // Somebody removed the run's folder; what the log knows is still worth having.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if let (Some(name), true) = (path.file_name(), path.extension().is_some_and(|ending| ending == "log")) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

fn cannot(output: &Path, error: &io::Error) -> Failure {
    let failure = Failure::usage(format!("cannot export into `{}`: {error}", output.display()));
    match error.kind() {
        io::ErrorKind::AlreadyExists => failure.hint("nothing is overwritten: give another folder with --output"),
        _ => failure,
    }
}
