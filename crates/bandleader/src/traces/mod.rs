//! Runs as traces: the spans of `view::spans`, sent to a tracing system by OpenTelemetry's protocol.
//!
//! `band traces` sends those of one run; an engine whose environment names a collector sends them as they end (`live`). Whatever
//! becomes of them, the run goes on. Sending is compiled with the feature `otel` alone; `without` stands in its place.

#[cfg(feature = "otel")]
mod export;
#[cfg(not(feature = "otel"))]
#[path = "without.rs"]
mod export;
pub(crate) mod live;

pub(crate) use export::Exporter;

/// Whether the environment names a collector, by OpenTelemetry's own variables, and this `band` can send.
pub(crate) fn is_wanted() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is = |name: &str, word: &str| std::env::var(name).is_ok_and(|value| value.eq_ignore_ascii_case(word));
    cfg!(feature = "otel")
        && (is_set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") || is_set("OTEL_EXPORTER_OTLP_ENDPOINT"))
        && !is("OTEL_SDK_DISABLED", "true")
        && !is("OTEL_TRACES_EXPORTER", "none")
}
