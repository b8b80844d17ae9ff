//! Messages from outside that questions wait for.

use std::sync::Arc;

use super::people::{plan, question};
use super::scene::check;
use crate::plan::{Awaited, Choice, Mode, OUTCOMES, OnSilence, Patience, Plan, Question};
use crate::{By, Command, Event, Input, Millis, Recorded, Run, Timestamp, create, decide};

/// A question that `ci` answers too.
fn waits() -> Question {
    let choice = |id: &str| Choice { id: id.into(), name: id.into(), fails: id == "failed", ..Choice::default() };
    Question {
        text: "Does it pass?".into(),
        options: OUTCOMES.map(choice).into(),
        on_silence: OnSilence::Fail,
        timeout: Some(Patience::For(Millis::HOUR)),
        hook: Some(Box::new(Awaited { name: "ci".into(), ..Awaited::default() })),
        ..Question::default()
    }
}

#[test]
fn a_message_answers_the_question_that_waits_for_it_in_every_mode() {
    for mode in [Mode::Interactive, Mode::Guided, Mode::SemiAutonomous, Mode::Autonomous] {
        check(
            Plan { mode, ..plan(waits()) },
            "boot; b 0; hook 1 ci m1 passed",
            "boot: booted 1, question 1 until Some(3600000), b#1 starts
             b 0: b ok, b completed
             hook 1 ci m1 passed: question 1 is passed by hook, d completed, a#1 starts",
        );
    }
    check(
        plan(waits()),
        "boot; b 0; hook 1 ci m1 failed",
        "boot: booted 1, question 1 until Some(3600000), b#1 starts
         b 0: b ok, b completed
         hook 1 ci m1 failed: question 1 is failed by hook, d failed, a skipped upstream, ended failed",
    );
}

#[test]
fn no_message_answers_what_people_are_asked() {
    check(
        plan(question()),
        "boot; hook 1 ci m1 B; hook 2 ci m1 passed",
        "boot: booted 1, question 1 until Some(300000), b#1 starts
         hook 1 ci m1 B: REFUSED decision 1 is for people
         hook 2 ci m1 passed: REFUSED there is no decision 2",
    );
    check(
        plan(waits()),
        "boot; hook 1 other m1 passed; hook 1 ci m1 maybe; answer 1 passed; hook 1 ci m1 failed",
        "boot: booted 1, question 1 until Some(3600000), b#1 starts
         hook 1 other m1 passed: REFUSED decision 1 waits for `ci`
         hook 1 ci m1 maybe: REFUSED it is neither `passed` nor `failed`
         answer 1 passed: question 1 is passed by person, d completed, a#1 starts
         hook 1 ci m1 failed: REFUSED decision 1 is over",
    );
}

#[test]
fn a_task_that_is_tried_again_waits_for_a_new_message() {
    check(
        plan(waits()),
        "boot; b 0; hook 1 ci m1 failed; retry d; hook 2 ci m1 failed; hook 2 ci m2 passed",
        "boot: booted 1, question 1 until Some(3600000), b#1 starts
         b 0: b ok, b completed
         hook 1 ci m1 failed: question 1 is failed by hook, d failed, a skipped upstream, ended failed
         retry d: run reopened, d reset, a reset, question 2 until Some(3600000)
         hook 2 ci m1 failed: REFUSED this message has answered that question before
         hook 2 ci m2 passed: question 2 is passed by hook, d completed, a#1 starts",
    );
}

#[test]
fn silence_counts_as_declared() {
    check(
        plan(waits()),
        "boot; b 0; +3600000",
        "boot: booted 1, question 1 until Some(3600000), b#1 starts
         b 0: b ok, b completed
         +3600000: question 1 is nothing by timeout, d failed, a skipped upstream, ended failed",
    );
    let parked = Question { timeout: None, on_silence: OnSilence::Park, ..waits() };
    check(
        Plan { mode: Mode::Autonomous, ..plan(parked) },
        "boot; b 0; +90000000",
        "boot: booted 1, question 1 until None, b#1 starts
         b 0: b ok, b completed",
    );
}

/// An answer applied twice, or one that a later one beats: whatever was committed when the engine died, and although everything that came is
/// handed in once more, the first answer counts, and once.
#[test]
fn killed_at_every_point_the_first_answer_counts_once() {
    let message = Command::Signal {
        decision: 1,
        option: "passed".into(),
        because: String::new(),
        hook: "ci".into(),
        message: "m1".into(),
    };
    let person = Command::Answer { decision: 1, option: "failed".into(), because: String::new() };
    for inbox in [[message.clone(), person.clone()], [person, message]] {
        // The engine's first word, and one for each that came.
        for died_after in 0..=1 + inbox.len() {
            let log = story(&inbox, died_after);
            let taken: Vec<_> = log.iter().filter(|one| matches!(one.event, Event::DecisionTaken { .. })).collect();
            let [only] = taken.as_slice() else { panic!("{died_after}: {taken:?}") };
            let Event::DecisionTaken { option, .. } = &only.event else { panic!() };
            let first = match &inbox[0] {
                Command::Signal { option, .. } | Command::Answer { option, .. } => option,
                other => panic!("{other:?}"),
            };
            assert_eq!(option.as_ref(), Some(first), "killed after commit {died_after}");
        }
    }
}

/// The log of a run that is handed these, one commit each; the engine is killed after so many commits, and the next one gets all of them again.
fn story(inbox: &[Command], commits: usize) -> Vec<Recorded> {
    let plan = Arc::new(plan(waits()));
    let now = Timestamp(1_000);
    let mut log = vec![create("hash", "test", 1).record(0, now)];
    let mut left = commits;
    for epoch in 1..=2 {
        let mut run = Run::replay(plan.clone(), &log).unwrap();
        let by = By::Person { name: "ada".into() };
        let asked = inbox.iter().map(|command| Input::Asked { command: command.clone(), by: by.clone() });
        for input in std::iter::once(Input::Boot { epoch, pid: 1 }).chain(asked) {
            if epoch == 1 && left == 0 {
                break;
            }
            left = left.saturating_sub(1);
            let mut next = decide(&run, input, now).unwrap_or_default();
            while !next.is_empty() {
                for event in next {
                    let recorded = event.record(run.last_seq(), now);
                    run.apply(&recorded).unwrap();
                    log.push(recorded);
                }
                next = decide(&run, Input::Tick, now).unwrap();
            }
        }
    }
    log
}
