//! Values as YAML that people like to edit: blocks for what is long, one line for what is short, quotes only where they are needed.
//!
//! Always true: what is written reads back as the same value, whatever is in the texts; and nothing in it steers a terminal.

use std::fmt::Write as _;

use serde_json::{Map, Value};

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

/// Where a text without quotes would stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    Flow,
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

/// Whether a text means itself without quotes. Careful: what is in doubt is quoted.
fn is_plain(text: &str, place: Place) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts_well = first.is_alphabetic() || first.is_ascii_digit() || matches!(first, '_' | '/' | '(' | '.' | '$');
    let is_odd = |letter: char| {
        is_hostile(letter)
            || letter == '\n'
            || letter == '\t'
            || (place == Place::Flow && matches!(letter, ',' | '[' | ']' | '{' | '}' | '"' | ':' | '#'))
    };
    starts_well
        && !text.chars().any(is_odd)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !means_something_else(text)
}

/// Whether YAML of some version reads it as something other than a text.
fn means_something_else(text: &str) -> bool {
    const WORDS: [&str; 12] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "nan"];
    let lower = text.to_ascii_lowercase();
    WORDS.contains(&lower.as_str())
        || lower.trim_start_matches(['+', '-']).parse::<f64>().is_ok()
        // Dates and times; `3..5` is none.
        || (!lower.contains("..") && looks_like_a_date(&lower))
        || lower.starts_with("0x")
        || lower.starts_with("0o")
}

fn looks_like_a_date(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '-' | ':' | '.' | '_' | '+' | 't' | 'z'))
}

/// In double quotes, everything that cannot be seen escaped.
fn quoted(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 2);
    safe.push('"');
    for letter in text.chars() {
        match letter {
            '"' => safe.push_str("\\\""),
            '\\' => safe.push_str("\\\\"),
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            _ if is_hostile(letter) && u32::from(letter) > 0xffff => {
                let _ = write!(safe, "\\U{:08x}", u32::from(letter));
            }
            _ if is_hostile(letter) => {
                let _ = write!(safe, "\\u{:04x}", u32::from(letter));
            }
            _ => safe.push(letter),
        }
    }
    safe.push('"');
    safe
}

/// Several lines that a block keeps as they are.
fn can_be_literal(text: &str) -> bool {
    let is_clean = |letter: char| letter == '\n' || letter == '\t' || !is_hostile(letter);
    text.trim_end_matches('\n').contains('\n')
        && text.chars().all(is_clean)
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with("\n\n")
        && text.lines().all(|line| line.is_empty() || !line.trim().is_empty())
}

/// One paragraph that may be broken at its blanks.
fn can_be_folded(text: &str) -> bool {
    !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
        && !text.chars().any(|letter| letter == '\n' || letter == '\t' || is_hostile(letter))
}

/// Broken at blanks into lines of at most so many characters, where words allow.
fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split(' ') {
        let wide = word.chars().count();
        match lines.last_mut() {
            Some(line) if wide < room => {
                line.push(' ');
                line.push_str(word);
                room -= wide + 1;
            }
            _ => {
                lines.push(word.to_owned());
                room = most.saturating_sub(wide);
            }
        }
    }
    lines
}

