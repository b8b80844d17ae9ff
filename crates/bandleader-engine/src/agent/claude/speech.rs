//! What is in the messages of a conversation: words, thoughts, tools and what came of them, figures.

use serde_json::{Value, json};

use super::figures::NO_MODEL;
use super::hear::{Heard, Listener, of_sub_agent, some, text};
use super::outcome::Hints;
use super::todo::keeps_list;
use crate::agent::event::AgentEvent;

/// As much of what came of a tool as is told.
const DETAIL: usize = 400;

impl Listener<'_> {
    /// One block of a message; the message's figures are with each of them.
    pub(super) fn assistant(&mut self, value: &Value) {
        let of_sub_agent = of_sub_agent(value);
        let message = value.get("message").unwrap_or(&Value::Null);
        let id = some(message, "id").or_else(|| some(value, "uuid")).unwrap_or_default();
        self.figures.message(&id, message, of_sub_agent);
        let synthetic = text(message, "model") == NO_MODEL;
        if synthetic && !of_sub_agent {
            self.hints.error = some(value, "error").or(self.hints.error.take());
        } else {
            self.hints = Hints::default();
        }
        for block in blocks(message) {
            match text(&block, "type") {
                // What the program puts into the model's mouth comes again with the result.
                "text" if !of_sub_agent && !synthetic => {
                    self.events.tell(AgentEvent::Said { text: text(&block, "text").to_owned() });
                }
                "thinking" if !of_sub_agent => {
                    self.events.tell(AgentEvent::Thought { text: text(&block, "thinking").to_owned() });
                }
                "tool_use" => self.tool_began(&block, of_sub_agent),
                _ => {}
            }
        }
        self.used();
    }

    fn tool_began(&mut self, block: &Value, of_sub_agent: bool) {
        let (id, name) = (text(block, "id").to_owned(), text(block, "name").to_owned());
        let input = block.get("input").unwrap_or(&Value::Null);
        self.events.tell(AgentEvent::ToolBegan { id: id.clone(), name: name.clone(), detail: detail(input) });
        if ["Task", "Agent"].contains(&name.as_str()) {
            // A conversation of its own, which is heard itself: its silence is no work of a tool.
            self.events.tell(AgentEvent::ToolEnded { id: id.clone(), ok: true, detail: String::new() });
        }
        let kept = if keeps_list(&name) && !of_sub_agent { input.clone() } else { Value::Null };
        if name == "TodoWrite" && !of_sub_agent {
            self.list(&name, &kept, None);
        }
        self.calls.insert(id, (name, kept));
    }

    fn list(&mut self, tool: &str, input: &Value, result: Option<&Value>) {
        if let Some(items) = self.todo.take(tool, input, result) {
            self.events.tell(AgentEvent::Todo { items });
        }
    }

    /// What tools gave back, and our own messages as they reach the model.
    pub(super) fn user(&mut self, value: &Value) -> Heard {
        if value.get("isReplay").and_then(Value::as_bool) == Some(true) {
            return Heard::Reached(text(value, "uuid").to_owned());
        }
        let message = value.get("message").unwrap_or(&Value::Null);
        for block in blocks(message).iter().filter(|block| text(block, "type") == "tool_result") {
            let id = text(block, "tool_use_id");
            let ok = block.get("is_error").and_then(Value::as_bool) != Some(true);
            let result = words(block.get("content"));
            let Some((tool, input)) = self.calls.remove(id) else { continue };
            if !ok && result.contains("No such tool available") && self.rules.withhold(&tool) {
                self.denied(&tool, id);
            }
            if ok && tool.starts_with("Task") && !input.is_null() {
                self.list(&tool, &input, value.get("tool_use_result"));
            }
            if !["Task", "Agent"].contains(&tool.as_str()) {
                let detail = result.chars().take(DETAIL).collect();
                self.events.tell(AgentEvent::ToolEnded { id: id.to_owned(), ok, detail });
            }
        }
        Heard::Nothing
    }

    /// Of the pieces of a message only the figures are of use: they are the last ones, which the whole message does not have.
    pub(super) fn stream(&mut self, value: &Value) {
        let event = value.get("event").unwrap_or(&Value::Null);
        let whose = text(value, "parent_tool_use_id");
        match text(event, "type") {
            "message_start" => {
                let message = event.get("message").unwrap_or(&Value::Null);
                self.streamed.insert(whose.to_owned(), text(message, "id").to_owned());
                self.figures.message(text(message, "id"), message, of_sub_agent(value));
                self.used();
            }
            "message_delta" => {
                let Some(id) = self.streamed.get(whose).cloned() else { return };
                self.figures.message(&id, event, of_sub_agent(value));
                self.used();
            }
            _ => {}
        }
    }
}

/// What a message is made of: blocks, or one plain text.
fn blocks(message: &Value) -> Vec<Value> {
    match message.get("content") {
        Some(Value::Array(blocks)) => blocks.clone(),
        Some(Value::String(words)) => vec![json!({ "type": "text", "text": words })],
        _ => Vec::new(),
    }
}

/// What came of a tool, as text.
fn words(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(words)) => words.clone(),
        Some(Value::Array(blocks)) => blocks.iter().map(|block| text(block, "text")).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

/// What a tool is used on, in a line.
fn detail(input: &Value) -> String {
    let telling = ["command", "file_path", "notebook_path", "path", "pattern", "url", "query", "skill", "description"];
    let found = telling.iter().map(|key| text(input, key)).find(|value| !value.is_empty());
    found.unwrap_or_default().chars().take(DETAIL).collect()
}
