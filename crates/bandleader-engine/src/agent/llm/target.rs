//! Who is called: provider, address, key and model, from the assignment and the environment.

use bandleader_core::plan::FailureClass;
use genai::adapter::AdapterKind;
use genai::resolver::{AuthData, Endpoint};
use genai::{ModelIden, ModelSpec, ServiceTarget};

use crate::agent::assignment::AgentAssignment;
use crate::agent::provider::with_version;

/// One model behind one address.
#[derive(Debug)]
pub(super) struct Target {
    kind: AdapterKind,
    /// Ends with a slash, as the client wants it.
    pub(super) address: String,
    key: String,
    pub(super) model: String,
}

/// What is known of a provider: its name, its client, its address, the variables of its key and of another address.
struct Known {
    names: &'static [&'static str],
    kind: AdapterKind,
    address: &'static str,
    key: &'static str,
    base_url: &'static str,
}

static PROVIDERS: [Known; 8] = [
    Known {
        names: &["anthropic", "claude"],
        kind: AdapterKind::Anthropic,
        address: "https://api.anthropic.com/v1",
        key: "ANTHROPIC_API_KEY",
        base_url: "ANTHROPIC_BASE_URL",
    },
    openai(&["openai"], "https://api.openai.com/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
    Known {
        names: &["google", "gemini"],
        kind: AdapterKind::Gemini,
        address: "https://generativelanguage.googleapis.com/v1beta",
        key: "GEMINI_API_KEY",
        base_url: "GOOGLE_GEMINI_BASE_URL",
    },
    openai(&["openrouter"], "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", ""),
    openai(&["mistral"], "https://api.mistral.ai/v1", "MISTRAL_API_KEY", ""),
    openai(&["groq"], "https://api.groq.com/openai/v1", "GROQ_API_KEY", ""),
    openai(&["xai"], "https://api.x.ai/v1", "XAI_API_KEY", ""),
    openai(&["deepseek"], "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", ""),
];

const fn openai(
    names: &'static [&'static str],
    address: &'static str,
    key: &'static str,
    base_url: &'static str,
) -> Known {
    Known { names, kind: AdapterKind::OpenAI, address, key, base_url }
}

impl Target {
    /// Of an assignment.
    ///
    /// # Errors
    /// What is missing, as a class and in words for people.
    pub(super) fn of(
        assignment: &AgentAssignment,
        environment: &[(String, String)],
    ) -> Result<Target, (FailureClass, String)> {
        let value = |name: &str| {
            let found = environment.iter().find(|(other, value)| other == name && !value.is_empty());
            found.map(|(_, value)| value.clone())
        };
        let agent = &assignment.agent;
        let Some(model) = assignment.model.clone() else {
            let message = format!("agent `{agent}` calls a model directly and does not say which: give it `model:`");
            return Err((FailureClass::Start, message));
        };
        let endpoint = &assignment.endpoint;
        let known = match &endpoint.provider {
            Some(name) => PROVIDERS.iter().find(|known| known.names.contains(&name.to_ascii_lowercase().as_str())),
            None => guess(&model, endpoint.base_url.is_some(), |name| value(name).is_some()),
        };
        let elsewhere = endpoint.base_url.clone();
        let elsewhere = elsewhere
            .or_else(|| known.filter(|known| !known.base_url.is_empty()).and_then(|known| value(known.base_url)));
        let address = match (&elsewhere, known) {
            (Some(address), Some(Known { kind: AdapterKind::Gemini, .. })) if !has_path(address) => {
                format!("{}/v1beta", address.trim_end_matches('/'))
            }
            (Some(address), _) => with_version(address),
            (None, Some(known)) => known.address.to_owned(),
            (None, None) => {
                let name = endpoint.provider.as_deref().unwrap_or_default();
                let message =
                    format!("agent `{agent}` names the provider `{name}`, which is not known: give it `base_url:`");
                return Err((FailureClass::Start, message));
            }
        };
        let variable = endpoint.api_key_env.as_deref().or(known.map(|known| known.key));
        let key = match (variable.and_then(value), variable) {
            (Some(key), _) => key,
            // Servers of one's own mostly want none; the client will have one.
            (None, _) if endpoint.api_key_env.is_none() && elsewhere.is_some() => "none".into(),
            (None, variable) => {
                let variable = variable.unwrap_or("api_key_env");
                return Err((FailureClass::Auth, format!("there is no key for agent `{agent}`: set `{variable}`")));
            }
        };
        let kind = known.map_or(AdapterKind::OpenAI, |known| known.kind);
        Ok(Target { kind, address: format!("{address}/"), key, model })
    }

    /// As the client wants it.
    pub(super) fn spec(&self) -> ModelSpec {
        ModelSpec::Target(ServiceTarget {
            endpoint: Endpoint::from_owned(self.address.as_str()),
            auth: AuthData::from_single(self.key.as_str()),
            model: ModelIden::new(self.kind, self.model.as_str()),
        })
    }
}

/// The provider of an assignment that names none: by the model's name, then by whose key is there.
fn guess(model: &str, is_elsewhere: bool, is_set: impl Fn(&str) -> bool) -> Option<&'static Known> {
    let of = |name: &str| PROVIDERS.iter().find(|known| known.names.contains(&name));
    let model = model.to_ascii_lowercase();
    if model.starts_with("claude") {
        return of("anthropic");
    }
    // Servers of one's own speak as OpenAI does, whatever model they have.
    if is_elsewhere {
        return of("openai");
    }
    if model.starts_with("gemini") {
        return of("google");
    }
    if !is_set("OPENAI_API_KEY") && is_set("OPENROUTER_API_KEY") { of("openrouter") } else { of("openai") }
}

fn has_path(address: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    host.trim_end_matches('/').contains('/')
}
