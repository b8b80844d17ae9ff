//! Milestones: named points of the way.

use serde::{Deserialize, Serialize};

use crate::TaskId;

/// A named point of the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// What it is called in the plan, and by those who need it; of an included plan with the path before it.
    pub id: String,
    /// For people; its id when the plan gives none.
    pub title: String,
    /// The node that is judged when everything before it is over: `Work::Milestone`, or `Work::Decision` where people are asked then.
    pub task: TaskId,
}
