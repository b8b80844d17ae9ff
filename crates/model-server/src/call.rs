//! From a call in a script to a call of a tool that the agent really offers: each agent has its own names and arguments for
//! writing a file, running a command and asking a server of tools, and one script serves them all.

use serde_json::{Value, json};

use crate::answer::Call;
use crate::asked::{Api, Asked};

/// A call as the wires send it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) what: What,
}

/// The form of a call. The wires that know only functions send them all as functions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Function(Value),
    Custom(String),
    Search(Value),
    /// A search that the script did not ask for, but that must come before the call that it asked for. It is no turn of its own.
    SearchFirst(Value),
}

impl Made {
    fn function(name: &str, args: Value) -> Made {
        Made { name: name.to_owned(), namespace: None, what: What::Function(args) }
    }

    /// The arguments as JSON.
    pub(crate) fn args(&self) -> Value {
        match &self.what {
            What::Function(args) if args.is_null() => json!({}),
            What::Function(args) | What::Search(args) | What::SearchFirst(args) => args.clone(),
            What::Custom(input) => json!({ "input": input }),
        }
    }
}

/// The call for this agent; or why there is none, which the agent is told with status 400, so that the test fails where it is
/// wrong.
pub(crate) fn make(call: &Call, asked: &Asked) -> Result<Made, String> {
    match call {
        Call::Tool { name, args, namespace } => {
            Ok(Made { namespace: namespace.clone(), ..Made::function(name, args.clone()) })
        }
        Call::Custom { name, input } => {
            Ok(Made { name: name.clone(), namespace: None, what: What::Custom(input.clone()) })
        }
        Call::Search { query } => Ok(search(query, What::Search)),
        Call::Write { path, text } => write(path, text, asked).ok_or_else(|| missing("write a file", asked)),
        Call::Shell(command) => shell(command, asked).ok_or_else(|| missing("run a command", asked)),
        Call::Mcp { server, tool, args } => mcp(server, tool, args, asked)
            .ok_or_else(|| missing(&format!("call `{tool}` of the server `{server}`"), asked)),
    }
}

fn missing(what: &str, asked: &Asked) -> String {
    format!("the script wants to {what}, but none of the tools offered can: {}", asked.offered.join(", "))
}

fn first<'a>(names: &[&'a str], asked: &Asked) -> Option<&'a str> {
    names.iter().find(|name| asked.offered.iter().any(|offered| offered == *name)).copied()
}

fn write(path: &str, text: &str, asked: &Asked) -> Option<Made> {
    let args = |key: &str| json!({ key: path, "content": text });
    match first(&["Write", "write_file", "write"], asked) {
        Some(name @ "write") => Some(Made::function(name, args("filePath"))),
        Some(name) => Some(Made::function(name, args("file_path"))),
        None => shell(&format!("printf %s {} > {}", quoted(text), quoted(path)), asked),
    }
}

fn shell(command: &str, asked: &Asked) -> Option<Made> {
    let name = first(&["Bash", "run_shell_command", "bash", "exec_command", "shell_command", "shell"], asked)?;
    let args = match name {
        "exec_command" => json!({ "cmd": command }),
        "shell" => json!({ "command": ["bash", "-lc", command] }),
        _ => json!({ "command": command, "description": "a step of the script" }),
    };
    Some(Made::function(name, args))
}

fn mcp(server: &str, tool: &str, args: &Value, asked: &Asked) -> Option<Made> {
    let plain = [
        format!("mcp__{server}__{tool}"),
        format!("mcp_{server}_{tool}"),
        format!("{server}__{tool}"),
        format!("{server}_{tool}"),
        tool.to_owned(),
    ];
    if let Some(name) = plain.iter().find(|name| asked.offered.contains(name)) {
        return Some(Made::function(name, args.clone()));
    }
    let namespace = format!("mcp__{server}");
    if asked.offered.contains(&format!("{namespace}.{tool}")) {
        return Some(Made { namespace: Some(namespace), ..Made::function(tool, args.clone()) });
    }
    let searches = asked.api == Api::Responses && asked.offered.iter().any(|name| name == "tool_search");
    searches.then(|| search(&format!("{server} {}", tool.replace('_', " ")), What::SearchFirst))
}

fn search(query: &str, what: impl Fn(Value) -> What) -> Made {
    Made { name: "tool_search".to_owned(), namespace: None, what: what(json!({ "query": query, "limit": 8 })) }
}

/// Text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(call: &Value, api: Api, offered: &[&str], expected: &Value) {
        let call: Call = serde_json::from_value(call.clone()).unwrap();
        let offered = offered.iter().map(|&name| name.to_owned()).collect();
        let made = make(&call, &Asked { api, offered, ..Asked::default() }).unwrap();
        let mut said = json!({ "name": made.name, "args": made.args() });
        if let Some(namespace) = made.namespace {
            said["namespace"] = namespace.into();
        }
        assert_eq!(&said, expected);
    }

    #[test]
    fn one_script_serves_every_agent() {
        let write = json!({"write": {"path": "a b", "text": "it's"}});
        let args = json!({"file_path": "a b", "content": "it's"});
        check(&write, Api::Anthropic, &["Bash", "Write"], &json!({"name": "Write", "args": args}));
        check(&write, Api::Gemini, &["write_file"], &json!({"name": "write_file", "args": args}));
        let args = json!({"filePath": "a b", "content": "it's"});
        check(&write, Api::Chat, &["bash", "write"], &json!({"name": "write", "args": args}));
        let args = json!({"cmd": r"printf %s 'it'\''s' > 'a b'"});
        check(&write, Api::Responses, &["exec_command"], &json!({"name": "exec_command", "args": args}));
    }

    #[test]
    fn a_server_of_tools_is_reached_by_the_agents_own_name_for_it() {
        let report = json!({"mcp": {"server": "band", "tool": "report", "args": {"done": true}}});
        let args = json!({"done": true});
        for (api, name) in
            [(Api::Anthropic, "mcp__band__report"), (Api::Gemini, "mcp_band_report"), (Api::Chat, "band_report")]
        {
            check(&report, api, &["x", name], &json!({"name": name, "args": args}));
        }
        let named = json!({"name": "report", "namespace": "mcp__band", "args": args});
        check(&report, Api::Responses, &["tool_search", "mcp__band.report"], &named);
        let search = json!({"name": "tool_search", "args": {"query": "band report", "limit": 8}});
        check(&report, Api::Responses, &["tool_search"], &search);
    }

    #[test]
    fn a_tool_that_is_not_offered_is_named() {
        let call: Call = serde_json::from_value(json!({"shell": "true"})).unwrap();
        let asked = Asked { offered: vec!["Read".into()], ..Asked::default() };
        assert!(make(&call, &asked).unwrap_err().ends_with("none of the tools offered can: Read"));
    }
}
