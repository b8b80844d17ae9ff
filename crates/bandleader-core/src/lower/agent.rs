//! One agent, put together from what speaks of it: the plan, `band.toml` of the project and of the person, its file.

use std::collections::BTreeMap;

use super::include::joined;
use super::settings::{length, whole};
use super::{Lowering, Scope};
use crate::amounts::{parse_money, parse_tokens};
use crate::catalogue::{self, Outcome, PermissionMode, Role, Shelf, Way, read_agent, split_tools};
use crate::diag::Severity;
use crate::language::{self, Fields};
use crate::plan::{Agent, AgentRole, Permissions};
use crate::problems::named;
use crate::tree::{Entry, Node, Spanned, Tree};

/// A role and where it stands.
#[derive(Default)]
struct AgentFile {
    role: Role,
    path: String,
    /// `None` if the plan names the file itself.
    shelf: Option<Shelf>,
}

/// What speaks of an agent, the strongest first: each with the folder that its paths are relative to.
pub(super) struct Layers(Vec<(Node, String)>);

impl Layers {
    /// The value of a key in the strongest layer that has it, and the folder of that layer.
    fn find(&self, key: &str) -> Option<(&Node, &str)> {
        self.0.iter().find_map(|(node, folder)| {
            let fields = Fields::new(node, &language::AGENT);
            fields.get(key).map(|value| (value, folder.as_str()))
        })
    }

    fn get(&self, key: &str) -> Option<&Node> {
        self.find(key).map(|(node, _)| node)
    }

    fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(Node::text).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// One text or several, each with its place.
    pub(super) fn texts(&self, key: &str) -> Vec<Spanned<String>> {
        self.get(key).map(Node::one_or_many).unwrap_or_default().iter().filter_map(Node::spanned).collect()
    }

    /// Names of tools: items of a list, or one text with commas.
    fn tools(&self, key: &str) -> Option<Vec<String>> {
        let node = self.get(key)?;
        match &node.tree {
            Tree::List(items) => Some(items.iter().filter_map(Node::text).map(str::to_owned).collect()),
            _ => node.text().map(split_tools),
        }
    }

    /// A cap, in the strongest layer that has this one.
    fn limit(&self, key: &str) -> Option<&Node> {
        self.0.iter().find_map(|(node, _)| {
            let limits = Fields::new(node, &language::AGENT).get("limits")?;
            Fields::new(limits, &language::AGENT_LIMITS).get(key)
        })
    }
}

