//! Messages from outside in the simulated world: handed in at least once each, again after a crash, late, and to questions that they were
//! not for. People answer the same questions.

use std::collections::{BTreeMap, VecDeque};

use super::world::World;
use crate::plan::OUTCOMES;
use crate::run::TaskState;
use crate::{Asker, By, Command, Decider, Event, Input, Run};

/// What was told: it stands in a book of its own, which outlives every engine.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// By the question that it was for: the message and the outcome.
    by_question: BTreeMap<u32, (String, String)>,
}

fn by() -> By {
    By::Person { name: "simulated".into() }
}

impl World {
    /// Messages come; some come again, and some at the wrong door.
    pub(super) fn tell_outcomes(&mut self, run: &Run, inputs: &mut VecDeque<Input>) {
        let Some(later) = self.later.as_mut() else { return };
        let waits = run.open_decisions().filter(|(_, open)| open.question.hook.is_some());
        for (number, _) in waits.collect::<Vec<_>>() {
            let told = &mut self.told.by_question;
            if !told.contains_key(&number) && later.once_in(4) {
                let outcome = OUTCOMES[usize::from(later.once_in(3))];
                told.insert(number, (format!("m{number}"), outcome.to_owned()));
            }
            let Some((message, option)) = told.get(&number).filter(|_| later.once_in(2)).cloned() else { continue };
            let hook = if later.once_in(12) { "other" } else { "ci" }.to_owned();
            let signal = Command::Signal { decision: number, option, because: String::new(), hook, message };
            let mut both = vec![signal];
            if later.once_in(3) {
                // Somebody answers at the same moment.
                let option = OUTCOMES[usize::from(later.once_in(2))].to_owned();
                both.push(Command::Answer { decision: number, option, because: String::new() });
            }
            if later.once_in(2) {
                both.reverse();
            }
            inputs.extend(both.into_iter().map(|command| Input::Asked { command, by: by() }));
        }
        let known = run.decisions().len() as u64;
        if known > 0 && !self.told.by_question.is_empty() && later.once_in(8) {
            let some = usize::try_from(later.below(self.told.by_question.len() as u64)).unwrap();
            let (message, option) = self.told.by_question.values().nth(some).unwrap().clone();
            let decision = u32::try_from(1 + later.below(known)).unwrap();
            let signal = Command::Signal { decision, option, because: String::new(), hook: "ci".into(), message };
            inputs.push_back(Input::Asked { command: signal, by: by() });
        }
    }
}

/// The answer that has to count because it is the first, where this input is one to a question that waits for a message.
pub(super) fn must_count(run: &Run, input: &Input) -> Option<(u32, String)> {
    let Input::Asked { command, .. } = input else { return None };
    let (number, option, told) = match command {
        Command::Answer { decision, option, .. } => (*decision, option, None),
        Command::Signal { decision, option, hook, message, .. } => (*decision, option, Some((hook, message))),
        _ => return None,
    };
    let open = run.decisions().get(&number).filter(|open| open.taken.is_none())?;
    let (Asker::Task { task }, Some(hook)) = (&open.asker, &open.question.hook) else { return None };
    let is_open = matches!(run.task(*task).state, TaskState::Blocked { .. }) && run.merging_into().is_none();
    let is_new = told.is_none_or(|(name, message)| {
        let by = Decider::Hook { name: name.clone(), message: message.clone() };
        let counted = run.decisions().values().filter(|one| one.asker == open.asker);
        *name == hook.name && !counted.filter_map(|one| one.taken.as_ref()).any(|taken| taken.by == by)
    });
    (is_open && is_new).then(|| (number, option.clone()))
}

/// Whether that answer is what these events say.
pub(super) fn counts(events: &[Event], (number, chosen): &(u32, String)) -> bool {
    events.iter().any(|event| match event {
        Event::DecisionTaken { decision, option, .. } => decision == number && option.as_ref() == Some(chosen),
        _ => false,
    })
}
