//! Each program starts `band mcp` for its attempt and calls its tools; the adapters of the Agent Client Protocol do, too.

use serde_json::{Value, json};

use crate::stage::Stage;

fn script() -> Value {
    let tool = |tool: &str, args: Value| json!({"mcp": {"server": "band", "tool": tool, "args": args}});
    json!([
        {"if": {"user": "WORK_heard", "tools": true, "turn": 0}, "do": {"usage": [1000, 40], "call": [
            tool("record_insight", json!({"text": "it is built twice"})),
            tool("raise_blocker", json!({"name": "quota", "text": "nearly used up", "severity": "high"})),
            tool("submit_deliverable", json!({"text": "the API"})),
            tool("put_context", json!({"key": "port", "value": "8080"})),
        ]}},
        {"if": {"user": "WORK_heard", "tools": true, "result": "port = 8080"}, "do": {"text": "All was heard.", "usage": [1200, 20]}},
        // Until the engine has taken it in.
        {"if": {"user": "WORK_heard", "tools": true}, "times": 100, "do": {"call": [tool("get_context", json!({"key": "port"}))], "usage": [1100, 30]}},
    ])
}

/// A run of one task of this agent.
fn heard(program: &str, agent: impl FnOnce(&Stage) -> Value) {
    let Some(stage) = Stage::new(&[program], script()) else { return };
    let task = json!({"id": "one", "agent": "agent", "task": "WORK_heard", "outputs": {"words": "stdout"}});
    stage.plan(&json!({"mission": "Heard", "agents": {"agent": agent(&stage)}, "tasks": [task]}));
    let (code, said) = stage.start(&["run", "plan.yaml"]).end();
    assert_eq!(code, Some(0), "{said}\n{}", stage.account());
    assert!(stage.run_folder().join("jobs/0.1.agent/connected").exists(), "{}", stage.account());
    assert!(!said.contains("cannot reach band"), "{said}");
    let events = stage.events();
    for (kind, words) in [("insight", "it is built twice"), ("blocker", "nearly used up"), ("deliverable", "the API")] {
        let is_there = |event: &&Value| event["event"] == kind && event.to_string().contains(words);
        assert_eq!(events.iter().filter(is_there).count(), 1, "{kind}: {events:#?}");
    }
    assert_eq!(stage.server.count()["total"]["unmatched"], 0, "{}", stage.account());
    stage.none_left();
}

fn by_the_protocol(stage: &Stage, command: &[&str], more: &Value) -> Value {
    let mut agent = stage.agent("acp", more);
    agent["command"] = json!(command);
    agent
}

#[test]
fn claude_is_heard() {
    heard("claude", |stage| stage.agent("claude", &json!({})));
}

#[test]
fn codex_is_heard() {
    heard("codex", |stage| stage.agent("codex", &json!({})));
}

#[test]
fn gemini_is_heard() {
    heard("gemini", |stage| stage.agent("gemini", &json!({})));
}

#[test]
fn opencode_is_heard() {
    heard("opencode", |stage| stage.agent("opencode", &json!({})));
}

#[test]
fn gemini_is_heard_by_the_protocol() {
    heard("gemini", |stage| {
        let more = json!({"provider": "google", "model": null, "base_url": stage.server.url()});
        by_the_protocol(stage, &["gemini", "--acp"], &more)
    });
}

#[test]
fn opencode_is_heard_by_the_protocol() {
    heard("opencode", |stage| {
        let models = json!({"mock-1": {"tool_call": true}});
        let options = json!({"baseURL": format!("{}/v1", stage.server.url()), "apiKey": "{env:MODEL_KEY}"});
        let provider = json!({"npm": "@ai-sdk/openai-compatible", "options": options, "models": models});
        let config = json!({"autoupdate": false, "share": "disabled", "model": "mock/mock-1", "small_model": "mock/mock-1",
            "provider": {"mock": provider}});
        let env = json!({"OPENCODE_CONFIG_CONTENT": config.to_string(), "OPENCODE_DISABLE_MODELS_FETCH": "1"});
        by_the_protocol(stage, &["opencode", "acp"], &json!({"env": env, "model": null, "base_url": null}))
    });
}

#[test]
fn claude_is_heard_by_the_protocol() {
    heard("claude-agent-acp", |stage| {
        let env = json!({"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"});
        let more = json!({"provider": "anthropic", "model": null, "base_url": stage.server.url(), "env": env});
        by_the_protocol(stage, &["claude-agent-acp"], &more)
    });
}

#[test]
fn codex_is_heard_by_the_protocol() {
    heard("codex-acp", |stage| {
        let config = format!(
            "model = 'gpt-5.5-codex'\nmodel_provider = 'mock'\n[model_providers.mock]\nname = 'mock'\nbase_url = '{}/v1'\n\
             env_key = 'MODEL_KEY'\nwire_api = 'responses'\nrequest_max_retries = 0\nstream_max_retries = 0\n",
            stage.server.url()
        );
        let folder = stage.beside("home/.codex");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), config).unwrap();
        by_the_protocol(stage, &["codex-acp"], &json!({"model": null, "base_url": null}))
    });
}
