//! What must hold of a whole history, worked out from its log alone once it is over.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::OUTCOMES;
use crate::{Asker, Decider, Event, Millis, Recorded, Timestamp, policy};

/// A message answers a task's question once, with an outcome, and only a question that waits for it.
pub(super) fn messages_count_once(log: &[Recorded], seed: u64) {
    let mut asked = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for recorded in log {
        match &recorded.event {
            Event::DecisionOpened { decision, asker: Asker::Task { task }, question, .. } => {
                asked.insert(*decision, (*task, question.hook.as_ref().map(|hook| hook.name.clone())));
            }
            Event::DecisionTaken { decision, option, by: Decider::Hook { name, message }, .. } => {
                let (task, hook) = &asked[decision];
                assert_eq!(hook.as_ref(), Some(name), "seed {seed}: question {decision} waits for no such message");
                let option = option.as_deref().unwrap_or_default();
                assert!(OUTCOMES.contains(&option), "seed {seed}: a message chooses {option}");
                assert!(counted.insert((*task, message)), "seed {seed}: {message} counts twice for task {}", task.0);
            }
            _ => (),
        }
    }
}

/// A question with a time: what people were given, and what has passed of it while an engine was there and nobody made changes.
struct Clock {
    given: Millis,
    passed: Millis,
    is_adjusted: bool,
}

/// Whoever holds the clock of a question, silence counts at last.
pub(super) fn no_hold_is_for_ever(log: &[Recorded], seed: u64) {
    let mut clocks: BTreeMap<u32, Clock> = BTreeMap::new();
    let mut last = Timestamp(0);
    for recorded in log {
        let passed = recorded.at.since(last);
        last = last.max(recorded.at);
        let is_boot = matches!(recorded.event, Event::EngineBooted { .. });
        for (decision, clock) in clocks.iter_mut().filter(|(_, clock)| !is_boot && !clock.is_adjusted) {
            clock.passed.0 += passed.0;
            let most = clock.given.0 + policy::MOST_HELD.0;
            assert!(clock.passed.0 <= most, "seed {seed}: question {decision} is open for {}", clock.passed);
        }
        match &recorded.event {
            Event::DecisionOpened { decision, deadline: Some(deadline), .. } => {
                let given = deadline.since(recorded.at);
                clocks.insert(*decision, Clock { given, passed: Millis(0), is_adjusted: false });
            }
            Event::DecisionTaken { decision, .. } | Event::DecisionEscalated { decision } => {
                clocks.remove(decision);
            }
            Event::DecisionHeld { decision, until, .. } => {
                clocks.entry(*decision).and_modify(|clock| clock.is_adjusted = until.is_none());
            }
            Event::DecisionReleased { decision, .. } => {
                clocks.entry(*decision).and_modify(|clock| clock.is_adjusted = false);
            }
            _ => (),
        }
    }
}
