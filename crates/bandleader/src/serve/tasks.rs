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
use super::paging::{Asked, Paged};
use super::problem::Problem;
use super::reply::{self, Answer};
use crate::json::task;

/// `GET /runs/{run}/tasks`
pub(super) async fn list(State(app): State<App>, Path(run): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let run = app.hub.run(&run).await?;
    reply::made(move || {
        run.see(|sight| {
            let plan = sight.run.plan();
            let fits =
                |id: &TaskId| asked.has(sight.run.task(*id).state.name()) && asked.finds(&[&plan.task(*id).path]);
            let found: Vec<TaskId> = plan.ids().filter(|id| plan.task(*id).is_real()).filter(fits).collect();
            let Paged { rows, next, total } = asked.cursor().cut(found, |id| plan.task(*id).path.clone())?;
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
