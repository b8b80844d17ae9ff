//! The form of an agent's answer.

use serde_json::json;

use super::{checked, problems};
use crate::lower::CheckOptions;

const HEAD: &str = "mission: m\nagents: {one: {driver: llm, model: m}}\ntasks:\n";

#[track_caller]
fn check(task: &str, expected: &str) {
    let files = [("forms/list.json", "[1]"), ("forms/broken.json", "{"), ("forms/good.json", "{\"type\":\"object\"}")];
    let checked = checked(&format!("{HEAD}  - {task}\n"), &CheckOptions::default(), &files);
    let found = problems(&checked);
    let errors: Vec<&str> = found.lines().filter(|line| !line.contains(" note ")).collect();
    assert_eq!(errors.join("\n"), expected, "{task}");
}

#[test]
fn a_schema_stands_in_the_plan_or_beside_it() {
    let text = format!(
        "{HEAD}  - {{id: a, agent: one, task: t, schema: {{type: object, required: [n], properties: {{n: {{minimum: 2, const: \"3\"}}}}}}}}\n  \
         - {{id: b, agent: one, task: t, schema: forms/good.json}}\n"
    );
    let files = [("forms/good.json", "{\"type\":\"object\"}")];
    let plan = checked(&text, &CheckOptions::default(), &files).plan.unwrap();
    let expected =
        json!({ "type": "object", "required": ["n"], "properties": { "n": { "minimum": 2, "const": "3" } } });
    assert_eq!(plan.tasks[0].schema.as_deref(), Some(&expected));
    assert_eq!(plan.tasks[1].schema.as_deref(), Some(&json!({ "type": "object" })), "frozen with the plan");
    let again = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(plan, again);
}

#[test]
fn a_schema_that_cannot_be_had_is_an_error() {
    check(
        "{id: a, run: x, schema: {type: object}}",
        "4:21 plan::bad-schema: only the answer of an agent can have a form",
    );
    check(
        "{id: a, agent: one, task: t, schema: /etc/passwd}",
        "4:42 plan::bad-path: `/etc/passwd` is not a path relative to this file",
    );
    check(
        "{id: a, agent: one, task: t, schema: forms/none.json}",
        "4:42 plan::unreadable: the schema `forms/none.json` cannot be read: no such file",
    );
    check(
        "{id: a, agent: one, task: t, schema: forms/list.json}",
        "4:42 plan::bad-schema: the schema `forms/list.json` is not a JSON object",
    );
    check(
        "{id: a, agent: one, task: t, schema: forms/broken.json}",
        "4:42 plan::unreadable: the schema `forms/broken.json` cannot be read: EOF while parsing an object at line 1 column 1",
    );
}
