//! `band init`: a state folder and a plan to start from. Never overwrites anything.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use bandleader_engine::folder::Folder;
use clap::Args;

use crate::config;
use crate::error::{Exit, Failure, Outcome};
use crate::plans;
use crate::render::screen::Screen;
use crate::render::style::{GOOD, QUIET, paint};

/// Set up .band/ and a plan to start from
#[derive(Debug, Args)]
#[command(
    after_help = "Makes .band/ (runs: not for version control), .band/plans/ (named plans and their schema for editors: for version
control) and plan.yaml. What is already there is left as it is."
)]
pub(crate) struct Arguments {}

/// The plan to start from: small, runs anywhere, shows phases, needs, a gate and a deliverable.
const STARTER: &str = include_str!("starter.yaml");

/// Among the plans, because the rest of the state folder is not for version control.
const SCHEMA: &str = ".band/plans/plan.schema.json";

/// Sets up what is missing.
pub(crate) fn run(_: &Arguments, screen: &mut Screen) -> Outcome {
    let folder = Folder::create(&config::here()?)?;
    let schema = serde_json::to_string_pretty(&plans::schema())? + "\n";
    let files = [(Path::new(SCHEMA).to_owned(), schema.as_str()), (Path::new("plan.yaml").to_owned(), STARTER)];
    for (path, text) in files {
        let shown = path.display();
        if write_new(&path, text).map_err(|error| failed(&path, &error))? == Written::New {
            screen.note(&format!("{} {shown}", paint(GOOD, "new ")));
        } else {
            screen.note(&format!("{} {shown}", paint(QUIET, "kept")));
        }
    }
    screen.note(&format!("{} {}/", paint(QUIET, "have"), config::shown(&folder.root())));
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
