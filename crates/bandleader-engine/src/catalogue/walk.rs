//! Walks folders and reads the agent files in them, within limits.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bandleader_core::catalogue::{MAX_FILE, Outcome, Shelf, read_agent};
use walkdir::{DirEntry, WalkDir};

use super::plugins::Plugin;
use super::{AgentFile, Places};

/// Folders deeper than this are not looked into.
const MAX_DEPTH: usize = 12;
/// More files of agents than this are not read; the largest published catalogues have about 600.
const MAX_FILES: usize = 5_000;
/// Folders with more than this in them are not catalogues, but somebody's disk.
const MAX_ENTRIES: usize = 50_000;

/// A search under way.
pub(super) struct Walk<'p> {
    places: &'p Places,
    start: PathBuf,
    /// What was read.
    pub(super) files: Vec<AgentFile>,
    /// What could not be read, in words.
    pub(super) troubles: Vec<String>,
}

impl<'p> Walk<'p> {
    pub(super) fn new(places: &'p Places) -> Walk<'p> {
        let start = places.start.canonicalize().unwrap_or_else(|_| places.start.clone());
        Walk { places, start, files: Vec::new(), troubles: Vec::new() }
    }

    /// A path as people say it: from where they stand, or from their home.
    pub(super) fn shown(&self, path: &Path) -> String {
        let path = path.strip_prefix(".").unwrap_or(path);
        if let Some(inside) = [&self.start, &self.places.start].iter().find_map(|start| path.strip_prefix(start).ok()) {
            return inside.to_string_lossy().into_owned();
        }
        match self.places.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(inside) => format!("~/{}", inside.to_string_lossy()),
            None => path.to_string_lossy().into_owned(),
        }
    }

    /// All agent files in a folder and below. A folder that is not there has none.
    pub(super) fn folder(&mut self, folder: &Path, on: Shelf) {
        for path in self.agent_files(folder) {
            self.file(&path, on);
        }
    }

    /// The agents of a plugin, named after it.
    pub(super) fn plugin(&mut self, plugin: &Plugin) {
        let standard = plugin.folder.join("agents");
        let mut paths = self.agent_files(&standard);
        for named in &plugin.agents {
            let found = if named.is_dir() { self.agent_files(named) } else { vec![named.clone()] };
            paths.extend(found.into_iter().filter(|path| !path.starts_with(&standard)));
        }
        for path in paths {
            let before = self.files.len();
            self.file(&path, Shelf::Plugin);
            // A folder within `agents` becomes part of the name.
            let inside = path.strip_prefix(&standard).ok().and_then(Path::parent);
            let inside = inside.map(|folder| folder.to_string_lossy().replace('/', ":")).unwrap_or_default();
            let prefix = [plugin.name.as_str(), &inside].into_iter().filter(|part| !part.is_empty());
            let prefix = prefix.collect::<Vec<_>>().join(":");
            for file in self.files.iter_mut().skip(before) {
                if let Outcome::Agent(role) = &mut file.reading.outcome {
                    role.name = format!("{prefix}:{}", role.name);
                }
            }
        }
    }

    /// One file.
    pub(super) fn file(&mut self, path: &Path, on: Shelf) {
        let shown = self.shown(path);
        if self.files.len() >= MAX_FILES {
            if self.files.len() == MAX_FILES && !self.troubles.iter().any(|one| one.starts_with("more than")) {
                self.troubles
                    .push(format!("more than {MAX_FILES} agent files; `{shown}` and those after it are not read"));
            }
            return;
        }
        match read(path) {
            Ok(bytes) => self.files.push(AgentFile { reading: read_agent(&shown, &bytes), shelf: on }),
            Err(error) => self.troubles.push(format!("`{shown}` cannot be read: {error}")),
        }
    }

    fn agent_files(&mut self, folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        if !folder.is_dir() {
            return found;
        }
        let is_wanted = |entry: &DirEntry| {
            entry.depth() == 0 || !matches!(entry.file_name().to_str(), Some(".git" | "node_modules"))
        };
        let walk = WalkDir::new(folder).follow_links(true).max_depth(MAX_DEPTH).sort_by_file_name();
        for (number, entry) in walk.into_iter().filter_entry(is_wanted).enumerate() {
            if number >= MAX_ENTRIES {
                let shown = self.shown(folder);
                self.troubles.push(format!("`{shown}` has more than {MAX_ENTRIES} files; the rest is not looked at"));
                break;
            }
            match entry {
                Ok(entry) if is_agent_file(&entry) => found.push(entry.into_path()),
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().map_or_else(|| self.shown(folder), |path| self.shown(path));
                    let reason = match error.loop_ancestor() {
                        Some(above) => format!("it links to `{}`, in which it lies", self.shown(above)),
                        None => error.into_io_error().map_or_else(String::new, |error| error.to_string()),
                    };
                    self.troubles.push(format!("`{path}` cannot be read: {reason}"));
                }
            }
        }
        found
    }
}

fn is_agent_file(entry: &DirEntry) -> bool {
    !entry.file_type().is_dir() && entry.path().extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md"))
}

/// The content, one byte more than the limit at most. A pipe or a device would never end.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path).as_ref().is_ok_and(Metadata::is_file) {
        std::fs::metadata(path)?;
        return Err(io::Error::other("it is not a plain file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
