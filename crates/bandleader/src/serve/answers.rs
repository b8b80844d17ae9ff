//! People's answers to what a run asks, and the clocks of its questions.

use axum::extract::State;
use bandleader_core::Command;
use bandleader_engine::engine::desk;
use serde::Deserialize;

use super::App;
use super::asking::Asking;
use super::extract::Path;
use super::problem::Problem;
use super::reply::Answer;
use super::writes::{Needs, Nothing, hand_in};
use crate::cli::LEASE;

/// An answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    option: String,
    #[serde(default)]
    because: String,
    /// Decide otherwise what was decided, and do anew what hangs on it.
    #[serde(default)]
    correct: bool,
}

/// `POST /runs/{run}/decisions/{n}/answer`
pub(super) async fn answer(
    State(app): State<App>,
    Path((run, decision)): Path<(String, u32)>,
    asking: Asking<Choice>,
) -> Answer {
    let Choice { option, because, correct } = asking.body;
    let (command, needs) = if correct {
        (Command::Correct { decision, option, because }, Needs::Driver)
    } else {
        (Command::Answer { decision, option, because }, Needs::Nothing)
    };
    hand_in(app, run, vec![command], asking.key, needs).await
}

/// `POST /runs/{run}/decisions/{n}/hold`: its clock stands still for a minute, and as long as this comes again.
pub(super) async fn hold(
    State(app): State<App>,
    Path((run, decision)): Path<(String, u32)>,
    asking: Asking<Nothing>,
) -> Answer {
    let seen = app.hub.run(&run).await?;
    if desk::owner(&seen.folder, &seen.id).is_none() {
        return Err(Problem::conflict("no-engine", "no engine is there, so no clock runs that could be held"));
    }
    hand_in(app, run, vec![Command::Hold { decision, lease: LEASE }], asking.key, Needs::Nothing).await
}

/// `DELETE /runs/{run}/decisions/{n}/hold`
pub(super) async fn release(
    State(app): State<App>,
    Path((run, decision)): Path<(String, u32)>,
    asking: Asking<Nothing>,
) -> Answer {
    hand_in(app, run, vec![Command::Release { decision }], asking.key, Needs::Nothing).await
}
