//! What else there is to see of a run: its graph, how it went over time, who works, what it asks, what it costs, what it amounted to; and
//! how it stood at any of its events.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use bandleader_core::plan::Plan;
use bandleader_core::report::RunReport;
use bandleader_core::view::{History, check_in, plan_file};
use bandleader_core::{Asker, Run, TaskId};
use bandleader_engine::engine::desk;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::extract::{Path, Query};
use super::problem::Problem;
use super::reply::{self, Answer, aside, of_type};
use super::watched::{Sight, Watched};
use crate::graph::{Picture, placed};
use crate::json::status::{Moment, describe_at};
use crate::json::{talk, timeline};

/// Something that is made of the run and its past.
async fn past(app: App, run: String, make: fn(&Watched, &Sight<'_>, &History) -> Value) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || run.see_past(|sight, history| make(&run, sight, history))).await
}

/// `GET /runs/{run}/graph`: the places are kept, the states are of now.
pub(super) async fn graph(State(app): State<App>, Path(run): Path<String>) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || {
        let (plan, states, seq) = run.see(|sight| {
            let state = |id: TaskId| sight.run.task(id).state.name();
            let plan = Arc::clone(sight.run.plan());
            (plan.clone(), plan.ids().map(state).collect::<Vec<_>>(), sight.run.last_seq())
        })?;
        // Not while the run is held: a large plan takes a while the first time.
        let mut value = run.graph.get_or_init(|| placed::describe(&Picture::new(&plan))).clone();
        for node in value.get_mut("nodes").and_then(Value::as_array_mut).into_iter().flatten() {
            let at = node.get("id").and_then(Value::as_u64).and_then(|id| usize::try_from(id).ok());
            let state = at.and_then(|at| states.get(at)).copied().unwrap_or_default();
            if let Value::Object(fields) = node {
                fields.insert("state".into(), json!(state));
            }
        }
        if let Value::Object(fields) = &mut value {
            fields.insert("seq".into(), json!(seq));
        }
        Ok(value)
    })
    .await
}

/// `GET /runs/{run}/timeline`
pub(super) async fn timeline(State(app): State<App>, Path(run): Path<String>) -> Answer {
    past(app, run, |_, sight, history| timeline::describe(sight.run, history, sight.now)).await
}

/// `GET /runs/{run}/resources`
pub(super) async fn resources(State(app): State<App>, Path(run): Path<String>) -> Answer {
    past(app, run, |_, sight, history| timeline::resources(sight.run, history)).await
}

/// `GET /runs/{run}/costs`
pub(super) async fn costs(State(app): State<App>, Path(run): Path<String>) -> Answer {
    past(app, run, |_, sight, history| {
        let report = RunReport::of(sight.run, history);
        json!({
            "spent": report.spent, "agents": talk::agents(sight.run), "budgets": talk::budgets(sight.run),
            "attempts": report.attempts,
            "phases": report.phases.iter().map(|phase| json!({ "name": phase.name, "spent": phase.spent })).collect::<Vec<_>>(),
        })
    })
    .await
}

/// In which form a page is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    format: Option<String>,
}

/// `GET /runs/{run}/report`: as JSON, or as the page with `?format=markdown`.
pub(super) async fn report(State(app): State<App>, Path(run): Path<String>, Query(form): Query<Form>) -> Answer {
    let run = app.hub.run(&run).await?;
    let report = aside(move || run.see_past(|sight, history| RunReport::of(sight.run, history))).await?;
    match form.format.as_deref() {
        None | Some("json") => reply::json(&report),
        Some("markdown") => Ok(markdown(report.to_markdown())),
        Some(_) => Err(Problem::bad("`format` is `json` or `markdown`")),
    }
}

/// `GET /runs/{run}/plan`: the live plan file, made from the log now.
pub(super) async fn plan(State(app): State<App>, Path(run): Path<String>) -> Answer {
    let run = app.hub.run(&run).await?;
    let page = aside(move || run.see_past(|sight, history| plan_file(sight.run, history, sight.now))).await?;
    Ok(markdown(page))
}

