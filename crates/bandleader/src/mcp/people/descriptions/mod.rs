//! The tools as models read them: what each is for, what it takes, what it does to the world.

mod plans;
mod runs;

use serde_json::{Value, json};

use super::outputs;
use crate::mcp::toolbox::{Description, Effect};

/// All of them, in the order in which they are shown.
pub(super) fn all() -> Vec<Description> {
    [plans::checks(), plans::proposals(), plans::starts(), runs::looks(), runs::people(), runs::engines()].concat()
}

fn tool(name: &'static str, title: &'static str, effect: Effect, text: &'static str, schema: Value) -> Description {
    let mut schema = schema;
    if let Value::Object(fields) = &mut schema {
        fields.insert("additionalProperties".into(), json!(false));
    }
    let output = Some(outputs::of(name));
    Description { name, title: Some(title), text, schema, output, effect: Some(effect) }
}

fn run() -> Value {
    json!({ "type": "string", "description": "The run's id, or its beginning; the newest run if left out" })
}

fn after() -> Value {
    json!({ "type": "string", "description": "The `next` of the page before" })
}

fn limit() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 1000, "description": "Entries of the page at most; 50 if left out" })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_tool_says_what_it_is_for_takes_and_answers() {
        let mut texts = BTreeSet::new();
        for tool in all() {
            assert!(tool.text.len() > 30 && texts.insert(tool.text), "{}", tool.name);
            // Programs that do not show all tools search for them by words.
            for word in tool.name.split('_') {
                assert!(tool.text.to_lowercase().contains(word), "{}: `{word}`", tool.name);
            }
            for schema in [Some(&tool.schema), tool.output.as_ref()] {
                let schema = schema.unwrap();
                assert_eq!(schema["type"], "object", "{}", tool.name);
                for required in schema["required"].as_array().unwrap() {
                    assert!(
                        schema["properties"].get(required.as_str().unwrap()).is_some(),
                        "{}: {required}",
                        tool.name
                    );
                }
            }
        }
        assert_eq!(texts.len(), 16);
    }
}
