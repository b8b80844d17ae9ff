//! Finding agent files: those of the project, of the person, of plugins, and of folders that are named.
//!
//! Called by faces before a plan is checked. The order of precedence is that of [`Shelf`]; within a shelf the nearest folder, and then the
//! path, decides. Always true: nothing that is found is run, a file is read up to a limit and only if it is a plain one, and whatever
//! cannot be read is told instead of ending the search.

mod plugins;
mod walk;

use std::path::{Path, PathBuf};

use bandleader_core::catalogue::{Catalogue, Found, Outcome, Reading, Shadowed, Shelf};
use bandleader_core::diag::{Diagnostic, Severity};

use walk::Walk;

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Folders that the person named.
    pub given: Vec<PathBuf>,
    /// The folder that they stand in: the project's folders are there and above, up to the top of the git repository.
    pub start: PathBuf,
    /// The folder of Claude Code for this person, mostly `~/.claude`.
    pub claude: Option<PathBuf>,
    /// The person's home, to say paths shorter.
    pub home: Option<PathBuf>,
}

/// A file that was looked at.
#[derive(Clone, Debug)]
pub struct AgentFile {
    /// What came of it.
    pub reading: Reading,
    /// Where it was found.
    pub shelf: Shelf,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Discovered {
    /// The agents that plans may name.
    pub catalogue: Catalogue,
    /// Every file, in the order of precedence.
    pub files: Vec<AgentFile>,
    /// What could not be read, in words.
    pub troubles: Vec<String>,
}

/// Looks everywhere.
pub fn discover(places: &Places) -> Discovered {
    let mut walk = Walk::new(places);
    let mut searched = Vec::new();
    for folder in &places.given {
        searched.push(walk.shown(folder));
        walk.folder(folder, Shelf::Given);
    }
    let user = places.claude.as_ref().map(|claude| claude.join("agents"));
    let project = project_folders(&places.start, user.as_deref());
    for folder in &project {
        if folder.is_dir() {
            searched.push(walk.shown(folder));
            walk.folder(folder, Shelf::Project);
        }
    }
    if let Some(top) = project.last().filter(|_| !project.iter().any(|folder| folder.is_dir())) {
        searched.push(walk.shown(top));
    }
    if let Some(user) = &user {
        searched.push(walk.shown(user));
        walk.folder(user, Shelf::User);
    }
    if let Some(claude) = &places.claude {
        let plugins = plugins::installed(claude, &places.start, &mut walk.troubles);
        if !plugins.is_empty() {
            searched.push(walk.shown(&claude.join("plugins")));
        }
        for plugin in plugins {
            walk.plugin(&plugin);
        }
    }
    conclude(walk, searched)
}

/// Looks only at these files and folders.
pub fn look_at(paths: &[PathBuf], places: &Places) -> Discovered {
    let mut walk = Walk::new(places);
    for path in paths {
        if path.is_dir() {
            walk.folder(path, Shelf::Given);
        } else {
            walk.file(path, Shelf::Given);
        }
    }
    let searched = paths.iter().map(|path| walk.shown(path)).collect();
    conclude(walk, searched)
}

fn conclude(walk: Walk<'_>, searched: Vec<String>) -> Discovered {
    let Walk { mut files, troubles, .. } = walk;
    let found = files.iter().filter_map(|file| match &file.reading.outcome {
        Outcome::Agent(role) => {
            Some(Found { role: (**role).clone(), shelf: file.shelf, path: file.reading.source.name.clone() })
        }
        Outcome::Skipped | Outcome::Unusable => None,
    });
    let catalogue = Catalogue::new(found, searched);
    for shadowed in catalogue.shadowed() {
        if let Some(file) = files.iter_mut().find(|file| file.reading.source.name == shadowed.path) {
            let at = file.reading.name_at;
            file.reading.diagnostics.push(Diagnostic { span: at, ..told(shadowed) });
        }
    }
    Discovered { catalogue, files, troubles }
}

/// That a file does not count. Between shelves this is mostly meant; within one it is mostly not.
fn told(shadowed: &Shadowed) -> Diagnostic {
    let is_meant = shadowed.shelf != shadowed.by_shelf;
    let (code, severity) =
        if is_meant { ("agent::shadowed", Severity::Note) } else { ("agent::duplicate-name", Severity::Warning) };
    Diagnostic {
        code,
        severity,
        message: format!("another file has this name: `{}`", shadowed.by),
        span: bandleader_core::diag::Span::default(),
        means: Some("the other one counts, and this file is not used".into()),
        hint: (!is_meant).then(|| "give one of them another name".into()),
        also: Vec::new(),
    }
}

/// `.claude/agents` of the folder and of those above it, up to the top of its git repository, the nearest first. Outside of a
/// repository only the folder's own: what lies above is nobody's project.
fn project_folders(start: &Path, user: Option<&Path>) -> Vec<PathBuf> {
    let start = start.canonicalize().unwrap_or_else(|_| start.to_owned());
    let top = start.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&start);
    let user = user.and_then(|user| user.canonicalize().ok());
    let inside = start.ancestors().take_while(|folder| folder.starts_with(top));
    let folders = inside.map(|folder| folder.join(".claude").join("agents"));
    folders
        .filter(|folder| user.as_ref().is_none_or(|user| folder.canonicalize().ok().as_ref() != Some(user)))
        .collect()
}

#[cfg(test)]
mod tests;
