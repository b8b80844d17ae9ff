//! The programs behind agents: which there are, which are logged in as far as files and variables tell, how one gets them.
//!
//! Called by `band doctor`, by `band check` and before a run begins. Reads only; asks no provider anything.

use std::path::{Path, PathBuf};
use std::{env, fs};

use bandleader_core::Plan;
use bandleader_core::plan::Work;

use crate::render::text::clean;

/// A program that agents may stand on.
pub(crate) struct Program {
    /// As plans name it; none for the adapters, which `driver: acp` starts by a command of its own.
    pub(crate) driver: Option<&'static str>,
    /// As it is called on PATH.
    pub(crate) name: &'static str,
    /// The one command that installs it.
    pub(crate) install: &'static str,
    /// How one logs in.
    pub(crate) log_in: &'static str,
    /// Variables that log it in.
    pub(crate) keys: &'static [&'static str],
    /// The variable that moves its folder, that folder in the home otherwise, and the file in it that a login leaves.
    login: (&'static str, &'static str, &'static str),
    /// How it is asked one short thing, which arrives on standard input.
    pub(crate) probe: &'static [&'static str],
}

/// All of them; `driver: auto` takes the first that fits, in this order.
pub(crate) static PROGRAMS: [Program; 6] = [
    Program {
        driver: Some("claude"),
        name: "claude",
        install: "npm install -g @anthropic-ai/claude-code",
        log_in: "start `claude` once and log in, or set ANTHROPIC_API_KEY",
        keys: &["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
        login: ("CLAUDE_CONFIG_DIR", ".claude", ".credentials.json"),
        probe: &["-p"],
    },
    Program {
        driver: Some("codex"),
        name: "codex",
        install: "npm install -g @openai/codex",
        log_in: "run `codex login`, or set CODEX_API_KEY",
        keys: &["CODEX_API_KEY", "OPENAI_API_KEY"],
        login: ("CODEX_HOME", ".codex", "auth.json"),
        probe: &["exec", "--skip-git-repo-check", "--sandbox", "read-only", "-"],
    },
    Program {
        driver: Some("gemini"),
        name: "gemini",
        install: "npm install -g @google/gemini-cli",
        log_in: "start `gemini` once and log in, or set GEMINI_API_KEY",
        keys: &["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS"],
        login: ("GEMINI_CLI_HOME", "", ".gemini/oauth_creds.json"),
        probe: &[],
    },
    Program {
        driver: Some("opencode"),
        name: "opencode",
        install: "npm install -g opencode-ai",
        log_in: "run `opencode auth login`, or set the key of a provider, such as OPENROUTER_API_KEY",
        keys: &[
            "OPENCODE_API_KEY",
            "ANTHROPIC_API_KEY",
            "OPENAI_API_KEY",
            "GEMINI_API_KEY",
            "OPENROUTER_API_KEY",
            "MISTRAL_API_KEY",
            "GROQ_API_KEY",
            "XAI_API_KEY",
            "DEEPSEEK_API_KEY",
        ],
        login: ("XDG_DATA_HOME", ".local/share", "opencode/auth.json"),
        probe: &["run", "--pure"],
    },
    Program {
        driver: None,
        name: "claude-agent-acp",
        install: "npm install -g @agentclientprotocol/claude-agent-acp",
        log_in: "start `claude` once and log in, or set ANTHROPIC_API_KEY",
        keys: &["ANTHROPIC_API_KEY"],
        login: ("CLAUDE_CONFIG_DIR", ".claude", ".credentials.json"),
        probe: &[],
    },
    Program {
        driver: None,
        name: "codex-acp",
        install: "npm install -g @agentclientprotocol/codex-acp",
        log_in: "run `codex login`, or set CODEX_API_KEY",
        keys: &["CODEX_API_KEY", "OPENAI_API_KEY"],
        login: ("CODEX_HOME", ".codex", "auth.json"),
        probe: &[],
    },
];

impl Program {
    /// Where it is.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        find(self.name)
    }

    /// The variables that are set and log it in. Only their names: their values are nobody's business.
    pub(crate) fn keys_set(&self) -> Vec<&'static str> {
        let is_set = |name: &&&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        self.keys.iter().filter(is_set).copied().collect()
    }

    /// The file that a login has left.
    pub(crate) fn login_file(&self) -> Option<PathBuf> {
        let (variable, folder, file) = self.login;
        let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = set(variable).or_else(|| Some(set("HOME")?.join(folder)))?;
        Some(base.join(file)).filter(|path| fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() > 0))
    }

    /// Whether it looks logged in. Only a call tells for sure.
    pub(crate) fn is_logged_in(&self) -> bool {
        !self.keys_set().is_empty() || self.login_file().is_some()
    }
}

