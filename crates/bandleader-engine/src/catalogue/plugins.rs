//! The plugins of Claude Code that are installed and switched on, as its own files list them.
//!
//! `plugins/installed_plugins.json` says where each lies (`plugins/cache/<marketplace>/<plugin>/<version>`; older versions stay
//! on the disk and do not count), `enabledPlugins` of the settings switch them off, and each has its agents in `agents/` and wherever its
//! `.claude-plugin/plugin.json` says.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

/// Larger lists are not read.
const MAX_LIST: u64 = 8 << 20;

/// A plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plugin {
    /// What its agents are named after.
    pub(super) name: String,
    /// Where it lies.
    pub(super) folder: PathBuf,
    /// Further files and folders with agents.
    pub(super) agents: Vec<PathBuf>,
}

/// Those that count for a project in `start`, in the order of their names.
pub(super) fn installed(claude: &Path, start: &Path, troubles: &mut Vec<String>) -> Vec<Plugin> {
    let Some(list) = json(&claude.join("plugins/installed_plugins.json"), troubles) else { return Vec::new() };
    let settings =
        [claude.join("settings.json"), start.join(".claude/settings.json"), start.join(".claude/settings.local.json")];
    let settings: Vec<Value> = settings.iter().filter_map(|path| json(path, &mut Vec::new())).collect();
    let is_off = |id: &str| {
        let said = settings.iter().rev().find_map(|one| one.get("enabledPlugins")?.get(id)?.as_bool());
        said == Some(false)
    };
    let mut plugins = Vec::new();
    for (id, installs) in list.get("plugins").and_then(Value::as_object).into_iter().flatten() {
        if is_off(id) {
            continue;
        }
        // The first form of the list had one map where there is a list of them now.
        let installs = installs.as_array().map_or(std::slice::from_ref(installs), Vec::as_slice);
        let folder = installs.iter().filter(|install| counts_here(install, start)).find_map(|install| {
            let folder = PathBuf::from(install.get("installPath")?.as_str()?);
            folder.is_dir().then_some(folder)
        });
        let Some(folder) = folder else { continue };
        let name = id.split('@').next().unwrap_or(id).to_owned();
        let agents = manifest_agents(&folder, troubles);
        plugins.push(Plugin { name, folder, agents });
    }
    plugins.sort_by(|one, other| one.name.cmp(&other.name).then(one.folder.cmp(&other.folder)));
    plugins
}

/// Installs for one project count only there.
fn counts_here(install: &Value, start: &Path) -> bool {
    match (install.get("scope").and_then(Value::as_str), install.get("projectPath").and_then(Value::as_str)) {
        (Some("project" | "local"), Some(project)) => start.starts_with(project),
        _ => true,
    }
}

/// What the manifest names; only what lies in the plugin.
fn manifest_agents(folder: &Path, troubles: &mut Vec<String>) -> Vec<PathBuf> {
    let Some(manifest) = json(&folder.join(".claude-plugin/plugin.json"), troubles) else { return Vec::new() };
    let named = match manifest.get("agents") {
        Some(Value::Array(named)) => named.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(named)) => vec![named.as_str()],
        _ => Vec::new(),
    };
    let is_inside =
        |path: &&str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let inside = named.into_iter().filter(is_inside).map(|path| folder.join(path.trim_start_matches("./")));
    inside.filter(|path| path.exists()).collect()
}

fn json(path: &Path, troubles: &mut Vec<String>) -> Option<Value> {
    let mut text = Vec::new();
    match File::open(path).and_then(|file| file.take(MAX_LIST).read_to_end(&mut text)) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            troubles.push(format!("`{}` cannot be read: {error}", path.display()));
            return None;
        }
    }
    serde_json::from_slice(&text)
        .map_err(|error| troubles.push(format!("`{}` is not JSON: {error}", path.display())))
        .ok()
}
