//! A short notation for JSON Schema. Everything is closed: a member that is not named may not be there, and one whose name has no `?` at
//! its end must be. So a body that has grown past its description fails the tests.

#![expect(clippy::needless_pass_by_value, reason = "they stand within one another, and read as a notation")]

use serde_json::{Map, Value, json};

/// An object with these members.
pub(super) fn object(members: &[(&str, Value)]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, schema) in members {
        let plain = name.trim_end_matches('?');
        properties.insert(plain.to_owned(), schema.clone());
        if plain.len() == name.len() {
            required.push(plain);
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// An object whose members have names that nobody knows before.
pub(super) fn map(of: Value) -> Value {
    json!({ "type": "object", "additionalProperties": of })
}

/// One that is described elsewhere.
pub(super) fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Or nothing.
pub(super) fn maybe(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// So many of them.
pub(super) fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

/// Exactly two of them.
pub(super) fn pair(first: Value, second: Value) -> Value {
    json!({ "type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2 })
}

/// One of these words.
pub(super) fn word(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

/// Text.
pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// A whole number that is not negative.
pub(super) fn whole() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// A whole number.
pub(super) fn integer() -> Value {
    json!({ "type": "integer" })
}

/// A number.
pub(super) fn number() -> Value {
    json!({ "type": "number" })
}

/// An amount of money, in US dollars.
pub(super) fn dollars() -> Value {
    json!({ "type": "number", "minimum": 0, "exclusiveMaximum": 1e9 })
}

/// Text that is not empty.
pub(super) fn words() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

/// A whole number that is not zero either.
pub(super) fn some() -> Value {
    json!({ "type": "integer", "minimum": 1 })
}

/// Yes or no.
pub(super) fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// A length.
pub(super) fn ms() -> Value {
    json!({ "type": "integer", "minimum": 0, "description": "milliseconds" })
}

/// A point in time in words.
pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// A point in time as a number.
pub(super) fn instant() -> Value {
    json!({ "type": "integer", "minimum": 0, "description": "milliseconds since 1970, UTC" })
}

/// Anything.
pub(super) fn any() -> Value {
    json!({})
}

/// The same with words about it.
pub(super) fn said(mut schema: Value, words: &str) -> Value {
    if let Value::Object(members) = &mut schema {
        members.insert("description".to_owned(), json!(words));
    }
    schema
}
