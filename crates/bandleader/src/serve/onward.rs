//! Going on with a run otherwise than it was: with other limits, merged into a branch, with another rest.

use std::sync::Arc;

use axum::extract::State;
use bandleader_core::view::adjustment;
use bandleader_core::{BudgetScope, BudgetUnit, Change, Command, Millis, NewLimit, Note, RunState};
use bandleader_engine::engine::{desk, person};
use bandleader_engine::workspace::check_target;
use serde::Deserialize;

use super::App;
use super::asking::Asking;
use super::extract::Path;
use super::problem::Problem;
use super::reply::{Answer, aside, json};
use super::watched::Watched;
use super::writes::{Needs, hand_in};

/// What `band resume` can be given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resume {
    /// A new limit on the time of the run, in milliseconds.
    #[serde(default)]
    time_ms: Option<u64>,
    /// On its cost, in US dollars.
    #[serde(default)]
    cost_usd: Option<f64>,
    /// On its tokens.
    #[serde(default)]
    tokens: Option<u64>,
    /// Wait no longer for a provider.
    #[serde(default)]
    now: bool,
    #[serde(default)]
    merge_into: Option<String>,
}

impl Resume {
    fn commands(self) -> Result<Vec<Command>, Problem> {
        let budget =
            |unit, limit: Option<u64>| limit.map(|limit| Command::RaiseBudget { scope: BudgetScope::Run, unit, limit });
        let cost = self.cost_usd.map(millionths).transpose()?;
        let all = [
            self.time_ms.map(|limit| Command::RaiseTimeLimit { limit: Millis(limit) }),
            budget(BudgetUnit::Cost, cost),
            budget(BudgetUnit::Tokens, self.tokens),
            self.now.then_some(Command::OpenProvider { provider: None }),
            self.merge_into.map(|branch| Command::MergeInto { branch }),
        ];
        Ok(all.into_iter().flatten().collect())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "its range is checked")]
pub(super) fn millionths(dollars: f64) -> Result<u64, Problem> {
    let fits = (0.0..1e9).contains(&dollars);
    if fits { Ok((dollars * 1e6).round() as u64) } else { Err(Problem::bad("`cost_usd` is no amount of money")) }
}

/// `POST /runs/{run}/resume`
pub(super) async fn resume(State(app): State<App>, Path(run): Path<String>, asking: Asking<Resume>) -> Answer {
    let seen = app.hub.run(&run).await?;
    if let Some(into) = asking.body.merge_into.clone() {
        check_branch(Arc::clone(&seen), into).await?;
    }
    let mut commands = asking.body.commands()?;
    let (paused, over) =
        aside(move || seen.see(|sight| (sight.run.state() == RunState::Paused, sight.run.is_over()))).await?;
    if paused {
        commands.push(Command::Resume);
    }
    if over && commands.is_empty() {
        return Err(Problem::conflict("rejected", "the run is over").hint("POST …/retry takes it up again"));
    }
    hand_in(app, run, commands, asking.key, Needs::Driver).await
}

/// A branch of the person's that is there and can be merged into.
async fn check_branch(run: Arc<Watched>, into: String) -> Result<(), Problem> {
    aside(move || {
        let project = desk::find(&run.folder, Some(run.id.as_str()))?.project;
        check_target(&project, &into).map_err(|words| Problem::unprocessable("branch", words))
    })
    .await
}

/// Which branch of the person's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Merge {
    into: String,
}

/// `POST /runs/{run}/merge`
pub(super) async fn merge(State(app): State<App>, Path(run): Path<String>, asking: Asking<Merge>) -> Answer {
    let into = asking.body.into;
    check_branch(app.hub.run(&run).await?, into.clone()).await?;
    hand_in(app, run, vec![Command::MergeInto { branch: into }], asking.key, Needs::Driver).await
}

/// A change of what is left. What `Change` has, written out, because `serde` cannot both take one into the other and refuse what neither
/// has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    skip: Vec<String>,
    #[serde(default)]
    bring_back: Vec<String>,
    #[serde(default)]
    first: Vec<String>,
    #[serde(default)]
    last: Vec<String>,
    #[serde(default)]
    level: Option<u8>,
    #[serde(default)]
    parallel: Option<u32>,
    #[serde(default)]
    limits: Vec<NewLimit>,
    #[serde(default)]
    tell: Vec<Note>,
    #[serde(default)]
    because: String,
    /// Only say what it would bring about.
    #[serde(default)]
    preview: bool,
}

/// `POST /runs/{run}/adjust`
pub(super) async fn adjust(State(app): State<App>, Path(run): Path<String>, asking: Asking<Wanted>) -> Answer {
    let Wanted { skip, bring_back, first, last, level, parallel, limits, tell, because, preview } = asking.body;
    let change = Change { skip, bring_back, first, last, level, parallel, limits, tell, because };
    if preview {
        let seen = app.hub.run(&run).await?;
        let brings = aside(move || seen.see(|sight| adjustment(sight.run, &change, &person(), sight.now))).await?;
        return json(&brings.map_err(|rejected| Problem::conflict("rejected", rejected.0))?);
    }
    let seen = app.hub.run(&run).await?;
    let over = aside(move || seen.see(|sight| sight.run.is_over())).await?;
    let needs = if over { Needs::Driver } else { Needs::Nothing };
    hand_in(app, run, vec![Command::from(change)], asking.key, needs).await
}
