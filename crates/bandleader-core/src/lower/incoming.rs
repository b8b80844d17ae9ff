//! What `band.toml` says of hooks: who may tell `band serve` how something went; and what is wrong with the links of webhooks.

use super::SettingsFile;
use crate::language::{self, Fields};
use crate::problems::{Problems, named};
use crate::toml_source;
use crate::tree::Node;

/// Somebody who may tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncomingHook {
    /// What plans and people call it: the end of the path that it is told at.
    pub name: String,
    /// The environment variable with the secret that signs.
    pub secret_env: String,
    /// Whose form its messages have.
    pub format: HookFormat,
}

/// Whose form messages have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HookFormat {
    /// Standard Webhooks.
    #[default]
    Standard,
    /// GitHub's.
    Github,
}

impl HookFormat {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            HookFormat::Standard => "standard",
            HookFormat::Github => "github",
        }
    }
}

/// All hooks of a `band.toml`, in its order. One that lacks its name or its secret is none; `check_settings` tells of it.
pub fn incoming_hooks(settings: &SettingsFile) -> Vec<IncomingHook> {
    let Some(root) = toml_source::parse(0, &settings.text, &mut Problems::default()) else { return Vec::new() };
    items(&root, "hooks").iter().filter_map(hook).collect()
}

fn items<'n>(root: &'n Node, key: &str) -> &'n [Node] {
    Fields::new(root, &language::SETTINGS).get(key).map(Node::items).unwrap_or_default()
}

fn hook(node: &Node) -> Option<IncomingHook> {
    let fields = Fields::new(node, &language::INCOMING);
    let text = |key| fields.get(key).and_then(Node::text).map(|text| text.trim().to_owned());
    let format = if text("format").as_deref() == Some("github") { HookFormat::Github } else { HookFormat::Standard };
    let filled = |key| text(key).filter(|text| !text.is_empty());
    Some(IncomingHook { name: filled("name")?, secret_env: filled("secret_env")?, format })
}

/// Names that two have, secrets that stand in the file, links that lead nowhere.
pub(super) fn check_hooks(root: &Node, problems: &mut Problems) {
    let mut known: Vec<&str> = Vec::new();
    for node in items(root, "hooks") {
        let fields = Fields::new(node, &language::INCOMING);
        if let Some((name, text)) = fields.get("name").and_then(|name| Some((name, name.text()?))) {
            if known.contains(&text) {
                let message = format!("two hooks are called {}", named(text));
                problems.error("plan::duplicate-id", name.span, message).hint("the second is never asked: rename it");
            }
            known.push(text);
        }
        check_secret(fields.get("secret_env"), problems);
        if let Some((place, text)) = fields.get("secret_env").and_then(|node| Some((node.span, node.text()?)))
            && sends(root, text)
        {
            let message = format!("{} signs what is sent, too", named(text));
            let hint = "give the hook a secret of its own: engines must know the one of a webhook, and with them who works for them";
            problems.warning("plan::shared-secret", place, message).hint(hint);
        }
    }
    for node in items(root, "webhooks") {
        let fields = Fields::new(node, &language::WEBHOOK);
        check_secret(fields.get("secret_env"), problems);
        let wants_links = fields.get("answer_links").and_then(Node::boolean) == Some(true);
        for entry in ["public_url", "answers_as"].iter().filter_map(|key| fields.entry(key)).filter(|_| !wants_links) {
            let message = format!("`{}` means nothing without `answer_links = true`", entry.key);
            problems.warning("plan::no-effect", entry.key_span, message).hint("add it, or remove this");
        }
        if let Some((url, text)) = fields.get("public_url").and_then(|url| Some((url, url.text()?))) {
            let rest = text.trim().strip_prefix("https://").or_else(|| text.trim().strip_prefix("http://"));
            if !rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['?', '#', '@', ' '])) {
                let message = "it is not where people reach a server";
                let hint = "such as `https://band.example.com`: no question mark, no name with a password";
                problems.error("plan::bad-address", url.span, message).hint(hint);
            }
        }
    }
}

/// Whether a webhook signs with this variable.
fn sends(root: &Node, variable: &str) -> bool {
    let of =
        |node: &Node| Fields::new(node, &language::WEBHOOK).get("secret_env").and_then(Node::text) == Some(variable);
    items(root, "webhooks").iter().any(of)
}

/// The name of a variable and not what is in it.
fn check_secret(node: Option<&Node>, problems: &mut Problems) {
    let Some((node, text)) = node.and_then(|node| Some((node, node.text()?))) else { return };
    let is_name =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name(text.trim()) {
        // Not shown: it may be the secret.
        let message = "it is not the name of an environment variable";
        let hint = "put the secret into a variable, such as `CI_SECRET`, and write that name here";
        problems.error("plan::bad-env", node.span, message).hint(hint);
    }
}

#[cfg(test)]
mod tests {
    use super::super::check_settings;
    use super::*;

    fn of(text: &str) -> SettingsFile {
        SettingsFile { text: text.into(), ..SettingsFile::default() }
    }

    fn codes(text: &str) -> Vec<&'static str> {
        check_settings(&of(text)).0.iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn a_hook_is_what_its_table_says() {
        let text =
            "[[hooks]]\nname = 'ci'\nsecret_env = 'A'\nformat = 'github'\n[[hooks]]\nname = 'own'\nsecret_env = 'B'\n";
        let found = incoming_hooks(&of(text));
        let expected = [("ci", "A", HookFormat::Github), ("own", "B", HookFormat::Standard)];
        let expected = expected.map(|(name, secret_env, format)| IncomingHook {
            name: name.into(),
            secret_env: secret_env.into(),
            format,
        });
        assert_eq!(found, expected);
        assert_eq!(codes(text), [""; 0]);
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(codes("[[hooks]]\nname = 'ci'\n"), ["plan::missing-key"]);
        assert!(incoming_hooks(&of("[[hooks]]\nname = 'ci'\n")).is_empty());
        let twice = "[[hooks]]\nname = 'ci'\nsecret_env = 'A'\n[[hooks]]\nname = 'ci'\nsecret_env = 'B'\n";
        assert_eq!(codes(twice), ["plan::duplicate-id"]);
        assert_eq!(codes("[[hooks]]\nname = 'c/i'\nsecret_env = 'whsec_MfKQ=='\n"), ["plan::bad-id", "plan::bad-env"]);
        let shared = "[[hooks]]\nname = 'ci'\nsecret_env = 'A'\n[[webhooks]]\nname = 'a'\nurl = 'https://a.example'\nsecret_env = 'A'\n";
        assert_eq!(codes(shared), ["plan::shared-secret"]);
        let told = check_settings(&of("[[hooks]]\nname = 'ci'\nsecret_env = 'whsec_MfKQ=='\n")).0;
        assert!(!told[0].message.contains("MfKQ"), "the secret is not repeated: {}", told[0].message);
    }

    #[test]
    fn links_of_a_webhook_lead_somewhere_or_it_is_told() {
        let with = |more: &str| codes(&format!("[[webhooks]]\nname = 'a'\nurl = 'https://a.example'\n{more}\n"));
        assert_eq!(with("answer_links = true\npublic_url = 'https://band.example/'\nanswers_as = 'Ada'"), [""; 0]);
        assert_eq!(with("public_url = 'https://band.example'"), ["plan::no-effect"]);
        for url in ["band.example", "https://", "https://a:b@c.example", "https://a.example/?x=1", "javascript:1"] {
            assert_eq!(with(&format!("answer_links = true\npublic_url = '{url}'")), ["plan::bad-address"], "{url}");
        }
    }
}
