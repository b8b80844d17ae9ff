//! An assignment for the tests of this driver's parts.

use serde_json::json;

use crate::agent::assignment::{AgentAssignment, DriverName, example};

pub(super) fn assignment() -> AgentAssignment {
    example(DriverName::Codex, &json!({}))
}
