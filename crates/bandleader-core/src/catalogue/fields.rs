//! What the keys of an agent file mean, and what is wrong with their values.
//!
//! Called by `read`. A value that cannot be used is left out with a warning: nothing here makes a file unusable.

use super::keys::Keys;
use super::read::{CLAUDE_SKIPS, moved};
use super::role::{PermissionMode, Role};
use super::suspect::plain_name;
use crate::language::slug;
use crate::problems::{Problems, listed, named};
use crate::tree::{Node, Tree};

/// The role that these keys describe, without its instructions. `stem` is the file's own name.
pub(super) fn role(keys: &Keys<'_>, stem: &str, problems: &mut Problems) -> Role {
    let mut reader = Reader { keys, problems: &mut *problems };
    let role = Role {
        name: reader.name(stem),
        description: reader.description(),
        instructions: String::new(),
        tools: reader.tools(),
        disallowed_tools: reader.list("disallowedTools").unwrap_or_default(),
        model: reader.text("model").filter(|model| model != "inherit"),
        permission_mode: reader.permission_mode(),
        max_turns: reader.max_turns(),
        effort: reader.choice(
            "effort",
            &["low", "medium", "high", "xhigh", "max"],
            "it thinks as hard as its model does by itself",
        ),
        isolation: reader.choice("isolation", &["worktree"], "the plan decides where it works"),
        color: reader.text("color"),
        skills: reader.list("skills").unwrap_or_default(),
        mcp_servers: reader.server_names(),
        memory: reader.choice("memory", &["user", "project", "local"], "it remembers nothing between runs"),
        initial_prompt: reader.text("initialPrompt"),
        background: reader.background(),
        has_hooks: reader.hooks(),
        unknown: std::collections::BTreeMap::new(),
    };
    let unknown = keys.unknown(problems);
    Role { unknown, ..role }
}

struct Reader<'r, 'k> {
    keys: &'r Keys<'k>,
    problems: &'r mut Problems,
}

impl Reader<'_, '_> {
    fn name(&mut self, stem: &str) -> String {
        let Some(node) = self.keys.value("name").filter(|node| node.text().is_some()) else {
            let place = self.keys.place_of("name");
            let message = format!("no `name` is given; the agent is called {} after its file", named(stem));
            let problem = self.problems.warning("agent::no-name", place, message);
            problem.means(CLAUDE_SKIPS).hint("add `name: …`");
            return plain_name(stem);
        };
        let (written, place) = (node.text().unwrap_or_default(), self.keys.at(node));
        let name = plain_name(written);
        if slug(&name).is_empty() {
            let message = format!("{} cannot be the name of an agent", named(written));
            let problem = self.problems.warning("agent::odd-name", place, message);
            problem
                .means(format!("it is called {} after its file", named(stem)))
                .hint("use lower-case letters, digits and dashes");
            return plain_name(stem);
        }
        if name.contains(':') || name.starts_with('-') {
            let message = format!("{} has a form that is kept for agents of plugins", named(&name));
            let problem = self.problems.warning("agent::odd-name", place, message);
            problem.means(CLAUDE_SKIPS).hint("take out the colon, and let it begin with a letter");
        } else if name.contains("..") || name.starts_with(['/', '~']) || name.contains('\\') {
            let message = format!("the name {} looks like a path", named(&name));
            let problem = self.problems.warning("agent::odd-name", place, message);
            problem
                .means(format!("no file is made by that name; a run calls it {}", named(&slug(&name))))
                .hint("use lower-case letters, digits and dashes");
        } else if slug(&name) != name {
            let message = format!("the name {} has more than lower-case letters, digits and dashes", named(&name));
            let problem = self.problems.note("agent::odd-name", place, message);
            problem.means(format!("plans may name it so, or {}", named(&slug(&name))));
        }
        name
    }

    fn description(&mut self) -> String {
        let description = self.text("description").unwrap_or_default();
        if description.trim().is_empty() {
            let place = self.keys.place_of("description");
            let problem = self.problems.warning("agent::no-description", place, "no `description` is given");
            problem.means(CLAUDE_SKIPS).hint("add `description: …`: what it is good at, and when to use it");
        }
        description.trim().to_owned()
    }

    /// One text; numbers and the like are texts as they are written.
    fn text(&mut self, key: &str) -> Option<String> {
        let node = self.keys.value(key)?;
        if let Some(text) = node.text() {
            return Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        }
        self.bad(node, format!("`{key}` is {}, not a text", node.kind()), "the key is left out");
        None
    }

    fn bad(&mut self, node: &Node, message: String, means: &str) {
        let problem = self.problems.warning("agent::bad-value", self.keys.at(node), message);
        problem.means(means.to_owned());
    }

