//! `band traces`: a run for a tracing system.

use bandleader_core::view::spans::{Span, spans};
use bandleader_core::view::{History, when};
use bandleader_engine::engine::{Follower, desk};
use clap::Args;
use serde_json::{Map, Value, json};

use super::WhichRun;
use crate::error::{Exit, Failure, Outcome};
use crate::render::screen::Screen;
use crate::render::text::{clean, count};
use crate::traces::{Exporter, is_wanted};

/// Send the spans of a run to a tracing system
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band traces --to http://localhost:4318
  band traces k3v9 --json | jq 'select(.error)'
  OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 band run plan.yaml
A run, its phases, tasks and attempts are spans; those of agents have the names of OpenTelemetry's conventions for generative AI.
With that variable `band run` sends them as they end. Sending again does no harm: a span has the same id every time.
Needs a `band` that was built with `--features otel`; `--json` works without.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// The collector, over HTTP; else what OTEL_EXPORTER_OTLP_ENDPOINT says
    #[arg(long, value_name = "URL", conflicts_with = "json")]
    to: Option<String>,
    /// Print them instead, one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Sends or prints them.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    let follower = Follower::open(&folder, &id)?;
    let story = desk::story(&folder, &id)?;
    let history = History::replay(follower.run().plan().clone(), &story);
    let spans = spans(&id, &history);
    if arguments.json {
        for span in &spans {
            screen.json_line(&describe(span))?;
        }
        return Ok(Exit::Succeeded);
    }
    let exporter = Exporter::open(arguments.to.as_deref())?;
    if arguments.to.is_none() && !is_wanted() {
        return Err(Failure::usage("no collector is named").hint("say `--to http://localhost:4318`, or `--json`"));
    }
    let sent = exporter.send(&id, history.created(), &spans);
    sent.map_err(|why| Failure::internal(format!("the spans were not sent: {}", clean(&why))))?;
    screen.note(&format!("{} of run {id} sent", count(spans.len(), "span")));
    Ok(Exit::Succeeded)
}

fn describe(span: &Span) -> Value {
    let events = span.events.iter().map(|(at, text)| json!({ "at": when::rfc3339(*at), "text": text }));
    let attributes: Map<String, Value> =
        span.attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({
        "key": span.key, "parent": span.parent, "name": span.name,
        "start": when::rfc3339(span.start), "end": when::rfc3339(span.end),
        "attributes": attributes, "events": events.collect::<Vec<_>>(), "error": span.error,
    })
}
