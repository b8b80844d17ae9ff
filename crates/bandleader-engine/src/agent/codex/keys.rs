//! Keys that the user's own configuration of Codex names. They are kept from agents like all keys, but Codex needs these.

use std::path::PathBuf;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)^[^#\n]*?\b(?:env_key|bearer_token_env_var)\s*=\s*["']([A-Za-z_][A-Za-z0-9_]*)["']"#).ok()
});

/// Adds the variables that the user's configuration names, as far as they are set for us, to what Codex gets. Not those that a
/// project's configuration names: anybody may have written that.
pub(super) fn restore(environment: &mut Vec<(String, String)>) {
    let set = |environment: &[(String, String)], wanted: &str| {
        environment.iter().find(|(name, _)| name == wanted).map(|(_, value)| PathBuf::from(value))
    };
    let home = set(environment, "CODEX_HOME").or_else(|| Some(set(environment, "HOME")?.join(".codex")));
    let Some(config) = home.and_then(|home| std::fs::read_to_string(home.join("config.toml")).ok()) else { return };
    for name in named(&config) {
        if let (None, Ok(value)) = (set(environment, &name), std::env::var(&name)) {
            environment.push((name, value));
        }
    }
}

/// Names of variables with keys in a configuration. One that is not TOML is complained of by Codex itself.
fn named(config: &str) -> Vec<String> {
    let found = NAMED.iter().flat_map(|pattern| pattern.captures_iter(config));
    found.filter_map(|captures| Some(captures.get(1)?.as_str().to_owned())).collect()
}

/// The same from the configuration that the app-server has read.
pub(super) fn of_providers(config: &Value) -> impl Iterator<Item = &str> {
    let providers = config["model_providers"].as_object().into_iter().flatten();
    providers.filter_map(|(_, provider)| provider["env_key"].as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_comments_are_not() {
        let config = "[model_providers.a]\nenv_key = \"A_KEY\"\n# env_key = \"NO\"\nb = { name = 'b', env_key='B_KEY' }\n\
                      bearer_token_env_var = \"C\"\nenv_key = 7\nenv_key = \"not a name\"\n";
        assert_eq!(named(config), ["A_KEY", "B_KEY", "C"]);
    }
}
