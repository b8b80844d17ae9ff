//! What Codex is told about an attempt beside its instruction, as entries of its own configuration.
//!
//! Pure. The app-server gets them with the thread, `exec` as `-c` arguments: so there are no secrets here, only names of variables.

use bandleader_core::plan::Permissions;
use serde_json::{Value, json};

use super::super::assignment::{AgentAssignment, Endpoint, Place};
use super::super::driver::ToolServer;
use super::keys::of_providers;

/// The name of a model provider of ours in Codex's configuration. Its built-in ones cannot be changed.
const PROVIDER: &str = "band";

/// Where the built-in provider is, when only its key is another.
const OPENAI: &str = "https://api.openai.com/v1";

/// The variables in which keys for the built-in provider usually are. `exec` reads the first one, the app-server none of them.
const KEYS: [&str; 2] = ["CODEX_API_KEY", "OPENAI_API_KEY"];

/// Names for running commands, in Codex's words and in those of catalogues that are written for other programs.
const SHELL: [&str; 4] = ["shell", "exec_command", "local_shell", "Bash"];
/// Names for looking things up on the web.
const WEB: [&str; 3] = ["web_search", "WebSearch", "WebFetch"];
/// Names for changing files.
const WRITING: [&str; 5] = ["apply_patch", "Write", "Edit", "MultiEdit", "NotebookEdit"];
/// Names for reading files. Codex reads by running commands.
const READING: [&str; 6] = ["Read", "Grep", "Glob", "LS", "NotebookRead", "view_image"];

/// Entries of a configuration: dotted name and value.
pub(super) type Entries = Vec<(String, Value)>;

/// Whether an agent is to work without our tools when they do not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Codex refuses to begin, and so we come to know.
    Required,
    /// It works without them. What it does can still be seen, only not what it would report.
    Optional,
}

/// A model provider.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Provider {
    /// As Codex's configuration names it.
    pub(super) id: String,
    /// What has to be in the configuration for it.
    pub(super) entries: Entries,
}

/// The provider that the assignment names, if it names one.
pub(super) fn named_provider(assignment: &AgentAssignment, environment: &[(String, String)]) -> Option<Provider> {
    let Endpoint { provider, base_url, api_key_env } = &assignment.endpoint;
    match (provider, base_url, api_key_env) {
        (None, None, None) => None,
        (Some(id), None, None) => Some(Provider { id: id.clone(), entries: Vec::new() }),
        (Some(id), None, Some(key)) if id != "openai" => {
            let entries = vec![(format!("model_providers.{id}.env_key"), json!(key))];
            Some(Provider { id: id.clone(), entries })
        }
        (provider, base_url, key) => {
            let key = key.as_deref().or_else(|| usual_key(environment));
            Some(own_provider(provider.as_deref().unwrap_or(PROVIDER), base_url.as_deref().unwrap_or(OPENAI), key))
        }
    }
}

/// For an app-server whose user is not logged in: the built-in provider once more, with a key from the environment.
pub(super) fn provider_by_key(base_url: Option<&str>, environment: &[(String, String)]) -> Option<Provider> {
    usual_key(environment).map(|key| own_provider("openai", base_url.unwrap_or(OPENAI), Some(key)))
}

fn usual_key(environment: &[(String, String)]) -> Option<&'static str> {
    KEYS.into_iter().find(|key| environment.iter().any(|(name, value)| name == key && !value.is_empty()))
}

fn own_provider(name: &str, base_url: &str, key: Option<&str>) -> Provider {
    let mut entry = json!({
        "name": name, "base_url": base_url, "wire_api": "responses", "request_max_retries": 0, "stream_max_retries": 0,
    });
    if let Some(key) = key {
        entry["env_key"] = json!(key);
    }
    Provider { id: PROVIDER.into(), entries: vec![(format!("model_providers.{PROVIDER}"), entry)] }
}

/// Turns down the retries of a provider that the user has set up. `config` is the user's configuration.
pub(super) fn without_retries(config: &Value, id: &str) -> Entries {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !plain || !config["model_providers"][id].is_object() {
        return Vec::new();
    }
    let entry = |name: &str| (format!("model_providers.{id}.{name}"), json!(0));
    vec![entry("request_max_retries"), entry("stream_max_retries")]
}

