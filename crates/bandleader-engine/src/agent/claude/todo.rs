//! The agent's own list: whole, as `TodoWrite` has it, or line by line, as `TaskCreate` and `TaskUpdate` do.

use serde_json::Value;

use crate::agent::event::{TodoItem, TodoState};

/// A list that an agent keeps.
#[derive(Debug, Default)]
pub(super) struct TodoList {
    /// With the program's own names for them, where it has any.
    lines: Vec<(String, TodoItem)>,
}

impl TodoList {
    /// Takes in what a tool was called with, and what came of it; the whole list, if it is another now.
    pub(super) fn take(&mut self, tool: &str, input: &Value, result: Option<&Value>) -> Option<Vec<TodoItem>> {
        let text = |key: &str| input.get(key).and_then(Value::as_str);
        match tool {
            "TodoWrite" => {
                let lines = input.get("todos")?.as_array()?.iter().filter_map(line);
                self.lines = lines.map(|line| (String::new(), line)).collect();
            }
            "TaskCreate" => {
                let id = result?.get("task")?.get("id")?;
                let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                self.lines.push((id, TodoItem { text: text("subject")?.to_owned(), state: TodoState::Open }));
            }
            "TaskUpdate" => {
                let id = input.get("taskId")?;
                let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                if text("status") == Some("deleted") {
                    self.lines.retain(|(other, _)| *other != id);
                } else {
                    let (_, line) = self.lines.iter_mut().find(|(other, _)| *other == id)?;
                    line.state = text("status").map_or(line.state, state);
                    line.text = text("subject").map_or_else(|| line.text.clone(), str::to_owned);
                }
            }
            _ => return None,
        }
        Some(self.lines.iter().map(|(_, line)| line.clone()).collect())
    }
}

/// Whether a tool keeps the list.
pub(super) fn keeps_list(tool: &str) -> bool {
    ["TodoWrite", "TaskCreate", "TaskUpdate"].contains(&tool)
}

fn line(todo: &Value) -> Option<TodoItem> {
    let text = todo.get("content").and_then(Value::as_str)?.to_owned();
    Some(TodoItem { text, state: todo.get("status").and_then(Value::as_str).map_or(TodoState::Open, state) })
}

fn state(status: &str) -> TodoState {
    match status {
        "completed" => TodoState::Done,
        "in_progress" => TodoState::Active,
        _ => TodoState::Open,
    }
}
