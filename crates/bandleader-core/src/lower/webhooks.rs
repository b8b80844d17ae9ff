//! What `band.toml` says of webhooks: who is told over HTTP what happens in runs.

use super::SettingsFile;
use crate::language::{self, Fields};
use crate::problems::Problems;
use crate::toml_source;
use crate::tree::Node;

/// Somebody who is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Webhook {
    /// What people call it.
    pub name: String,
    /// Where.
    pub url: String,
    /// The environment variable with the secret that signs.
    pub secret_env: Option<String>,
    /// What the body looks like.
    pub format: WebhookFormat,
    /// Only these events, as patterns; empty for the format's own choice.
    pub events: Vec<String>,
    /// Hosts that may be told although they are not on the public internet.
    pub allow: Vec<String>,
    /// Who answers by the links that it is given; none where it gets no links.
    pub links: Option<AnswerLinks>,
}

/// Links by which people answer questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerLinks {
    /// Where people reach the server, without a slash at its end; none for where it listens.
    pub public_url: Option<String>,
    /// Who answers by them; none for whoever runs `band`.
    pub answers_as: Option<String>,
}

/// What the body of a message looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WebhookFormat {
    /// Type, timestamp and data.
    #[default]
    Standard,
    /// The line of the timeline.
    Json,
    /// A text.
    Slack,
}

/// All webhooks of a `band.toml`, in its order. One that lacks its name or its address is none; `check_settings` tells of it.
pub fn webhooks(settings: &SettingsFile) -> Vec<Webhook> {
    let Some(root) = toml_source::parse(0, &settings.text, &mut Problems::default()) else { return Vec::new() };
    let listed = Fields::new(&root, &language::SETTINGS).get("webhooks").map(Node::items).unwrap_or_default();
    listed.iter().filter_map(webhook).collect()
}

fn webhook(node: &Node) -> Option<Webhook> {
    let fields = Fields::new(node, &language::WEBHOOK);
    let text = |key| fields.get(key).and_then(Node::text).map(str::to_owned);
    let texts = |key| {
        let items = fields.get(key).map(Node::one_or_many).unwrap_or_default();
        items.iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    let format = match text("format").as_deref() {
        Some("json") => WebhookFormat::Json,
        Some("slack") => WebhookFormat::Slack,
        _ => WebhookFormat::Standard,
    };
    let (name, url) = (text("name")?, text("url")?);
    let filled = |key| text(key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let links = (fields.get("answer_links").and_then(Node::boolean) == Some(true)).then(|| AnswerLinks {
        public_url: filled("public_url").map(|url| url.trim_end_matches('/').to_owned()),
        answers_as: filled("answers_as"),
    });
    let (secret_env, events, allow) = (text("secret_env"), texts("events"), texts("allow"));
    Some(Webhook { name, url, secret_env, format, events, allow, links })
}

#[cfg(test)]
mod tests {
    use super::super::check_settings;
    use super::*;

    fn of(text: &str) -> SettingsFile {
        SettingsFile { text: text.into(), ..SettingsFile::default() }
    }

    #[test]
    fn a_webhook_is_what_its_table_says() {
        let file =
            of("[[webhooks]]\nname = 'ops'\nurl = 'https://a.example/h'\nsecret_env = 'S'\nevents = 'decision*'\n\
             [[webhooks]]\nname = 'chat'\nurl = 'https://b.example'\nformat = 'slack'\nallow = ['x', 'y']\n");
        let found = webhooks(&file);
        assert_eq!(found[0].events, ["decision*"]);
        assert_eq!((found[0].secret_env.as_deref(), found[0].format), (Some("S"), WebhookFormat::Standard));
        assert_eq!((found[1].format, found[1].allow.len()), (WebhookFormat::Slack, 2));
        assert!(check_settings(&file).0.is_empty());
    }

    #[test]
    fn what_lacks_an_address_is_told_and_left_out() {
        let file = of("[[webhooks]]\nname = 'ops'\nformat = 'fax'\n");
        assert!(webhooks(&file).is_empty());
        let codes: Vec<&str> = check_settings(&file).0.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["plan::missing-key", "plan::bad-choice"]);
        assert!(webhooks(&of("webhooks = 3")).is_empty());
    }
}
