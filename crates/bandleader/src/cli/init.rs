//! `band init`: a state folder and a plan to start from. Never overwrites anything.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use clap::Args;

use crate::config::STATE_FOLDER;
use crate::error::{Exit, Failure, Outcome};
use crate::plans;
use crate::render::screen::Screen;
use crate::render::style::{GOOD, QUIET, paint};

/// Set up .band/ and a plan to start from
#[derive(Debug, Args)]
#[command(after_help = "Makes .band/ (runs, not for version control), .band/plans/ (named plans, for version control),
.band/plan.schema.json (for editors) and plan.yaml. What is already there is left as it is.")]
pub(crate) struct Arguments {}

/// The plan to start from: small, runs anywhere, shows phases, needs, a gate and a deliverable.
const STARTER: &str = include_str!("starter.yaml");

/// Keeps runs out of version control, and named plans and the schema in.
const IGNORE: &str = "# Runs stay on this machine; named plans and the schema are the project's.\n*\n!.gitignore\n!plans/\n!plans/**\n!plan.schema.json\n";

/// Sets up what is missing.
pub(crate) fn run(_: &Arguments, screen: &mut Screen) -> Outcome {
    let state = Path::new(STATE_FOLDER);
    let plans = state.join("plans");
    fs::create_dir_all(&plans).map_err(|error| failed(&plans, &error))?;
    let schema = serde_json::to_string_pretty(&plans::schema())? + "\n";
    let files = [
        (state.join(".gitignore"), IGNORE),
        (state.join("plan.schema.json"), schema.as_str()),
        (Path::new("plan.yaml").to_owned(), STARTER),
    ];
    for (path, text) in files {
        let shown = path.display();
        if write_new(&path, text).map_err(|error| failed(&path, &error))? == Written::New {
            screen.note(&format!("{} {shown}", paint(GOOD, "new ")));
        } else {
            screen.note(&format!("{} {shown}", paint(QUIET, "kept")));
        }
    }
    screen.note("\nNext: `band check plan.yaml`, then `band run plan.yaml`.");
    Ok(Exit::Succeeded)
}

#[derive(PartialEq)]
enum Written {
    New,
    Kept,
}

fn write_new(path: &Path, text: &str) -> io::Result<Written> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| Written::New),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Written::Kept),
        Err(error) => Err(error),
    }
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot make `{}`: {error}", path.display()))
        .hint("run `band init` in a folder that you may write to")
}
