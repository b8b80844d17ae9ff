//! From the greeting to the first prompt: a session, taken up or new, in the right mode and with the right model.

use bandleader_core::plan::{FailureClass, Permissions};
use serde_json::{Map, Value, json};

use super::rules::mode_for;
use super::talk::Talk;
use super::{Failed, GREETING};
use crate::agent::assignment::AgentAssignment;
use crate::agent::event::AgentEvent;

/// JSON-RPC's code for "log in first", as the protocol defines it.
const AUTH_REQUIRED: i64 = -32_000;

/// A session that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    /// Its name with the agent.
    pub(super) id: String,
    /// The role, when the agent has no other place for it than the first prompt.
    pub(super) role_to_say: Option<String>,
    /// What the agent offers in it: modes, models, options.
    offered: Value,
}

/// Takes up the session of an earlier attempt, or opens a new one.
pub(super) async fn open(
    talk: &mut Talk<'_>,
    assignment: &AgentAssignment,
    agent: &Value,
    environment: &[(String, String)],
) -> Result<Opened, Failed> {
    let capability = |path: &str| agent.pointer(&format!("/agentCapabilities/{path}")).filter(|known| !known.is_null());
    let mut params = new_session(talk);
    let role = assignment.role.as_deref().map(str::trim).filter(|role| !role.is_empty());
    let name = agent.pointer("/agentInfo/name").and_then(Value::as_str).unwrap_or_default();
    let mut role_to_say = None;
    if let Some(role) = role {
        if capability("sessionCapabilities/systemPrompt").is_some() {
            params
                .insert("systemPrompt".into(), json!({"mode": "append", "content": [{"type": "text", "text": role}]}));
        } else if name.contains("claude") {
            params.insert("_meta".into(), json!({"systemPrompt": {"append": role}}));
        } else {
            role_to_say = Some(role.to_owned());
        }
    }
    let load = capability("loadSession").and_then(Value::as_bool).unwrap_or(false);
    let resume = capability("sessionCapabilities/resume").is_some();
    if let Some(session) = &assignment.session {
        let mut taken_up = params.clone();
        taken_up.insert("sessionId".into(), json!(session));
        let mut why = "it offers no way to".to_owned();
        // The second replays the whole conversation; the first does not.
        for (method, offered) in [("session/resume", resume), ("session/load", load)] {
            if !offered {
                continue;
            }
            talk.heard.replay_begins();
            let reply = talk.ask(method, Value::Object(taken_up.clone()), None).await;
            talk.settle().await;
            talk.heard.replay_ends();
            match reply {
                // The role is in the conversation already.
                Ok(offered) => return Ok(opened(talk, agent, session.clone(), None, offered)),
                Err(Failed::Refused(refusal)) if refusal.code == AUTH_REQUIRED => break,
                Err(Failed::Refused(refusal)) => why = refusal.message,
                Err(other) => return Err(other),
            }
        }
        let line = format!("it does not take up the session `{session}`, and begins anew: {why}");
        talk.tell(AgentEvent::Noise { line });
    }
    let reply = match talk.ask("session/new", Value::Object(params.clone()), Some(GREETING)).await {
        Err(Failed::Refused(refusal)) if refusal.code == AUTH_REQUIRED => {
            log_in(talk, agent, environment).await?;
            talk.ask("session/new", Value::Object(params), Some(GREETING)).await?
        }
        other => other?,
    };
    match reply.get("sessionId").and_then(Value::as_str) {
        Some(id) => Ok(opened(talk, agent, id.to_owned(), role_to_say, reply.clone())),
        None => Err(Failed::Cannot(FailureClass::Start, "it opened a session without a name".into())),
    }
}

fn opened(talk: &mut Talk<'_>, agent: &Value, id: String, role_to_say: Option<String>, offered: Value) -> Opened {
    talk.has_session(&id);
    let version = agent.pointer("/agentInfo/version").and_then(Value::as_str).map(str::to_owned);
    let model = offered.pointer("/models/currentModelId").and_then(Value::as_str);
    let model = model.or_else(|| option(&offered, "model")?.get("currentValue")?.as_str()).map(str::to_owned);
    talk.tell(AgentEvent::Started { version, model, session: Some(id.clone()) });
    Opened { id, role_to_say, offered }
}

fn new_session(talk: &Talk<'_>) -> Map<String, Value> {
    let (stage, mut params) = (talk.stage(), Map::new());
    let tools = &stage.tools;
    let servers = tools.command.split_first().map(|(program, arguments)| {
        let variable = |(name, value): &(String, String)| json!({"name": name, "value": value});
        let environment: Vec<Value> = tools.environment.iter().map(variable).collect();
        json!({"name": tools.name, "command": program, "args": arguments, "env": environment})
    });
    params.insert("cwd".into(), json!(stage.directory));
    params.insert("mcpServers".into(), servers.into_iter().collect());
    params
}

/// Logs in where that needs no person.
async fn log_in(talk: &mut Talk<'_>, agent: &Value, environment: &[(String, String)]) -> Result<(), Failed> {
    let methods = agent.get("authMethods").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if let Some(method) = methods.iter().find(|method| needs_nobody(method, environment)) {
        let id = method.get("id").cloned().unwrap_or_default();
        talk.ask("authenticate", json!({"methodId": id}), Some(GREETING)).await?;
        return Ok(());
    }
    let text = |method: &Value, key: &str| method.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = |method: &Value| format!("{} (`{}`)", text(method, "name"), text(method, "id"));
    let names: Vec<String> = methods.iter().map(name).collect();
    let ways = if names.is_empty() { "it names no way to".into() } else { format!("its ways: {}", names.join(", ")) };
    let message = format!("it wants a login; log in with the program itself first, or give it its key; {ways}");
    Err(Failed::Cannot(FailureClass::Auth, message))
}

