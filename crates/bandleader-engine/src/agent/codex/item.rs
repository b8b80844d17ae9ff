//! The items of a Codex turn, in the spelling of its server (`agentMessage`) and in that of `exec` (`agent_message`).
//!
//! Pure. Whatever is missing or of another type is taken for empty.

use serde_json::Value;

use super::super::event::{TodoItem, TodoState};

/// The beginning of what came of a tool, for people.
const LONGEST_DETAIL: usize = 2_000;

/// What an item is, as far as it concerns us.
#[derive(Debug, PartialEq)]
pub(super) enum Item {
    /// The agent's words.
    Words(String),
    /// It thought.
    Thought(String),
    /// A tool of its own.
    Tool(Tool),
    /// Its list of things to do.
    Todo(Vec<TodoItem>),
    /// A warning of the program's.
    Warning(String),
}

/// A call of a tool.
#[derive(Debug, PartialEq)]
pub(super) struct Tool {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) detail: String,
    /// Whether it went well, as far as it has ended.
    pub(super) ok: bool,
    /// It was refused.
    pub(super) declined: bool,
    /// What came of it.
    pub(super) outcome: String,
}

impl Item {
    /// Reads an item; none when it is of no interest.
    pub(super) fn of(item: &Value) -> Option<Item> {
        let kind = item["type"].as_str()?;
        Some(match kind {
            "agentMessage" | "agent_message" => Item::Words(text(&item["text"])),
            "reasoning" => Item::Thought(thought(item)),
            "todo_list" => Item::Todo(todo(&item["items"])),
            "error" => Item::Warning(text(&item["message"])),
            _ => Item::Tool(tool(kind, item)?),
        })
    }
}

fn tool(kind: &str, item: &Value) -> Option<Tool> {
    let (name, detail) = match kind {
        "commandExecution" | "command_execution" => ("shell".into(), command(item)),
        "fileChange" | "file_change" => ("apply_patch".into(), paths(item).join(", ")),
        "mcpToolCall" | "mcp_tool_call" => {
            let name = format!("mcp__{}__{}", text(&item["server"]), text(&item["tool"]));
            (name, arguments(&item["arguments"]))
        }
        "dynamicToolCall" => (text(&item["tool"]), arguments(&item["arguments"])),
        "collabAgentToolCall" | "collab_tool_call" => (text(&item["tool"]), text(&item["prompt"])),
        "webSearch" | "web_search" => ("web_search".into(), text(&item["query"])),
        "imageView" => ("view_image".into(), text(&item["path"])),
        "sleep" => ("sleep".into(), String::new()),
        _ => return None,
    };
    let status = item["status"].as_str().unwrap_or("completed");
    let exit = first(item, "exitCode", "exit_code").as_i64();
    let outcome = [&item["error"]["message"], first(item, "aggregatedOutput", "aggregated_output")];
    let outcome = outcome.into_iter().map(text).find(|text| !text.is_empty()).unwrap_or_default();
    Some(Tool {
        id: text(&item["id"]),
        name,
        detail,
        ok: status == "completed" && exit.unwrap_or(0) == 0,
        declined: status == "declined",
        outcome: outcome.chars().take(LONGEST_DETAIL).collect(),
    })
}

fn first<'a>(item: &'a Value, one: &str, other: &str) -> &'a Value {
    if item[one].is_null() { &item[other] } else { &item[one] }
}

/// The command as the model gave it, without the shell that runs it.
fn command(item: &Value) -> String {
    if let Some([action]) = item["commandActions"].as_array().map(Vec::as_slice)
        && let Some(command) = action["command"].as_str()
    {
        return command.to_owned();
    }
    let whole = text(&item["command"]);
    let inner = whole.split_once("sh -lc ").map_or(whole.as_str(), |(_, inner)| inner);
    let quoted = |quote: char| inner.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote));
    quoted('\'').or_else(|| quoted('"')).unwrap_or(inner).to_owned()
}

fn paths(item: &Value) -> Vec<String> {
    item["changes"].as_array().into_iter().flatten().map(|change| text(&change["path"])).collect()
}

fn arguments(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        other => other.to_string().chars().take(LONGEST_DETAIL).collect(),
    }
}

fn thought(item: &Value) -> String {
    let parts = |name: &str| -> Vec<String> {
        item[name].as_array().into_iter().flatten().map(text).filter(|part| !part.is_empty()).collect()
    };
    let mut told = parts("summary");
    if told.is_empty() {
        told = parts("content");
    }
    if told.is_empty() { text(&item["text"]) } else { told.join("\n") }
}

/// The list of `exec`: done or not.
fn todo(items: &Value) -> Vec<TodoItem> {
    let state = |done: bool| if done { TodoState::Done } else { TodoState::Open };
    let items = items.as_array().into_iter().flatten();
    items.map(|item| TodoItem { text: text(&item["text"]), state: state(item["completed"] == true) }).collect()
}

/// The list of the server: three states.
pub(super) fn plan(steps: &Value) -> Vec<TodoItem> {
    let state = |step: &Value| match step["status"].as_str() {
        Some("completed") => TodoState::Done,
        Some("inProgress" | "in_progress") => TodoState::Active,
        _ => TodoState::Open,
    };
    let steps = steps.as_array().into_iter().flatten();
    steps.map(|step| TodoItem { text: text(&step["step"]), state: state(step) }).collect()
}

/// A text; empty for anything else.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(item: &Value, name: &str, detail: &str, ok: bool) {
        let Some(Item::Tool(tool)) = Item::of(item) else { panic!("{item}") };
        assert_eq!((tool.name.as_str(), tool.detail.as_str(), tool.ok), (name, detail, ok));
    }

    #[test]
    fn both_spellings_are_the_same_tool() {
        let exec = json!({"type": "command_execution", "command": "/bin/bash -lc 'ls -a'", "exit_code": 1, "status": "failed"});
        check(&exec, "shell", "ls -a", false);
        let server = json!({"type": "commandExecution", "command": "x", "commandActions": [{"command": "ls -a"}],
            "exitCode": 0, "status": "completed"});
        check(&server, "shell", "ls -a", true);
        let change =
            json!({"type": "fileChange", "changes": [{"path": "/w/a"}, {"path": "/w/b"}], "status": "declined"});
        check(&change, "apply_patch", "/w/a, /w/b", false);
        let call = json!({"type": "mcp_tool_call", "server": "band", "tool": "ask", "arguments": {"q": 1}, "status": "completed"});
        check(&call, "mcp__band__ask", r#"{"q":1}"#, true);
    }

    #[test]
    fn wrong_types_and_unknown_items_do_no_harm() {
        assert_eq!(Item::of(&json!({"type": "userMessage", "content": []})), None);
        assert_eq!(Item::of(&json!({"type": 7})), None);
        assert_eq!(Item::of(&json!("x")), None);
        assert_eq!(Item::of(&json!({"type": "agentMessage", "text": {}})), Some(Item::Words(String::new())));
        check(&json!({"type": "fileChange", "changes": "x"}), "apply_patch", "", true);
        assert_eq!(plan(&json!([{"step": 1}, null]))[0].state, TodoState::Open);
    }
}