    /// Names in a list, or in one text with commas.
    fn list(&mut self, key: &str) -> Option<Vec<String>> {
        let node = self.keys.value(key)?;
        let mut names = Vec::new();
        for item in node.one_or_many() {
            match item.text() {
                // Items of a list hold one name each, whatever commas they have.
                Some(text) if matches!(node.tree, Tree::List(_)) => names.push(text.trim().to_owned()),
                Some(text) => names.extend(split_tools(text)),
                None => self.bad(
                    item,
                    format!("`{key}` has an item that is {}, not a name", item.kind()),
                    "the item is left out",
                ),
            }
        }
        names.retain(|name| !name.is_empty());
        Some(names)
    }

    fn tools(&mut self) -> Option<Vec<String>> {
        if let Some(entry) = self.keys.entry("tools").filter(|entry| matches!(entry.value.tree, Tree::Nothing)) {
            let place = moved(entry.key_span, self.keys.offset);
            let problem = self.problems.warning("agent::bad-value", place, "`tools` says nothing");
            problem.means("the agent may use all tools").hint("name them, or write `[]` for none");
            return None;
        }
        let tools = self.list("tools")?;
        if tools.iter().any(|tool| tool == "*") {
            return None;
        }
        let strange =
            tools.iter().find(|tool| tool.split('(').next().unwrap_or_default().trim().contains(char::is_whitespace));
        if let (Some(strange), Some(node)) = (strange, self.keys.value("tools")) {
            let message = format!("{} is not the name of a tool", named(strange));
            self.bad(node, message, "no tool is called so, so the agent goes without");
        }
        Some(tools)
    }

    fn permission_mode(&mut self) -> Option<PermissionMode> {
        let node = self.keys.value("permissionMode")?;
        let words = PermissionMode::WORDS;
        let mode = words.iter().find(|(word, _)| Some(*word) == node.text()).map(|(_, mode)| *mode);
        match mode {
            None => {
                let all = listed(words.iter().map(|(word, _)| *word), "or");
                let message = format!("{} is not one of {all}", named(node.text().unwrap_or(node.kind())));
                self.bad(node, message, "the plan decides what the agent may do");
            }
            Some(PermissionMode::BypassPermissions) => {
                let message = "the file asks for every permission";
                let problem = self.problems.note("agent::bypass", self.keys.at(node), message);
                problem
                    .means("a file alone does not get them: a run lets the agent edit files, as any other")
                    .hint("write `permissions: full` for this agent in the plan or in `band.toml` if it should");
            }
            Some(_) => {}
        }
        mode
    }

    fn max_turns(&mut self) -> Option<u32> {
        let node = self.keys.value("maxTurns")?;
        let turns = node.text().and_then(|text| text.trim().parse().ok()).filter(|turns| *turns > 0);
        if turns.is_none() {
            let message = format!("{} is not a number of turns", named(node.text().unwrap_or(node.kind())));
            self.bad(node, message, "the file sets no limit on turns");
        }
        turns
    }

    fn choice(&mut self, key: &str, words: &[&str], otherwise: &str) -> Option<String> {
        let text = self.text(key)?;
        if words.contains(&text.as_str()) {
            return Some(text);
        }
        let message = format!("{} is not one of {} for `{key}`", named(&text), listed(words.iter().copied(), "or"));
        if let Some(node) = self.keys.value(key) {
            self.bad(node, message, otherwise);
        }
        None
    }

    fn background(&mut self) -> bool {
        let Some(node) = self.keys.value("background") else { return false };
        match node.text() {
            Some("true") => true,
            Some("false") => false,
            _ => {
                self.bad(node, "`background` is neither true nor false".to_owned(), "the key is left out");
                false
            }
        }
    }

    /// Names of servers, from a list of names or of maps, or from one map.
    fn server_names(&mut self) -> Vec<String> {
        let Some(node) = self.keys.value("mcpServers") else { return Vec::new() };
        let mut names: Vec<String> = Vec::new();
        for item in node.one_or_many() {
            names.extend(item.entries().iter().map(|entry| entry.key.clone()));
            match item.text() {
                Some(text) if matches!(node.tree, Tree::List(_)) => names.push(text.trim().to_owned()),
                Some(text) => names.extend(split_tools(text)),
                None => {}
            }
        }
        let defined =
            node.one_or_many().iter().flat_map(Node::entries).find(|entry| matches!(entry.value.tree, Tree::Map(_)));
        if let Some(defined) = defined {
            let place = moved(defined.key_span, self.keys.offset);
            let problem = self.problems.note("agent::servers", place, "this file says how to start an MCP server");
            problem.means("a run takes over only its name: nothing is started because a file says so");
        }
        names.retain(|name| !name.is_empty());
        names
    }

    fn hooks(&mut self) -> bool {
        let Some(entry) = self.keys.entry("hooks").filter(|entry| !matches!(entry.value.tree, Tree::Nothing)) else {
            return false;
        };
        let place = moved(entry.key_span, self.keys.offset);
        let problem = self.problems.note("agent::hooks", place, "this file has hooks, which are shell code");
        problem.means("they are never run").hint("do the same with `gates`, or with tasks before and after");
        true
    }
}

/// The parts of a text between commas; commas within brackets separate nothing: `Bash(a, b), Read` are two.
pub fn split_tools(text: &str) -> Vec<String> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' | '\n' if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}
