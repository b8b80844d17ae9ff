//! What an attendant is told: one attempt of one agent, complete, so that it needs nothing else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bandleader_core::plan::Permissions;
use bandleader_core::prices::Prices;
use bandleader_core::{JobId, Millis, RunId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One attempt of one agent. Travels as JSON on the attendant's standard input.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentAssignment {
    /// The run.
    pub run: RunId,
    /// The job that this attempt is.
    pub job: JobId,
    /// The task's path in the plan.
    pub task: String,
    /// The run's folder: events, jobs and everything that it leaves.
    pub run_folder: PathBuf,
    /// Which program runs it, and how it is spoken to.
    pub driver: DriverName,
    /// The program and its arguments, in place of the driver's own. `acp` and `command` have none of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The agent's name in the plan.
    pub agent: String,
    /// The role: what the agent is told about itself, above every instruction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What is to be done, complete.
    pub instruction: String,
    /// Which model; the program's own choice when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How hard the model thinks, in the program's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// Which tools it has.
    #[serde(default)]
    pub tools: ToolRules,
    /// How far it may go without asking.
    #[serde(default)]
    pub permissions: Permissions,
    /// Calls of the model at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_turns: Option<u32>,
    /// The JSON Schema that its answer must fulfil.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// A conversation of an earlier attempt to go on with. The instruction is then what is said next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What it may still spend.
    #[serde(default)]
    pub allowance: Allowance,
    /// What people say that models cost.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prices: Prices,
    /// For direct model calls, and for programs that can be pointed elsewhere: where the model is.
    #[serde(default)]
    pub endpoint: Endpoint,
    /// Where it works.
    pub place: Place,
    /// With nothing heard from it for this long, and no tool of its own at work, it has stalled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<Millis>,
    /// Names of environment variables whose values are masked in everything that is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Names of environment variables that the plan gives this task or agent on purpose: they are never stripped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<String>,
}

/// Which program runs an agent, and how it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriverName {
    /// Claude Code, by its control protocol.
    Claude,
    /// Codex, by its app-server, or `exec --json` where there is none.
    Codex,
    /// Gemini CLI, by its JSON stream.
    Gemini,
    /// OpenCode, by its server.
    Opencode,
    /// Any program that speaks the Agent Client Protocol.
    Acp,
    /// A model, called directly.
    Llm,
    /// A program that gets the instruction on its standard input.
    Command,
}

impl DriverName {
    /// As plans write it.
    pub fn as_str(self) -> &'static str {
        match self {
            DriverName::Claude => "claude",
            DriverName::Codex => "codex",
            DriverName::Gemini => "gemini",
            DriverName::Opencode => "opencode",
            DriverName::Acp => "acp",
            DriverName::Llm => "llm",
            DriverName::Command => "command",
        }
    }

    /// The driver that plans call so.
    pub fn parse(name: &str) -> Option<DriverName> {
        use DriverName::{Acp, Claude, Codex, Command, Gemini, Llm, Opencode};
        [Claude, Codex, Gemini, Opencode, Acp, Llm, Command].into_iter().find(|driver| driver.as_str() == name)
    }
}

/// Which tools an agent has. Names are those of the agent's program; `mcp__band` tools are always there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolRules {
    /// Only these; all of the program's own when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<String>>,
    /// Never these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
}

/// What an attempt may still spend, so that it ends where it stands when that is used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Tokens, in and out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Money, in millionths of a US dollar. Counts only where a price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
}

/// Where a model is to be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// `anthropic`, `openai`, `google`, or a name that the agent's program knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Its address, when it is not the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The environment variable that holds the key, when it is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
}

/// Where an agent works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// This folder, beside whoever else works there.
    Shared {
        /// The folder.
        directory: PathBuf,
    },
    /// A git worktree of its own.
    Worktree {
        /// The repository's own working folder.
        repository: PathBuf,
        /// Where the worktree is, or will be made.
        path: PathBuf,
        /// Its branch, made where `start` is when it does not exist.
        branch: String,
        /// The branch or commit that new work starts from.
        start: String,
        /// The folder inside it in which the agent starts; empty for its top.
        inside: PathBuf,
    },
}

/// An assignment for tests: the least that one can be, with the keys of `with` laid over it.
#[cfg(test)]
pub(super) fn example(driver: DriverName, with: &Value) -> AgentAssignment {
    let mut whole = serde_json::json!({
        "run": "k3v9", "job": { "attempt": { "task": 0, "number": 1 }, "step": "work" }, "task": "build.api", "run_folder": "/r",
        "driver": driver, "agent": "a", "instruction": "", "place": { "shared": { "directory": "/p" } },
    });
    if let (Some(whole), Some(with)) = (whole.as_object_mut(), with.as_object()) {
        whole.extend(with.clone());
    }
    serde_json::from_value(whole).unwrap()
}
