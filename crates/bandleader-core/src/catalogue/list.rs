//! All agents that a plan may name without defining them.
//!
//! Made by the engine from what it found, read by `lower` and by faces. Always true: every name and every id is there once, and which of two
//! files of one name counts depends only on their order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::role::Role;
use crate::language::{did_you_mean, is_id, slug};

/// Where a file was found; the earlier one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// In a folder given with `--agents`.
    Given,
    /// In `.claude/agents` of the project.
    Project,
    /// In the person's own folder.
    User,
    /// In a plugin of Claude Code.
    Plugin,
}

impl Shelf {
    /// In a word: `project`.
    pub fn word(self) -> &'static str {
        match self {
            Shelf::Given => "given",
            Shelf::Project => "project",
            Shelf::User => "user",
            Shelf::Plugin => "plugin",
        }
    }
}

/// An agent that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The agent; one of a plugin is called `plugin:agent`.
    pub role: Role,
    /// Where it was found.
    pub shelf: Shelf,
    /// Its file, as people know it.
    pub path: String,
}

/// An agent that plans may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What a frozen plan calls it: the name if that has only lower-case letters, digits and dashes, else the nearest to it.
    pub id: String,
    /// Where it was found.
    pub shelf: Shelf,
    /// Its file, as people know it.
    pub path: String,
    /// The agent.
    pub role: Role,
}

/// An agent that does not count, because another has its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shadowed {
    /// The name of both.
    pub name: String,
    /// Its file.
    pub path: String,
    /// Where it was found.
    pub shelf: Shelf,
    /// The file that counts.
    pub by: String,
    /// Where that was found.
    pub by_shelf: Shelf,
}

/// Agents by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    entries: BTreeMap<String, Entry>,
    /// Ids, and the last parts of plugins' names where only one has them: the name that they mean.
    others: BTreeMap<String, String>,
    shadowed: Vec<Shadowed>,
    searched: Vec<String>,
}

impl Catalogue {
    /// Of agents in the order of their precedence, the first of a name wins. `searched`: the folders, as people know them.
    pub fn new(found: impl IntoIterator<Item = Found>, searched: Vec<String>) -> Catalogue {
        let mut catalogue = Catalogue { searched, ..Catalogue::default() };
        for one in found {
            let name = one.role.name.clone();
            if let Some(winner) = catalogue.entries.get(&name) {
                let (by, by_shelf) = (winner.path.clone(), winner.shelf);
                catalogue.shadowed.push(Shadowed { name, path: one.path, shelf: one.shelf, by, by_shelf });
                continue;
            }
            let entry = Entry { id: String::new(), shelf: one.shelf, path: one.path, role: one.role };
            catalogue.entries.insert(name, entry);
        }
        catalogue.give_ids();
        catalogue.give_short_names();
        catalogue
    }

    /// The agent that a plan means by `name`: its name, its id, or the last part of a plugin's name that nobody else has.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name).or_else(|| self.entries.get(self.others.get(name)?))
    }

    /// As [`Catalogue::entry`], only what its file says.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.entry(name).map(|entry| &entry.role)
    }

    /// All names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.entries.keys().map(String::as_str)
    }

    /// All agents, in the order of their names.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Agents that do not count, because another has their name.
    pub fn shadowed(&self) -> &[Shadowed] {
        &self.shadowed
    }

    /// The folders that were looked into, as people know them.
    pub fn searched(&self) -> &[String] {
        &self.searched
    }

    /// Names that `wrong` may have been meant to be, the nearest first; at most `most`.
    pub fn nearest(&self, wrong: &str, most: usize) -> Vec<&str> {
        nearest(wrong, self.names().chain(self.others.keys().map(String::as_str)), most)
    }

    fn give_ids(&mut self) {
        let odd: Vec<String> = self.entries.keys().filter(|name| !is_id(name)).cloned().collect();
        for (name, entry) in &mut self.entries {
            entry.id.clone_from(name);
        }
        for name in odd {
            let plain = slug(&name);
            let plain = if plain.is_empty() { "agent".to_owned() } else { plain };
            let is_taken = |id: &str| self.entries.contains_key(id) || self.others.contains_key(id);
            let numbered = (2_u32..).map(|number| {
                let tail = format!("-{number}");
                format!("{}{tail}", plain.get(..plain.len().min(64 - tail.len())).unwrap_or(&plain))
            });
            let id = std::iter::once(plain.clone()).chain(numbered).find(|id| !is_taken(id)).unwrap_or_default();
            if let Some(entry) = self.entries.get_mut(&name) {
                entry.id.clone_from(&id);
            }
            self.others.insert(id, name);
        }
    }

    fn give_short_names(&mut self) {
        let mut short: BTreeMap<String, Option<String>> = BTreeMap::new();
        for name in self.entries.iter().filter(|(_, entry)| entry.shelf == Shelf::Plugin).map(|(name, _)| name) {
            let last = name.rsplit(':').next().unwrap_or(name);
            short.entry(last.to_owned()).and_modify(|one| *one = None).or_insert_with(|| Some(name.clone()));
        }
        for (last, name) in short {
            if let Some(name) = name.filter(|_| !self.entries.contains_key(&last) && !self.others.contains_key(&last)) {
                self.others.insert(last, name);
            }
        }
    }
}

/// Those of `names` that `wrong` may have been meant to be, the nearest first; at most `most`.
pub(crate) fn nearest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>, most: usize) -> Vec<&'n str> {
    let mut left: Vec<&str> = names.collect();
    let mut found = Vec::new();
    while let Some(near) = did_you_mean(wrong, left.iter().copied()).filter(|_| found.len() < most) {
        left.retain(|name| *name != near);
        found.push(near);
    }
    let has_word = |name: &&str| {
        let words = |text: &str| -> Vec<String> { slug(text).split('-').map(str::to_owned).collect() };
        let ours = words(wrong);
        words(name).iter().any(|word| word.len() >= 4 && ours.contains(word))
    };
    let more = most.saturating_sub(found.len());
    found.extend(left.into_iter().filter(has_word).take(more));
    found
}
