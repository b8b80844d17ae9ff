//! What OpenCode is told, checked part by part.

use serde_json::{Value, json};

use super::*;
use crate::agent::assignment::{DriverName, example};

fn assignment(parts: &Value) -> AgentAssignment {
    example(DriverName::Opencode, parts)
}

fn rules(parts: &Value) -> Value {
    let tools = ToolServer { name: "band".into(), ..ToolServer::default() };
    permission(&assignment(parts), &tools)
}

#[test]
fn permissions_never_ask() {
    for parts in [json!({}), json!({ "permissions": "full" }), json!({ "permissions": "read-only" })] {
        let rules = rules(&parts);
        assert!(!rules.to_string().contains("ask\""), "{rules}");
        assert_eq!((&rules["band_*"], &rules["question"]), (&json!("allow"), &json!("deny")));
    }
    let edit = rules(&json!({}));
    assert_eq!(
        (&edit["*"], &edit["bash"], &edit["external_directory"]),
        (&json!("allow"), &json!("deny"), &json!("deny"))
    );
    let full = rules(&json!({ "permissions": "full" }));
    assert_eq!((&full["bash"], &full["external_directory"]), (&json!("allow"), &json!("allow")));
}

#[test]
fn tools_have_the_names_of_other_programs() {
    let given = json!({ "tools": { "allow": ["Read", "Edit", "Bash(git diff:*)", "Bash(ls *)", "mcp__x__y"], "deny": ["WebFetch"] } });
    let given = rules(&given);
    assert_eq!(
        (&given["*"], &given["read"], &given["edit"], &given["x_y"]),
        (&json!("deny"), &json!("allow"), &json!("allow"), &json!("allow"))
    );
    assert_eq!(given["bash"], json!({ "*": "deny", "git diff*": "allow", "ls *": "allow" }));
    assert_eq!(given["webfetch"], json!("deny"));
    assert_eq!(given.as_object().unwrap().keys().next().unwrap(), "*", "the last rule that fits counts");
    let both = rules(&json!({ "permissions": "read-only", "tools": { "allow": ["Read", "Bash", "Write"] } }));
    assert_eq!((&both["bash"], &both["edit"], &both["read"]), (&json!("deny"), &json!("deny"), &json!("allow")));
}

#[test]
fn what_it_is_not_offered_is_known_by_the_tools_own_names() {
    let hidden = |parts: Value| {
        let rules = rules(&parts);
        ["read", "write", "apply_patch", "bash", "no_such_tool"]
            .into_iter()
            .filter(|tool| withhold(&rules, tool))
            .collect::<Vec<_>>()
    };
    assert_eq!(hidden(json!({ "permissions": "read-only" })), ["write", "apply_patch", "bash"]);
    assert_eq!(hidden(json!({})), ["bash"]);
    assert_eq!(hidden(json!({ "tools": { "allow": ["Write", "Bash(git *)"] } })), ["read", "no_such_tool"]);
}

#[test]
fn providers_are_described_without_their_keys() {
    let of = |model: &str, endpoint: Value| {
        config(&assignment(&json!({ "model": model, "endpoint": endpoint })), &ToolServer::default())
    };
    assert_eq!(of("openrouter/z/glm", json!({}))["model"], "openrouter/z/glm");
    assert_eq!(of("claude-opus-5-5", json!({}))["model"], "anthropic/claude-opus-5-5");
    let own = of("org/qwen", json!({ "base_url": "http://127.0.0.1:1", "api_key_env": "MY_KEY" }));
    assert_eq!(own["model"], "band/org/qwen");
    let entry = &own["provider"]["band"];
    assert_eq!(
        (&entry["npm"], &entry["options"]),
        (&json!("@ai-sdk/openai-compatible"), &json!({ "baseURL": "http://127.0.0.1:1/v1", "apiKey": "{env:MY_KEY}" }))
    );
    assert_eq!(entry["models"]["org/qwen"]["tool_call"], true);
    let anthropic = of("claude-opus-5-5", json!({ "provider": "anthropic", "base_url": "http://h/v1" }));
    assert_eq!(anthropic["provider"]["anthropic"]["npm"], "@ai-sdk/anthropic");
    assert_eq!(of("m", json!({ "provider": "groq" }))["provider"], Value::Null);
}
