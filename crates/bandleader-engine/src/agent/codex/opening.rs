//! How a thread is begun with the app-server, or taken up: which provider, which limits, which tools.

use serde_json::{Value, json};

use super::super::assignment::Permissions;
use super::super::event::AgentEvent;
use super::failure::is_unknown_thread;
use super::link::Broken;
use super::server::{LOG, Work};
use super::settings::{self, Entries};
use super::usage::Usage;

impl Work<'_, '_> {
    /// Begins a thread, or takes one up.
    pub(super) async fn open(&mut self) -> Result<(), Broken> {
        let mut params = self.thread_params().await?;
        if let Some(session) = self.stage.assignment.session.clone() {
            params["threadId"] = json!(session);
            params["excludeTurns"] = json!(true);
            self.link.talk.thread.clone_from(&session);
            self.link.talk.usage.resumed(&session);
            match self.ask("thread/resume", &params).await {
                Ok(opened) => return Ok(self.opened(&opened)),
                Err(Broken::Refused(words)) if is_unknown_thread(&words) => {
                    let line = format!("the session `{session}` is not known to codex ({words}); a new one is begun");
                    self.link.events.tell(AgentEvent::Noise { line });
                }
                Err(broken) => return Err(broken),
            }
            if let Some(params) = params.as_object_mut() {
                params.remove("threadId");
                params.remove("excludeTurns");
            }
            self.link.talk.usage = Usage::default();
        }
        let opened = self.ask("thread/start", &params).await?;
        self.opened(&opened);
        Ok(())
    }

    fn opened(&mut self, answer: &Value) {
        if let Some(thread) = answer["thread"]["id"].as_str() {
            self.link.talk.thread = thread.to_owned();
        }
        let model = answer["model"].as_str().map(str::to_owned);
        let session = Some(self.link.talk.thread.clone()).filter(|session| !session.is_empty());
        self.link.events.tell(AgentEvent::Started { version: None, model, session });
    }

    async fn thread_params(&mut self) -> Result<Value, Broken> {
        let config = match self.ask("config/read", &json!({})).await {
            Ok(answer) => answer["config"].clone(),
            // An older server cannot say; then its settings stay as they are.
            Err(Broken::Refused(_)) => Value::Null,
            Err(broken) => return Err(broken),
        };
        let provider = self.provider(&config).await?;
        let assignment = self.stage.assignment;
        let mut entries: Entries = settings::entries(assignment, &self.stage.tools);
        let mut hidden = settings::hidden_variables(&config, assignment);
        if let Some((_, Value::Array(names))) = hidden.first_mut() {
            names.push(json!(LOG.0));
        }
        entries.append(&mut hidden);
        let used = provider.as_ref().map(|provider| provider.id.as_str()).or_else(|| config["model_provider"].as_str());
        entries.extend(settings::without_retries(&config, used.unwrap_or_default()));
        let id = provider.map(|provider| {
            entries.extend(provider.entries);
            provider.id
        });
        let permissions = settings::permissions(assignment);
        let config: serde_json::Map<String, Value> = entries.into_iter().collect();
        let mut params = json!({
            "cwd": self.stage.directory, "sandbox": settings::sandbox(permissions), "approvalsReviewer": "user",
            "approvalPolicy": if permissions == Permissions::Full { "never" } else { "on-request" }, "config": config,
        });
        let optional =
            [("modelProvider", &id), ("model", &assignment.model), ("developerInstructions", &assignment.role)];
        for (name, value) in optional {
            if let Some(value) = value {
                params[name] = json!(value);
            }
        }
        Ok(params)
    }

    /// The provider of the assignment; else one of ours where the user is not logged in but has a key.
    async fn provider(&mut self, config: &Value) -> Result<Option<settings::Provider>, Broken> {
        let named = settings::named_provider(self.stage.assignment, &self.stage.environment);
        let built_in = config["model_provider"].as_str().is_none_or(|id| id == "openai");
        if named.is_some() || config.is_null() || !built_in {
            return Ok(named);
        }
        match self.ask("account/read", &json!({})).await {
            Ok(answer) if answer["account"].is_null() && answer["requiresOpenaiAuth"] == true => {
                let base_url = config["openai_base_url"].as_str();
                Ok(settings::provider_by_key(base_url, &self.stage.environment))
            }
            Ok(_) | Err(Broken::Refused(_)) => Ok(None),
            Err(broken) => Err(broken),
        }
    }
}
