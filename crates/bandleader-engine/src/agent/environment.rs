//! What of our environment an agent's program gets to see. Its tools see all of what it gets.

use super::assignment::{AgentAssignment, DriverName};

/// Endings of names that hold keys.
const KEY_ENDINGS: [&str; 8] =
    ["_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_PASSWD", "_PASSPHRASE", "_CREDENTIALS", "_CREDENTIAL"];

/// Names that hold keys or ways to them without saying so.
const KEY_NAMES: [&str; 4] = ["SSH_AUTH_SOCK", "GPG_AGENT_INFO", "GOOGLE_APPLICATION_CREDENTIALS", "AWS_PROFILE"];

/// The keys that each program needs to log in.
fn needed(driver: DriverName) -> &'static [&'static str] {
    match driver {
        DriverName::Claude => &["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
        DriverName::Codex => &["CODEX_API_KEY", "OPENAI_API_KEY"],
        DriverName::Gemini => &["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS"],
        // These speak to whichever provider they are set up for, and only they know which.
        DriverName::Opencode | DriverName::Acp | DriverName::Llm => &[
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "CLAUDE_CODE_OAUTH_TOKEN",
            "OPENAI_API_KEY",
            "CODEX_API_KEY",
            "GEMINI_API_KEY",
            "GOOGLE_API_KEY",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "OPENROUTER_API_KEY",
            "OPENCODE_API_KEY",
            "MISTRAL_API_KEY",
            "GROQ_API_KEY",
            "XAI_API_KEY",
            "DEEPSEEK_API_KEY",
        ],
        // A plain command gets what every plain command of a plan gets.
        DriverName::Command => &[],
    }
}

/// The environment of an agent's program: all of `ours` but keys that are none of its business. What the plan gives it on purpose
/// (`given`) and the key that its endpoint names stay.
pub fn of_program(assignment: &AgentAssignment, ours: Vec<(String, String)>) -> Vec<(String, String)> {
    if assignment.driver == DriverName::Command {
        return ours;
    }
    let needed = needed(assignment.driver);
    let stays = |name: &str| {
        !is_key(name)
            || needed.contains(&name)
            || assignment.given.iter().any(|given| given == name)
            || assignment.endpoint.api_key_env.as_deref() == Some(name)
    };
    ours.into_iter().filter(|(name, _)| stays(name)).collect()
}

fn is_key(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    KEY_NAMES.contains(&upper.as_str())
        || KEY_ENDINGS.iter().any(|ending| upper.ends_with(ending) || upper == ending.trim_start_matches('_'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::assignment::example;
    use super::*;

    fn assignment(driver: DriverName) -> AgentAssignment {
        let given = json!({ "endpoint": { "api_key_env": "MY_LLM_KEY" }, "given": ["STAGING_TOKEN"] });
        example(driver, &given)
    }

    fn check(driver: DriverName, expected: &[&str]) {
        let all = [
            "PATH",
            "ANTHROPIC_API_KEY",
            "OPENAI_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "STAGING_TOKEN",
            "MY_LLM_KEY",
            "SSH_AUTH_SOCK",
            "TOKEN",
            "MONKEY",
        ];
        let ours = all.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
        let seen = of_program(&assignment(driver), ours);
        let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn an_agent_sees_its_own_key_and_what_the_plan_gives_it() {
        check(DriverName::Claude, &["PATH", "ANTHROPIC_API_KEY", "STAGING_TOKEN", "MY_LLM_KEY", "MONKEY"]);
        check(DriverName::Codex, &["PATH", "OPENAI_API_KEY", "STAGING_TOKEN", "MY_LLM_KEY", "MONKEY"]);
    }
}
