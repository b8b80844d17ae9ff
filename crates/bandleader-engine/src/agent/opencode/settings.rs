//! What OpenCode is told about an attempt beforehand, as one configuration laid over the user's own.
//!
//! Pure. It travels in a variable (`OPENCODE_CONFIG_CONTENT`), so it holds names of keys and not keys.

use bandleader_core::plan::Permissions;
use serde_json::{Map, Value, json};

use crate::agent::assignment::{AgentAssignment, Endpoint};
use crate::agent::driver::ToolServer;
use crate::agent::provider::with_version;

/// Our agent in OpenCode's configuration: what a user has set for the built-in ones does not loosen its permissions.
pub(super) const AGENT: &str = "band";

/// A provider of ours, for an address that comes without a name.
const PROVIDER: &str = "band";

/// Names of tools in catalogues that are written for other programs, and OpenCode's permission for them.
const NAMES: [(&str, &str); 18] = [
    ("Read", "read"),
    ("NotebookRead", "read"),
    ("Grep", "grep"),
    ("Glob", "glob"),
    ("LS", "list"),
    ("Write", "edit"),
    ("Edit", "edit"),
    ("MultiEdit", "edit"),
    ("NotebookEdit", "edit"),
    ("write", "edit"),
    ("patch", "edit"),
    ("apply_patch", "edit"),
    ("Bash", "bash"),
    ("WebFetch", "webfetch"),
    ("WebSearch", "websearch"),
    ("TodoWrite", "todowrite"),
    ("Task", "task"),
    ("Agent", "task"),
];

/// Permissions that let an agent change or run something.
const CHANGES: [&str; 2] = ["edit", "bash"];

