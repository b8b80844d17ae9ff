//! The keys of an agent file: which there are, where each stands, and those that no agent file has.
//!
//! Called by `fields`, which knows what the values mean, and by `lines`, which looks for the keys.

use std::collections::BTreeMap;

use super::read::moved;
use crate::diag::Span;
use crate::language::did_you_mean;
use crate::problems::{Problems, listed, named};
use crate::tree::{Entry, Node, Tree};

/// Keys of agent files.
pub(super) const KEYS: &[&str] = &[
    "name",
    "description",
    "tools",
    "disallowedTools",
    "model",
    "permissionMode",
    "maxTurns",
    "skills",
    "mcpServers",
    "hooks",
    "memory",
    "background",
    "effort",
    "isolation",
    "color",
    "initialPrompt",
];

/// The keys of a file with their values.
pub(super) struct Keys<'k> {
    pub(super) entries: &'k [Entry],
    /// Where they begin in the file; their own places count from there.
    pub(super) offset: usize,
    /// What stands for the whole file in messages: its first line.
    pub(super) place: Span,
}

impl<'k> Keys<'k> {
    pub(super) fn entry(&self, key: &str) -> Option<&'k Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn value(&self, key: &str) -> Option<&'k Node> {
        self.entry(key).map(|entry| &entry.value).filter(|node| !matches!(node.tree, Tree::Nothing | Tree::Broken))
    }

    /// Where the value of a key stands, or the key if it has none, or what stands for the file.
    pub(super) fn place_of(&self, key: &str) -> Span {
        match self.entry(key) {
            Some(entry) if matches!(entry.value.tree, Tree::Nothing) => moved(entry.key_span, self.offset),
            Some(entry) => self.at(&entry.value),
            None => self.place,
        }
    }

    pub(super) fn at(&self, node: &Node) -> Span {
        moved(node.span, self.offset)
    }

    /// Keys that agent files do not have, with their values; each is told of.
    pub(super) fn unknown(&self, problems: &mut Problems) -> BTreeMap<String, serde_json::Value> {
        let strangers: Vec<&Entry> = self.entries.iter().filter(|entry| !KEYS.contains(&entry.key.as_str())).collect();
        let mut plain: Vec<&Entry> = Vec::new();
        for entry in &strangers {
            match near(&entry.key) {
                None => plain.push(entry),
                Some(near) => {
                    let place = moved(entry.key_span, self.offset);
                    let message = format!("{} is not a key of agent files", named(&entry.key));
                    let problem = problems.warning("agent::unknown-key", place, message);
                    problem.means("it has no effect").hint(format!("did you mean `{near}`?"));
                }
            }
        }
        if let Some(first) = plain.first() {
            let place = moved(first.key_span, self.offset);
            let names = listed(plain.iter().map(|entry| entry.key.as_str()), "and");
            let verb = if plain.len() == 1 { "is not a key" } else { "are not keys" };
            let problem = problems.note("agent::unknown-key", place, format!("{names} {verb} of agent files"));
            problem.means(if plain.len() == 1 { "it has no effect" } else { "they have no effect" });
        }
        strangers.into_iter().map(|entry| (entry.key.clone(), entry.value.json())).collect()
    }
}

/// The key that a stranger is probably a slip of: another spelling, or a letter or two.
fn near(key: &str) -> Option<&'static str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let same = KEYS.iter().copied().find(|known| plain(known) == plain(key));
    // Short keys are near to too much: `type` is not a slip of `name`.
    same.or_else(|| {
        did_you_mean(key, KEYS.iter().copied()).filter(|near| key.len() >= 5 && near.len().abs_diff(key.len()) <= 1)
    })
}