/// Whether a way to log in works with what is in the environment alone.
fn needs_nobody(method: &Value, environment: &[(String, String)]) -> bool {
    let there = |name: &str| environment.iter().any(|(known, value)| known == name && !value.is_empty());
    if method.get("type").and_then(Value::as_str) == Some("env_var") {
        let names = method.get("vars").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut names = names.iter().filter_map(|variable| variable.get("name")?.as_str()).peekable();
        return names.peek().is_some() && names.all(there);
    }
    let id = method.get("id").and_then(Value::as_str).unwrap_or_default();
    let provider = method.pointer("/_meta/api-key/provider").and_then(Value::as_str);
    match provider {
        Some("google") => there("GEMINI_API_KEY") || there("GOOGLE_API_KEY"),
        Some("openai") => there("OPENAI_API_KEY") || there("CODEX_API_KEY"),
        Some("anthropic") => there("ANTHROPIC_API_KEY"),
        _ => id.contains("api-key") && environment.iter().any(|(name, _)| name.ends_with("_API_KEY")),
    }
}

/// Sets mode, model and effort, each by what the agent offers for it.
pub(super) async fn set_up(
    talk: &mut Talk<'_>,
    assignment: &AgentAssignment,
    agent: &Value,
    opened: &Opened,
) -> Result<(), Failed> {
    let name = agent.pointer("/agentInfo/name").and_then(Value::as_str).unwrap_or_default();
    let modes = values(opened.offered.pointer("/modes/availableModes"), "id");
    let options =
        option(&opened.offered, "mode").map(|option| values(option.get("options"), "value")).unwrap_or_default();
    let (mode, by_option) = match mode_for(assignment.permissions, name, &modes) {
        Some(mode) => (Some(mode), false),
        None => (mode_for(assignment.permissions, name, &options), true),
    };
    match mode {
        Some(mode) if by_option => choose(talk, opened, "mode", mode).await?,
        Some(mode) => {
            talk.ask("session/set_mode", json!({"sessionId": opened.id, "modeId": mode}), Some(GREETING)).await?;
        }
        None if assignment.permissions == Permissions::ReadOnly => {
            let line = "it offers no mode in which it only reads; what it asks for is refused, what it does not ask for is not";
            talk.tell(AgentEvent::Noise { line: line.into() });
        }
        None => {}
    }
    if let Some(model) = &assignment.model {
        set_model(talk, opened, model).await?;
    }
    if let Some(effort) = &assignment.effort {
        if option(&opened.offered, "thought_level").is_some() {
            choose(talk, opened, "thought_level", effort).await?;
        } else {
            talk.tell(AgentEvent::Noise { line: format!("it has no setting for effort: `{effort}` has no effect") });
        }
    }
    Ok(())
}

async fn set_model(talk: &mut Talk<'_>, opened: &Opened, model: &str) -> Result<(), Failed> {
    let session = &opened.id;
    if opened.offered.pointer("/models/availableModels").is_some_and(Value::is_array) {
        talk.ask("session/set_model", json!({"sessionId": session, "modelId": model}), Some(GREETING)).await?;
    } else if option(&opened.offered, "model").is_some() {
        choose(talk, opened, "model", model).await?;
    } else {
        talk.tell(AgentEvent::Noise { line: format!("it lets nobody choose its model: `{model}` has no effect") });
        return Ok(());
    }
    talk.tell(AgentEvent::Started { version: None, model: Some(model.to_owned()), session: None });
    Ok(())
}

async fn choose(talk: &mut Talk<'_>, opened: &Opened, category: &str, value: &str) -> Result<(), Failed> {
    let id = option(&opened.offered, category).and_then(|option| option.get("id")).cloned().unwrap_or_default();
    let params = json!({"sessionId": opened.id, "configId": id, "value": value});
    talk.ask("session/set_config_option", params, Some(GREETING)).await.map(drop)
}

fn option<'v>(offered: &'v Value, category: &str) -> Option<&'v Value> {
    let options = offered.get("configOptions")?.as_array()?;
    let is = |option: &&Value, key: &str| option.get(key).and_then(Value::as_str) == Some(category);
    options.iter().find(|option| is(option, "category")).or_else(|| options.iter().find(|option| is(option, "id")))
}

fn values<'v>(list: Option<&'v Value>, key: &str) -> Vec<&'v str> {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|entry| entry.get(key)?.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_tried_only_where_nobody_is_needed() {
        let environment = [("GEMINI_API_KEY".to_owned(), "x".to_owned())];
        for (method, possible) in [
            (json!({"id": "oauth-personal", "name": "Log in with Google"}), false),
            (json!({"id": "gemini-api-key", "_meta": {"api-key": {"provider": "google"}}}), true),
            (json!({"id": "api-key", "_meta": {"api-key": {"provider": "openai"}}}), false),
            (json!({"id": "some-api-key"}), true),
            (json!({"id": "e", "type": "env_var", "vars": [{"name": "GEMINI_API_KEY"}]}), true),
            (json!({"id": "e", "type": "env_var", "vars": [{"name": "OTHER"}]}), false),
            (json!({"id": "e", "type": "env_var", "vars": []}), false),
            (json!(7), false),
        ] {
            assert_eq!(needs_nobody(&method, &environment), possible, "{method}");
        }
    }
}
