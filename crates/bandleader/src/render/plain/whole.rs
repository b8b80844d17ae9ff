//! Facts about the run as a whole: its beginning and end, pauses, its time, merges.

use bandleader_core::{By, Event, RunEnd, StopHow, Verdict};

use super::{Fact, Tone};
use crate::render::text::clean;
use crate::render::words::brief;

pub(super) fn run_fact(event: &Event) -> Option<Fact> {
    let fact = |tone, word, detail: String| Some(Fact { tone, word, about: detail, detail: String::new() });
    match event {
        Event::RunCreated { mission, .. } => fact(Tone::Usual, "run", clean(mission).into_owned()),
        Event::EngineBooted { epoch: 1, .. } => None,
        Event::EngineBooted { epoch, pid } => {
            fact(Tone::Usual, "run", format!("taken up again, engine {epoch}, process {pid}"))
        }
        Event::RunPaused { .. } => fact(Tone::Alert, "paused", "nothing new starts".into()),
        Event::RunResumed { .. } => fact(Tone::Usual, "resumed", String::new()),
        Event::RunReopened { .. } => fact(Tone::Usual, "reopened", "it goes on".into()),
        Event::RunCancelled { how, .. } => {
            let how = if *how == StopHow::AtOnce { "what runs is killed" } else { "what runs is stopped" };
            fact(Tone::Alert, "cancelled", how.into())
        }
        Event::TimeBudgetReached { percent, limit } => {
            fact(Tone::Alert, "budget", format!("{percent} % of the time limit of {} is used", brief(*limit)))
        }
        Event::TimeLimitRaised { limit, .. } => {
            fact(Tone::Usual, "budget", format!("time limit is now {}", brief(*limit)))
        }
        Event::MergeWanted { branch, by: By::Engine } => {
            fact(Tone::Alert, "merge", format!("into {} once more: its process was lost", clean(branch)))
        }
        Event::MergeWanted { branch, .. } => fact(Tone::Usual, "merge", format!("into {} is wanted", clean(branch))),
        Event::RunMerged { branch, verdict: Verdict::Passed, commit, message, .. } => {
            let commit: String = commit.as_deref().unwrap_or_default().chars().take(12).collect();
            fact(Tone::Good, "merged", format!("into {}: {}, now at {commit}", clean(branch), clean(message)))
        }
        Event::RunMerged { branch, message, .. } => fact(
            Tone::Bad,
            "unmerged",
            format!("not into {}, and nothing was changed: {}", clean(branch), clean(message)),
        ),
        Event::RunEnded { state } => {
            let (tone, text) = match state {
                RunEnd::Succeeded => (Tone::Good, "succeeded"),
                RunEnd::SucceededWithOverrides => (Tone::Good, "succeeded with overrides"),
                RunEnd::Failed => (Tone::Bad, "failed"),
                RunEnd::Cancelled => (Tone::Alert, "cancelled"),
                RunEnd::OverBudget => (Tone::Bad, "over budget"),
            };
            fact(tone, "ended", text.into())
        }
        _ => None,
    }
}
