//! How a thread is begun with the app-server, or taken up: which provider, which limits, which tools.

use bandleader_core::plan::Permissions;
use serde_json::{Value, json};

use super::super::event::AgentEvent;
use super::failure::{is_missing_server, is_unknown_thread};
use super::link::Broken;
use super::server::{LOG, Work};
use super::settings::{self, Entries, Need};
use super::usage::Usage;

impl Work<'_, '_> {
    /// Begins a thread, or takes one up.
    pub(super) async fn open(&mut self) -> Result<(), Broken> {
        let mut params = self.thread_params().await?;
        let taken_up = match self.stage.assignment.session.clone() {
            Some(session) => self.take_up(&session, &mut params).await?,
            None => None,
        };
        let opened = match taken_up {
            Some(opened) => opened,
            None => self.begin("thread/start", &mut params).await?,
        };
        self.opened(&opened);
        Ok(())
    }

    /// None when the session is not known.
    async fn take_up(&mut self, session: &str, params: &mut Value) -> Result<Option<Value>, Broken> {
        params["threadId"] = json!(session);
        params["excludeTurns"] = json!(true);
        session.clone_into(&mut self.link.talk.thread);
        self.link.talk.usage.resumed(session);
        match self.begin("thread/resume", params).await {
            Err(Broken::Refused(words)) if is_unknown_thread(&words) => {
                let line = format!("the session `{session}` is not known to codex ({words}); a new one is begun");
                self.link.events.tell(AgentEvent::Noise { line });
            }
            taken_up => return taken_up.map(Some),
        }
        if let Some(params) = params.as_object_mut() {
            params.remove("threadId");
            params.remove("excludeTurns");
        }
        self.link.talk.usage = Usage::default();
        Ok(None)
    }

    /// Asks for a thread; without our tools when they are what keeps it from beginning.
    async fn begin(&mut self, method: &str, params: &mut Value) -> Result<Value, Broken> {
        let server = self.stage.tools.name.clone();
        match self.ask(method, params).await {
            Err(Broken::Refused(words)) if is_missing_server(&words, &server) => {
                self.link.talk.connected(false);
                self.link.events.tell(AgentEvent::Noise { line: words });
                params["config"][settings::server_entry(&server)]["required"] = json!(false);
                self.ask(method, params).await
            }
            answer => answer,
        }
    }

    fn opened(&mut self, answer: &Value) {
        if let Some(thread) = answer["thread"]["id"].as_str() {
            thread.clone_into(&mut self.link.talk.thread);
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
        let mut entries: Entries = settings::entries(assignment, &self.stage.tools, Need::Required);
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
