//! The JSON Schema that editors use, made from the key tables.

use serde_json::{Map, Value, json};

use super::{GROUP, INCLUDE, Key, PLAN, Shape, Status, TASK, Table};
use crate::problems::Problems;
use crate::source;

/// The JSON Schema (2020-12) of a plan, with descriptions and examples.
pub fn json_schema() -> Value {
    let mut defs = Map::new();
    let mut root = table_schema(&PLAN, &mut defs);
    let task_or_group = json!({
        "description": "A task, a group of tasks, or an included plan.",
        "type": "object",
        "if": { "required": ["tasks"] },
        "then": reference(&GROUP, &mut defs),
        "else": {
            "if": { "required": ["plan"] },
            "then": reference(&INCLUDE, &mut defs),
            "else": reference(&TASK, &mut defs),
        },
    });
    defs.insert("entry".into(), task_or_group);
    if let Some(root) = root.as_object_mut() {
        root.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        root.insert("title".into(), "Bandleader plan".into());
        root.insert("oneOf".into(), json!([{ "required": ["phases"] }, { "required": ["tasks"] }]));
        root.insert("$defs".into(), Value::Object(defs));
    }
    root
}

fn reference(table: &'static Table, defs: &mut Map<String, Value>) -> Value {
    let name = table.name.replace(' ', "-");
    if !defs.contains_key(&name) {
        // Holds the place first: a group's tasks may be groups.
        defs.insert(name.clone(), Value::Null);
        let schema = table_schema(table, defs);
        defs.insert(name.clone(), schema);
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn table_schema(table: &'static Table, defs: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for key in table.keys {
        for name in std::iter::once(&key.name).chain(key.aliases) {
            properties.insert((*name).into(), key_schema(key, name, defs));
        }
    }
    let required: Vec<&str> = table
        .keys
        .iter()
        .filter(|key| key.status == Status::Required && key.aliases.is_empty())
        .map(|key| key.name)
        .collect();
    json!({
        "description": table.doc,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn key_schema(key: &'static Key, name: &str, defs: &mut Map<String, Value>) -> Value {
    let mut schema = shape_schema(&key.shape, defs);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), key.doc.into());
        if let Some(example) = example(key) {
            schema.insert("examples".into(), json!([example]));
        }
        if name != key.name {
            schema.insert("deprecated".into(), true.into());
        }
    }
    schema
}

fn example(key: &Key) -> Option<Value> {
    let node = source::parse(0, key.example, &mut Problems::default())?;
    node.get(key.name).map(crate::tree::Node::json)
}

fn shape_schema(shape: &'static Shape, defs: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Glob => json!({ "type": "string" }),
        Shape::Pattern => json!({ "type": "string", "format": "regex" }),
        Shape::Condition => json!({ "type": ["string", "boolean"] }),
        Shape::Id => json!({ "type": ["string", "integer"], "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$" }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Whole(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Length => json!({ "type": "string", "pattern": "^[^-].*[a-zA-Z]" }),
        Shape::Patience => json!({ "type": "string", "pattern": "^(none|[^-].*[a-zA-Z])$" }),
        Shape::Levels => {
            let one = json!({ "oneOf": [
                { "type": "integer", "minimum": 1, "maximum": 5 },
                { "type": "string", "pattern": "^[1-5](\\+| *(\\.\\.|-) *[1-5])?$" },
            ] });
            json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
        }
        Shape::Money | Shape::Tokens => json!({ "type": ["string", "number"] }),
        Shape::Choice(words) => {
            let one = |(word, doc): &(&str, &str)| json!({ "const": word, "description": doc });
            json!({ "oneOf": words.iter().map(one).collect::<Vec<_>>() })
        }
        Shape::Value => json!({}),
        Shape::List(item) => json!({ "type": "array", "items": shape_schema(item, defs) }),
        Shape::OneOrMany(item) => {
            let one = shape_schema(item, defs);
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
        Shape::Map(value) => json!({ "type": "object", "additionalProperties": shape_schema(value, defs) }),
        Shape::Table(table) => reference(table, defs),
        Shape::Either(shapes) => {
            json!({ "anyOf": shapes.iter().map(|one| shape_schema(one, defs)).collect::<Vec<_>>() })
        }
        Shape::Entry => json!({ "$ref": "#/$defs/entry" }),
    }
}
