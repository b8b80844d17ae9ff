//! The programs: where their configuration lies, and how a server stands in it.

use std::env;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Client;
use super::edit;
use super::write::{Change, read};
use crate::config;
use crate::error::Failure;

/// The name under which programs know us.
pub(super) const NAME: &str = "bandleader";

/// Whose configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Project,
    User,
}

/// One program, as it is set up here.
pub(super) struct Place {
    pub(super) client: Client,
    /// For people.
    pub(super) name: &'static str,
    /// What to do there then.
    pub(super) next: &'static str,
    /// Its configuration.
    file: PathBuf,
    /// Where its commands lie.
    pub(super) commands: PathBuf,
}

/// Where a program has its things.
pub(super) fn find(client: Client, scope: Scope) -> Result<Place, Failure> {
    let project = config::project_root()?;
    let home = absolute("HOME").ok_or_else(|| Failure::usage("the home folder is not known: `HOME` is not set"))?;
    let of_user = scope == Scope::User;
    Ok(match client {
        Client::ClaudeCode => {
            let own = absolute("CLAUDE_CONFIG_DIR");
            let settings = own.clone().unwrap_or_else(|| home.join(".claude"));
            let file = own.unwrap_or_else(|| home.clone()).join(".claude.json");
            Place {
                client,
                name: "Claude Code",
                next: "start `claude` here and say yes to the server; `/mcp` shows it",
                file: if of_user { file } else { project.join(".mcp.json") },
                commands: if of_user { settings } else { project.join(".claude") }.join("commands/band"),
            }
        }
        Client::Codex => {
            let own = absolute("CODEX_HOME").unwrap_or_else(|| home.join(".codex"));
            let (file, commands) = (own.join("config.toml"), own.join("skills"));
            Place { client, name: "Codex", next: "start `codex` in a project; `/mcp` shows it", file, commands }
        }
        Client::Gemini => {
            let folder = if of_user { home } else { project }.join(".gemini");
            let (file, commands) = (folder.join("settings.json"), folder.join("commands/band"));
            Place { client, name: "Gemini CLI", next: "start `gemini` here; `/mcp` shows it", file, commands }
        }
        Client::Opencode => {
            let own = absolute("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")).join("opencode");
            let (folder, commands) = if of_user {
                (own.clone(), own.join("command"))
            } else {
                (project.clone(), project.join(".opencode/command"))
            };
            // It reads both; whoever has comments in it has the second.
            let with_comments = folder.join("opencode.jsonc");
            let file = if with_comments.exists() { with_comments } else { folder.join("opencode.json") };
            Place {
                client,
                name: "OpenCode",
                next: "start `opencode` here; `opencode mcp list` shows it",
                file,
                commands,
            }
        }
    })
}

impl Place {
    /// The change that makes it know us, or forget us.
    pub(super) fn register(&self, known: bool) -> Result<Change, Failure> {
        let before = read(&self.file)?;
        let text = before.as_deref().unwrap_or_default();
        let program = program()?;
        let after = match (self.client, known) {
            (Client::Codex, true) => edit::toml_with(text, "mcp_servers", NAME, &program, &["mcp"]),
            (Client::Codex, false) => edit::toml_without(text, "mcp_servers", NAME),
            (client, true) => edit::json_with(text, of_client(client), NAME, &entry(client, &program)),
            (client, false) => edit::json_without(text, of_client(client), NAME),
        };
        let after = after.map_err(|why| {
            Failure::usage(format!("`{}` is left as it is: {why}", config::shown(&self.file)))
                .hint(format!("put it right first, or register the server by hand: `{program} mcp`"))
        })?;
        Ok(Change { path: self.file.clone(), before, after })
    }
}

/// The object in which servers stand.
fn of_client(client: Client) -> &'static str {
    if client == Client::Opencode { "mcp" } else { "mcpServers" }
}

fn entry(client: Client, program: &str) -> Value {
    match client {
        Client::Opencode => json!({ "type": "local", "command": [program, "mcp"], "enabled": true }),
        Client::ClaudeCode => json!({ "type": "stdio", "command": program, "args": ["mcp"] }),
        Client::Codex | Client::Gemini => json!({ "command": program, "args": ["mcp"] }),
    }
}

/// `band`, if that is what the shell would find; else where this program is.
fn program() -> Result<String, Failure> {
    let own = env::current_exe().and_then(std::fs::canonicalize);
    let own = own.map_err(|error| Failure::internal(format!("this program cannot be found: {error}")))?;
    let on_path = env::var_os("PATH").unwrap_or_default();
    let first = env::split_paths(&on_path).map(|folder| folder.join("band")).find(|path| path.is_file());
    let same = first.and_then(|path| std::fs::canonicalize(path).ok()).is_some_and(|path| path == own);
    if same { Ok("band".into()) } else { utf8(&own) }
}

fn utf8(path: &Path) -> Result<String, Failure> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::usage(format!("`{}` is no UTF-8 text, which configurations need", path.display()))
            .hint("put `band` on your PATH")
    })
}

fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}
