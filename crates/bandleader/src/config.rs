//! Where things are: the project's state folder, the person's own folder, agent files, `band.toml`. Looked up, never
//! created, here.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use bandleader_core::levels::Level;
use bandleader_core::view::update::Rhythm;
use bandleader_core::{PastCosts, SettingsFile, wants_bell, wants_updates};
use bandleader_engine::catalogue::Places;
use bandleader_engine::engine::past_costs as past_costs_of;
use bandleader_engine::folder::Folder;

use crate::error::Failure;
use crate::notice::Bell;

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

/// Where agent files are looked for; `given` are folders that the person named.
pub(crate) fn agent_places(given: &[PathBuf]) -> Result<Places, Failure> {
    if let Some(none) = given.iter().find(|folder| !folder.is_dir()) {
        return Err(Failure::usage(format!("`--agents {}` is not a folder", none.display()))
            .hint("give a folder that has agent files, such as `.claude/agents`"));
    }
    let home = absolute("HOME");
    let claude = absolute("CLAUDE_CONFIG_DIR").or_else(|| Some(home.as_ref()?.join(".claude")));
    Ok(Places { given: given.to_vec(), start: here()?, claude, home })
}

/// The `band.toml` of the project, and that of the person; the stronger first.
pub(crate) fn settings_files() -> Result<Vec<SettingsFile>, Failure> {
    let folders = [Some(project_root()?), user_folder()];
    let mut found = Vec::new();
    for folder in folders.into_iter().flatten() {
        let path = folder.join("band.toml");
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| {
                Failure::usage(format!("`{}` is not UTF-8 text", path.display())).hint("save it as UTF-8")
            })?,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => continue,
            Err(error) => return Err(Failure::usage(format!("cannot read `{}`: {error}", path.display()))),
        };
        found.push(SettingsFile { name: shown(&path), text, folder: folder.to_string_lossy().into_owned() });
    }
    Ok(found)
}

/// Whether people are told of open decisions by bell and notice: as the project's `band.toml` says, else the person's, else yes. One
/// that is broken is for `band check` to tell of.
pub(crate) fn bell() -> Bell {
    let files = settings_files().unwrap_or_default();
    if files.iter().find_map(wants_bell) == Some(false) { Bell::Off } else { Bell::On }
}

/// How often plain lines say how far a run is: as the project's `band.toml` says, else the person's, else as the level does.
pub(crate) fn updates(level: &Level) -> Rhythm {
    let files = settings_files().unwrap_or_default();
    files.iter().find_map(wants_updates).unwrap_or(Rhythm::Every(level.updates))
}

/// What agents cost in earlier runs of this project. Where none can be read, nothing is known.
pub(crate) fn past_costs() -> PastCosts {
    let folder = env::current_dir().ok().and_then(|here| Folder::find(&here).ok());
    folder.and_then(|folder| past_costs_of(&folder).ok()).unwrap_or_default()
}

/// The folder of the project: the one with `.band`, else the top of the git repository, else the one that we stand in.
pub(crate) fn project_root() -> Result<PathBuf, Failure> {
    let here = here()?;
    if let Ok(folder) = Folder::find(&here) {
        return Ok(folder.project().to_owned());
    }
    Ok(here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here).to_owned())
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
