//! Numbers for Prometheus: what the project's runs are at, how quickly the log is read, and who listens.
//!
//! What is said of runs is made from them when it is asked for; only what the server itself does is counted as it happens.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use bandleader_core::Run;
use bandleader_core::view::spent::Spent;
use bandleader_engine::engine::desk;
use bandleader_engine::store::RunRow;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use serde_json::Value;

use super::App;
use super::problem::Problem;
use super::reply::{Answer, aside, of_type};
use crate::json::inbox::can_ask;
use crate::json::runs::{counts, state_name};

/// The media type for scrapers that ask for OpenMetrics, as Prometheus does.
pub(super) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// And for all others.
pub(super) const OLDER: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How long the log takes. Clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Timings {
    /// To fold a run that nobody looked at.
    pub folded: Histogram,
    /// To read and fold in what is new.
    pub read: Histogram,
    /// From the moment that an event was decided until followers are told.
    pub told_after: Histogram,
}

type Labels<const N: usize> = [(&'static str, String); N];
type Numbers = Gauge<f64, AtomicU64>;

/// All of them.
pub(crate) struct Metrics {
    registry: Registry,
    pub timings: Timings,
    runs: Family<Labels<1>, Gauge>,
    tasks: Family<Labels<1>, Gauge>,
    attempts: Family<Labels<1>, Gauge>,
    tokens: Family<Labels<1>, Gauge>,
    cost: Family<Labels<1>, Numbers>,
    decisions: Gauge,
    watched: Gauge,
    streams: Family<Labels<1>, Gauge>,
    requests: Family<Labels<2>, Counter>,
    took: Histogram,
    /// One at a time fills in what is made when it is asked for.
    filling: Mutex<()>,
}

/// A stream that is open; dropping it counts it out.
pub(super) struct Streaming(Gauge);

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        // From a tenth of a millisecond to some seconds.
        let histogram = || Histogram::new(exponential_buckets(0.000_1, 3.0, 11));
        let mut metrics = Metrics {
            registry: Registry::with_prefix("bandleader"),
            timings: Timings { folded: histogram(), read: histogram(), told_after: histogram() },
            runs: Family::default(),
            tasks: Family::default(),
            attempts: Family::default(),
            tokens: Family::default(),
            cost: Family::default(),
            decisions: Gauge::default(),
            watched: Gauge::default(),
            streams: Family::default(),
            requests: Family::default(),
            took: histogram(),
            filling: Mutex::new(()),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let to = &mut self.registry;
        to.register("runs", "Runs of the project by state", self.runs.clone());
        to.register("tasks", "Tasks of all runs by state", self.tasks.clone());
        to.register("run_attempts", "Attempts begun in a run that goes on", self.attempts.clone());
        to.register("run_tokens", "Tokens used in a run that goes on", self.tokens.clone());
        to.register("run_cost_dollars", "Money spent in a run that goes on, as far as it is known", self.cost.clone());
        to.register("open_decisions", "Questions that wait for a person", self.decisions.clone());
        to.register("watched_runs", "Runs whose state the server keeps folded", self.watched.clone());
        to.register("streams", "Clients that follow events", self.streams.clone());
        to.register("http_requests", "Requests answered, by method and status", self.requests.clone());
        to.register("http_request_seconds", "Time until a response began", self.took.clone());
        to.register("run_fold_seconds", "Time to fold a run that nobody looked at", self.timings.folded.clone());
        to.register("store_read_seconds", "Time to read and fold in new events", self.timings.read.clone());
        to.register(
            "event_told_seconds",
            "Time from the decision of an event until its followers are told",
            self.timings.told_after.clone(),
        );
    }

    /// A stream is opened.
    pub(super) fn streaming(&self, of: &str) -> Streaming {
        let gauge = self.streams.get_or_create(&[("of", of.to_owned())]).clone();
        gauge.inc();
        Streaming(gauge)
    }

    /// A request was answered.
    pub(super) fn answered(&self, method: &str, status: StatusCode, took: Duration) {
        // Only methods that are known become labels: a client cannot make up more.
        let known = ["GET", "HEAD", "POST", "DELETE"].iter().find(|known| **known == method).copied();
        let labels = [("method", known.unwrap_or("other").to_owned()), ("status", status.as_str().to_owned())];
        self.requests.get_or_create(&labels).inc();
        self.took.observe(took.as_secs_f64());
    }

    fn text(&self, app: &App) -> Result<String, Problem> {
        let _filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = desk::runs(app.hub.folder()).map_err(Problem::from)?;
        self.count(app, &rows);
        self.decisions.set(0);
        for family in [&self.attempts, &self.tokens] {
            family.clear();
        }
        self.cost.clear();
        for row in rows.iter().filter(|row| can_ask(&row.state)) {
            // One whose log is damaged has no numbers; `GET /runs/{run}` says what is wrong with it.
            if let Ok(run) = app.hub.open(row.id.as_str()) {
                let _ = run.see(|sight| self.one(row, sight.run));
            }
        }
        self.watched.set(i64::try_from(app.hub.watched()).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(|_| Problem::internal("the metrics cannot be written"))?;
        Ok(text)
    }

    fn count(&self, app: &App, rows: &[RunRow]) {
        self.runs.clear();
        self.tasks.clear();
        for row in rows {
            let state = state_name(app.hub.folder(), &row.id, &row.state).to_owned();
            self.runs.get_or_create(&[("state", state)]).inc();
            let Ok(Value::Object(counts)) = serde_json::to_value(counts(row)) else { continue };
            for (state, number) in counts.into_iter().filter(|(state, _)| state != "total") {
                self.tasks.get_or_create(&[("state", state)]).inc_by(number.as_i64().unwrap_or_default());
            }
        }
    }

    fn one(&self, row: &RunRow, run: &Run) {
        let labels = [("run", row.id.to_string())];
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.attempts.get_or_create(&labels).set(whole(run.starts()));
        let spent = Spent::of(run.spent(), false);
        self.tokens.get_or_create(&labels).set(whole(spent.tokens));
        self.cost.get_or_create(&labels).set(spent.cost_usd.unwrap_or_default());
        self.decisions.inc_by(i64::try_from(run.open_decisions().count()).unwrap_or_default());
    }
}

/// The same in the older format: there the help and the type of a counter stand under the name of its samples, and there is no end.
fn older(text: &str) -> String {
    let counters: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let one = |line: &str| {
        let said =
            ["# HELP ", "# TYPE "].iter().find_map(|kind| Some((kind, line.strip_prefix(kind)?.split_once(' ')?)));
        match said {
            Some((kind, (name, rest))) if counters.contains(name) => format!("{kind}{name}_total {rest}\n"),
            _ => format!("{line}\n"),
        }
    };
    text.lines().filter(|line| *line != "# EOF").map(one).collect()
}

/// `GET /metrics`
pub(super) async fn metrics(State(app): State<App>, headers: HeaderMap) -> Answer {
    let of = Arc::clone(&app.metrics);
    let text = aside(move || of.text(&app)).await?;
    // Who says nothing takes anything; who names formats and not this one may not know it.
    let knows = |asked: &HeaderValue| asked.to_str().is_ok_and(|asked| asked.contains("application/openmetrics-text"));
    if headers.get(header::ACCEPT).is_none_or(knows) {
        return Ok(of_type(OPEN_METRICS, StatusCode::OK, text));
    }
    Ok(of_type(OLDER, StatusCode::OK, older(&text)))
}
