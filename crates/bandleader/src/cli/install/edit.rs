//! One entry of a configuration set or taken out, and everything else left as it was written: comments, order, spaces, commas. Pure.

use std::str::FromStr as _;

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use serde_json::Value;
use toml_edit::{Array, DocumentMut, Item, Table, value};

/// `file` with `entry` as the member `name` of the object `group`. None is never returned: there is a file then.
pub(super) fn json_with(file: &str, group: &str, name: &str, entry: &Value) -> Result<Option<String>, String> {
    if file.trim().is_empty() {
        let mut entries = serde_json::Map::new();
        entries.insert(name.to_owned(), entry.clone());
        let mut all = serde_json::Map::new();
        all.insert(group.to_owned(), Value::Object(entries));
        let text = serde_json::to_string_pretty(&all).map_err(|error| error.to_string())?;
        return Ok(Some(text + "\n"));
    }
    let (root, object) = parse(file)?;
    let entries = object.object_value_or_create(group).ok_or_else(|| format!("`{group}` in it is no object"))?;
    match entries.get(name) {
        Some(known) if known.value().and_then(|value| value.to_serde_value()).as_ref() == Some(entry) => {
            return Ok(Some(file.to_owned()));
        }
        Some(known) => known.set_value(input(entry)),
        None => drop(entries.append(name, input(entry))),
    }
    Ok(Some(root.to_string()))
}

/// `file` without the member `name` of the object `group`; none when nothing else was in it.
pub(super) fn json_without(file: &str, group: &str, name: &str) -> Result<Option<String>, String> {
    if file.trim().is_empty() {
        return Ok((!file.is_empty()).then(|| file.to_owned()));
    }
    let (root, object) = parse(file)?;
    let Some(entries) = object.object_value(group) else { return Ok(Some(file.to_owned())) };
    let Some(known) = entries.get(name) else { return Ok(Some(file.to_owned())) };
    known.remove();
    if entries.properties().is_empty()
        && let Some(group) = object.get(group)
    {
        group.remove();
    }
    let text = root.to_string();
    let empty = text.split_whitespace().collect::<String>() == "{}";
    Ok((!empty).then_some(text))
}

fn parse(file: &str) -> Result<(CstRootNode, CstObject), String> {
    let root = CstRootNode::parse(file, &ParseOptions::default()).map_err(|error| format!("it is no JSON: {error}"))?;
    let object = root.object_value().ok_or("it is no JSON object")?;
    Ok((root, object))
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(flag) => CstInputValue::Bool(*flag),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(fields) => {
            CstInputValue::Object(fields.iter().map(|(name, value)| (name.clone(), input(value))).collect())
        }
    }
}

/// The same for TOML: the table `[group.name]` with a command and its arguments.
pub(super) fn toml_with(
    file: &str,
    group: &str,
    name: &str,
    command: &str,
    arguments: &[&str],
) -> Result<Option<String>, String> {
    let mut document = DocumentMut::from_str(file).map_err(|error| format!("it is no TOML: {error}"))?;
    let root = document.as_table_mut();
    let groups = root.entry(group).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let groups = groups.as_table_like_mut().ok_or_else(|| format!("`{group}` in it is no table"))?;
    let wanted: Array = arguments.iter().copied().collect();
    if let Some(entry) = groups.get_mut(name).and_then(Item::as_table_like_mut) {
        // Whoever has set more of it, such as a time limit, keeps that.
        if entry.get("command").and_then(Item::as_str) != Some(command) {
            entry.insert("command", value(command));
        }
        let is = entry.get("args").and_then(Item::as_array).map(|args| args.iter().map(|one| one.as_str()).collect());
        if is != Some(arguments.iter().copied().map(Some).collect::<Vec<_>>()) {
            entry.insert("args", value(wanted));
        }
    } else {
        let mut table = Table::new();
        table.insert("command", value(command));
        table.insert("args", value(wanted));
        groups.insert(name, Item::Table(table));
    }
    Ok(Some(document.to_string()))
}

