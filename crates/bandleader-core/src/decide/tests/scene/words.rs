//! Each event in a few words.

use super::Scene;
use crate::{By, Event, TaskId, Timestamp};

impl Scene {
    /// An event in a few words.
    pub(super) fn word(&self, event: &Event) -> String {
        let name = |task: &TaskId| self.run.plan().task(*task).path.clone();
        let after = |at: &Timestamp| at.since(self.now).0;
        match event {
            Event::EngineBooted { epoch, .. } => format!("booted {epoch}"),
            Event::RunEnded { state } => format!("ended {state:?}").to_lowercase(),
            Event::TaskSkipped { task, reason, .. } => {
                let reason = format!("{reason:?}").to_lowercase();
                format!("{} skipped {}", name(task), reason.split([' ', '(']).next().unwrap_or_default())
            }
            Event::AttemptStarted { attempt, agent } => {
                let agent = agent.as_ref().map(|agent| format!(" by {agent}")).unwrap_or_default();
                format!("{}#{} starts{agent}", name(&attempt.task), attempt.number)
            }
            Event::StopRequested { job, why, how } => {
                format!("{} stop {why:?} {how:?}", name(&job.attempt.task)).to_lowercase()
            }
            Event::StallNoticed { attempt, .. } => format!("{} is silent", name(&attempt.task)),
            Event::AttemptSucceeded { attempt, .. } => format!("{} ok", name(&attempt.task)),
            Event::AttemptFailed { attempt, class, .. } => {
                format!("{} fails {class:?}", name(&attempt.task)).to_lowercase()
            }
            Event::GateEnded { attempt, verdict, message, .. } => {
                format!("{} gate {verdict:?}: {message}", name(&attempt.task)).to_lowercase()
            }
            Event::RetryScheduled { task, at, agent } => {
                let agent = agent.as_ref().map(|agent| format!(" by {agent}")).unwrap_or_default();
                format!("{} again in {}{agent}", name(task), after(at))
            }
            Event::TaskFailed { task, .. } => format!("{} failed", name(task)),
            Event::TaskBlocked { task, .. } => format!("{} blocked", name(task)),
            Event::TimeBudgetReached { percent, .. } => format!("{percent} % of the time"),
            Event::UndoEnded { attempt, verdict, .. } => {
                format!("{} undo {verdict:?}", name(&attempt.task)).to_lowercase()
            }
            Event::ProviderLimited { provider, until, .. } => format!("{provider} closed for {}", after(until)),
            Event::ProviderOpened { provider } => format!("{provider} open"),
            Event::BudgetReached { unit, percent, .. } => format!("{percent} % of {unit:?}").to_lowercase(),
            Event::SpendingNoticed { attempt, .. } => format!("{} spends", name(&attempt.task)),
            Event::MessageSent { message, task, .. } => format!("message {message} for {}", name(task)),
            Event::MessageDelivered { message, attempt } => format!("{} has message {message}", name(&attempt.task)),
            Event::DecisionOpened { decision, deadline, .. } => {
                format!("question {decision} until {:?}", deadline.map(|until| after(&until)))
            }
            Event::DecisionTaken { decision, option, by, .. } => {
                let by = format!("{by:?}").to_lowercase();
                let by = by.split(' ').next().unwrap_or_default().to_owned();
                format!("question {decision} is {} by {by}", option.as_deref().unwrap_or("nothing"))
            }
            Event::DecisionHeld { decision, until, .. } => {
                format!("question {decision} held for {:?}", until.map(|until| after(&until)))
            }
            Event::DecisionReleased { decision, .. } => format!("question {decision} released"),
            Event::DecisionEscalated { decision } => format!("question {decision} escalated"),
            Event::AnswerKept { decision, option, .. } => format!("{option} kept for question {decision}"),
            Event::DecisionCorrected { decision, option, .. } => format!("question {decision} corrected to {option}"),
            Event::TaskReopened { task, .. } => format!("{} anew", name(task)),
            Event::TaskBroughtBack { task, .. } => format!("{} back", name(task)),
            Event::UndoStarted { attempt } => format!("{} undo", name(&attempt.task)),
            Event::TaskReady { task }
            | Event::TaskCompleted { task }
            | Event::TaskCancelled { task }
            | Event::TaskReset { task, .. }
            | Event::TaskResolved { task, .. }
            | Event::TaskAccepted { task, .. }
            | Event::CompensationStarted { task } => {
                format!("{} {}", name(task), event.name().trim_start_matches("task_"))
            }
            other => self.word_of_work(other),
        }
    }

    fn word_of_work(&self, event: &Event) -> String {
        let name = |task: &TaskId| self.run.plan().task(*task).path.clone();
        match event {
            Event::WorkMerged { attempt, verdict, .. } => {
                format!("{} merge {verdict:?}", name(&attempt.task)).to_lowercase()
            }
            Event::WorkLanded { attempt, verdict, .. } => {
                format!("{} land {verdict:?}", name(&attempt.task)).to_lowercase()
            }
            Event::MergeWanted { branch, by } => {
                let again = if *by == By::Engine { " once more" } else { "" };
                format!("wanted in {branch}{again}")
            }
            Event::RunMerged { branch, verdict, .. } => format!("into {branch} {verdict:?}").to_lowercase(),
            Event::WorkAccepted { task, .. } => format!("{} accepted to merge", name(task)),
            other => other.name().replace('_', " "),
        }
    }
}
