//! How Claude Code is started: arguments, environment, and the files that it reads for this attempt alone.
//!
//! Nothing of role, instruction, schema or key is in an argument: those go by the control protocol. What a plan's author or a
//! catalogue wrote (tool names, a model) is joined to its flag with `=`, so that it can never be taken for a flag itself.

use std::io;
use std::path::Path;

use bandleader_core::plan::Permissions;
use serde_json::{Map, Value, json};

use super::rules::Rules;
use crate::agent::assignment::AgentAssignment;
use crate::agent::child::Launch;
use crate::agent::driver::{Stage, ToolServer};

/// How often the program itself tries a call again. Its own default is ten, which are minutes; trying again is our business. One
/// is left to it, for what is over in a second.
pub(super) const OWN_RETRIES: u64 = 1;

/// What tells a program that it runs inside another Claude Code. Ours is a conversation of its own, wherever `band` was started.
const OUTER_SESSION: [&str; 5] = [
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_SSE_PORT",
    "CLAUDE_CODE_CHILD_SESSION",
    "CLAUDE_CODE_SESSION_ID",
];

/// Which conversation a start of the program is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Session {
    /// That of an earlier attempt.
    Resume(String),
    /// A new one under a name of ours, so that it is known even if nothing is heard of it any more.
    New(String),
    /// A new one; the program names it.
    Unnamed,
}

impl Session {
    /// Its name, if it has one yet.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Session::Resume(name) | Session::New(name) => Some(name),
            Session::Unnamed => None,
        }
    }
}

/// The name of an attempt's own conversation: known beforehand, the same whoever asks, and no other attempt's.
pub(super) fn own_session(assignment: &AgentAssignment) -> String {
    name_of(assignment, "conversation")
}

/// A UUID (version 8, RFC 9562 section 5.8) for something of an attempt.
pub(super) fn name_of(assignment: &AgentAssignment, what: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    let folder = assignment.run_folder.to_string_lossy();
    for part in [&folder, assignment.run.as_str(), &assignment.job.to_string(), what] {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0b11 << 62) | 8 << 76 | 0b10 << 62;
    let digits = format!("{number:032x}");
    [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part).unwrap_or_default()).join("-")
}

/// How to start it.
///
/// # Errors
/// The files for this attempt cannot be written.
pub(super) fn of(stage: &Stage<'_>, rules: &Rules, session: &Session) -> io::Result<Launch> {
    let assignment = stage.assignment;
    let (servers, settings) = (stage.home.join("mcp.json"), stage.home.join("settings.json"));
    write(&servers, &mcp_servers(&stage.tools))?;
    write(&settings, &settings_of(assignment.permissions, &stage.tools))?;
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let mut argv = if assignment.command.is_empty() { vec!["claude".to_owned()] } else { assignment.command.clone() };
    let flags = ["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"];
    argv.extend(flags.map(str::to_owned));
    let flags = ["--include-partial-messages", "--replay-user-messages", "--permission-prompt-tool", "stdio"];
    argv.extend(flags.map(str::to_owned));
    let mode = match assignment.permissions {
        Permissions::ReadOnly => "default",
        // Full is no mode of the program: that one it refuses to root. It asks us, and we say yes.
        Permissions::Edit | Permissions::Full => "acceptEdits",
    };
    argv.extend(["--permission-mode".into(), mode.into()]);
    argv.extend(["--settings".into(), path(&settings), "--mcp-config".into(), path(&servers)]);
    argv.push("--strict-mcp-config".into());
    argv.extend(rules.flags());
    argv.extend(assignment.model.iter().map(|model| format!("--model={model}")));
    argv.extend(assignment.effort.iter().map(|effort| format!("--effort={effort}")));
    argv.extend(assignment.max_turns.map(|most| format!("--max-turns={most}")));
    match session {
        Session::Resume(name) => argv.push(format!("--resume={name}")),
        Session::New(name) => argv.push(format!("--session-id={name}")),
        Session::Unnamed => {}
    }
    Ok(Launch { argv, environment: environment(stage), directory: stage.directory.to_owned() })
}

/// The first thing that is said to it: who it is, and what its answer must be like.
pub(super) fn greeting(assignment: &AgentAssignment, request_id: &str) -> Value {
    let mut request = Map::from_iter([("subtype".to_owned(), json!("initialize"))]);
    request.extend(assignment.role.iter().map(|role| ("appendSystemPrompt".to_owned(), json!(role))));
    request.extend(assignment.schema.iter().map(|schema| ("jsonSchema".to_owned(), schema.clone())));
    json!({ "type": "control_request", "request_id": request_id, "request": request })
}

fn environment(stage: &Stage<'_>) -> Vec<(String, String)> {
    let mut environment = stage.environment.clone();
    environment.retain(|(name, _)| !OUTER_SESSION.contains(&name.as_str()));
    let given = |environment: &[(String, String)], name: &str| environment.iter().any(|(other, _)| other == name);
    // Without these it fetches what is not needed, changes itself under our feet, and keeps its list to itself.
    let lists = concat!("CLAUDE_CODE_ENABLE_TO", "DO_TOOLS");
    let habits = ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", lists];
    for name in habits {
        if !given(&environment, name) {
            environment.push((name.into(), "1".into()));
        }
    }
    let endpoint = &stage.assignment.endpoint;
    let key = endpoint.api_key_env.as_deref();
    let key = key.and_then(|name| environment.iter().find(|(other, _)| other == name)).map(|(_, key)| key.clone());
    let ours = [
        ("CLAUDE_CODE_MAX_RETRIES", Some(OWN_RETRIES.to_string())),
        // It then announces how long a provider wants it to wait, however long that is, where it would else fail and not say it. It
        // would also wait; we end it before (`hear`).
        ("CLAUDE_CODE_RETRY_WATCHDOG", Some("1".into())),
        ("ANTHROPIC_BASE_URL", endpoint.base_url.clone()),
        ("ANTHROPIC_API_KEY", key),
    ];
    for (name, value) in ours {
        if let Some(value) = value {
            environment.retain(|(other, _)| other != name);
            environment.push((name.into(), value));
        }
    }
    environment
}

/// Our tools. Without `alwaysLoad` the model sees them only after it has searched for them.
fn mcp_servers(tools: &ToolServer) -> Value {
    let Some((program, arguments)) = tools.command.split_first() else { return json!({ "mcpServers": {} }) };
    let environment: Map<String, Value> =
        tools.environment.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let server = json!({
        "type": "stdio", "command": program, "args": arguments, "env": environment, "alwaysLoad": true,
    });
    json!({ "mcpServers": { tools.name.clone(): server } })
}

/// Holds nothing that comes from a plan: a file with one wrong word in it is not read at all, and then hooks would run.
fn settings_of(permissions: Permissions, tools: &ToolServer) -> Value {
    // Commands run as far as the sandbox holds them. Where there is none, the program asks, and is told no.
    let sandbox = json!({ "enabled": true, "autoAllowBashIfSandboxed": true, "allowUnsandboxedCommands": false });
    let sandbox = (permissions == Permissions::Edit).then_some(("sandbox".to_owned(), sandbox));
    // Hooks are shell code in files that nobody here wrote: catalogues, and whatever repository the agent works in.
    let hooks = ("disableAllHooks".to_owned(), json!(true));
    let allowed = ("permissions".to_owned(), json!({ "allow": [format!("mcp__{}", tools.name)] }));
    Value::Object([hooks, allowed].into_iter().chain(sandbox).collect())
}

fn write(path: &Path, value: &Value) -> io::Result<()> {
    // The folder is closed to other users.
    std::fs::write(path, value.to_string())
}
