//! What we answer when the agent asks whether it may, and which of its modes an attempt works in. Nobody is asked, so nothing waits.

use std::path::{Component, Path, PathBuf};

use bandleader_core::plan::Permissions;
use serde_json::{Value, json};

use crate::agent::assignment::AgentAssignment;
use crate::agent::driver::ToolServer;

/// Modes that only read, the best first. Names are those of agents that are about.
const READING: [&str; 5] = ["read-only", "readonly", "read_only", "ask", "plan"];

/// Modes that change files without asking.
const EDITING: [&str; 8] =
    ["workspace-write", "acceptEdits", "accept-edits", "autoEdit", "auto-edit", "auto_edit", "build", "code"];

/// Modes that ask for nothing.
const FULL: [&str; 6] = ["bypassPermissions", "agent-full-access", "full-access", "danger-full-access", "yolo", "full"];

/// Agents that in this mode ask before they change anything, so that our answers are the limit; their mode for reading wants a plan instead
/// of an answer.
const ASKS_FIRST: [(&str, &str); 2] = [("claude", "default"), ("gemini", "default")];

/// Kinds of tools, as the protocol has them, for names that agent files use.
const KINDS: [(&str, &[&str]); 10] = [
    ("Read", &["read"]),
    ("LS", &["read", "search"]),
    ("Grep", &["search"]),
    ("Glob", &["search"]),
    ("Write", &["edit"]),
    ("Edit", &["edit"]),
    ("MultiEdit", &["edit"]),
    ("Bash", &["execute"]),
    ("WebFetch", &["fetch"]),
    ("WebSearch", &["fetch", "search"]),
];

/// The rules of one attempt.
#[derive(Debug)]
pub(super) struct Rules {
    permissions: Permissions,
    allow: Option<Vec<String>>,
    deny: Vec<String>,
    /// The names that agents give our own tools.
    ours: Vec<String>,
    directory: PathBuf,
}

impl Rules {
    /// Of an assignment that is worked on in this folder.
    pub(super) fn of(assignment: &AgentAssignment, tools: &ToolServer, directory: &Path) -> Rules {
        let names = |rules: &[String]| {
            rules.iter().map(|rule| rule.split('(').next().unwrap_or_default().trim().to_owned()).collect::<Vec<_>>()
        };
        let server = &tools.name;
        let ours = tools.tools.iter().flat_map(|tool| {
            [
                format!("mcp__{server}__{tool}"),
                format!("mcp_{server}_{tool}"),
                format!("mcp.{server}.{tool}"),
                format!("{server}_{tool}"),
                format!("{server}/{tool}"),
                format!("{tool} ({server} MCP Server)"),
            ]
        });
        Rules {
            permissions: assignment.permissions,
            allow: assignment
                .tools
                .allow
                .as_deref()
                .filter(|rules| rules.iter().all(|rule| rule.trim() != "*"))
                .map(names),
            deny: names(&assignment.tools.deny),
            ours: ours.collect(),
            directory: directory.to_owned(),
        }
    }

    /// The outcome for a call that it asks about, out of its options, and the name of the tool if it may not.
    pub(super) fn decide(&self, call: &Value, options: &Value) -> (Value, Option<String>) {
        let allowed = self.allows(call);
        let wanted = if allowed { ["allow_once", "allow_always"] } else { ["reject_once", "reject_always"] };
        let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
        let kind = |option: &Value, kind: &str| option.get("kind").and_then(Value::as_str) == Some(kind);
        let chosen = wanted.iter().find_map(|wanted| options.iter().find(|option| kind(option, wanted)));
        let outcome = match chosen.and_then(|option| option.get("optionId")) {
            Some(id) => json!({"outcome": "selected", "optionId": id}),
            // It offers no way to say so: the call is called off.
            None => json!({"outcome": "cancelled"}),
        };
        (outcome, (!allowed).then(|| names_of(call).first().map_or("a tool without a name", |name| name).to_owned()))
    }

    fn allows(&self, call: &Value) -> bool {
        let names = names_of(call);
        if names.iter().any(|name| self.ours.iter().any(|ours| ours == name)) {
            return true;
        }
        let kind = call.get("kind").and_then(Value::as_str).unwrap_or("other");
        let is = |rule: &String| {
            let same = names.iter().any(|name| name.eq_ignore_ascii_case(rule));
            same || KINDS.iter().any(|(name, kinds)| name.eq_ignore_ascii_case(rule) && kinds.contains(&kind))
        };
        if self.deny.iter().any(is) || self.allow.as_ref().is_some_and(|allow| !allow.iter().any(is)) {
            return false;
        }
        match (self.permissions, kind) {
            (Permissions::Full, _) | (_, "read" | "search" | "think" | "fetch") => true,
            (Permissions::Edit, "edit" | "move" | "delete") => {
                paths_of(call).all(|path| self.is_inside(Path::new(path)))
            }
            // Commands have no sandbox here, and nobody knows what other tools do.
            (Permissions::Edit | Permissions::ReadOnly, _) => false,
        }
    }

    /// Whether files may be read and written there through us.
    pub(super) fn may_touch(&self, path: &Path, writing: bool) -> bool {
        match self.permissions {
            Permissions::Full => true,
            Permissions::ReadOnly if writing => false,
            Permissions::ReadOnly | Permissions::Edit => self.is_inside(path),
        }
    }

    /// Inside the folder of the attempt, as far as the path and the links that are there now tell.
    fn is_inside(&self, path: &Path) -> bool {
        if path.components().any(|part| part == Component::ParentDir) {
            return false;
        }
        let path = self.directory.join(path);
        let known = path.ancestors().find_map(|path| Some((path, path.canonicalize().ok()?)));
        let Some((_, real)) = known else { return false };
        real.starts_with(self.directory.canonicalize().unwrap_or_else(|_| self.directory.clone()))
    }
}

