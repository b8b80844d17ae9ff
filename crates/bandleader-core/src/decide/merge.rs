//! What came of merging an attempt's work with that of others, and of putting it on the run's branch.

use super::Rejected;
use super::ended::{alive, stopped};
use super::failure::fail;
use crate::plan::FailureClass;
use crate::{AttemptId, Event, JobId, Run, Step, StopReason, Timestamp, Verdict};

/// A merge that has to be begun again this often, because the branch moved or a supervisor died each time, is given up.
const ROUNDS: u32 = 10;

/// Files, or tasks, that a message names at most.
const MOST_NAMED: usize = 20;

/// What came of a merge.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "came", rename_all = "snake_case", deny_unknown_fields)]
pub enum Merging {
    /// Both are in one commit.
    Merged {
        /// That commit.
        commit: String,
        /// The commit of the run's branch that it follows.
        onto: String,
    },
    /// They cannot be, without somebody who knows what is meant.
    Clashes {
        /// In these files.
        files: Vec<String>,
        /// With the work of these tasks, as far as is known.
        #[serde(default)]
        tasks: Vec<String>,
        /// The commit of the run's branch that it was to follow.
        onto: String,
        /// What a person does, as git would have it.
        advice: String,
    },
    /// Git says no.
    Failed {
        /// In its words.
        message: String,
    },
}

/// What came of putting a commit on the run's branch.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "came", rename_all = "snake_case", deny_unknown_fields)]
pub enum Landing {
    /// It is there.
    Landed {
        /// The commit.
        commit: String,
    },
    /// The branch is not where it was when the commit was made.
    Moved {
        /// Where it is.
        message: String,
    },
    /// Git says no.
    Failed {
        /// In its words.
        message: String,
    },
}

pub(super) fn merged(
    run: &Run,
    attempt: AttemptId,
    round: u32,
    came: Merging,
    now: Timestamp,
) -> Result<Vec<Event>, Rejected> {
    let stop = alive(run, JobId { attempt, step: Step::Merge(round) })?;
    let (commit, onto, message, class) = match came {
        Merging::Merged { commit, onto } => {
            let message = format!("merged onto {}", short(&onto));
            let (commit, onto, verdict) = (Some(commit), Some(onto), Verdict::Passed);
            return Ok(vec![Event::WorkMerged { attempt, verdict, commit, onto, message }]);
        }
        Merging::Clashes { files, tasks, onto, advice } => {
            let whose = if tasks.is_empty() { "others".to_owned() } else { named(&tasks) };
            let message = format!("its work clashes with that of {whose} in {}; {advice}", named(&files));
            (None, Some(onto), message, FailureClass::Conflict)
        }
        Merging::Failed { message } => {
            (None, None, format!("its work could not be merged: {message}"), FailureClass::Start)
        }
    };
    let verdict = Verdict::Refused;
    let merged = Event::WorkMerged { attempt, verdict, commit, onto, message: message.clone() };
    let failure = match stop {
        Some(why) if class != FailureClass::Conflict => why_stopped(run, attempt, why),
        _ => (class, message),
    };
    Ok(std::iter::once(merged).chain(fail(run, attempt, failure, None, stop, now)).collect())
}

pub(super) fn landed(
    run: &Run,
    attempt: AttemptId,
    round: u32,
    came: Landing,
    now: Timestamp,
) -> Result<Vec<Event>, Rejected> {
    let stop = alive(run, JobId { attempt, step: Step::Land(round) })?;
    Ok(match came {
        // Also when it was to stop: it is on the branch, and nothing else would be true.
        Landing::Landed { commit } => vec![
            Event::WorkLanded { attempt, verdict: Verdict::Passed, message: commit },
            Event::TaskCompleted { task: attempt.task },
        ],
        Landing::Moved { message } => again(run, attempt, round, message, stop, now),
        Landing::Failed { message } => {
            let failure = match stop {
                Some(why) => why_stopped(run, attempt, why),
                None => (FailureClass::Start, format!("its work could not be put on the run's branch: {message}")),
            };
            fail(run, attempt, failure, None, stop, now)
        }
    })
}

/// The process of a step of the merge is gone: nothing is lost but time, since the work is in a commit.
pub(super) fn lost(run: &Run, job: JobId, now: Timestamp) -> Result<Vec<Event>, Rejected> {
    let stop = alive(run, job)?;
    let round = run.merging().map_or(0, |(_, round)| round);
    Ok(again(run, job.attempt, round, "its supervisor died".to_owned(), stop, now))
}

/// It is merged once more, from the beginning.
fn again(
    run: &Run,
    attempt: AttemptId,
    round: u32,
    message: String,
    stop: Option<StopReason>,
    now: Timestamp,
) -> Vec<Event> {
    let failure = match stop {
        Some(why) => why_stopped(run, attempt, why),
        None if round + 1 >= ROUNDS => {
            (FailureClass::Start, format!("its work could not be merged in {ROUNDS} tries: {message}"))
        }
        None => return vec![Event::WorkLanded { attempt, verdict: Verdict::Refused, message }],
    };
    fail(run, attempt, failure, None, stop, now)
}

fn why_stopped(run: &Run, attempt: AttemptId, why: StopReason) -> (FailureClass, String) {
    match why {
        StopReason::Timeout => (FailureClass::Timeout, "git took too long to merge its work".to_owned()),
        why => stopped(run, attempt, why),
    }
}

/// The first of them, in backticks.
fn named(files: &[String]) -> String {
    let names: Vec<String> =
        files.iter().take(MOST_NAMED).map(|file| format!("`{}`", file.chars().take(80).collect::<String>())).collect();
    let more = files.len().saturating_sub(MOST_NAMED);
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
