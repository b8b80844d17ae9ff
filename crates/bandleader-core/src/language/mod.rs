//! The plan language as data: which keys there are, what shape their values have, what they mean, an example of each.
//!
//! One table per kind of map. The check of shapes (`shape`), the suggestions for wrong keys (`suggest`) and the JSON Schema
//! for editors (`schema`) all read these tables, so that none of them can disagree with another. `lower` gives the
//! values their meaning and reads them through [`Fields`].

mod agent_keys;
mod hook_keys;
mod id;
mod level_keys;
mod milestone_keys;
mod parts;
mod people_keys;
mod plan_keys;
mod schema;
mod shape;
mod suggest;
mod task_keys;

pub(crate) use agent_keys::{AGENT, AGENT_LIMITS, SETTINGS, WEBHOOK};
pub(crate) use hook_keys::{HOOK, INCOMING};
pub(crate) use id::{is_id, slug};
pub(crate) use level_keys::LEVEL;
#[cfg(test)]
pub(crate) use level_keys::LEVELS;
pub(crate) use milestone_keys::MILESTONE;
#[cfg(test)]
pub(crate) use parts::GROUP_LIMITS;
pub(crate) use parts::{
    DEFAULTS, DELIVERABLE, GATE, INPUT, LIMITS, OUTPUT, PRICE, RESOURCE, RETRY, RETRY_WITH, TASK_LIMITS,
};
pub(crate) use people_keys::{CHECK_IN, DECISION};
pub(crate) use plan_keys::{GROUP, INCLUDE, PHASE, PLAN};
pub use schema::json_schema;
pub(crate) use shape::check_shape;
pub(crate) use suggest::did_you_mean;
pub(crate) use task_keys::TASK;

use crate::tree::{Entry, Node, Tree};

/// A kind of map.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name in the schema: `task`.
    pub(crate) name: &'static str,
    /// What one is called in messages: `a task`.
    pub(crate) called: &'static str,
    /// What it is.
    pub(crate) doc: &'static str,
    /// Its keys, in the order of the documentation.
    pub(crate) keys: &'static [Key],
}

/// One key of a map.
#[derive(Debug)]
pub(crate) struct Key {
    /// As people write it.
    pub(crate) name: &'static str,
    /// Other spellings that are accepted, with a note.
    pub(crate) aliases: &'static [&'static str],
    /// What its value looks like.
    pub(crate) shape: Shape,
    /// What it means.
    pub(crate) doc: &'static str,
    /// The key with a value, as YAML.
    pub(crate) example: &'static str,
    /// Whether it may be left out, and whether it does anything.
    pub(crate) status: Status,
}

/// Whether a key may be left out, and whether it does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// May be left out.
    Optional,
    /// Must be there.
    Required,
    /// Is read, but has no effect in this version.
    NotYet,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Any text; numbers count as texts.
    Text,
    /// A name made of lower-case letters, digits, dashes and underscores.
    Id,
    /// True or false.
    Flag,
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// Any number.
    Number,
    /// A length of time.
    Length,
    /// A length of time, or `none`.
    Patience,
    /// Some of the levels 1 to 5.
    Levels,
    /// An amount in US dollars.
    Money,
    /// A number of tokens: `200000`, `200k`, `2M`.
    Tokens,
    /// An expression.
    Condition,
    /// A path pattern.
    Glob,
    /// A regular expression.
    Pattern,
    /// One of these words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
    /// Anything.
    Value,
    /// A list.
    List(&'static Shape),
    /// One of it, or a list of it.
    OneOrMany(&'static Shape),
    /// Freely chosen names, each with such a value.
    Map(&'static Shape),
    /// A map with known keys.
    Table(&'static Table),
    /// The first of these that fits.
    Either(&'static [Shape]),
    /// What stands in a list of tasks: a task, a group or an included plan.
    Entry,
}

impl Table {
    /// The key with this name or alias.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name || key.aliases.contains(&name))
    }
}

/// What a map in a list of tasks is, judged by its keys.
pub(crate) fn entry_table(node: &Node) -> &'static Table {
    if node.entry("tasks").is_some() {
        &GROUP
    } else if node.entry("plan").is_some() {
        &INCLUDE
    } else {
        &TASK
    }
}

/// Reads the keys of a map whose shape was checked: what has the wrong shape was reported, and reads as absent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'n> {
    node: &'n Node,
    table: &'static Table,
}

impl<'n> Fields<'n> {
    /// The map `node` as a `table`.
    pub(crate) fn new(node: &'n Node, table: &'static Table) -> Self {
        Fields { node, table }
    }

    /// The map itself.
    pub(crate) fn node(&self) -> &'n Node {
        self.node
    }

    /// The entry under this key. For keys with other spellings see [`Fields::get_any_spelling`].
    pub(crate) fn entry(&self, name: &str) -> Option<&'n Entry> {
        debug_assert!(
            self.table.key(name).is_some_and(|key| key.aliases.is_empty()),
            "`{name}` is not in the table `{}`, or has other spellings",
            self.table.name
        );
        self.node.entry(name)
    }

    /// The value under a key that has other spellings.
    pub(crate) fn get_any_spelling(&self, name: &str) -> Option<&'n Node> {
        let aliases = self.table.key(name).map_or(&[][..], |key| key.aliases);
        self.node.get(name).or_else(|| aliases.iter().find_map(|alias| self.node.get(alias)))
    }

    /// The value under this key.
    pub(crate) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|entry| &entry.value).filter(|node| !matches!(node.tree, Tree::Nothing | Tree::Broken))
    }

    /// Whether there are keys that the table does not know; one of them may be what is missing.
    pub(crate) fn has_strangers(&self) -> bool {
        self.node.entries().iter().any(|entry| self.table.key(&entry.key).is_none())
    }

    /// Whether the key is there at all, with whatever value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }
}
