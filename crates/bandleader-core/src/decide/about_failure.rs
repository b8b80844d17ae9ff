//! What people are asked about a task that failed for good, or was lost too often, and what follows from each answer.

use super::Rejected;
use super::again::{accept, resolve, retry};
use super::command::cancel;
use super::people::{Answer, Asking, open};
use crate::plan::{Choice, FailureClass, OnFailure, OnSilence, Plan, Question, Weight};
use crate::{Asker, Event, Run, StopHow, TaskId, Timestamp};

/// The answer that leaves a task failed.
const LEAVE: &str = "skip";

/// A task that was lost so often, or more often if it has tries of its own, is asked about: the losses that are forgiven, and one more.
pub(crate) const LOST_AT_LEAST: u32 = super::failure::LOSSES_FORGIVEN + 1;

/// Whether people are asked when a task has failed in this way and no try is left. A loss says nothing about the task, so that it is asked
/// about wherever the plan has not said what follows; what does not merge always is: nothing is broken, but somebody has to say what is meant.
pub(super) fn is_asked(run: &Run, task: TaskId, class: FailureClass) -> bool {
    let declared = &run.plan().task(task).on_failure;
    let goes_on = !run.is_compensating() && !run.plan().task(task).optional;
    match class {
        FailureClass::Conflict => true,
        FailureClass::Lost if goes_on && *declared == OnFailure::Fail => true,
        _ => *declared == OnFailure::Ask,
    }
}

/// It waits for a person, who is asked how to go on.
pub(super) fn ask(run: &Run, task: TaskId, class: FailureClass, why: String, now: Timestamp) -> Vec<Event> {
    let lost = run.task(task).past().losses.saturating_add(1);
    let question = question(run.plan(), task, class, &Why { words: &why, lost });
    let asking = Asking { asker: Asker::Engine { task }, question, patience: None, class: Some(class) };
    let opened = open(run, run.next_decision(), asking, now);
    std::iter::once(Event::TaskBlocked { task, why }).chain(opened).collect()
}

/// What went wrong.
pub(crate) struct Why<'a> {
    /// In words.
    pub(crate) words: &'a str,
    /// How often it was lost.
    pub(crate) lost: u32,
}

/// The question. A lost task is left failed when nobody answers: another try may take the machine down once more, and a run that nobody
/// looks at comes to its end. The others wait, because the plan asked for a person or because only one knows.
pub(crate) fn question(plan: &Plan, task: TaskId, class: FailureClass, why: &Why<'_>) -> Question {
    let choice = |id: &str, name: &str| Choice { id: id.into(), name: name.into(), ..Choice::default() };
    let mut options = vec![choice("retry", "try it again"), choice("accept", "take its work as done")];
    if plan.has_worktree(task) {
        options.push(choice("resolve", "take what is in its worktree now, put right by hand"));
    }
    options.push(choice(LEAVE, "leave it failed; what needs it is skipped"));
    options.push(choice("stop", "stop the run"));
    let path = &plan.task(task).path;
    let what = match class {
        FailureClass::Conflict => "does not merge".to_owned(),
        FailureClass::Lost => format!("was lost {} times with its supervisor or its machine", why.lost),
        _ => "failed".to_owned(),
    };
    let question = Question {
        text: format!("{path} {what}. How shall it go on?"),
        details: Some(why.words.chars().take(500).collect()),
        options,
        ..Question::default()
    };
    let declared = plan.task(task).on_failure == OnFailure::Ask;
    if class == FailureClass::Lost && !declared {
        return Question { recommend: Some(LEAVE.into()), weight: Weight::Critical, ..question };
    }
    Question { on_silence: OnSilence::Park, people_only: true, ..question }
}

/// What a person's answer brings about.
pub(super) fn answered(run: &Run, task: TaskId, option: &str, answer: &Answer<'_>) -> Result<Vec<Event>, Rejected> {
    let path = run.plan().task(task).path.clone();
    match option {
        "retry" => retry(run, &[path], answer.by),
        "accept" => {
            let because = if answer.because.is_empty() { "as decided" } else { answer.because };
            accept(run, &path, because, answer.by)
        }
        "resolve" => resolve(run, &path, answer.by),
        LEAVE => Ok(vec![Event::TaskFailed { task, class: class(run, task) }]),
        _ => cancel(run, StopHow::Politely, answer.by),
    }
}

/// What follows where nobody answered: it stays failed. `told` is how it failed, where that is not committed yet.
pub(super) fn settled(run: &Run, task: TaskId, told: Option<FailureClass>) -> Vec<Event> {
    vec![Event::TaskFailed { task, class: told.unwrap_or_else(|| class(run, task)) }]
}

fn class(run: &Run, task: TaskId) -> FailureClass {
    run.task(task).past().failure.as_ref().map_or(FailureClass::Exit, |failure| failure.0)
}
