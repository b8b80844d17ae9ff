//! Which agent a name means: one of the plan, of `band.toml`, or of the catalogue.
//!
//! A plan's own agents are all kept. Others are added to the frozen plan when something names them, with all that their file says, so
//! that a run does not change when the file does.

use serde::Serialize;

use super::{Lowering, Scope};
use crate::catalogue::{Shelf, nearest};
use crate::language::is_id;
use crate::problems::{listed, named};
use crate::tree::{Entry, Spanned, Tree};

/// Where an agent of a frozen plan comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AgentOrigin {
    /// The plan defines it.
    Plan,
    /// Only `band.toml` does.
    Settings {
        /// Its path, as people know it.
        file: String,
    },
    /// An agent file that the catalogue found.
    Catalogue {
        /// Where.
        shelf: Shelf,
        /// The file, as people know it.
        path: String,
    },
}

impl Lowering<'_> {
    /// The agents that a plan file defines.
    pub(super) fn own_agents(&mut self, entries: &[Entry], scope: &mut Scope) {
        let mut backups = Vec::new();
        for entry in entries {
            self.check_name(entry, "an agent");
            let layers = self.layers(Some(entry), &scope.folder, &[&entry.key]);
            let agent = self.agent(&Spanned { value: entry.key.clone(), span: entry.key_span }, &layers, scope);
            if agent.driver == "command" && agent.command.is_empty() && matches!(entry.value.tree, Tree::Map(_)) {
                let message = format!("the agent {} has no command", named(&entry.key));
                let hint = "write `command: [program, argument]`, or name another `driver`";
                self.problems.error("plan::missing-key", entry.key_span, message).hint(hint);
            }
            let taken = self.plan.agents.get(&entry.key).is_some_and(|other| *other != agent);
            let key = if taken { format!("{}{}", scope.root, entry.key) } else { entry.key.clone() };
            scope.agents.insert(entry.key.clone(), key.clone());
            self.keep_agent(&key, agent, AgentOrigin::Plan);
            backups.push((key, entry.key.clone(), layers.texts("backup")));
        }
        for (key, own, names) in backups {
            self.resolve_backups(&key, &own, &names, scope);
        }
    }

    /// The agent's key in the frozen plan; reports agents that are not there.
    pub(super) fn usable_agent(&mut self, agent: &Spanned<String>, scope: &Scope) -> String {
        self.agent_key(agent, scope).unwrap_or_else(|| agent.value.clone())
    }

    /// The agent's key in the frozen plan, to which it is added if need be; reports one that is not there.
    pub(super) fn agent_key(&mut self, name: &Spanned<String>, scope: &Scope) -> Option<String> {
        if let Some(key) = self.known_agent(&name.value, scope) {
            return Some(key.to_owned());
        }
        let key = self.adopt(name, scope);
        if key.is_none() {
            self.unknown_agent(name, scope);
        }
        key
    }

    /// The key of an agent that is in the frozen plan already.
    pub(super) fn known_agent<'s>(&'s self, name: &str, scope: &'s Scope) -> Option<&'s str> {
        scope.agents.get(name).or_else(|| self.adopted.get(name)).map(String::as_str)
    }

    /// Adds an agent that the plan does not define.
    fn adopt(&mut self, name: &Spanned<String>, scope: &Scope) -> Option<String> {
        let found = self.options.catalogue.as_ref().and_then(|catalogue| catalogue.entry(&name.value));
        let (id, origin) = if let Some(entry) = found {
            (entry.id.clone(), AgentOrigin::Catalogue { shelf: entry.shelf, path: entry.path.clone() })
        } else {
            let is_there = |agents: &[Entry]| agents.iter().any(|one| one.key == name.value);
            let file = self.shared.iter().find(|shared| is_there(&shared.agents))?;
            (name.value.clone(), AgentOrigin::Settings { file: file.name.clone() })
        };
        let mut names = vec![name.value.as_str()];
        names.extend(found.iter().flat_map(|entry| [entry.role.name.as_str(), entry.id.as_str()]));
        let layers = self.layers(None, "", &names);
        let agent = self.agent(name, &layers, scope);
        let id = if is_id(&id) { id } else { crate::language::slug(&id) };
        let taken = self.plan.agents.get(&id).is_some_and(|other| *other != agent);
        let key = match (taken, scope.root.as_str()) {
            (false, _) => id,
            (true, "") => format!("{id}-2"),
            (true, root) => format!("{root}{id}"),
        };
        self.adopted.insert(name.value.clone(), key.clone());
        self.keep_agent(&key, agent, origin);
        // Only now: backups may name each other in a circle.
        self.resolve_backups(&key, &name.value, &layers.texts("backup"), scope);
        Some(key)
    }

    fn keep_agent(&mut self, key: &str, mut agent: crate::plan::Agent, origin: AgentOrigin) {
        if let Some(driver) = self.options.auto_driver.as_ref().filter(|_| agent.driver == "auto") {
            driver.clone_into(&mut agent.driver);
        }
        // More attempts at once than any machine runs: only whether it is open counts.
        if let Some(name) = agent.account_name().map(|account| format!("account:{account}"))
            && !self.plan.resources.iter().any(|one| one.name == name)
        {
            self.plan.resources.push(crate::plan::Resource { name, capacity: super::settings::SHARED_CAPACITY });
        }
        let limit = format!("agent:{key}");
        if let Some(capacity) = agent.max_parallel.filter(|_| !self.plan.resources.iter().any(|one| one.name == limit))
        {
            self.plan.resources.push(crate::plan::Resource { name: limit, capacity });
        }
        self.plan.agents.insert(key.to_owned(), agent);
        self.agent_origins.entry(key.to_owned()).or_insert(origin);
    }

    /// Backups as keys of the frozen plan.
    fn resolve_backups(&mut self, key: &str, own: &str, names: &[Spanned<String>], scope: &Scope) {
        let mut keys = Vec::new();
        for backup in names {
            if backup.value == own {
                self.problems.error("plan::unknown-agent", backup.span, "an agent cannot be its own backup");
            }
            keys.push(self.agent_key(backup, scope).unwrap_or_else(|| backup.value.clone()));
        }
        if let Some(agent) = self.plan.agents.get_mut(key) {
            agent.backup = keys;
        }
    }

    fn unknown_agent(&mut self, name: &Spanned<String>, scope: &Scope) {
        // A plan may name it a thousand times.
        let topic = (scope.root.clone(), name.value.clone());
        let hint = match self.unknown_agents.get(&topic) {
            Some(hint) => hint.clone(),
            None => self.hint_for_unknown(&name.value, scope),
        };
        self.unknown_agents.insert(topic, hint.clone());
        let message = format!("no agent is called {}", named(&name.value));
        self.problems.error("plan::unknown-agent", name.span, message).hint(hint);
    }

    fn hint_for_unknown(&self, name: &str, scope: &Scope) -> String {
        let shared = self.shared.iter().flat_map(|shared| &shared.agents).map(|entry| entry.key.as_str());
        let own = scope.agents.keys().map(String::as_str);
        let mut near = nearest(name, own.clone().chain(shared), 3);
        let catalogue = self.options.catalogue.as_deref();
        near.extend(catalogue.map(|catalogue| catalogue.nearest(name, 3)).unwrap_or_default());
        near.truncate(3);
        let searched = catalogue.map(|catalogue| listed(catalogue.searched().iter().map(String::as_str), "and"));
        match (near.as_slice(), searched) {
            ([], None) if scope.agents.is_empty() => {
                "the plan has no `agents`; add it there, or use `run` for a plain command".to_owned()
            }
            ([], None) => format!("add it to `agents`; there are {}", listed(own, "and")),
            ([], Some(folders)) => format!(
                "add it to the plan's `agents`, or an agent file to a folder that was searched: {folders}; \
                 `band agents list` shows what there is"
            ),
            (near, None) => format!("did you mean {}?", listed(near.iter().copied(), "or")),
            (near, Some(folders)) => {
                let near = listed(near.iter().copied(), "or");
                format!("did you mean {near}? Searched: the plan, `band.toml`, {folders}")
            }
        }
    }
}