/// What no editor shows, or what moves what it shows: controls, direction marks, other line breaks, byte order marks.
fn is_hostile(letter: char) -> bool {
    (letter.is_control() && letter != '\n' && letter != '\t')
        || matches!(letter,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::problems::Problems;
    use crate::source;

    fn read(text: &str) -> Value {
        let mut problems = Problems::default();
        let root = source::parse(0, text, &mut problems);
        let problems: Vec<String> = problems.sorted().into_iter().map(|one| one.message).collect();
        assert!(problems.is_empty(), "{problems:?}\n{text}");
        root.unwrap().json()
    }

    #[test]
    fn a_plan_looks_as_if_a_person_had_written_it() {
        let plan = json!({
            "mission": "Build: it",
            "level": 3,
            "limits": { "parallel": 4, "cost": "20 USD" },
            "agents": { "writer": { "description": "Writes pages.", "instructions": "You write. ".repeat(14).trim() } },
            "phases": [
                { "id": "a", "tasks": [{ "id": "x", "run": "set -e\nmake test\n", "levels": "3..5" }] },
                { "id": "b", "needs": ["a"], "tasks": [{ "id": "page", "agent": "writer", "task": "{{ inputs.goal }} - do it", "gates": [{ "name": "tests", "run": "make test" }] }] },
            ],
        });
        let text = write(&plan);
        assert_eq!(
            text,
            "mission: \"Build: it\"\nlevel: 3\nlimits: { parallel: 4, cost: 20 USD }\n\nagents:\n  writer:\n    description: Writes pages.\n    \
             instructions: >-\n      You write. You write. You write. You write. You write. You write. You write. You write. You write. You\n      \
             write. You write. You write. You write. You write.\n\nphases:\n  - id: a\n    tasks:\n      - id: x\n        run: |\n          \
             set -e\n          make test\n        levels: 3..5\n\n  - id: b\n    needs: [a]\n    tasks:\n      - id: page\n        agent: writer\n        \
             task: \"{{ inputs.goal }} - do it\"\n        gates: [{ name: tests, run: make test }]\n"
        );
        assert_eq!(read(&text), plan);
    }

    #[test]
    fn no_text_turns_into_something_else() {
        let odd = [
            "",
            " ",
            "~",
            "null",
            "True",
            "no",
            "1",
            "1.5",
            "-3",
            "1e3",
            "0x1f",
            "12:30",
            "2024-01-02",
            "a: b",
            "a #b",
            "#a",
            "- a",
            "a:",
            "[a]",
            "{a}",
            "a, b",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "'a'",
            "\"a\"",
            "\\n",
            "%a",
            "@a",
            "`a`",
            "? a",
            "a\nb",
            "a\n\nb\n",
            "\na",
            " a\nb",
            "a\n \nb",
            "a\tb",
            "\ta",
            "a\r\nb",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{feff}a",
            "\u{202e}a",
            "\u{1b}[2J",
            "a  b",
            "...",
            "---",
            "<<",
            "=",
            "a\n\n",
            "a \nb",
            "x\u{e0001}y",
        ];
        for text in odd {
            for value in [
                json!({ "a": text }),
                json!({ "a": [text, text] }),
                json!({ "a": { "b": [text] }, "c": text }),
                json!({ "tasks": [text, { "k": text }] }),
            ] {
                assert_eq!(read(&write(&value)), value, "{text:?}\n{}", write(&value));
            }
            let long =
                json!({ "a": format!("{text} {}", "word ".repeat(40)), "b": format!("{}{text}", "word ".repeat(40)) });
            assert_eq!(read(&write(&long)), long, "{text:?}");
            assert!(!write(&json!({ "a": text })).contains(['\u{1b}', '\u{202e}', '\u{2028}']));
        }
    }

    #[test]
    fn a_comment_stays_one() {
        assert_eq!(comment("a\u{1b}b\n\nc: d\u{2028}e"), "# a b\n#\n# c: d e\n");
        assert!(comment(&"word ".repeat(60)).lines().all(|line| line.starts_with("# ") && line.len() <= 110));
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            any::<i32>().prop_map(|number| json!(number)),
            "\\PC{0,30}".prop_map(Value::String),
            "[ \\n#:\\-a{}\\[\\]\"',\\\\\\t]{0,14}".prop_map(Value::String),
            "([a-z]{1,9} ){0,40}".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let keys = prop_oneof!["[a-z]{1,8}", "tasks|phases|inputs", "[ :#a]{1,4}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::vec((keys, inner), 1..5)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_written_reads_back_as_itself(value in values()) {
            let document = json!({ "it": value });
            prop_assert_eq!(read(&write(&document)), document);
        }
    }
}
