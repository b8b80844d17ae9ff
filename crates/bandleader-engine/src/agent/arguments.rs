//! What a tool is used on, in a line, from the arguments of its call; and lists of things to do that are such arguments.

use serde_json::Value;

use super::event::{TodoItem, TodoState};

/// Keys that say it best, the best first. Programs differ in their names for the same thing.
const TELLING: [&str; 17] = [
    "command",
    "cmd",
    "file_path",
    "filePath",
    "filepath",
    "absolute_path",
    "path",
    "dir_path",
    "pattern",
    "query",
    "url",
    "prompt",
    "description",
    "message",
    "title",
    "summary",
    "status",
];

/// In a line.
pub(super) fn detail(arguments: &Value) -> String {
    let Some(arguments) = arguments.as_object() else { return text_of(arguments) };
    let told = TELLING
        .iter()
        .find_map(|key| arguments.get(*key))
        .or_else(|| arguments.values().find(|value| value.is_string()));
    told.map(text_of).unwrap_or_default()
}

/// A list of things to do, if that is what the arguments are: `todos`, each with its words and a `status`.
pub(super) fn todo(arguments: &Value) -> Option<Vec<TodoItem>> {
    items(arguments.get("todos")?)
}

/// The lines of such a list; none when it is something else.
pub(super) fn items(list: &Value) -> Option<Vec<TodoItem>> {
    list.as_array()?.iter().map(item).collect()
}

fn item(item: &Value) -> Option<TodoItem> {
    let text = ["content", "description", "text", "title"].iter().find_map(|key| item.get(key)?.as_str())?;
    let state = match item.get("status").and_then(Value::as_str).unwrap_or_default() {
        "in_progress" | "inProgress" | "active" => TodoState::Active,
        "completed" | "done" | "cancelled" => TodoState::Done,
        _ => TodoState::Open,
    };
    Some(TodoItem { text: text.to_owned(), state })
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(parts) => parts.iter().map(text_of).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_told_by_what_it_is_used_on() {
        for (arguments, told) in [
            (json!({"description": "x", "command": "echo"}), "echo"),
            (json!({"file_path": "a.rs", "content": "…"}), "a.rs"),
            (json!({"command": ["git", "log"]}), "git log"),
            (json!({"odd": 1, "other": "word"}), "word"),
            (json!({}), ""),
            (json!(null), ""),
            (json!({"path": {"a": 1}}), r#"{"a":1}"#),
        ] {
            assert_eq!(detail(&arguments), told, "{arguments}");
        }
    }

    #[test]
    fn a_list_of_things_to_do_is_known_by_its_shape() {
        let items = todo(&json!({"todos": [
            {"content": "a", "status": "completed"}, {"description": "b", "status": "in_progress"}, {"content": "c"}
        ]}));
        let states: Vec<TodoState> = items.unwrap().into_iter().map(|item| item.state).collect();
        assert_eq!(states, [TodoState::Done, TodoState::Active, TodoState::Open]);
        assert_eq!(todo(&json!({"todos": "none"})), None);
        assert_eq!(todo(&json!({"todos": [1]})), None);
    }
}
