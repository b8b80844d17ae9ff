//! Plans over HTTP: those that have names, a check of one, a prospect of a run, and the run itself.

use std::collections::BTreeMap;
use std::path::{Component, Path as FilePath};
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use bandleader_core::plan::Mode;
use bandleader_core::{Millis, MissingInputs, Timestamp};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{NewMission, submit_told};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::asking::{Asking, done};
use super::extract::Query;
use super::hub::Hub;
use super::onward::millionths;
use super::problem::Problem;
use super::reply::{self, Answer, aside};
use super::writes::start;
use crate::cli::policy_of;
use crate::json::{levels as table, prospect};
use crate::plans::{PlanArguments, PlanFile, Prepared, Shelf, Wishes, find, named, prepare};
use crate::render::diagnostics;

/// A plan that somebody means, and what it is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meant {
    /// A name, or the path of a file within the project.
    #[serde(default)]
    plan: Option<String>,
    /// Or the plan itself.
    #[serde(default)]
    text: Option<String>,
    /// Values of its inputs; others than texts as JSON.
    #[serde(default)]
    inputs: BTreeMap<String, Value>,
    #[serde(default)]
    level: Option<u8>,
    /// How many tasks at once, in the place of its own number.
    #[serde(default)]
    parallel: Option<u32>,
    /// Of a run that is wanted, not of a plan that is looked at.
    #[serde(skip)]
    wishes: Wishes,
}

impl Meant {
    fn file(&self, hub: &Hub) -> Result<PlanFile, Problem> {
        match (&self.plan, &self.text) {
            (Some(name), None) => Ok(find(within(name)?)?),
            (None, Some(text)) => {
                let folder = hub.folder().project().to_owned();
                Ok(PlanFile { name: "plan".into(), text: text.clone(), folder })
            }
            _ => Err(Problem::bad("give either `plan`, a name or a path, or `text`, the plan itself")),
        }
    }

    fn prepared(&self, file: &PlanFile, missing: MissingInputs) -> Result<Prepared, Problem> {
        if self.level.is_some_and(|level| !(1..=5).contains(&level)) || self.parallel == Some(0) {
            return Err(Problem::bad("`level` is 1 to 5, `parallel` at least 1"));
        }
        let inputs = self.inputs.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        let arguments = PlanArguments { plan: String::new(), inputs, level: self.level, agents: Vec::new() };
        let mut prepared = prepare(file, &arguments, self.parallel, missing)?;
        if let Some(plan) = &mut prepared.checked.plan {
            self.wishes.apply(plan);
        }
        Ok(prepared)
    }
}

/// A value as it would be typed.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A name, or a path that does not lead out of the project.
fn within(name: &str) -> Result<&str, Problem> {
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if name == "-" || name.is_empty() || !FilePath::new(name).components().all(inside) {
        return Err(Problem::bad("`plan` is a name, or a path below the project's folder"));
    }
    Ok(name)
}

/// `POST /plans/check`
pub(super) async fn check(State(app): State<App>, asking: Asking<Meant>) -> Answer {
    let hub = Arc::clone(&app.hub);
    reply::made(move || {
        let prepared = asking.body.prepared(&asking.body.file(&hub)?, MissingInputs::Allow)?;
        Ok(prospect::describe(&prepared, now()))
    })
    .await
}

fn now() -> Timestamp {
    Clock::start(Timestamp(0)).now()
}

/// A run that is wanted: what `Meant` has, and more. Written out, because `serde` cannot both take one into the other and refuse what
/// neither has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    plan: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    inputs: BTreeMap<String, Value>,
    #[serde(default)]
    level: Option<u8>,
    #[serde(default)]
    parallel: Option<u32>,
    /// Who is asked what, in place of what the plan says.
    #[serde(default)]
    mode: Option<Mode>,
    /// Limits of the run, in place of the plan's: milliseconds, US dollars, tokens.
    #[serde(default)]
    time_ms: Option<u64>,
    #[serde(default)]
    cost_usd: Option<f64>,
    #[serde(default)]
    tokens: Option<u64>,
    /// A branch of the person's into which its work is merged when it has succeeded.
    #[serde(default)]
    merge_into: Option<String>,
    /// Only say what it would be like.
    #[serde(default)]
    preview: bool,
}

