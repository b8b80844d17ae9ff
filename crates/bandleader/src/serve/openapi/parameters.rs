//! What stands in paths, behind question marks and in headers.

use serde_json::{Value, json};

/// The parameters of an operation.
pub(super) fn of(path: &str, query: &[&str], is_write: bool) -> Vec<Value> {
    let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).map(|name| {
        let schema = if name == "decision" { number(0, u32::MAX.into()) } else { json!({ "type": "string" }) };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    let in_query = query.iter().map(|name| {
        let required = *name == "at" || (*name == "plan" && path.ends_with("/policy"));
        json!({ "name": name, "in": "query", "required": required, "schema": behind(path, name) })
    });
    let key = is_write.then(|| {
        json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": { "type": "string", "pattern": "^[!-~]{1,128}$" },
            "description": "sent again with the same one, nothing happens twice",
        })
    });
    in_path.chain(in_query).chain(key).collect()
}

fn number(least: u64, most: u64) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

/// What a number of this kind can be at most: as far as every client counts exactly.
const LARGE: u64 = (1 << 53) - 1;

fn behind(path: &str, name: &str) -> Value {
    match name {
        "attempt" => number(0, u32::MAX.into()),
        "limit" if path.contains("/webhooks/") => number(0, u32::MAX.into()),
        "level" => number(1, 5),
        "limit" | "offset" | "tail" | "at" | "number" => number(0, LARGE),
        "after" if path.ends_with("/events") => number(0, LARGE),
        "format" => json!({ "type": "string", "enum": ["json", "markdown"] }),
        "state" if path.ends_with("/messages") => {
            json!({ "type": "string", "enum": ["waiting", "delivered", "given_up"] })
        }
        "state" if path.ends_with("/received") => {
            json!({ "type": "string", "enum": ["accepted", "ignored", "repeated", "refused"] })
        }
        _ => json!({ "type": "string" }),
    }
}