/// The variables of its server.
pub(super) fn environment(assignment: &AgentAssignment, tools: &ToolServer, password: &str) -> Vec<(String, String)> {
    let variables = [
        ("OPENCODE_CONFIG_CONTENT", config(assignment, tools).to_string()),
        ("OPENCODE_SERVER_PASSWORD", password.to_owned()),
        ("OPENCODE_SERVER_USERNAME", super::server::USER.to_owned()),
        // Without these it changes itself under our feet and fetches what is not needed.
        ("OPENCODE_DISABLE_AUTOUPDATE", "1".into()),
        ("OPENCODE_DISABLE_MODELS_FETCH", "1".into()),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn config(assignment: &AgentAssignment, tools: &ToolServer) -> Value {
    let permission = permission(assignment, tools);
    let mut config = json!({
        "autoupdate": false, "share": "disabled", "permission": permission,
        "agent": { AGENT: { "mode": "primary", "description": "An agent of a plan.", "permission": permission } },
    });
    if let Some((program, arguments)) = tools.command.split_first() {
        let environment: Map<String, Value> =
            tools.environment.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let command: Vec<&String> = std::iter::once(program).chain(arguments).collect();
        config["mcp"] = json!({ tools.name.clone(): {
            "type": "local", "command": command, "environment": environment, "enabled": true,
        } });
    }
    if let Some((id, entry)) = provider(assignment) {
        config["provider"] = json!({ id: entry });
    }
    if let Some((provider, model)) = model(assignment) {
        let name = format!("{provider}/{model}");
        config["model"] = json!(name);
        // Titles and summaries are not to be made by a provider that nobody asked for.
        config["small_model"] = json!(name);
    }
    config
}

/// Provider and model, where the assignment says so. OpenCode's own way of writing a model is `provider/model`.
pub(super) fn model(assignment: &AgentAssignment) -> Option<(String, String)> {
    let model = assignment.model.as_deref()?;
    let Endpoint { provider, base_url, .. } = &assignment.endpoint;
    match (provider, base_url, model.split_once('/')) {
        (Some(provider), _, _) => {
            let plain = model.strip_prefix(provider.as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(model);
            Some((provider.clone(), plain.to_owned()))
        }
        (None, Some(_), _) => Some((PROVIDER.into(), model.to_owned())),
        (None, None, Some((provider, model))) => Some((provider.to_owned(), model.to_owned())),
        (None, None, None) if model.starts_with("claude") => Some(("anthropic".into(), model.to_owned())),
        (None, None, None) if model.starts_with("gemini") => Some(("google".into(), model.to_owned())),
        (None, None, None) => Some(("openai".into(), model.to_owned())),
    }
}

/// The provider that the assignment describes, if it is more than a name that OpenCode knows.
fn provider(assignment: &AgentAssignment) -> Option<(String, Value)> {
    let Endpoint { provider, base_url, api_key_env } = &assignment.endpoint;
    if base_url.is_none() && api_key_env.is_none() {
        return None;
    }
    let named = model(assignment);
    let id = provider.clone().or_else(|| named.as_ref().map(|(id, _)| id.clone())).unwrap_or_else(|| PROVIDER.into());
    let mut options = Map::new();
    if let Some(url) = base_url {
        options.insert("baseURL".into(), json!(with_version(url)));
    }
    match api_key_env {
        Some(name) => drop(options.insert("apiKey".into(), json!(format!("{{env:{name}}}")))),
        // Servers of one's own mostly want no key; the client refuses to start without one.
        None if !is_known(&id) => drop(options.insert("apiKey".into(), json!("none"))),
        None => {}
    }
    let mut entry = json!({ "options": options });
    if base_url.is_some() {
        let package = match id.as_str() {
            "anthropic" => "@ai-sdk/anthropic",
            "openai" => "@ai-sdk/openai",
            "google" => "@ai-sdk/google",
            _ => "@ai-sdk/openai-compatible",
        };
        entry["npm"] = json!(package);
        entry["name"] = json!(id);
        if let Some((_, model)) = named {
            entry["models"] = json!({ model: { "tool_call": true } });
        }
    }
    Some((id, entry))
}

fn is_known(id: &str) -> bool {
    matches!(id, "anthropic" | "openai" | "google")
}

/// Whether these permissions keep a tool from it altogether: then it is not even offered.
pub(super) fn withhold(permission: &Value, tool: &str) -> bool {
    let known = NAMES.iter().find(|(other, _)| *other == tool).map_or(tool, |(_, own)| *own);
    permission.get(known).or_else(|| permission.get("*")).is_some_and(|rule| rule == "deny")
}

/// What it may do without asking. It is never to ask: nobody is there. The last rule that fits counts.
pub(super) fn permission(assignment: &AgentAssignment, tools: &ToolServer) -> Value {
    let mut rules = Map::new();
    let rule = |allowed| json!(if allowed { "allow" } else { "deny" });
    let allow = assignment.tools.allow.as_ref().filter(|rules| rules.iter().all(|rule| rule.trim() != "*"));
    rules.insert("*".into(), rule(allow.is_none()));
    let level = assignment.permissions;
    if let Some(allow) = allow {
        for given in allow {
            let (name, pattern) = parts(given);
            add(&mut rules, &name, pattern.as_deref(), "allow");
        }
    } else {
        // It has no sandbox for commands, so without a word in the plan only `full` runs any.
        rules.insert("bash".into(), rule(level == Permissions::Full));
    }
    if level == Permissions::ReadOnly {
        for change in CHANGES {
            rules.shift_remove(change);
            rules.insert(change.into(), rule(false));
        }
    }
    for given in &assignment.tools.deny {
        let (name, pattern) = parts(given);
        if pattern.is_none() {
            rules.shift_remove(&name);
        }
        add(&mut rules, &name, pattern.as_deref(), "deny");
    }
    // A model that repeats itself is stopped by its turns and its clock.
    for (name, allowed) in [
        ("external_directory", level == Permissions::Full),
        ("doom_loop", true),
        ("question", false),
        ("plan_enter", false),
    ] {
        rules.shift_remove(name);
        rules.insert(name.into(), rule(allowed));
    }
    rules.insert(format!("{}_*", tools.name), rule(true));
    Value::Object(rules)
}

/// Adds a rule; one with a pattern beside those for the same tool that are there.
fn add(rules: &mut Map<String, Value>, name: &str, pattern: Option<&str>, action: &str) {
    let Some(pattern) = pattern else {
        rules.insert(name.to_owned(), json!(action));
        return;
    };
    let before = rules.get(name).cloned();
    let other = if action == "allow" { "deny" } else { "allow" };
    let mut patterns = match before {
        Some(Value::Object(patterns)) => patterns,
        Some(Value::String(before)) => Map::from_iter([("*".to_owned(), Value::String(before))]),
        _ => Map::from_iter([("*".to_owned(), json!(other))]),
    };
    patterns.insert(pattern.to_owned(), json!(action));
    rules.insert(name.to_owned(), Value::Object(patterns));
}

/// `bash` and `git diff *` of `Bash(git diff *)`, also where the pattern is written `git diff:*`.
fn parts(rule: &str) -> (String, Option<String>) {
    let rule = rule.trim();
    let (name, pattern) = match rule.split_once('(') {
        Some((name, rest)) => (name.trim(), Some(rest.trim_end().trim_end_matches(')'))),
        None => (rule, None),
    };
    let known = NAMES.iter().find(|(other, _)| *other == name).map(|(_, own)| (*own).to_owned());
    let name = known.unwrap_or_else(|| match name.strip_prefix("mcp__") {
        Some(tool) => tool.replacen("__", "_", 1),
        None => name.to_owned(),
    });
    let pattern = pattern.filter(|pattern| !pattern.is_empty() && *pattern != "*");
    (
        name,
        pattern
            .map(|pattern| pattern.strip_suffix(":*").map_or_else(|| pattern.to_owned(), |start| format!("{start}*"))),
    )
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
