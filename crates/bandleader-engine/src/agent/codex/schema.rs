//! A schema for the answer: asked for in the provider's own way where it takes it, else in words.
//!
//! Codex asks for it strictly, and providers refuse strict schemas unless every object is closed and has only required fields.

use serde_json::Value;

/// How an answer of this form is asked for.
#[derive(Debug, PartialEq)]
pub(super) enum Asked<'a> {
    /// Nothing is asked.
    Not,
    /// By Codex's own option.
    Natively(&'a Value),
    /// By this at the end of the instruction.
    InWords(String),
}

/// How to ask for this schema.
pub(super) fn asked(schema: Option<&Value>) -> Asked<'_> {
    match schema {
        None => Asked::Not,
        Some(schema) if schema["type"] == "object" && is_strict(schema) => Asked::Natively(schema),
        Some(schema) => Asked::InWords(format!(
            "\n\nYour last message must be one JSON value and nothing else, no fence around it. It must fulfil this JSON Schema:\n{schema}"
        )),
    }
}

/// Whether every object in it is closed and has only required fields. A schema without a type may be anything, which is refused too.
fn is_strict(schema: &Value) -> bool {
    let Some(fields) = schema.as_object() else { return false };
    if let Some(parts) = fields.get("anyOf") {
        return parts.as_array().is_some_and(|parts| parts.iter().all(is_strict));
    }
    let known = ["type", "properties", "required", "additionalProperties", "items", "enum", "description", "title"];
    if !fields.keys().all(|name| known.contains(&name.as_str())) || !fields.contains_key("type") {
        return false;
    }
    let items =
        fields.get("items").is_none_or(is_strict) && (schema["type"] != "array" || fields.contains_key("items"));
    if schema["type"] != "object" {
        return items;
    }
    let empty = serde_json::Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    schema["additionalProperties"] == false
        && properties.keys().all(|name| required.iter().any(|other| other == name.as_str()))
        && properties.values().all(is_strict)
}

/// The JSON in the last words: all of them, or what is in the last fence. None when there is none.
pub(super) fn structured(words: &str) -> Option<Value> {
    let whole = words.trim();
    serde_json::from_str(whole).ok().or_else(|| {
        let inner = whole.strip_suffix("```")?;
        let (_, inner) = inner.rsplit_once("```")?;
        serde_json::from_str(inner.trim_start_matches("json").trim()).ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_providers_take_is_asked_natively() {
        let strict = json!({"type": "object", "additionalProperties": false, "required": ["a"],
            "properties": {"a": {"type": "array", "items": {"type": "string", "enum": ["x"]}}}});
        assert_eq!(asked(Some(&strict)), Asked::Natively(&strict));
        let open = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}});
        let optional =
            json!({"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}});
        let nested =
            json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": {"a": open}});
        for schema in [open, optional, nested, json!(true), json!({"type": "string"})] {
            assert!(matches!(asked(Some(&schema)), Asked::InWords(words) if words.contains(&schema.to_string())));
        }
        assert_eq!(asked(None), Asked::Not);
    }

    #[test]
    fn json_is_found_alone_or_in_a_fence() {
        assert_eq!(structured(" {\"a\":1}\n"), Some(json!({"a": 1})));
        assert_eq!(structured("Here:\n```json\n{\"a\":1}\n```"), Some(json!({"a": 1})));
        assert_eq!(structured("not json at all"), None);
    }
}