/// `POST /runs`
pub(super) async fn begin(State(app): State<App>, asking: Asking<Wanted>) -> Answer {
    let Wanted { plan, text, inputs, level, parallel, mode, time_ms, cost_usd, tokens, merge_into, preview } =
        asking.body;
    if time_ms == Some(0) || tokens == Some(0) || cost_usd.is_some_and(|cost| cost == 0.0) {
        return Err(Problem::bad("a limit of nothing lets nothing start: leave it out, or give more"));
    }
    cost_usd.map(millionths).transpose()?;
    let wishes = Wishes { mode, time: time_ms.map(Millis), cost_usd, tokens };
    let meant = Meant { plan, text, inputs, level, parallel, wishes };
    let hub = Arc::clone(&app.hub);
    if preview {
        let look = move || Ok(prospect::describe(&meant.prepared(&meant.file(&hub)?, MissingInputs::Allow)?, now()));
        return reply::made(look).await;
    }
    // Two requests with keys wait for one another: they may have the same.
    let mut keys = match asking.key {
        Some(_) => Some(app.started.lock().await),
        None => None,
    };
    let asked = json!({ "plan": meant.plan, "text": meant.text, "inputs": meant.inputs, "level": level, "parallel": parallel,
        "mode": mode, "time_ms": time_ms, "cost_usd": cost_usd, "tokens": tokens, "merge_into": merge_into });
    if let Some((before, run)) = asking.key.as_ref().and_then(|key| keys.as_ref()?.get(key)) {
        if *before != asked {
            return Err(Problem::unprocessable("key-used", "this key was used to start something else"));
        }
        let what = json!({ "run": run, "repeated": true });
        return done(StatusCode::CREATED, &json!({ "run": run, "repeated": true, "notes": [] }), what);
    }
    let (run, notes) = aside(move || submit(&hub, &meant, merge_into.as_deref())).await?;
    if let (Some(key), Some(keys)) = (asking.key, &mut keys) {
        keys.insert(key, asked, &run);
    }
    drop(keys);
    let what = json!({ "run": run });
    done(StatusCode::CREATED, &json!({ "run": run, "repeated": false, "notes": notes }), what)
}

/// Freezes it as a run and starts an engine for it.
fn submit(hub: &Hub, meant: &Meant, merge_into: Option<&str>) -> Result<(String, Vec<String>), Problem> {
    let file = meant.file(hub)?;
    let prepared = meant.prepared(&file, MissingInputs::Refuse)?;
    let checked = &prepared.checked;
    let Some(plan) = &checked.plan else {
        let found = serde_json::to_value(diagnostics::plain(&checked.diagnostics, &checked.sources));
        let found = found.ok().and_then(|found| found.as_array().cloned()).unwrap_or_default();
        return Err(Problem::unprocessable("invalid-plan", "the plan has errors; nothing was started").problems(found));
    };
    if !prepared.lacking.is_empty() {
        return Err(Problem::unprocessable("lacking", prepared.lacking.join("; "))
            .hint("`band doctor` shows what is installed; nothing was started"));
    }
    let folder = hub.folder();
    let plan_name = meant.plan.as_deref().unwrap_or(&file.name);
    let new = NewMission { plan, plan_name, project: folder.project(), merge_into };
    let mut notes: Vec<String> = prepared.picked.iter().cloned().collect();
    let id = submit_told(folder, &new, &mut |note| notes.push(note.to_owned()))?;
    start(folder, &id)?;
    Ok((id.to_string(), notes))
}

/// `GET /plans`: every plan that has a name, with what it is for and what it can be given.
pub(super) async fn list() -> Answer {
    reply::made(|| {
        let plans = named().into_iter().map(|(name, shelf)| {
            let shelf = match shelf {
                Shelf::Project => "project",
                Shelf::User => "user",
                Shelf::BuiltIn => "built-in",
            };
            let arguments = PlanArguments { plan: name.clone(), inputs: Vec::new(), level: None, agents: Vec::new() };
            let prepared = find(&name).and_then(|file| prepare(&file, &arguments, None, MissingInputs::Allow)).ok();
            let checked = prepared.as_ref().map(|prepared| &prepared.checked);
            let plan = checked.and_then(|checked| checked.plan.as_ref());
            json!({
                "name": name, "shelf": shelf, "valid": plan.is_some(),
                "mission": plan.map(|plan| plan.mission.as_str()), "level": plan.map(|plan| plan.level),
                "inputs": checked.map(|checked| checked.parameters.as_slice()).unwrap_or_default(),
            })
        });
        Ok(json!({ "plans": plans.collect::<Vec<_>>() }))
    })
    .await
}

/// `GET /levels`
pub(super) async fn levels() -> Answer {
    reply::json(&table::describe(&table::changes()?))
}

/// Of which plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfPlan {
    plan: String,
    #[serde(default)]
    level: Option<u8>,
}

/// `GET /policy?plan=NAME`: only of plans that have a name, for whoever may look reads no other file.
pub(super) async fn policy(Query(of): Query<OfPlan>) -> Answer {
    reply::made(move || {
        if !named().contains_key(&of.plan) {
            return Err(Problem::missing("no plan has that name").hint("GET /plans lists those that have one"));
        }
        let file = find(&of.plan)?;
        let arguments = PlanArguments { plan: of.plan, inputs: Vec::new(), level: of.level, agents: Vec::new() };
        let prepared = prepare(&file, &arguments, None, MissingInputs::Allow)?;
        let plan = prepared.checked.plan.as_ref();
        plan.map(policy_of).ok_or_else(|| Problem::unprocessable("invalid-plan", "the plan has errors"))
    })
    .await
}