/// Keeps the model's key, and what we add for ourselves, from the commands that the agent runs. Whatever the plan gives stays.
pub(super) fn hidden_variables(config: &Value, assignment: &AgentAssignment) -> Entries {
    let before = config["shell_environment_policy"]["exclude"].as_array().cloned().unwrap_or_default();
    let key = assignment.endpoint.api_key_env.as_deref();
    let ours = KEYS
        .into_iter()
        .chain(key)
        .chain(of_providers(config))
        .filter(|name| !assignment.given.iter().any(|given| given == name));
    let hidden: Vec<Value> = before.into_iter().chain(ours.map(Value::from)).collect();
    vec![("shell_environment_policy.exclude".into(), Value::Array(hidden))]
}

/// Our tools, the limits on its own, and how much of the worktree it may change.
pub(super) fn entries(assignment: &AgentAssignment, server: &ToolServer, need: Need) -> Entries {
    let mut entries = Vec::new();
    if let Some((program, arguments)) = server.command.split_first() {
        let environment: serde_json::Map<String, Value> =
            server.environment.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let entry = json!({
            "command": program, "args": arguments, "env": environment, "required": need == Need::Required,
            "default_tools_approval_mode": "approve",
        });
        entries.push((server_entry(&server.name), entry));
    }
    let rules = &assignment.tools;
    let denied = |names: &[&str]| rules.deny.iter().any(|name| names.contains(&name.as_str()));
    let allowed = |names: &[&str]| rules.allow.as_ref().is_none_or(|allow| allow.iter().any(|rule| is_of(rule, names)));
    if denied(&SHELL) || !(allowed(&SHELL) || allowed(&READING)) {
        entries.push(("features.shell_tool".into(), json!(false)));
    }
    if denied(&WEB) || !allowed(&WEB) {
        entries.push(("web_search".into(), json!("disabled")));
    }
    // It has a temporary folder of its own.
    entries.push(("sandbox_workspace_write.exclude_slash_tmp".into(), json!(true)));
    if let Place::Worktree { path, inside, .. } = &assignment.place
        && !inside.as_os_str().is_empty()
    {
        // Its sandbox would let it write only below the folder that it starts in.
        entries.push(("sandbox_workspace_write.writable_roots".into(), json!([path])));
    }
    entries
}

/// The name of a server of tools in Codex's configuration.
pub(super) fn server_entry(server: &str) -> String {
    format!("mcp_servers.{server}")
}

/// Names among the denied tools that Codex has no switch for.
pub(super) fn not_enforced(assignment: &AgentAssignment) -> Vec<&str> {
    let switches = |name: &str| SHELL.contains(&name) || WEB.contains(&name);
    let denied = assignment.tools.deny.iter().map(String::as_str);
    let all_reading = permissions(assignment) == Permissions::ReadOnly;
    denied.filter(|name| !(switches(name) || all_reading && WRITING.contains(name))).collect()
}

/// How far it may go: no further than its tools. One whose tools only read gets a sandbox in which nothing can be written.
pub(super) fn permissions(assignment: &AgentAssignment) -> Permissions {
    let rules = &assignment.tools;
    let writes = |rule: &String| is_of(rule, &WRITING) || is_of(rule, &SHELL);
    let denied = |names: &[&str]| rules.deny.iter().any(|name| names.contains(&name.as_str()));
    let only_reads = rules.allow.as_ref().is_some_and(|allow| !allow.iter().any(writes));
    if only_reads || (denied(&WRITING) && denied(&SHELL)) { Permissions::ReadOnly } else { assignment.permissions }
}

/// The mode of Codex's sandbox.
pub(super) fn sandbox(permissions: Permissions) -> &'static str {
    match permissions {
        Permissions::ReadOnly => "read-only",
        Permissions::Edit => "workspace-write",
        Permissions::Full => "danger-full-access",
    }
}

