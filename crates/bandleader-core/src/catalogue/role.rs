//! What an agent file says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An agent as its file describes it. Texts are as written: faces clean them before they show them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// As the file calls it, or else the file's own name. One line without control characters; may have blanks and slashes.
    pub name: String,
    /// What it is good at and when to use it. Empty if the file does not say.
    pub description: String,
    /// What it is told about its role: the text below the keys, with line breaks of one kind.
    pub instructions: String,
    /// The tools that it may use; `None` means all of them, an empty list none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<String>>,
    /// Tools that it may not use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disallowed_tools: Vec<String>,
    /// Which model it uses; `None` leaves it to whoever runs it (`inherit` reads as `None`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How its tool calls are permitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission_mode: Option<PermissionMode>,
    /// After so many turns it stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_turns: Option<u32>,
    /// How hard it thinks: `low` to `max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// `worktree`: it works in a git worktree of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<String>,
    /// Its colour on Claude Code's screen. Shown, not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Skills that are loaded into it when it starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Names of the MCP servers that it may use. What starts them stands elsewhere, and is not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mcp_servers: Vec<String>,
    /// Where it remembers things between runs: `user`, `project` or `local`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// What it is told first when it is the main agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_prompt: Option<String>,
    /// Claude Code runs it in the background.
    #[serde(default, skip_serializing_if = "is_false")]
    pub background: bool,
    /// The file has hooks. They hold shell code, and are never run nor kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_hooks: bool,
    /// Keys that mean nothing to us, as written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: BTreeMap<String, serde_json::Value>,
}

/// How Claude Code permits an agent's tool calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PermissionMode {
    /// Asks.
    Default,
    /// Edits files without asking.
    AcceptEdits,
    /// A classifier decides.
    Auto,
    /// What is not allowed beforehand is denied.
    DontAsk,
    /// Everything is allowed.
    BypassPermissions,
    /// Reads only.
    Plan,
    /// Asks for everything.
    Manual,
}

impl PermissionMode {
    /// All of them, as files write them.
    pub(super) const WORDS: &[(&str, PermissionMode)] = &[
        ("default", PermissionMode::Default),
        ("acceptEdits", PermissionMode::AcceptEdits),
        ("auto", PermissionMode::Auto),
        ("dontAsk", PermissionMode::DontAsk),
        ("bypassPermissions", PermissionMode::BypassPermissions),
        ("plan", PermissionMode::Plan),
        ("manual", PermissionMode::Manual),
    ];

    /// As files write it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, mode)| *mode == self).map_or("default", |(word, _)| word)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
