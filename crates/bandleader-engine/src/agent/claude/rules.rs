//! What an agent may do: which tools Claude Code offers it, and our answer when it asks.

use bandleader_core::plan::Permissions;
use serde_json::{Value, json};

use crate::agent::assignment::AgentAssignment;

/// Tools that want a person at the keyboard, leave the folder of the attempt, or outlive its turn.
const NEVER: [&str; 9] = [
    "AskUserQuestion",
    "EnterPlanMode",
    "ExitPlanMode",
    "EnterWorktree",
    "ExitWorktree",
    "CronCreate",
    "CronDelete",
    "CronList",
    "ScheduleWakeup",
];

/// Tools that write or run something.
const CHANGES: [&str; 8] = ["Write", "Edit", "MultiEdit", "NotebookEdit", "Bash", "PowerShell", "Monitor", "REPL"];

/// Tools that read, or that act only through others: the program asks about these too, for instance beyond its own folder.
const READS: [&str; 14] = [
    "Read",
    "Glob",
    "Grep",
    "LS",
    "NotebookRead",
    "WebFetch",
    "WebSearch",
    "Skill",
    "ToolSearch",
    "TodoWrite",
    "Task",
    "Agent",
    "TaskOutput",
    "ListMcpResourcesTool",
];

/// The tool by which it gives an answer that a schema was asked for.
const ANSWER: &str = "StructuredOutput";

/// The rules of one attempt.
#[derive(Debug)]
pub(super) struct Rules {
    permissions: Permissions,
    /// As the plan wrote them: names, some with a pattern (`Bash(git *)`).
    allow: Option<Vec<String>>,
    deny: Vec<String>,
    /// How the names of our own tools begin.
    ours: String,
}

impl Rules {
    /// Of an assignment; our tools are on the server of this name.
    pub(super) fn of(assignment: &AgentAssignment, server: &str) -> Rules {
        let readonly = assignment.permissions == Permissions::ReadOnly;
        let changes = CHANGES.iter().filter(|_| readonly);
        let own = assignment.tools.deny.iter().map(|rule| rule.trim()).filter(|rule| is_rule(rule));
        let deny = NEVER.iter().chain(changes).copied().chain(own).map(str::to_owned).collect();
        let allow = assignment.tools.allow.as_ref().filter(|rules| rules.iter().all(|rule| rule.trim() != "*"));
        let allow = allow.map(|rules| rules.iter().map(|rule| rule.trim()).filter(|rule| is_rule(rule)));
        Rules {
            permissions: assignment.permissions,
            allow: allow.map(|rules| rules.map(str::to_owned).collect()),
            deny,
            ours: format!("mcp__{server}__"),
        }
    }

    /// As arguments.
    pub(super) fn flags(&self) -> Vec<String> {
        let mut flags = vec![format!("--disallowedTools={}", self.deny.join(","))];
        if let Some(allow) = &self.allow {
            let mut names: Vec<&str> = Vec::new();
            for name in allow.iter().map(|rule| name_of(rule)).filter(|name| !name.starts_with("mcp__")) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            flags.push(format!("--tools={}", names.join(",")));
            let patterns: Vec<&str> = allow.iter().map(String::as_str).filter(|rule| rule.contains('(')).collect();
            if self.permissions != Permissions::ReadOnly && !patterns.is_empty() {
                flags.push(format!("--allowedTools={}", patterns.join(",")));
            }
        }
        flags
    }

    /// Whether the agent has no such tool because of these rules.
    pub(super) fn withhold(&self, tool: &str) -> bool {
        let allowed = self.allow.as_ref().is_none_or(|allow| allow.iter().any(|rule| name_of(rule) == tool));
        !tool.starts_with(&self.ours) && (self.deny.iter().any(|rule| rule == tool) || !allowed)
    }

    /// Whether a call that the program asks about is allowed. It does not ask about everything that is.
    pub(super) fn permit(&self, tool: &str) -> bool {
        if tool.starts_with(&self.ours) || tool == ANSWER {
            return true;
        }
        // Of a tool that is allowed by patterns alone, what fits them is never asked about.
        let patterned = self.allow.as_ref().is_some_and(|allow| {
            let mut rules = allow.iter().filter(|rule| name_of(rule) == tool).peekable();
            rules.peek().is_some() && rules.all(|rule| rule.contains('('))
        });
        if self.withhold(tool) || patterned {
            return false;
        }
        match self.permissions {
            Permissions::Full => true,
            Permissions::ReadOnly | Permissions::Edit => READS.contains(&tool),
        }
    }

    /// The answer to `can_use_tool`, and whether it is yes.
    pub(super) fn answer(&self, request: &Value) -> (bool, Value) {
        let tool = request.get("tool_name").and_then(Value::as_str).unwrap_or_default();
        let wants_person = request.get("requires_user_interaction").and_then(Value::as_bool).unwrap_or(false);
        if !wants_person && self.permit(tool) {
            let input = request.get("input").filter(|input| input.is_object()).cloned().unwrap_or_else(|| json!({}));
            return (true, json!({ "behavior": "allow", "updatedInput": input }));
        }
        let message = if wants_person {
            format!("Nobody is there to answer. Ask with the tool {}ask, or decide yourself.", self.ours)
        } else {
            "This is not permitted in this task. Do not try to reach the same in another way: go on without it, and say what \
             could not be done."
                .to_owned()
        };
        (false, json!({ "behavior": "deny", "message": message }))
    }
}

/// `Bash` of `Bash(git *)`.
fn name_of(rule: &str) -> &str {
    rule.split('(').next().unwrap_or(rule).trim_end()
}

/// Whether this can be handed to the program as a rule. Parentheses that do not close would swallow the rules behind it.
fn is_rule(rule: &str) -> bool {
    let name = name_of(rule);
    let (opened, closed) = (rule.matches('(').count(), rule.matches(')').count());
    if opened != closed || opened > 0 && !rule.ends_with(')') {
        return false;
    }
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-*.:".contains(letter))
}
