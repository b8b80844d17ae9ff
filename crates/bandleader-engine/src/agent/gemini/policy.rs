//! What an agent may use, as rules of the program's policy engine.
//!
//! They go in as an administrator's (`--admin-policy`), which nothing in the project or in the user's settings outranks. A tool that is
//! denied by its name is not even offered to the model. Only `allow` and `deny` are used: `ask_user`, with nobody to ask, ran a command.

use bandleader_core::plan::Permissions;

use crate::agent::assignment::ToolRules;

/// Its own tools that change files.
const WRITES: [&str; 2] = ["write_file", "replace"];

/// Its own tool that runs commands. It has no sandbox of its own that is always there, so only `full` has it.
const SHELL: &str = "run_shell_command";

/// Tools that want a person, or change how the program works: of no use to an attempt.
const NEVER: [&str; 3] = ["enter_plan_mode", "exit_plan_mode", "ask_user"];

/// Names that Claude Code's agent files use, and the program's own.
const SAME: [(&str, &[&str]); 12] = [
    ("Read", &["read_file", "read_many_files"]),
    ("Write", &["write_file"]),
    ("Edit", &["replace"]),
    ("MultiEdit", &["replace"]),
    ("Bash", &[SHELL]),
    ("Grep", &["grep_search", "search_file_content"]),
    ("Glob", &["glob"]),
    ("LS", &["list_directory"]),
    ("WebFetch", &["web_fetch"]),
    ("WebSearch", &["google_web_search"]),
    ("TodoWrite", &["write_todos"]),
    ("Task", &["invoke_agent"]),
];

/// The rules of one attempt.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    server: Option<String>,
    tools: Vec<String>,
    allow: bool,
    /// The highest that fits counts; 999 at most.
    priority: u16,
}

impl Policy {
    /// Of what a plan says; our own tools are on the server of this name.
    pub(super) fn of(permissions: Permissions, tools: &ToolRules, server: &str) -> Policy {
        let everything = || vec!["*".to_owned()];
        let names = |tools: &[&str]| tools.iter().map(|tool| (*tool).to_owned()).collect::<Vec<_>>();
        let rule = |tools, allow, priority| Rule { server: None, tools, allow, priority };
        let mut rules = vec![Rule { server: Some(server.to_owned()), ..rule(everything(), true, 999) }];
        rules.push(rule(names(&NEVER), false, 998));
        match permissions {
            Permissions::Full => {}
            Permissions::Edit => rules.push(rule(names(&[SHELL]), false, 800)),
            Permissions::ReadOnly => {
                rules.push(rule([names(&WRITES), names(&[SHELL])].concat(), false, 800));
                // Nobody knows what the tools of other servers do.
                rules.push(Rule { server: Some("*".into()), ..rule(everything(), false, 800) });
            }
        }
        let denied: Vec<String> = tools.deny.iter().flat_map(|name| own_names(name)).collect();
        if !denied.is_empty() {
            rules.push(rule(denied, false, 900));
        }
        if let Some(allowed) = tools.allow.as_ref().filter(|names| !names.iter().any(|name| name.trim() == "*")) {
            rules.push(rule(everything(), false, 100));
            let allowed: Vec<String> = allowed.iter().flat_map(|name| own_names(name)).collect();
            if !allowed.is_empty() {
                rules.push(rule(allowed, true, 200));
            }
        }
        Policy { rules }
    }

    /// Whether this tool is one that the model wanted and may not have.
    pub(super) fn hides(&self, tool: &str) -> bool {
        let fits = |rule: &&Rule| rule.server.is_none() && rule.tools.iter().any(|name| name == tool || name == "*");
        self.rules.iter().filter(fits).max_by_key(|rule| rule.priority).is_some_and(|rule| !rule.allow)
    }

    /// As the program reads it.
    pub(super) fn as_toml(&self) -> String {
        let rule = |rule: &Rule| {
            let server = rule.server.as_ref().map(|name| format!("mcpName = {}\n", quoted(name))).unwrap_or_default();
            let tools: Vec<String> = rule.tools.iter().map(|name| quoted(name)).collect();
            // A wildcard is one only outside a list.
            let tools = if tools.len() == 1 { tools.concat() } else { format!("[{}]", tools.join(", ")) };
            let decision = if rule.allow { "allow" } else { "deny" };
            format!("[[rule]]\n{server}toolName = {tools}\ndecision = \"{decision}\"\npriority = {}\n", rule.priority)
        };
        self.rules.iter().map(rule).collect::<Vec<_>>().join("\n")
    }
}

/// The program's names for a tool that a plan or an agent file names: `Bash(git *)` is about the tool `Bash`, `mcp__docs__find` is `mcp_docs_find`.
fn own_names(name: &str) -> Vec<String> {
    let name = name.split('(').next().unwrap_or_default().trim();
    if name.is_empty() {
        return Vec::new();
    }
    if let Some(rest) = name.strip_prefix("mcp__") {
        let own = format!("mcp_{}", rest.replacen("__", "_", 1));
        return vec![if rest.contains("__") { own } else { format!("{own}_*") }];
    }
    match SAME.iter().find(|(theirs, _)| *theirs == name) {
        Some((_, own)) => own.iter().map(|name| (*name).to_owned()).collect(),
        None => vec![name.to_owned()],
    }
}

/// A basic string of TOML, whose escapes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(permissions: Permissions, allow: Option<&[&str]>, deny: &[&str]) -> Policy {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Policy::of(permissions, &ToolRules { allow: allow.map(owned), deny: owned(deny) }, "band")
    }

    #[test]
    fn permissions_hide_what_they_do_not_give() {
        let hidden = |permissions| {
            let policy = policy(permissions, None, &["WebFetch"]);
            ["read_file", "replace", SHELL, "web_fetch"]
                .into_iter()
                .filter(|tool| policy.hides(tool))
                .collect::<Vec<_>>()
        };
        assert_eq!(hidden(Permissions::ReadOnly), ["replace", SHELL, "web_fetch"]);
        assert_eq!(hidden(Permissions::Edit), [SHELL, "web_fetch"]);
        assert_eq!(hidden(Permissions::Full), ["web_fetch"]);
    }

    #[test]
    fn a_list_of_tools_is_all_of_them_and_gives_no_more_than_the_permissions() {
        let policy = policy(Permissions::Edit, Some(&["Read", "Bash(git *)", "mcp__docs__find"]), &[]);
        for (tool, hidden) in [("read_file", false), ("glob", true), (SHELL, true), ("mcp_docs_find", false)] {
            assert_eq!(policy.hides(tool), hidden, "{tool}");
        }
    }

    #[test]
    fn no_name_breaks_out_of_its_string() {
        let text = policy(Permissions::Full, None, &["a\"]\ndecision = \"allow", "b\\"]).as_toml();
        assert!(text.contains(r#"["a\"]\ndecision = \"allow", "b\\"]"#), "{text}");
        assert_eq!(text.matches("[[rule]]").count(), 3);
    }
}
