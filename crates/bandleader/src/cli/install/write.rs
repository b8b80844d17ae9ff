//! Files of other programs: read whole, replaced whole, and only if nobody wrote them meanwhile.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::config;
use crate::error::Failure;
use crate::render::screen::Screen;

/// What a file of ours begins with or has near its beginning, so that we know it again.
pub(super) const MARK: &str = "Written by `band install`";

/// More than any configuration has.
const LARGEST: u64 = 32 << 20;

/// One file, before and after. None is no file.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: PathBuf,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// The text of a file; none if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    let unreadable = |why: &dyn std::fmt::Display| {
        Failure::usage(format!("cannot read `{}`: {why}", config::shown(path))).hint("nothing was changed")
    };
    let size = match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return Err(unreadable(&"it is no file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    if size > LARGEST {
        return Err(unreadable(&"it is larger than any configuration"));
    }
    fs::read_to_string(path).map(Some).map_err(|error| unreadable(&error))
}

/// The change that makes a file of ours be there or not. One of that name which is not ours is left alone, and that is said.
pub(super) fn own_file(path: &Path, text: &str, there: bool, screen: &mut Screen) -> Result<Option<Change>, Failure> {
    let before = read(path)?;
    if before.as_ref().is_some_and(|before| !before.contains(MARK)) {
        screen.note(&format!("{} is not of `band`: it stays as it is", config::shown(path)));
        return Ok(None);
    }
    let after = there.then(|| text.to_owned());
    Ok(Some(Change { path: path.to_owned(), before, after }))
}

impl Change {
    /// Makes it: the old content stays beside it, and a reader sees the old or the new, never a piece. Where the old one is.
    pub(super) fn make(&self) -> Result<Option<PathBuf>, Failure> {
        let failed = |error: io::Error| {
            Failure::usage(format!("cannot write `{}`: {error}", config::shown(&self.path)))
                .hint("what was there before is as it was")
        };
        if read(&self.path)? != self.before {
            return Err(Failure::usage(format!("`{}` was changed meanwhile", config::shown(&self.path)))
                .hint("nothing was done to it; run this again"));
        }
        // Whoever keeps it elsewhere and links to it goes on doing so.
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let is_ours = self.before.as_ref().is_none_or(|before| before.contains(MARK));
        let backup = (!is_ours).then(|| beside(&path, ".before-band"));
        if let Some(backup) = &backup {
            fs::copy(&path, backup).map_err(failed)?;
        }
        if let Some(text) = &self.after {
            replace(&path, text).map_err(failed)?;
        } else {
            fs::remove_file(&path).map_err(failed)?;
            // Only if it is empty now; whose it was is not known.
            let _ = path.parent().map(fs::remove_dir);
        }
        Ok(backup)
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = beside(path, ".new");
    let write = || -> io::Result<()> {
        let mut file = File::create(&new)?;
        // As private as it was before anything is in it.
        if let Ok(known) = fs::metadata(path) {
            file.set_permissions(known.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}
