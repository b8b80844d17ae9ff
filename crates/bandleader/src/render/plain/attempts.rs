//! Facts about single attempts, their gates and their processes.

use bandleader_core::plan::Work;
use bandleader_core::{Event, Run, StopHow, StopReason, Verdict};

use super::{Fact, Tone, named};
use crate::render::text::clean;
use crate::render::words::brief;

/// What happens to single attempts and their processes.
pub(super) fn attempt_fact(run: &Run, event: &Event) -> Option<Fact> {
    let plan = run.plan();
    let named = |id, tone, word, detail| named(run, id, tone, word, detail);
    match event {
        Event::AttemptStarted { attempt, agent } => {
            let own = match &plan.task(attempt.task).work {
                Work::Agent { agent, .. } => Some(agent.as_str()),
                _ => None,
            };
            let who = agent.as_deref().or(own).map(|name| clean(name).into_owned());
            let again = (attempt.number > 1).then(|| format!("try {}", attempt.number));
            let detail: Vec<String> = who.into_iter().chain(again).collect();
            named(attempt.task, Tone::Usual, "started", detail.join(", "))
        }
        Event::GateEnded { attempt, gate, verdict, message, .. } => {
            let task = plan.task(attempt.task);
            let name = task.gates.get(*gate as usize).map_or("gate", |gate| gate.name.as_str());
            let (tone, word) = verdict_words(*verdict);
            let message = message.strip_prefix("refused: ").unwrap_or(message);
            let reason =
                if message.is_empty() || message == "passed" { String::new() } else { format!(": {}", clean(message)) };
            named(attempt.task, tone, word, format!("gate {}{reason}", clean(name)))
        }
        Event::StopRequested { job, why, how } => {
            let why = match why {
                StopReason::Timeout => "its time is over",
                StopReason::Stall => "it is stuck",
                StopReason::Cancelled => "cancelled",
                StopReason::Retried => "to be tried again",
                StopReason::Budget => "what it may spend is used up",
            };
            let how = if *how == StopHow::AtOnce { ", at once" } else { "" };
            named(job.attempt.task, Tone::Alert, "stopping", format!("{why}{how}"))
        }
        Event::StallNoticed { attempt, silent } => {
            named(attempt.task, Tone::Alert, "silent", format!("no output and no work for {}", brief(*silent)))
        }
        Event::UndoStarted { attempt } => named(attempt.task, Tone::Usual, "undoing", String::new()),
        Event::UndoEnded { attempt, verdict, message } => {
            let (tone, word) =
                if *verdict == Verdict::Passed { (Tone::Usual, "undone") } else { (Tone::Bad, "not undone") };
            named(attempt.task, tone, word, clean(message).into_owned())
        }
        _ => None,
    }
}

fn verdict_words(verdict: Verdict) -> (Tone, &'static str) {
    match verdict {
        Verdict::Passed => (Tone::Good, "passed"),
        Verdict::Refused => (Tone::Bad, "refused"),
    }
}
