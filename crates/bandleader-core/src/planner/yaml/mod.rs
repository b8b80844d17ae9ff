//! Values as YAML that people like to edit: blocks for what is long, one line for what is short, quotes only where they are needed.
//!
//! Always true: what is written reads back as the same value, whatever is in the texts; and nothing in it steers a terminal.

use serde_json::{Map, Value};

#[cfg(test)]
mod tests;
mod text;

use text::{Place, can_be_folded, can_be_literal, is_hostile, is_plain, quoted, wrap};

/// Lines are broken, and flow maps given up, beyond this many columns.
const COLUMNS: usize = 110;

/// Lists under these keys are never written on one line: they are what the file is about.
const ALWAYS_BLOCK: [&str; 3] = ["phases", "tasks", "inputs"];

/// A map as a YAML document, without a header. Anything else is written as its one value.
pub fn write(value: &Value) -> String {
    let mut writer = Writer { text: String::new() };
    match value {
        Value::Object(map) => writer.top(map),
        other => {
            writer.text.push_str(&flow(other));
            writer.text.push('\n');
        }
    }
    writer.text
}

/// A text as a comment of several lines, each at most 110 columns wide.
pub fn comment(text: &str) -> String {
    let mut lines = String::new();
    for paragraph in text.lines() {
        let safe: String = paragraph.chars().map(|letter| if is_hostile(letter) { ' ' } else { letter }).collect();
        let wrapped = wrap(safe.trim_end(), COLUMNS - 2);
        for line in if wrapped.is_empty() { vec![String::new()] } else { wrapped } {
            lines.push_str(format!("# {line}").trim_end());
            lines.push('\n');
        }
    }
    lines
}

/// A text on one line, quoted where it must be.
pub(crate) fn inline_text(text: &str) -> String {
    if is_plain(text, Place::Block) { text.to_owned() } else { quoted(text) }
}

struct Writer {
    text: String,
}

impl Writer {
    /// The outermost map: an empty line before whatever takes several lines.
    fn top(&mut self, map: &Map<String, Value>) {
        let mut was_block = false;
        for (number, (key, value)) in map.iter().enumerate() {
            let before = self.text.len();
            self.entry(key, value, 0);
            let is_block = self.text.get(before..).is_some_and(|written| written.matches('\n').count() > 1);
            if number > 0 && (is_block || was_block) {
                self.text.insert(before, '\n');
            }
            was_block = is_block;
        }
    }

    /// `key: value` and a line break; the cursor stands where the key goes.
    fn entry(&mut self, key: &str, value: &Value, indent: usize) {
        self.text.push_str(&inline_text(key));
        self.text.push(':');
        match value {
            Value::String(text) => self.text_value(text, indent),
            Value::Object(map) if !map.is_empty() && !self.fits(key, value) => {
                self.text.push('\n');
                self.map(map, indent + 2, Lead::Indent);
            }
            Value::Array(items) if !items.is_empty() && !self.fits(key, value) => {
                self.text.push('\n');
                for (number, item) in items.iter().enumerate() {
                    // Phases stand apart from each other.
                    if key == "phases" && number > 0 {
                        self.text.push('\n');
                    }
                    self.item(key, item, indent + 2);
                }
            }
            other => {
                self.text.push(' ');
                self.text.push_str(&flow(other));
                self.text.push('\n');
            }
        }
    }

    /// Whether a list or map may stand behind its key on the same line.
    fn fits(&self, key: &str, value: &Value) -> bool {
        if ALWAYS_BLOCK.contains(&key) {
            return false;
        }
        let used = self.text.len() - self.text.rfind('\n').map_or(0, |at| at + 1);
        let line = flow(value);
        !line.contains("\\n") && used + 1 + line.chars().count() <= COLUMNS
    }

    fn item(&mut self, list: &str, item: &Value, indent: usize) {
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() && !Writer::item_fits(list, item, indent) => {
                self.map(map, indent + 2, Lead::Dash);
            }
            Value::String(text) => {
                // The dash has its blank already.
                self.text.pop();
                self.text_value(text, indent);
            }
            Value::Array(items) if !items.is_empty() && !Writer::item_fits(list, item, indent) => {
                self.text.pop();
                self.text.push('\n');
                for inner in items {
                    self.item("", inner, indent + 2);
                }
            }
            other => {
                self.text.push_str(&flow(other));
                self.text.push('\n');
            }
        }
    }

    fn item_fits(list: &str, item: &Value, indent: usize) -> bool {
        let line = flow(item);
        !ALWAYS_BLOCK.contains(&list) && !line.contains("\\n") && indent + 2 + line.chars().count() <= COLUMNS
    }

    fn map(&mut self, map: &Map<String, Value>, indent: usize, lead: Lead) {
        for (number, (key, value)) in map.iter().enumerate() {
            if number > 0 || lead == Lead::Indent {
                self.text.push_str(&" ".repeat(indent));
            }
            self.entry(key, value, indent);
        }
    }

    /// A text behind a key or a dash: on the line, folded, or as it stands.
    fn text_value(&mut self, text: &str, indent: usize) {
        let used = self.text.len() - self.text.rfind('\n').map_or(0, |at| at + 1);
        let is_long = used + 1 + text.chars().count() > COLUMNS;
        let pad = " ".repeat(indent + 2);
        if can_be_literal(text) {
            self.text.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
            for line in text.lines() {
                self.text.push_str(if line.is_empty() { "" } else { &pad });
                self.text.push_str(line);
                self.text.push('\n');
            }
        } else if is_long && can_be_folded(text) {
            self.text.push_str(" >-\n");
            for line in wrap(text, COLUMNS.saturating_sub(indent + 2).max(40)) {
                self.text.push_str(&pad);
                self.text.push_str(&line);
                self.text.push('\n');
            }
        } else {
            self.text.push(' ');
            self.text.push_str(&inline_text(text));
            self.text.push('\n');
        }
    }
}

/// What stands before the first key of a map.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// Nothing yet.
    Indent,
    /// A dash, on the same line.
    Dash,
}

/// On one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text, Place::Flow) => text.clone(),
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) if map.is_empty() => "{}".into(),
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| {
                let key = if is_plain(key, Place::Flow) { key.clone() } else { quoted(key) };
                format!("{key}: {}", flow(value))
            };
            format!("{{ {} }}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