/// Everything that could be the name of the tool, the surest first.
fn names_of(call: &Value) -> Vec<&str> {
    let places = ["/name", "/_meta/claudeCode/toolName", "/title"];
    places.iter().filter_map(|place| call.pointer(place)?.as_str()).filter(|name| !name.is_empty()).collect()
}

fn paths_of(call: &Value) -> impl Iterator<Item = &str> {
    let list = |key: &str| call.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list("locations").iter().chain(list("content")).filter_map(|place| place.get("path")?.as_str())
}

/// The mode for an attempt, out of those that are offered; none when none fits.
pub(super) fn mode_for<'m>(permissions: Permissions, agent: &str, offered: &[&'m str]) -> Option<&'m str> {
    let first = |wanted: &[&str]| wanted.iter().find_map(|mode| offered.iter().find(|known| *known == mode).copied());
    let agent = agent.to_lowercase();
    let asks_first = || {
        let mode = ASKS_FIRST.iter().find(|(name, _)| agent.contains(name)).map(|(_, mode)| *mode)?;
        first(&[mode])
    };
    match permissions {
        Permissions::ReadOnly => asks_first().or_else(|| first(&READING)),
        Permissions::Edit => first(&EDITING),
        Permissions::Full => first(&FULL).or_else(|| first(&EDITING)),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Rules of an attempt in this folder.
    pub(in crate::agent::acp) fn rules(
        permissions: Permissions,
        allow: Option<&[&str]>,
        deny: &[&str],
        directory: &Path,
    ) -> Rules {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let ours = ["mcp__band__ask", "ask (band MCP Server)"].map(str::to_owned).to_vec();
        Rules { permissions, allow: allow.map(owned), deny: owned(deny), ours, directory: directory.to_owned() }
    }

    #[test]
    fn permissions_decide_by_kind() {
        let here = std::env::temp_dir().canonicalize().unwrap();
        let inside = here.join("new/file").display().to_string();
        for (permissions, kind, path, allowed) in [
            (Permissions::ReadOnly, "read", "a", true),
            (Permissions::ReadOnly, "edit", "a", false),
            (Permissions::ReadOnly, "switch_mode", "a", false),
            (Permissions::Edit, "edit", "a/b", true),
            (Permissions::Edit, "edit", inside.as_str(), true),
            (Permissions::Edit, "edit", "/etc/passwd", false),
            (Permissions::Edit, "edit", "../x", false),
            (Permissions::Edit, "execute", "a", false),
            (Permissions::Edit, "other", "a", false),
            (Permissions::Full, "execute", "/etc/passwd", true),
        ] {
            let call = json!({"title": "x", "kind": kind, "locations": [{"path": path}]});
            assert_eq!(rules(permissions, None, &[], &here).allows(&call), allowed, "{permissions:?} {call}");
        }
    }

    #[test]
    fn our_own_tools_are_always_there_and_denied_ones_never() {
        let rules = rules(Permissions::Full, Some(&["Read", "Grep"]), &["WebFetch"], Path::new("/"));
        for (call, allowed) in [
            (json!({"name": "mcp__band__ask", "kind": "other"}), true),
            (json!({"title": "ask (band MCP Server)"}), true),
            (json!({"title": "ask (band MCP Server) now", "kind": "execute"}), false),
            (json!({"title": "x", "kind": "fetch"}), false),
            (json!({"title": "Reads a.rs", "kind": "read"}), true),
            (json!({"title": "rm -rf", "kind": "execute"}), false),
        ] {
            assert_eq!(rules.allows(&call), allowed, "{call}");
        }
    }

    #[test]
    fn an_answer_is_one_of_the_options() {
        let rules = rules(Permissions::ReadOnly, None, &[], Path::new("/"));
        let options = json!([{"optionId": "a", "kind": "allow_once"}, {"optionId": "r", "kind": "reject_once"}]);
        let (outcome, denied) = rules.decide(&json!({"title": "Write it", "kind": "edit"}), &options);
        assert_eq!((outcome["optionId"].as_str(), denied.as_deref()), (Some("r"), Some("Write it")));
        assert_eq!(rules.decide(&json!({"kind": "read"}), &options).0["optionId"], "a");
        assert_eq!(rules.decide(&json!({"kind": "edit"}), &json!("none")).0["outcome"], "cancelled");
    }

    #[test]
    fn modes_fit_the_permissions_or_are_left_alone() {
        let claude = ["default", "acceptEdits", "plan", "auto"];
        let codex = ["read-only", "workspace-write", "agent", "agent-full-access"];
        let gemini = ["default", "autoEdit", "yolo", "plan"];
        for (agent, offered, expected) in [
            ("@agentclientprotocol/claude-agent-acp", &claude[..], ["default", "acceptEdits", "acceptEdits"]),
            ("@agentclientprotocol/codex-acp", &codex[..], ["read-only", "workspace-write", "agent-full-access"]),
            ("gemini-cli", &gemini[..], ["default", "autoEdit", "yolo"]),
            ("OpenCode", &["build", "plan"][..], ["plan", "build", "build"]),
            ("odd", &["x"][..], ["", "", ""]),
        ] {
            let all = [Permissions::ReadOnly, Permissions::Edit, Permissions::Full];
            assert_eq!(all.map(|one| mode_for(one, agent, offered).unwrap_or_default()), expected, "{agent}");
        }
    }
}