impl Lowering<'_> {
    /// What speaks of the agent with these names: the plan's own entry, in a file in `folder`, and `band.toml`.
    pub(super) fn layers(&self, own: Option<&Entry>, folder: &str, names: &[&str]) -> Layers {
        let own = own.map(|entry| (entry.value.clone(), folder.to_owned()));
        let shared = self.shared.iter().filter_map(|shared| {
            let entry = shared.agents.iter().find(|entry| names.contains(&entry.key.as_str()))?;
            Some((entry.value.clone(), shared.folder.clone()))
        });
        Layers(own.into_iter().chain(shared).collect())
    }

    /// The agent `name` as these layers and its file describe it; backups are still names.
    pub(super) fn agent(&mut self, name: &Spanned<String>, layers: &Layers, scope: &Scope) -> Agent {
        let command: Vec<String> = layers.texts("command").into_iter().map(|text| text.value).collect();
        self.check_command(layers.get("command"), &command);
        self.check_service(layers);
        let usual_driver = if command.is_empty() { "auto" } else { "command" };
        let driver = layers.text("driver").unwrap_or_else(|| usual_driver.to_owned());
        self.check_effort(layers, &driver);
        let (instructions, file) = self.instructions(layers);
        // A program does not read roles: that a file has its name by chance is no reason to freeze it.
        let catalogue = self.options.catalogue.as_ref().filter(|_| driver != "command");
        let namesake = catalogue.and_then(|catalogue| catalogue.entry(&name.value));
        let found = file.or_else(|| {
            let of = |entry: &catalogue::Entry| AgentFile {
                role: entry.role.clone(),
                path: entry.path.clone(),
                shelf: Some(entry.shelf),
            };
            namesake.map(of)
        });
        let is_from_file = found.is_some();
        let AgentFile { role, path, shelf: origin } = found.unwrap_or_default();
        let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Agent {
            driver,
            command,
            max_parallel: layers.get("max_parallel").and_then(whole),
            backup: layers.texts("backup").into_iter().map(|text| text.value).collect(),
            env: self.agent_environment(layers, scope),
            description: layers.text("description").or_else(|| said(&role.description)),
            instructions: instructions.or_else(|| said(&role.instructions)),
            model: layers.text("model").or_else(|| role.model.clone()),
            effort: layers.text("effort").or_else(|| role.effort.clone()),
            tools: layers.tools("tools").or_else(|| role.tools.clone()),
            disallowed_tools: layers.tools("disallowed_tools").unwrap_or_else(|| role.disallowed_tools.clone()),
            permissions: match (layers.get("permissions").and_then(Node::text), role.permission_mode) {
                (Some("read-only"), _) | (None, Some(PermissionMode::Plan)) => Permissions::ReadOnly,
                (Some("full"), _) => Permissions::Full,
                _ => Permissions::Edit,
            },
            max_turns: layers.get("max_turns").and_then(whole).or(role.max_turns),
            cost_limit_usd: layers.limit("cost").and_then(Node::text).and_then(parse_money),
            token_limit: layers.limit("tokens").and_then(Node::text).and_then(parse_tokens),
            time_limit: layers.limit("time").and_then(length),
            provider: layers.text("provider"),
            base_url: layers.text("base_url"),
            api_key_env: layers.text("api_key_env"),
            account: layers.text("account"),
            role: is_from_file.then_some(AgentRole {
                name: role.name,
                path,
                shelf: origin,
                permission_mode: role.permission_mode,
                isolation: role.isolation,
                skills: role.skills,
                mcp_servers: role.mcp_servers,
                memory: role.memory,
                initial_prompt: role.initial_prompt,
            }),
        }
    }

    /// Variables of all layers; of two with one name the stronger layer's counts.
    fn agent_environment(&mut self, layers: &Layers, scope: &Scope) -> BTreeMap<String, String> {
        let mut environment = BTreeMap::new();
        for (node, _) in layers.0.iter().rev() {
            let entries = Fields::new(node, &language::AGENT).get("env").map(Node::entries).unwrap_or_default();
            for one in entries {
                self.check_env_name(one);
                self.check_early_template(&one.value, scope);
                environment.extend(one.value.text().map(|text| (one.key.clone(), text.to_owned())));
            }
        }
        environment
    }

    /// The text that the layers give, and the agent file that they name in its place.
    fn instructions(&mut self, layers: &Layers) -> (Option<String>, Option<AgentFile>) {
        let Some((node, folder)) = layers.find("instructions") else { return (None, None) };
        let text = node.text().unwrap_or_default().trim();
        let is_path = !text.contains(char::is_whitespace) && [".md", ".txt"].iter().any(|end| text.ends_with(end));
        if !is_path {
            return (Some(text.to_owned()).filter(|text| !text.is_empty()), None);
        }
        if text.starts_with(['/', '~']) || text.contains(['\0', '\\']) {
            let message = format!("{} is not a path relative to this file", named(text));
            self.problems
                .error("plan::bad-path", node.span, message)
                .hint("write for example `instructions: agents/linter.md`");
            return (None, None);
        }
        let path = joined(folder, text);
        let content = match (self.load)(&path) {
            Ok(content) => content,
            Err(reason) => {
                let message = format!("the instructions {} cannot be read: {reason}", named(text));
                let problem = self.problems.error("plan::unreadable", node.span, message);
                problem.hint("the path is relative to this file; a text that is no path has more than one word");
                return (None, None);
            }
        };
        let reading = read_agent(&path, content.as_bytes());
        match reading.outcome {
            Outcome::Agent(role) if reading.way != Way::NoKeys => {
                (None, Some(AgentFile { role: *role, path, shelf: None }))
            }
            Outcome::Agent(_) | Outcome::Skipped => {
                (Some(content.trim().to_owned()).filter(|text| !text.is_empty()), None)
            }
            Outcome::Unusable => {
                let reason = reading.diagnostics.into_iter().find(|one| one.severity == Severity::Error);
                let reason = reason.map_or_else(|| "nothing of it is an agent".to_owned(), |one| one.message);
                let message = format!("the agent file {} cannot be used: {reason}", named(text));
                let hint = format!("`band agents check {text}` says more");
                self.problems.error("plan::bad-agent-file", node.span, message).hint(hint);
                (None, None)
            }
        }
    }

    fn check_command(&mut self, node: Option<&Node>, command: &[String]) {
        let Some(node) = node else { return };
        if let Some(text) = node.text().filter(|text| text.trim().contains(char::is_whitespace)) {
            let words: Vec<&str> = text.split_whitespace().collect();
            let hint = if text.contains(['"', '\'', '|', '>', '<', ';', '&', '$']) {
                "for a shell line write `[sh, -c, '…']`".to_owned()
            } else {
                format!("write `[{}]`", words.join(", "))
            };
            let message = "a command with arguments is written as a list";
            self.problems.error("plan::bad-command", node.span, message).hint(hint);
        } else if command.first().is_some_and(|program| program.trim().is_empty()) {
            self.problems.error("plan::bad-command", node.span, "the program has no name");
        }
    }

    /// Gemini CLI has no way to be told.
    fn check_effort(&mut self, layers: &Layers, driver: &str) {
        let driver = self.options.auto_driver.as_deref().filter(|_| driver == "auto").unwrap_or(driver);
        if let Some(node) = layers.get("effort").filter(|_| driver == "gemini") {
            let message = "`effort` has no effect with the driver `gemini`";
            let hint = "its program cannot be told; another `model` thinks more or less";
            self.problems.warning("plan::no-effect", node.span, message).hint(hint);
        }
    }

    /// Where the model is, and what opens it.
    fn check_service(&mut self, layers: &Layers) {
        if let Some(url) = layers.get("base_url")
            && let Some(text) = url.text()
        {
            let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
            let host = host.map(|rest| rest.split('/').next().unwrap_or_default());
            if host.is_none_or(|host| host.is_empty() || text.contains(char::is_whitespace)) {
                let message = format!("{} is not an address", named(text));
                self.problems.error("plan::bad-url", url.span, message).hint("write `http://…` or `https://…`");
            } else if host.is_some_and(|host| host.contains('@')) {
                let message = "this address has a name or password in it";
                let hint = "plans are kept as they are; name the variable that has the key with `api_key_env`";
                self.problems.error("plan::secret", url.span, message).hint(hint);
            }
        }
        if let Some(variable) = layers.get("api_key_env")
            && let Some(text) = variable.text()
        {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if text.is_empty() || !text.bytes().all(fits) || text.starts_with(|first: char| first.is_ascii_digit()) {
                // The text may be the key itself, so it is not repeated.
                let message = "this is not the name of an environment variable";
                let hint = "give the name of the variable that has the key, such as `TEAM_API_KEY`, not the key";
                self.problems.error("plan::bad-env", variable.span, message).hint(hint);
            }
        }
    }
}
