//! In the place of `export` in a `band` that was built without it.

use bandleader_core::RunId;
use bandleader_core::Timestamp;
use bandleader_core::view::spans::Span;

use crate::error::Failure;

/// Never made.
pub(crate) struct Exporter(std::convert::Infallible);

impl Exporter {
    /// Refuses, and says how to get one that can.
    pub(crate) fn open(_to: Option<&str>) -> Result<Exporter, Failure> {
        Err(Failure::usage("this `band` was built without OpenTelemetry").hint(
            "`cargo install --path crates/bandleader --features otel` builds one with it; `--json` prints the spans",
        ))
    }

    /// Is never called.
    pub(crate) fn send(&self, _id: &RunId, _created: Timestamp, _spans: &[Span]) -> Result<(), String> {
        match self.0 {}
    }
}
