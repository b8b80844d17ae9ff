//! Sends spans by OpenTelemetry's protocol over HTTP. The only file that knows its libraries.
//!
//! Where to, with which headers, for how long and as protobuf or JSON is for OpenTelemetry's own variables to say
//! (`OTEL_EXPORTER_OTLP_ENDPOINT`, `…_HEADERS`, `…_TIMEOUT`, `…_PROTOCOL`), and `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` for the rest.
//! Where nothing is said it is protobuf, as the protocol wants. gRPC is not spoken: its libraries would be larger than all of this.

use std::time::{Duration, SystemTime};

use bandleader_core::view::spans::{Span, names};
use bandleader_core::{RunId, Timestamp};
use bandleader_engine::blob::BlobId;
use opentelemetry::trace::{Event, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks};
use tokio::runtime::Runtime;

use crate::error::{Failure, with_causes};

/// So many spans go in one message.
const AT_ONCE: usize = 500;

/// Where traces are sent.
pub(crate) struct Exporter {
    exporter: opentelemetry_otlp::SpanExporter,
    runtime: Runtime,
}

impl Exporter {
    /// To the collector at `to` (`http://localhost:4318`), or where the environment says. Nothing is sent yet.
    pub(crate) fn open(to: Option<&str>) -> Result<Exporter, Failure> {
        // An error means that it is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::internal(format!("no runtime: {error}")))?;
        let mut builder = opentelemetry_otlp::SpanExporter::builder().with_http();
        match protocol() {
            None => builder = builder.with_protocol(Protocol::HttpBinary),
            Some(wanted) if wanted.eq_ignore_ascii_case("grpc") => {
                return Err(Failure::usage("spans cannot be sent by gRPC").hint(
                    "set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json; collectors take both, mostly at port 4318",
                ));
            }
            Some(_) => {}
        }
        if let Some(to) = to {
            builder = builder.with_endpoint(with_path(to));
        }
        let made = builder.build().map_err(|error| {
            Failure::usage(format!("spans cannot be sent: {}", with_causes(&error)))
                .hint("the address of a collector looks like http://localhost:4318, and is spoken to over HTTP")
        })?;
        let mut exporter = made;
        let named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
        let resource = Resource::builder();
        let resource = if named { resource } else { resource.with_service_name("bandleader") };
        exporter.set_resource(&resource.build());
        Ok(Exporter { exporter, runtime })
    }

    /// Sends spans of a run that was created then. The same span has the same id however often it is sent.
    pub(crate) fn send(&self, id: &RunId, created: Timestamp, spans: &[Span]) -> Result<(), String> {
        let trace = Trace { seed: format!("{id}@{}", created.0) };
        for some in spans.chunks(AT_ONCE) {
            let batch = some.iter().map(|span| trace.data(span)).collect();
            self.runtime.block_on(self.exporter.export(batch)).map_err(|error| with_causes(&error))?;
        }
        Ok(())
    }
}

/// The protocol that the environment names, that for traces before that for everything.
fn protocol() -> Option<String> {
    ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// A collector's address stands for its place for traces, as in `OTEL_EXPORTER_OTLP_ENDPOINT`.
fn with_path(to: &str) -> String {
    const PATH: &str = "/v1/traces";
    let to = to.trim_end_matches('/');
    if to.ends_with(PATH) { to.to_owned() } else { format!("{to}{PATH}") }
}

/// One run: what all its ids are made of.
struct Trace {
    seed: String,
}

impl Trace {
    fn id(&self) -> TraceId {
        TraceId::from_bytes(bytes(&self.seed))
    }

    fn span_id(&self, key: &str) -> SpanId {
        SpanId::from_bytes(bytes(&format!("{}/{key}", self.seed)))
    }

    fn data(&self, span: &Span) -> SpanData {
        let context =
            SpanContext::new(self.id(), self.span_id(&span.key), TraceFlags::SAMPLED, false, TraceState::default());
        let parent = span.parent.as_ref().map_or(SpanId::INVALID, |parent| self.span_id(parent));
        let mut events = SpanEvents::default();
        let note = |(at, text): &(Timestamp, String)| Event::new(text.clone(), system(*at), Vec::new(), 0);
        events.events = span.events.iter().map(note).collect();
        let scope = InstrumentationScope::builder("bandleader").with_version(env!("CARGO_PKG_VERSION")).build();
        SpanData {
            span_context: context,
            parent_span_id: parent,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: span.name.clone().into(),
            start_time: system(span.start),
            end_time: system(span.end),
            attributes: span.attributes.iter().filter_map(|(name, value)| attribute(name, value)).collect(),
            dropped_attributes_count: 0,
            events,
            links: SpanLinks::default(),
            status: status(span),
            instrumentation_scope: scope,
        }
    }
}

fn status(span: &Span) -> Status {
    match &span.error {
        Some(why) => Status::error(why.clone()),
        None if span.attributes.iter().any(|(name, _)| *name == names::STATE) => Status::Ok,
        None => Status::Unset,
    }
}

/// The first bytes of the hash of a text: as many as an id has.
fn bytes<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
    let hash = BlobId::of(text.as_bytes());
    let mut digits = hash.as_str().as_bytes().chunks(2);
    std::array::from_fn(|_| {
        let pair = digits.next().and_then(|pair| std::str::from_utf8(pair).ok()).unwrap_or_default();
        u8::from_str_radix(pair, 16).unwrap_or_default()
    })
}

fn system(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(at.0)
}

fn attribute(name: &'static str, value: &serde_json::Value) -> Option<KeyValue> {
    let value = match value {
        serde_json::Value::String(text) => Value::from(text.clone()),
        serde_json::Value::Bool(flag) => Value::from(*flag),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from(number.as_f64()?),
        },
        _ => return None,
    };
    Some(KeyValue::new(name, value))
}
