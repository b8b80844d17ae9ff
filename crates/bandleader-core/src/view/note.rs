//! What people and rules did, a line each.

use std::collections::BTreeMap;

use super::past::{Note, amount, left_out, short, unit_words, who};
use crate::plan::{Plan, Question};
use crate::{Asker, By, Decider, Event, Heard, Recorded, SkipReason, TaskId, Timestamp, Verdict};

/// What is worth a line under "Key Decisions".
pub(super) fn note(
    plan: &Plan,
    asked: &BTreeMap<u32, (Asker, Question, Timestamp)>,
    recorded: &Recorded,
) -> Option<Note> {
    let path = |task: &TaskId| plan.tasks.get(task.index()).map_or("?", |task| &task.path);
    let text = match &recorded.event {
        Event::RunPaused { by } => format!("Run paused by {}", who(by)),
        Event::RunResumed { by } => format!("Run resumed by {}", who(by)),
        Event::RunCancelled { by, .. } => format!("Run cancelled by {}", who(by)),
        Event::RunReopened { by } => format!("Run taken up again by {}", who(by)),
        Event::TimeBudgetReached { percent, limit } => {
            format!("{percent} % of the time limit of {limit} was used")
        }
        Event::TimeLimitRaised { limit, by } => format!("Time limit raised to {limit} by {}", who(by)),
        Event::MilestoneReached { task } => format!("Milestone reached: {}", plan.milestone(*task)?.title),
        Event::TaskResolved { task, by } => format!("Task {} put right by hand, by {}", path(task), who(by)),
        Event::TaskReset { task, by } => format!("Task {} to be tried again, by {}", path(task), who(by)),
        Event::RetryScheduled { task, agent: Some(agent), .. } => {
            format!("Task {} handed to {agent} after its failure", path(task))
        }
        Event::CompensationStarted { task } => format!("Undoing of everything, because {} failed", path(task)),
        Event::TaskAccepted { task, by, because } => {
            format!("Task {} taken as done by {}: {because}", path(task), who(by))
        }
        Event::WorkAccepted { task, by, because } => {
            format!(
                "Work of task {} taken as done by {}, to be merged without its gates: {because}",
                path(task),
                who(by)
            )
        }
        Event::MergeWanted { branch, by: by @ By::Person { .. } } => {
            format!("Merge of the run's branch into {branch} wanted by {}", who(by))
        }
        Event::RunMerged { branch, verdict: Verdict::Passed, commit, message, .. } => {
            let commit = commit.as_deref().map(|commit| format!(", now at {}", short(commit))).unwrap_or_default();
            format!("The run's branch merged into {branch}: {message}{commit}")
        }
        Event::RunMerged { branch, message, .. } => format!("The run's branch not merged into {branch}: {message}"),
        Event::BudgetReached { scope, unit, percent, .. } => {
            format!("{percent} % of the {} of {} is used", unit_words(*unit), scope.words(plan))
        }
        Event::BudgetRaised { scope, unit, limit, by } => {
            let limit = amount(*unit, *limit);
            format!("The {} of {} raised to {limit} by {}", unit_words(*unit), scope.words(plan), who(by))
        }
        Event::MessageSent { task, text, by, .. } => format!("{} told {}: {text}", who(by), path(task)),
        Event::DecisionTaken { decision, option, by, because } => {
            let (_, question, opened) = asked.get(decision)?;
            let took = recorded.at.since(*opened);
            // What silence decides says itself for how long it was waited, and a rule waits for nobody.
            let is_said = matches!(by, Decider::Person { .. } | Decider::Hook { .. });
            let took = if is_said { format!(" (after {took})") } else { String::new() };
            decided(question, option.as_deref(), by, because)? + &took
        }
        Event::DecisionEscalated { decision } => {
            format!("Nobody answered in time, and more people are to be told: {}", asked.get(decision)?.1.text)
        }
        Event::AnswerKept { decision, option, by, .. } => {
            format!("Question {decision} answered with {option} by {}, after it was decided", who(by))
        }
        Event::DecisionCorrected { decision, option, by, because } => {
            let because = if because.is_empty() { String::new() } else { format!(": {because}") };
            format!("Decision {decision} corrected to {option} by {}{because}", who(by))
        }
        Event::AgentHeard { attempt, heard: Heard::Choice { question, choice, because, alternatives } } => {
            let others =
                if alternatives.is_empty() { String::new() } else { format!(", not {}", alternatives.join(", ")) };
            format!("{} chose {choice}{others} ({question}): {because}", path(&attempt.task))
        }
        Event::EngineBooted { epoch, .. } if *epoch > 1 => format!("Run resumed by engine {epoch}"),
        event => adjusted(plan, event)?,
    };
    Some(Note { at: recorded.at, text })
}

/// What people changed of the run's course.
fn adjusted(plan: &Plan, event: &Event) -> Option<String> {
    let path = |task: &TaskId| plan.tasks.get(task.index()).map_or("?", |task| &task.path);
    Some(match event {
        Event::LevelChanged { level, by } => format!("Level {level} from now on, by {}", who(by)),
        Event::ParallelChanged { parallel, by } => {
            format!("Up to {parallel} tasks at once from now on, by {}", who(by))
        }
        Event::TaskBroughtBack { task, by } => format!("Task {} to be done after all, by {}", path(task), who(by)),
        Event::TaskMoved { task, urgency, by } => {
            let place = if *urgency > 0 { "first" } else { "last" };
            format!("Task {} to be done {place}, by {}", path(task), who(by))
        }
        Event::TaskSkipped { task, reason: SkipReason::Asked(left), .. } => {
            format!("Task {} {}", path(task), left_out(left))
        }
        _ => return None,
    })
}

/// What was asked and how it was decided; none where it means nothing any more.
pub(super) fn decided(question: &Question, option: Option<&str>, by: &Decider, because: &str) -> Option<String> {
    let by = match by {
        Decider::Person { name } => format!("by {name}"),
        Decider::Hook { name, .. } => format!("by a message through {name}"),
        Decider::Timeout => "because nobody answered".to_owned(),
        Decider::Policy => "by a rule of the plan".to_owned(),
        Decider::Withdrawn => return None,
    };
    let chosen = match option {
        Some(id) => {
            let name = question.option(id).map(|option| option.name.as_str()).filter(|name| *name != id);
            name.map_or_else(|| id.to_owned(), |name| format!("{id} ({name})"))
        }
        None => "nothing".to_owned(),
    };
    let because = if because.is_empty() { String::new() } else { format!(": {because}") };
    Some(format!("{} Decided: {chosen}, {by}{because}", question.text.trim_end()))
}
