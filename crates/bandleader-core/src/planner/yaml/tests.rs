//! What is written reads back, and looks as a person would have it.

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
            prop::collection::vec((keys, inner), 1..5).prop_map(|entries| Value::Object(entries.into_iter().collect())),
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