/// Without it; none when nothing else was in it.
pub(super) fn toml_without(file: &str, group: &str, name: &str) -> Result<Option<String>, String> {
    let mut document = DocumentMut::from_str(file).map_err(|error| format!("it is no TOML: {error}"))?;
    let root = document.as_table_mut();
    let Some(groups) = root.get_mut(group).and_then(Item::as_table_like_mut) else {
        return Ok((!file.is_empty()).then(|| file.to_owned()));
    };
    if groups.remove(name).is_none() {
        return Ok(Some(file.to_owned()));
    }
    if groups.is_empty() {
        root.remove(group);
    }
    let text = document.to_string();
    Ok((!text.trim().is_empty()).then_some(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry() -> Value {
        json!({ "command": "band", "args": ["mcp"] })
    }

    /// In and out again.
    fn check_json(file: &str, with: &str) {
        let after = json_with(file, "mcpServers", "band", &entry()).unwrap().unwrap();
        assert_eq!(after, with);
        assert_eq!(json_with(&after, "mcpServers", "band", &entry()).unwrap().unwrap(), after, "twice is once");
        assert_eq!(json_without(&after, "mcpServers", "band").unwrap().unwrap_or_default(), file);
    }

    #[test]
    fn what_stands_beside_an_entry_stays_letter_by_letter() {
        check_json(
            "",
            "{\n  \"mcpServers\": {\n    \"band\": {\n      \"command\": \"band\",\n      \"args\": [\n        \"mcp\"\n      ]\n    }\n  }\n}\n",
        );
        check_json(
            "// mine\n{\n    \"theme\": \"dark\", /* dear */\n    \"mcpServers\": {\n        // the other one\n        \"other\": {\"command\":\"x\"}\n    }\n}\n",
            "// mine\n{\n    \"theme\": \"dark\", /* dear */\n    \"mcpServers\": {\n        // the other one\n        \"other\": {\"command\":\"x\"},\n        \"band\": {\n            \"command\": \"band\",\n            \"args\": [\"mcp\"]\n        }\n    }\n}\n",
        );
    }

    #[test]
    fn another_entry_of_the_name_is_replaced() {
        let file = "{ \"mcpServers\": { \"band\": { \"command\": \"old\" }, \"b\": 1 } }";
        let after = json_with(file, "mcpServers", "band", &entry()).unwrap().unwrap();
        let value: Value = serde_json::from_str(&after).unwrap();
        assert_eq!(value, json!({ "mcpServers": { "band": entry(), "b": 1 } }));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_nothing_comes_of_it() {
        for file in ["[1]", "{ \"a\": ", "nonsense", "{ \"mcpServers\": [] }"] {
            assert!(json_with(file, "mcpServers", "band", &entry()).is_err(), "{file}");
        }
        for file in ["a = ", "mcp_servers = 3"] {
            assert!(toml_with(file, "mcp_servers", "band", "band", &["mcp"]).is_err(), "{file}");
        }
        assert_eq!(json_without("{ \"a\": 1 } // x", "mcpServers", "band").unwrap().unwrap(), "{ \"a\": 1 } // x");
    }

    #[test]
    fn toml_keeps_its_comments_and_what_others_have_set() {
        let file = "# mine\nmodel = \"m\" # dear\n\n[mcp_servers.other]\ncommand = \"x\"\n\n[profiles.a]\nb = 1\n";
        let after = toml_with(file, "mcp_servers", "band", "band", &["mcp"]).unwrap().unwrap();
        assert!(after.contains("[mcp_servers.band]\ncommand = \"band\"\nargs = [\"mcp\"]\n"), "{after}");
        assert!(after.contains("# mine\nmodel = \"m\" # dear\n") && after.contains("[profiles.a]\nb = 1\n"), "{after}");
        assert_eq!(
            toml_with(&after, "mcp_servers", "band", "band", &["mcp"]).unwrap().unwrap(),
            after,
            "twice is once"
        );
        assert_eq!(toml_without(&after, "mcp_servers", "band").unwrap().unwrap(), file);
        let more = after.replace("args = [\"mcp\"]\n", "args = [\"mcp\"]\nstartup_timeout_sec = 20\n");
        let moved = toml_with(&more, "mcp_servers", "band", "/opt/band", &["mcp"]).unwrap().unwrap();
        assert!(moved.contains("command = \"/opt/band\"\nargs = [\"mcp\"]\nstartup_timeout_sec = 20\n"), "{moved}");
        let alone = toml_with("", "mcp_servers", "band", "band", &["mcp"]).unwrap().unwrap();
        assert_eq!(alone, "[mcp_servers.band]\ncommand = \"band\"\nargs = [\"mcp\"]\n");
        assert_eq!(toml_without(&alone, "mcp_servers", "band").unwrap(), None);
    }
}
