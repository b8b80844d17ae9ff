//! What holds for a whole plan: mode, timeline, limits, resources and agents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::catalogue::{PermissionMode, Shelf};

/// Who is asked what (SPEC section 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Everything asks.
    #[default]
    Interactive,
    /// Only critical and special kinds ask.
    Guided,
    /// Asks, with short deadlines.
    SemiAutonomous,
    /// Nothing waits.
    Autonomous,
}

impl Mode {
    /// Each of them, from asking everything to asking nothing.
    pub const ALL: [Mode; 4] = [Mode::Interactive, Mode::Guided, Mode::SemiAutonomous, Mode::Autonomous];

    /// By its name in plans.
    pub fn parse(name: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// As plans have it.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Interactive => "interactive",
            Mode::Guided => "guided",
            Mode::SemiAutonomous => "semi-autonomous",
            Mode::Autonomous => "autonomous",
        }
    }
}

/// How pressed the mission is (SPEC section 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timeline {
    /// Short deadlines.
    Urgent,
    /// As the table says.
    #[default]
    Normal,
    /// Long deadlines.
    Relaxed,
}

/// Caps over the whole run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How many attempts may be alive at once; at least 1.
    pub parallel: u32,
    /// Wall time of the run while it is not paused.
    pub time: Option<Millis>,
    /// Money, in US dollars. Kept for metered agents.
    pub cost_usd: Option<f64>,
    /// Tokens, in and out. Kept for metered agents.
    pub tokens: Option<u64>,
}

impl Limits {
    /// What agents may spend in the whole run.
    pub fn caps(&self) -> Caps {
        Caps { cost: self.cost_usd.map(millionths), tokens: self.tokens }
    }
}

/// What agents may spend on something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// Money, in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// Tokens, in and out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
}

/// Something that tasks hold while they run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// As the plan calls it.
    pub name: String,
    /// How many units there are. 1 makes it an exclusive lock. A shared lock takes one unit, an exclusive hold all.
    pub capacity: u32,
}

/// A resource's place in `Plan::resources` and how many units a task takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Use {
    /// Index into `Plan::resources`.
    pub resource: u32,
    /// Units, 1 to the capacity.
    pub units: u32,
}

/// A named role and the driver that runs it. Everything that a driver needs stands here: what the plan, `band.toml` and the agent's
/// file say is put together when the plan is checked, in this order of precedence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// `command`, `claude`, `codex`, `gemini`, `opencode`, `acp`, `llm`, or `auto` where the engine picks one.
    pub driver: String,
    /// For `command` and `acp`: the program and its arguments. A `command` gets the instruction on stdin and in `$BAND_TASK`.
    pub command: Vec<String>,
    /// How many of its attempts may run at once.
    pub max_parallel: Option<u32>,
    /// Who may take over: keys of `Plan::agents`.
    pub backup: Vec<String>,
    /// Added to the environment of its attempts (templates).
    pub env: BTreeMap<String, String>,
    /// What it is good at, for people.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: Option<String>,
    /// What it is told about its role. Never a template.
    #[serde(default, skip_serializing_if = "is_default")]
    pub instructions: Option<String>,
    /// Which model, in the driver's words; `None` leaves it to the driver.
    #[serde(default, skip_serializing_if = "is_default")]
    pub model: Option<String>,
    /// How hard the model thinks: `low`, `medium`, `high`, `xhigh` or `max`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub effort: Option<String>,
    /// The tools that it may use, in Claude Code's words; `None` means all, an empty list none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tools: Option<Vec<String>>,
    /// Tools that it may not use.
    #[serde(default, skip_serializing_if = "is_default")]
    pub disallowed_tools: Vec<String>,
    /// What it may do.
    #[serde(default, skip_serializing_if = "is_default")]
    pub permissions: Permissions,
    /// After so many turns an attempt is stopped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_turns: Option<u32>,
    /// Money that all its attempts together may spend, in US dollars.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cost_limit_usd: Option<f64>,
    /// Tokens that all its attempts together may use, in and out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub token_limit: Option<u64>,
    /// Wall time of one attempt.
    #[serde(default, skip_serializing_if = "is_default")]
    pub time_limit: Option<Millis>,
    /// For `llm` and `opencode`: whose model it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub provider: Option<String>,
    /// Where its model is served; begins with `http://` or `https://`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub base_url: Option<String>,
    /// Name of the environment variable with the key to its model.
    #[serde(default, skip_serializing_if = "is_default")]
    pub api_key_env: Option<String>,
    /// Agents with the same one share a rate limit.
    #[serde(default, skip_serializing_if = "is_default")]
    pub account: Option<String>,
    /// What only its file says; `None` if it has none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub role: Option<AgentRole>,
}

/// How far an agent may go without asking anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permissions {
    /// It reads. Nothing is written, no command is run.
    ReadOnly,
    /// It reads, and changes files in the folder that it works in; commands as far as its program's own sandbox holds them.
    #[default]
    Edit,
    /// Whatever it wants, as the account that we run as.
    Full,
}

/// The part of an agent file that plans have no keys for. What they have keys for is in [`Agent`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentRole {
    /// As the file calls it.
    pub name: String,
    /// The file, as people know it.
    pub path: String,
    /// Where the catalogue found it; `None` if the plan names the file itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shelf: Option<Shelf>,
    /// How Claude Code would permit its tool calls. [`Agent::permissions`] is what counts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub permission_mode: Option<PermissionMode>,
    /// `worktree`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub isolation: Option<String>,
    /// Skills that are loaded into it when it starts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub skills: Vec<String>,
    /// Names of MCP servers that it may use.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mcp_servers: Vec<String>,
    /// `user`, `project` or `local`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub memory: Option<String>,
    /// What it is told first when it is the main agent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub initial_prompt: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Agent {
    /// The account with a provider that its attempts use up: attempts with the same one share its limits. None for plain commands.
    pub fn account_name(&self) -> Option<String> {
        let provider = match (self.driver.as_str(), self.provider.as_deref()) {
            ("command", _) => return None,
            (_, Some(provider)) => provider,
            ("claude", None) => "anthropic",
            ("codex", None) => "openai",
            ("gemini", None) => "google",
            (driver, None) => driver,
        };
        Some(match &self.account {
            Some(account) => format!("{provider}/{account}"),
            None => provider.to_owned(),
        })
    }

    /// What it may spend, over all its tasks.
    pub fn caps(&self) -> Caps {
        Caps { cost: self.cost_limit_usd.map(millionths), tokens: self.token_limit }
    }
}

/// Plans say money in dollars; sums are kept in whole millionths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; a limit under nothing is nothing"
)]
pub(crate) fn millionths(dollars: f64) -> u64 {
    (dollars * 1e6).round() as u64
}
