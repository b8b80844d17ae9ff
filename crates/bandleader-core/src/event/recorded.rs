//! An event in its place.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::Timestamp;

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// From 1, without gaps.
    pub seq: u64,
    /// When the engine decided it.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}
