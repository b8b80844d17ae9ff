//! The document that describes the API (OpenAPI 3.1): `GET /openapi.json`, `band schema --api`.
//!
//! Written by hand in a short notation beside the routes, because what is served is what the command line prints, made from the core's own
//! types: describing it by derived types would mean a second set of those. Tests hold it to the truth from both sides: every route of the
//! router is in it and the other way round, and every body that they get fits its schema, which is closed.

mod bodies;
mod notation;
mod parameters;
mod paths;
mod people;
mod plans;
mod progress;
mod report;
mod runs;
mod tasks;
mod views;
mod webhooks;

use serde_json::{Map, Value, json};

use super::reply::{self, Answer};

/// The whole document.
pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in paths::OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(operation.method.into(), operation.describe());
        }
    }
    let all = runs::schemas().into_iter().chain(views::schemas()).chain(people::schemas());
    let all =
        all.chain(progress::schemas()).chain(plans::schemas()).chain(bodies::schemas()).chain(webhooks::schemas());
    let mut schemas: Map<String, Value> = all.map(|(name, schema)| (name.to_owned(), schema)).collect();
    schemas.insert("Document".into(), json!({ "type": "object", "additionalProperties": true }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Bandleader", "version": env!("CARGO_PKG_VERSION"),
            "description": "The runs of one project. docs/API.md has the rules that hold for all of it.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": "band_PORT" },
            },
        },
        "security": [{ "token": [] }, { "session": [] }],
    })
}

/// `GET /openapi.json`
pub(super) async fn openapi() -> Answer {
    reply::json(&document())
}
