//! The tables of the language agree with themselves: every key has a doc and an example, and every example passes its own check.

use serde_json::Value;

use crate::language::{
    AGENT, AGENT_LIMITS, CHECK_IN, DECISION, DEFAULTS, DELIVERABLE, GATE, GROUP, GROUP_LIMITS, INCLUDE, INPUT, LEVEL,
    LEVELS, LIMITS, MILESTONE, OUTPUT, PHASE, PLAN, PRICE, RESOURCE, RETRY, RETRY_WITH, SETTINGS, TASK, TASK_LIMITS,
    Table, check_shape, json_schema,
};
use crate::problems::Problems;
use crate::source;

const ALL: &[&Table] = &[
    &PLAN,
    &PHASE,
    &GROUP,
    &INCLUDE,
    &TASK,
    &LIMITS,
    &PRICE,
    &RESOURCE,
    &AGENT,
    &AGENT_LIMITS,
    &SETTINGS,
    &LEVELS,
    &LEVEL,
    &INPUT,
    &RETRY,
    &GATE,
    &DELIVERABLE,
    &OUTPUT,
    &TASK_LIMITS,
    &GROUP_LIMITS,
    &DEFAULTS,
    &RETRY_WITH,
    &DECISION,
    &CHECK_IN,
    &MILESTONE,
];

#[test]
fn every_key_has_a_doc_and_an_example_that_passes() {
    for table in ALL {
        for key in table.keys {
            let name = format!("{}.{}", table.name, key.name);
            assert!(key.doc.ends_with(['.', '?']), "{name}");
            let mut problems = Problems::default();
            let node = source::parse(0, key.example, &mut problems).unwrap();
            let value = node.get(key.name).unwrap_or_else(|| panic!("{name}: the example has another key"));
            check_shape(value, &key.shape, &mut problems);
            let found = problems.sorted();
            assert!(!found.iter().any(|one| one.severity == crate::diag::Severity::Error), "{name}: {found:?}");
        }
    }
}

#[test]
fn keys_and_spellings_are_unique() {
    for table in ALL {
        let mut names: Vec<&str> =
            table.keys.iter().flat_map(|key| std::iter::once(&key.name).chain(key.aliases)).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{}", table.name);
    }
}

#[test]
fn the_schema_has_every_key_with_its_doc() {
    let schema = json_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for key in TASK.keys {
        assert_eq!(schema["$defs"]["task"]["properties"][key.name]["description"], key.doc, "{}", key.name);
    }
    for reference in references(&schema) {
        let name = reference.strip_prefix("#/$defs/").unwrap();
        assert!(schema["$defs"][name].is_object(), "{reference}");
    }
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match value.as_str() {
                Some(text) if key == "$ref" => vec![text.to_owned()],
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
