//! Files of `band plan`: read within a limit, written only where nothing is.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::error::Failure;
use crate::render::text::clean;

/// More than anybody answers.
const LARGEST: u64 = 1024 * 1024;

/// The text of a file of answers.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    let shown = clean(&file.display().to_string()).into_owned();
    let unreadable = |error: io::Error| Failure::usage(format!("cannot read `{shown}`: {error}"));
    let mut bytes = Vec::new();
    let opened = fs::File::open(file).map_err(unreadable)?;
    opened.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::usage(format!("`{shown}` is larger than 1 MiB, the most that answers may be")));
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("`{shown}` is not UTF-8 text")).hint("save it as UTF-8"))
}

/// Said before anybody is asked anything: what is there stays.
pub(crate) fn must_be_free(file: &Path) -> Result<(), Failure> {
    if fs::symlink_metadata(file).is_ok() {
        return Err(taken(file));
    }
    Ok(())
}

/// Writes a file that is not there yet.
pub(crate) fn write_new(file: &Path, text: &str) -> Result<(), Failure> {
    let written =
        OpenOptions::new().write(true).create_new(true).open(file).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(file),
        _ => Failure::usage(format!("cannot write `{}`: {error}", file.display()))
            .hint("give another place with --output"),
    })
}

fn taken(file: &Path) -> Failure {
    Failure::usage(format!("`{}` is there already, and nothing is overwritten", file.display()))
        .hint("give another name, or move that file")
}

/// A name that is not taken: `plan.yaml` for `plan`, else `plan-2.yaml` and so on.
pub(super) fn free_name(stem: &str) -> PathBuf {
    let first = format!("{stem}.yaml");
    let names = std::iter::once(first.clone()).chain((2..10_000).map(|number| format!("{stem}-{number}.yaml")));
    let mut names = names.map(PathBuf::from);
    names.find(|name| fs::symlink_metadata(name).is_err()).unwrap_or_else(|| PathBuf::from(first))
}
