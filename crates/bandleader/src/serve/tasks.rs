//! The tasks of a run: rows, and all of one.

use std::sync::Arc;

use axum::extract::State;
use bandleader_core::{Run, TaskId};
use bandleader_engine::engine::desk;
use bandleader_engine::workspace::changes;
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::extract::{Path, Query};
use super::paging::{Cursor, Paged};
use super::problem::Problem;
use super::reply::{self, Answer};
use crate::json::task;

/// Which tasks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// States, with commas between them.
    #[serde(default)]
    state: Option<String>,
    /// A part of a path.
    #[serde(default)]
    search: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    after: Option<String>,
}

/// `GET /runs/{run}/tasks`
pub(super) async fn list(State(app): State<App>, Path(run): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || {
        run.see(|sight| {
            let (plan, words) = (sight.run.plan(), asked.search.as_deref().unwrap_or_default().to_lowercase());
            let fits = |id: &TaskId| {
                let state = sight.run.task(*id).state.name();
                let in_state = asked.state.as_ref().is_none_or(|states| states.split(',').any(|one| one == state));
                in_state && plan.task(*id).path.to_lowercase().contains(&words)
            };
            let found: Vec<TaskId> = plan.ids().filter(|id| plan.task(*id).is_real()).filter(fits).collect();
            let cursor = Cursor { after: asked.after.as_deref(), limit: asked.limit };
            let Paged { rows, next, total } = cursor.cut(found, |id| plan.task(*id).path.clone())?;
            let activities = desk::activities(&run.folder, &run.id, sight.run);
            let rows: Vec<_> = rows.iter().map(|id| task::row(sight.run, *id, activities.get(id))).collect();
            Ok(json!({ "seq": sight.run.last_seq(), "tasks": rows, "next": next, "total": total }))
        })?
    })
    .await
}

/// The task of exactly this path.
pub(super) fn find(run: &Run, path: &str) -> Result<TaskId, Problem> {
    let found = run.plan().find(path).filter(|id| run.plan().task(*id).is_real());
    found.ok_or_else(|| Problem::missing("this run has no task of that path").hint("its `tasks` list them"))
}

/// `GET /runs/{run}/tasks/{task}`
pub(super) async fn show(State(app): State<App>, Path((run, path)): Path<(String, String)>) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || {
        run.see_past(|sight, history| {
            let id = find(sight.run, &path)?;
            let activities = desk::activities(&run.folder, &run.id, sight.run);
            Ok(task::whole(sight.run, history, id, activities.get(&id)))
        })?
    })
    .await
}

/// How much of a diff is shown when nothing else is asked for, and at most, in bytes.
const DIFF: (usize, usize) = (256 << 10, 4 << 20);

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Much {
    #[serde(default)]
    limit: Option<usize>,
}

/// `GET /runs/{run}/tasks/{task}/diff`
pub(super) async fn diff(
    State(app): State<App>,
    Path((run, path)): Path<(String, String)>,
    Query(much): Query<Much>,
) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || {
        // Git takes its time: nobody else waits for the run meanwhile.
        let (id, copy) = run.see(|sight| find(sight.run, &path).map(|id| (id, Arc::new(sight.run.clone()))))??;
        let limit = much.limit.unwrap_or(DIFF.0).min(DIFF.1);
        let project = desk::find(&run.folder, Some(run.id.as_str()))?.project;
        let found = changes(&project, &run.folder.run(&run.id), (&run.id, &copy), id, limit);
        let found = found.map_err(|words| Problem::unprocessable("git", words))?;
        let found = found.ok_or_else(|| {
            Problem::missing("this task has changed nothing that can be shown")
                .hint("only work in a git worktree has a diff")
        })?;
        Ok(json!({
            "task": path, "base": found.base, "commit": found.commit, "diff": found.diff, "is_cut": found.is_cut,
            "new_files": found.new_files,
        }))
    })
    .await
}