/// A rule such as `Bash(git *)` is one of these tools.
fn is_of(rule: &str, names: &[&str]) -> bool {
    names.contains(&rule.split('(').next().unwrap_or(rule).trim())
}

/// Entries as arguments.
pub(super) fn arguments(entries: &Entries) -> Vec<String> {
    entries.iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={}", toml(value))]).collect()
}

/// A value in TOML, on one line. JSON's strings and numbers are TOML's too.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(",")),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| format!("{}={}", Value::from(name.as_str()), toml(value));
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::assignment::ToolRules;
    use super::super::tests::assignment;
    use super::*;

    fn check(allow: Option<&[&str]>, deny: &[&str], expected: (Permissions, &[&str])) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let tools = ToolRules { allow: allow.map(owned), deny: owned(deny) };
        let assignment = AgentAssignment { tools, ..assignment() };
        let entries = entries(&assignment, &ToolServer::default(), Need::Required);
        let names = entries.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = names.filter(|name| !name.starts_with("sandbox_workspace_write.")).collect();
        assert_eq!((permissions(&assignment), names.as_slice()), expected);
    }

    #[test]
    fn tools_that_only_read_get_a_sandbox_that_only_reads() {
        check(None, &[], (Permissions::Edit, &[]));
        check(Some(&["Read", "Grep"]), &[], (Permissions::ReadOnly, &["web_search"]));
        check(Some(&["Read", "Bash(git *)", "WebSearch"]), &[], (Permissions::Edit, &[]));
        check(Some(&["WebSearch"]), &[], (Permissions::ReadOnly, &["features.shell_tool"]));
        check(None, &["Bash", "Write"], (Permissions::ReadOnly, &["features.shell_tool"]));
        check(None, &["WebFetch"], (Permissions::Edit, &["web_search"]));
    }

    #[test]
    fn what_cannot_be_kept_from_it_is_known() {
        let tools = ToolRules { allow: None, deny: vec!["Write".into(), "Task".into(), "WebFetch".into()] };
        assert_eq!(not_enforced(&AgentAssignment { tools, ..assignment() }), ["Write", "Task"]);
    }

    #[test]
    fn an_endpoint_becomes_a_provider_and_a_name_stays_one() {
        let with = |endpoint| named_provider(&AgentAssignment { endpoint, ..assignment() }, &[]);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(with(Endpoint::default()), None);
        let named = with(Endpoint { provider: text("corp"), ..Endpoint::default() }).unwrap();
        assert_eq!((named.id.as_str(), named.entries.len()), ("corp", 0));
        let keyed = Endpoint { provider: text("corp"), api_key_env: text("CORP_KEY"), base_url: None };
        assert_eq!(with(keyed).unwrap().entries, [("model_providers.corp.env_key".into(), json!("CORP_KEY"))]);
        let there = Endpoint { base_url: text("http://h/v1"), api_key_env: text("MY_KEY"), provider: None };
        let there = with(there).unwrap();
        assert_eq!(
            arguments(&there.entries)[1],
            r#"model_providers.band={"name"="band","base_url"="http://h/v1","wire_api"="responses","request_max_retries"=0,"stream_max_retries"=0,"env_key"="MY_KEY"}"#
        );
    }

    #[test]
    fn only_providers_that_are_set_up_are_told_not_to_retry() {
        let config = json!({ "model_providers": { "corp": { "name": "corp" }, "a.b": {} } });
        assert_eq!(without_retries(&config, "corp").len(), 2);
        assert_eq!(without_retries(&config, "openai"), []);
        assert_eq!(without_retries(&config, "a.b"), []);
    }

    #[test]
    fn keys_are_hidden_from_commands_unless_the_plan_gives_them() {
        let given = AgentAssignment { given: vec!["OPENAI_API_KEY".into()], ..assignment() };
        let config = json!({ "shell_environment_policy": { "exclude": ["A*"] }, "model_providers": { "a": { "env_key": "A_KEY" } } });
        assert_eq!(hidden_variables(&config, &given)[0].1, json!(["A*", "CODEX_API_KEY", "A_KEY"]));
    }
}