fn markdown(page: String) -> axum::response::Response {
    of_type("text/markdown; charset=utf-8", StatusCode::OK, page)
}

/// `GET /runs/{run}/decisions`: every question so far, the newest last.
pub(super) async fn decisions(State(app): State<App>, Path(run): Path<String>) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || {
        run.see(|sight| {
            let all = sight.run.decisions().iter().map(|(number, one)| talk::describe(sight.run, *number, one));
            json!({ "decisions": all.collect::<Vec<_>>() })
        })
    })
    .await
}

/// `GET /runs/{run}/decisions/{decision}`: one of them; of a check-in, with what people see before they answer.
pub(super) async fn decision(State(app): State<App>, Path((run, number)): Path<(String, u32)>) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || {
        run.see_past(|sight, history| {
            let known = sight.run.decisions().get(&number);
            let known = known.ok_or_else(|| Problem::missing(format!("this run has no question {number}")))?;
            let seen = match known.asker {
                Asker::Task { task } => check_in::summary(sight.run, history, task, sight.now),
                _ => None,
            };
            let mut value = talk::describe(sight.run, number, known);
            if let Value::Object(fields) = &mut value {
                fields.insert("check_in".into(), json!(seen));
            }
            Ok(value)
        })?
    })
    .await
}

/// `GET /runs/{run}/agents`: who there is, what each works on now, and what it has done.
pub(super) async fn agents(State(app): State<App>, Path(run): Path<String>) -> Answer {
    past(app, run, |run, sight, history| {
        let report = RunReport::of(sight.run, history);
        let activities = desk::activities(&run.folder, &run.id, sight.run);
        let plan = sight.run.plan();
        let mut names: Vec<&str> = plan.ids().filter_map(|id| sight.run.agent_of(id)).collect();
        names.extend(plan.agents.keys().map(String::as_str));
        names.extend(report.agents.iter().map(|row| row.agent.as_str()));
        names.sort_unstable();
        names.dedup();
        let agent = |name: &&str| {
            let at_work = at_work(sight.run, name).into_iter().map(|id| {
                json!({
                    "task": plan.task(id).path, "attempt": sight.run.task(id).attempts,
                    "since": sight.run.task(id).past().attempt_started,
                    "activity": activities.get(&id).map(talk::activity),
                })
            });
            json!({
                "agent": name, "at_work": at_work.collect::<Vec<_>>(), "definition": definition(plan, name),
                "record": report.agents.iter().find(|row| row.agent == **name),
            })
        };
        json!({ "agents": names.iter().map(agent).collect::<Vec<_>>() })
    })
    .await
}

/// The tasks that it works on now.
fn at_work(run: &Run, agent: &str) -> Vec<TaskId> {
    let doer = |id: TaskId| run.agent_of(id).unwrap_or_else(|| run.plan().task(id).agent_name()).to_owned();
    let mut tasks: Vec<TaskId> =
        run.jobs().keys().map(|job| job.attempt.task).filter(|id| doer(*id) == agent).collect();
    tasks.dedup();
    tasks
}

/// As the plan has it; none for plain commands.
fn definition(plan: &Plan, name: &str) -> Value {
    plan.agents.get(name).map_or(Value::Null, |agent| {
        json!({
            "driver": agent.driver, "model": agent.model, "description": agent.description,
            "max_parallel": agent.max_parallel, "backup": agent.backup,
        })
    })
}

/// As of which event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct At {
    at: u64,
}

/// `GET /runs/{run}/state?at=SEQ`
pub(super) async fn state(State(app): State<App>, Path(run): Path<String>, Query(at): Query<At>) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || run.back_then(at.at, |then| describe_at(&run.folder, &run.id, then, Moment::Past))).await
}
