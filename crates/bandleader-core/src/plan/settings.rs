//! What holds for a whole plan: mode, timeline, limits, resources and agents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Millis;

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
        // Plans say money in dollars; sums are kept in whole millionths.
        let millionths = |dollars: f64| {
            let millionths = (dollars * 1e6).round();
            // Casts saturate; a limit under nothing is nothing.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
            let whole = millionths as u64;
            whole
        };
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

/// A named role and the driver that runs it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// `command` today; other drivers slot in here.
    pub driver: String,
    /// For `command`: the program and its arguments. It gets the instruction on stdin and in `$BAND_TASK`.
    pub command: Vec<String>,
    /// How many of its attempts may run at once.
    pub max_parallel: Option<u32>,
    /// Who may take over.
    pub backup: Vec<String>,
    /// Added to the environment of its attempts (templates).
    pub env: BTreeMap<String, String>,
}

impl Agent {
    /// What it may spend, over all its tasks.
    pub fn caps(&self) -> Caps {
        Caps::default()
    }
}