/// The program of a driver, if it has one of its own.
pub(crate) fn of_driver(driver: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.driver == Some(driver))
}

/// The driver that `auto` means here: the first that is installed and looks logged in, else the first that is installed.
pub(crate) fn automatic() -> Option<&'static Program> {
    let installed = || PROGRAMS.iter().filter(|program| program.driver.is_some() && program.path().is_some());
    installed().find(|program| program.is_logged_in()).or_else(|| installed().next())
}

/// Agents that the tasks of a plan name.
pub(crate) fn agents_at_work(plan: &Plan) -> impl Iterator<Item = (&String, &bandleader_core::plan::Agent)> {
    let named =
        |name: &str| plan.tasks.iter().any(|task| matches!(&task.work, Work::Agent { agent, .. } if agent == name));
    plan.agents.iter().filter(move |(name, _)| named(name))
}

/// What the agents of a plan lack to start at all: one sentence for all that lack the same.
pub(crate) fn lacking(plan: &Plan) -> Vec<String> {
    // `None` is any coding agent.
    let lacks = |agent: &bandleader_core::plan::Agent| {
        if agent.driver == "auto" {
            // Where one is installed, it has been put in its place.
            return Some(None);
        }
        let program =
            of_driver(&agent.driver).filter(|_| agent.command.is_empty() && !agent.env.contains_key("PATH"))?;
        program.path().is_none().then_some(Some(program))
    };
    let mut lacking: Vec<(Option<&Program>, Vec<&str>)> = Vec::new();
    for (name, agent) in agents_at_work(plan) {
        let Some(what) = lacks(agent) else { continue };
        let name_of = |program: Option<&Program>| program.map(|program| program.name);
        match lacking.iter_mut().find(|(other, _)| name_of(*other) == name_of(what)) {
            Some((_, names)) => names.push(name),
            None => lacking.push((what, vec![name])),
        }
    }
    lacking.into_iter().map(|(what, names)| lack(what, &names)).collect()
}

/// Agents that are named at most where they lack the same.
const NAMED: usize = 3;

/// `agent a needs …`, `17 agents (a, b, c and 14 more) need …`.
fn lack(what: Option<&Program>, names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{}`", clean(name))).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let (who, has, needs) = match shown.as_slice() {
        [name] => (format!("agent {name}"), "has", "needs"),
        _ => (format!("{} agents ({}{more})", names.len(), shown.join(", ")), "have", "need"),
    };
    if let Some(program) = what {
        return format!("{who} {needs} the program `{}`, which is not on PATH: `{}`", program.name, program.install);
    }
    let install = PROGRAMS.first().map_or("", |program| program.install);
    format!("{who} {has} `driver: auto`, and no coding agent is installed: for example `{install}`")
}

/// The first file of that name on PATH that may be executed.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.into_iter().map(|folder| folder.join(name)).find(|candidate| is_executable(candidate))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_that_lack_the_same_share_a_sentence() {
        let said = |names: &[&str]| {
            let agents: Vec<String> = names.iter().map(|name| format!("  {name}: {{ driver: auto }}\n")).collect();
            let task = |name: &&str| format!("  - {{ id: t-{name}, agent: {name}, task: Do it. }}\n");
            let tasks: Vec<String> = names.iter().map(task).collect();
            let text = format!("mission: M\nagents:\n{}tasks:\n{}", agents.concat(), tasks.concat());
            let options = bandleader_core::CheckOptions::default();
            let checked = bandleader_core::check("plan", &text, &options, &mut |path| Err(path.to_owned()));
            let lacking = lacking(&checked.plan.unwrap());
            assert_eq!(lacking.len(), 1, "{lacking:?}");
            lacking.first().unwrap().split(", and").next().unwrap().to_owned()
        };
        assert_eq!(said(&["a"]), "agent `a` has `driver: auto`");
        assert_eq!(said(&["a", "b"]), "2 agents (`a`, `b`) have `driver: auto`");
        assert_eq!(said(&["a", "b", "c", "d", "e"]), "5 agents (`a`, `b`, `c` and 2 more) have `driver: auto`");
    }
}
