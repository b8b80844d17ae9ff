//! Our words as those of the protocol: tools and their hints, what a call came to, texts to read.

use std::sync::Arc;

use bandleader_core::view::safe_json;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, Resource, ResourceTemplate, Tool, ToolAnnotations};
use serde_json::{Map, Value};

use crate::mcp::toolbox::{Description, Effect, Said, Text};

pub(super) fn result(said: Said) -> CallToolResponse {
    let result = match said {
        Said::Words(words) => CallToolResult::success(vec![ContentBlock::text(words)]),
        Said::Data(data) => {
            // The same as text, for clients that only show that; what would move a cursor is escaped in it.
            let text = safe_json(&data.to_string()).into_owned();
            let mut result = CallToolResult::structured(data);
            result.content = vec![ContentBlock::text(text)];
            result
        }
        Said::Refused(words) => CallToolResult::error(vec![ContentBlock::text(words)]),
    };
    result.into()
}

fn fields(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

pub(super) fn tool(one: Description) -> Tool {
    let mut tool = Tool::new(one.name, one.text, fields(one.schema));
    if let Some(title) = one.title {
        tool = tool.with_title(title);
    }
    if let Some(output) = one.output {
        tool = tool.with_raw_output_schema(Arc::new(fields(output)));
    }
    let Some(effect) = one.effect else { return tool };
    let hints = ToolAnnotations::new()
        .read_only(effect == Effect::Looks)
        .destructive(matches!(effect, Effect::Destroys | Effect::Starts))
        .idempotent(!matches!(effect, Effect::Adds | Effect::Consults))
        .open_world(matches!(effect, Effect::Consults | Effect::Starts));
    tool.with_annotations(hints)
}

pub(super) fn resource(text: Text) -> Resource {
    Resource::new(text.uri, text.name).with_description(text.about).with_mime_type(text.kind)
}

pub(super) fn family(text: Text) -> ResourceTemplate {
    ResourceTemplate::new(text.uri, text.name).with_description(text.about).with_mime_type(text.kind)
}
