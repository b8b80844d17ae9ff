//! A message from outside that a question of the plan waits for: how the checks of a commit went, for one.
//!
//! Only people decide what people are asked. Whoever wrote the plan has said of such a question that the message answers it; it answers
//! no other, and it chooses between `passed` and `failed` alone.

use super::Rejected;
use super::people::{chosen_by_task, is_stale, known};
use crate::plan::OUTCOMES;
use crate::run::Decision;
use crate::{Asker, Decider, Event, Run};

/// What came.
pub(super) struct Told<'a> {
    pub(super) option: &'a str,
    pub(super) because: &'a str,
    pub(super) hook: &'a str,
    pub(super) message: &'a str,
}

/// The first answer counts, of whomever. A message counts once for a task: when it is asked again, a new one is waited for.
pub(super) fn signal(run: &Run, decision: u32, told: &Told<'_>) -> Result<Vec<Event>, Rejected> {
    let known = known(run, decision)?;
    let (Asker::Task { task }, Some(awaited)) = (&known.asker, &known.question.hook) else {
        return Err(Rejected::because(format!("decision {decision} is for people")));
    };
    if awaited.name != told.hook {
        return Err(Rejected::because(format!("decision {decision} waits for `{}`", awaited.name)));
    }
    if known.taken.is_some() || is_stale(run, known) {
        return Err(Rejected::because(format!("decision {decision} is over")));
    }
    if !OUTCOMES.contains(&told.option) {
        return Err(Rejected::because("it is neither `passed` nor `failed`"));
    }
    let by = Decider::Hook { name: told.hook.to_owned(), message: told.message.to_owned() };
    let counted = |one: &Decision| one.asker == known.asker && one.taken.as_ref().is_some_and(|taken| taken.by == by);
    if run.decisions().values().any(counted) {
        return Err(Rejected::because("this message has answered that question before"));
    }
    let follows = chosen_by_task(*task, &known.question, Some(told.option));
    let option = Some(told.option.to_owned());
    Ok(vec![Event::DecisionTaken { decision, option, by, because: told.because.to_owned() }, follows])
}
