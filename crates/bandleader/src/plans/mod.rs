//! Finding a plan by path or by name, and having it checked (`load`). Called by every verb that takes a plan.
//!
//! A name is looked for in the project's `.band/plans`, then in the person's folder, then among the built-in plans; the
//! first one wins, so a project may replace a built-in plan by its own.

mod ask;
mod load;
mod templates;
mod wishes;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;

use crate::config;
use crate::error::Failure;

pub(crate) use load::{Missing, Prepared, check, lacking, level_changes, load, prepare, schema};
pub(crate) use templates::template;
pub(crate) use wishes::Wishes;

/// Plans that come with the program.
const BUILT_IN: [(&str, &str); 1] = [("review", include_str!("../../plans/review.yaml"))];

/// Larger than any plan that a person or a generator writes; keeps a mistaken path (a disk image) out of memory.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Which plan, and with what.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlanArguments {
    /// A plan file, the name of a plan, or `-` for stdin
    pub plan: String,
    /// A parameter of the plan; may be given several times
    #[arg(short, long = "input", value_name = "KEY=VALUE", value_parser = key_value)]
    pub inputs: Vec<(String, String)>,
    /// How much rigor, 1 (prototype) to 5 (enterprise), in place of the plan's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub level: Option<u8>,
    /// A folder with agent files that win over all others; may be given several times
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub agents: Vec<PathBuf>,
}

/// A plan's text and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct PlanFile {
    /// As people are told.
    pub name: String,
    /// The text.
    pub text: String,
    /// Where plans that it includes are looked for.
    pub folder: PathBuf,
}

/// Where a named plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shelf {
    /// `.band/plans`.
    Project,
    /// The person's folder.
    User,
    /// Comes with the program.
    BuiltIn,
}

/// The plan that `wanted` means.
pub(crate) fn find(wanted: &str) -> Result<PlanFile, Failure> {
    if wanted == "-" {
        let text = read_all(io::stdin().lock(), "stdin")?;
        return Ok(PlanFile { name: "stdin".into(), text, folder: PathBuf::from(".") });
    }
    if looks_like_path(wanted) || Path::new(wanted).is_file() {
        return from_file(Path::new(wanted), wanted.to_owned());
    }
    for (_, folder) in shelves() {
        for ending in ["yaml", "yml"] {
            let path = folder.join(format!("{wanted}.{ending}"));
            if path.is_file() {
                return from_file(&path, config::shown(&path));
            }
        }
    }
    if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == wanted) {
        let (name, text) = (format!("built-in plan {name}"), (*text).to_owned());
        return Ok(PlanFile { name, text, folder: PathBuf::from(".") });
    }
    Err(Failure::usage(format!("no plan is called `{wanted}`")).hint(what_there_is()))
}

/// Every named plan, each name once, the one that counts.
pub(crate) fn named() -> BTreeMap<String, Shelf> {
    let mut found = BTreeMap::new();
    for (shelf, folder) in shelves() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_plan = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
            if let (true, Some(stem)) = (is_plan, path.file_stem().and_then(|stem| stem.to_str())) {
                found.entry(stem.to_owned()).or_insert(shelf);
            }
        }
    }
    for (name, _) in BUILT_IN {
        found.entry(name.to_owned()).or_insert(Shelf::BuiltIn);
    }
    found
}

fn shelves() -> Vec<(Shelf, PathBuf)> {
    let project = config::state_folder().map(|folder| (Shelf::Project, folder.join("plans")));
    let user = config::user_folder().map(|folder| (Shelf::User, folder.join("plans")));
    project.into_iter().chain(user).collect()
}

fn looks_like_path(wanted: &str) -> bool {
    let ending = Path::new(wanted).extension().and_then(|ending| ending.to_str());
    wanted.contains('/') || ending.is_some_and(|ending| ["yaml", "yml", "json"].contains(&ending))
}

fn from_file(path: &Path, name: String) -> Result<PlanFile, Failure> {
    let file = fs::File::open(path).map_err(|error| unreadable(&name, &error))?;
    let text = read_all(file, &name)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(PlanFile { name, text, folder: folder.to_owned() })
}

fn read_all(source: impl Read, name: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > LARGEST {
        let most = LARGEST / 1024 / 1024;
        return Err(Failure::usage(format!("`{name}` is larger than {most} MiB, the most a plan may be")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::usage(format!("`{name}` is not a plan: byte {at} is not UTF-8 text"))
            .hint("plans are YAML in UTF-8; save the file in that encoding")
    })
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    let failure = Failure::usage(format!("cannot read the plan `{name}`: {error}"));
    match error.kind() {
        io::ErrorKind::NotFound => failure.hint(what_there_is()),
        _ => failure,
    }
}

fn what_there_is() -> String {
    let names: Vec<String> = named().into_keys().collect();
    match names.len() {
        0 => "give the path of a plan file, or run `band init` to get a first one".into(),
        1..=12 => format!("named plans here: {}", names.join(", ")),
        more => format!(
            "named plans here: {} and {} more",
            names.iter().take(12).cloned().collect::<Vec<_>>().join(", "),
            more - 12
        ),
    }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_keeps_everything_after_its_first_equals_sign() {
        assert_eq!(key_value("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(key_value("a="), Ok(("a".into(), String::new())));
        assert!(key_value("=b").is_err());
        assert!(key_value("a").is_err());
    }
}
