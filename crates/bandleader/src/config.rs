//! Where things are: the project's state folder and the person's own folder. Looked up, never created, here.

use std::env;
use std::path::{Path, PathBuf};

use bandleader_engine::folder::Folder;

use crate::error::Failure;

/// The folder that we stand in.
pub(crate) fn here() -> Result<PathBuf, Failure> {
    env::current_dir().map_err(|error| {
        Failure::usage(format!("the current folder cannot be found: {error}")).hint("change to a folder that exists")
    })
}

/// The project's state folder, as the engine finds it.
pub(crate) fn state_folder() -> Option<PathBuf> {
    Folder::find(&env::current_dir().ok()?).ok().map(|folder| folder.root())
}

/// The person's own folder: `$XDG_CONFIG_HOME/band`, else `~/.config/band`. Relative settings are ignored, as the XDG
/// base directory specification asks.
pub(crate) fn user_folder() -> Option<PathBuf> {
    absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config"))).map(|base| base.join("band"))
}

/// `path` as short as it can be said from the current folder.
pub(crate) fn shown(path: &Path) -> String {
    let here = env::current_dir().unwrap_or_default();
    let short = path.strip_prefix(&here).unwrap_or(path);
    crate::render::text::clean(&short.display().to_string()).into_owned()
}

fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}
