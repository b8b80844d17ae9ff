//! A run is started in two steps: a preview shows what would run and gives a token, and with the token exactly that is started.
//!
//! The checked plan itself is kept between the two, in this process: a file that has changed meanwhile changes nothing. A token starts
//! one run, however often it is given.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bandleader_core::{Plan, RunId};
use bandleader_engine::chance;
use bandleader_engine::engine::{Leave, NewMission, submit_told};
use bandleader_engine::folder::Folder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::plans::{PlanAsked, Ready, ready};
use crate::cli::{self, runs as verbs};
use crate::config;
use crate::error::Failure;

/// Previews that are kept: the oldest goes first.
const MOST: usize = 8;

/// A preview holds so long.
const HOLDS: Duration = Duration::from_hours(1);

/// A plan that was shown.
struct Preview {
    token: String,
    plan: Plan,
    name: String,
    at: Instant,
    started: Option<RunId>,
}

/// Those of this process.
#[derive(Default)]
pub(super) struct Previews(Mutex<VecDeque<Preview>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StartAsked {
    token: String,
}

impl Previews {
    /// What would run; a token if it can.
    pub(super) fn preview(&self, asked: &PlanAsked) -> Result<Value, Failure> {
        let Ready { name, plan, mut said } = ready(asked)?;
        let mut token = None;
        if let Some(plan) = plan {
            let words = chance::secret().map_err(|error| Failure::internal(error.to_string()))?;
            let preview = Preview { token: words.clone(), plan, name, at: Instant::now(), started: None };
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push_back(preview);
            if kept.len() > MOST {
                kept.pop_front();
            }
            token = Some(words);
        }
        if let Value::Object(fields) = &mut said {
            fields.insert("token_holds_seconds".into(), json!(token.as_ref().map(|_| HOLDS.as_secs())));
            fields.insert("token".into(), json!(token));
        }
        Ok(said)
    }

    /// Starts what was shown.
    pub(super) fn start(&self, asked: &StartAsked) -> Result<Value, Failure> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|preview| preview.at.elapsed() < HOLDS);
        let preview = kept.iter_mut().find(|preview| preview.token == asked.token).ok_or_else(|| {
            Failure::usage("no preview has this token, or it is too old")
                .hint("call preview_run, show the person what would run, and start that with its token")
        })?;
        let again = preview.started.is_some();
        let mut notes = Vec::new();
        let folder = Folder::find_or_create(&config::here()?)?;
        let id = if let Some(id) = &preview.started {
            id.clone()
        } else {
            let new = NewMission {
                plan: &preview.plan,
                plan_name: &preview.name,
                project: folder.project(),
                merge_into: None,
            };
            let id = submit_told(&folder, &new, &mut |note| notes.push(note.to_owned()))?;
            preview.started = Some(id.clone());
            verbs::drive::start(&folder, &id, Leave::WhenTold)?;
            id
        };
        Ok(json!({
            "run": id, "mission": preview.plan.mission, "overview": cli::overview(&preview.plan), "notes": notes,
            "started_before": again,
        }))
    }
}
