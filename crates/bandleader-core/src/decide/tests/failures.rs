//! What counts as done, and what follows when it is not.

use super::scene::check;
use super::{gate, with};
use crate::Millis;
use crate::plan::tests::plan_of;
use crate::plan::{FailureClass, GateNumber, OnFailure, Retry};

#[test]
fn a_failure_skips_what_needs_it_and_leaves_the_rest() {
    check(
        plan_of(&[("a", 1, &[]), ("b", 1, &["a"]), ("c", 1, &["b"]), ("d", 1, &[])]),
        "boot; a 3; d 0",
        "boot: booted 1, a#1 starts, d#1 starts
         a 3: a fails exit, a failed, b skipped upstream, c skipped upstream
         d 0: d ok, d completed, ended failed",
    );
}

#[test]
fn tries_are_spaced_by_a_doubling_jittered_pause_up_to_the_limit() {
    let plan = with(plan_of(&[("a", 1, &[])]), "a", |task| {
        task.retry = Retry { limit: 2, backoff: Millis(100), ..Retry::default() }.into();
    });
    check(
        plan,
        "boot; a 1; +125; a signal 9; +250; a 1",
        "boot: booted 1, a#1 starts
         a 1: a fails exit, a again in 117
         +125: a ready, a#2 starts
         a signal 9: a fails crash, a again in 246
         +250: a ready, a#3 starts
         a 1: a fails exit, a failed, ended failed",
    );
}

#[test]
fn what_cannot_start_and_classes_that_are_not_named_are_not_tried_again() {
    let plan = plan_of(&[("a", 1, &[]), ("b", 1, &[])]);
    let plan = with(plan, "a", |task| task.retry.limit = 5);
    check(
        with(plan, "b", |task| {
            task.retry = Retry { limit: 5, on: vec![FailureClass::Timeout], ..Retry::default() }.into();
        }),
        "boot; a 127; b 1",
        "boot: booted 1, a#1 starts, b#1 starts
         a 127: a fails start, a failed
         b 1: b fails exit, b failed, ended failed",
    );
}

#[test]
fn done_without_the_deliverable_is_not_done() {
    check(
        plan_of(&[("a", 1, &[])]),
        "boot; a missing",
        "boot: booted 1, a#1 starts
         a missing: a fails deliverable, a failed, ended failed",
    );
}

#[test]
fn gates_decide_one_after_the_other_and_hold_what_the_task_holds() {
    let bounds = GateNumber { parse: "x".into(), min: Some(80.0), max: None };
    let plan = with(plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]), "a", |task| {
        task.gates = vec![gate(None), gate(Some(bounds))].into();
    });
    check(
        plan.clone(),
        "boot; a 0; a gate 0; a gate 0 =87.5",
        "boot: booted 1, a#1 starts
         a 0: a ok
         a gate 0: a gate passed: passed
         a gate 0 =87.5: a gate passed: passed with 87.5, a completed, b#1 starts",
    );
    check(
        plan,
        "boot; a 0; a gate 0; a gate 0 =79",
        "boot: booted 1, a#1 starts
         a 0: a ok
         a gate 0: a gate passed: passed
         a gate 0 =79: a gate refused: refused: 79 is under 80, a fails gate, a failed, b skipped upstream, ended failed",
    );
}

#[test]
fn an_optional_failure_and_an_allowed_one_let_the_rest_go_on() {
    let plan = plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]);
    check(
        with(plan.clone(), "a", |task| task.optional = true),
        "boot; a 1; b 0",
        "boot: booted 1, a#1 starts
         a 1: a fails exit, a failed, b#1 starts
         b 0: b ok, b completed, ended succeeded",
    );
    check(
        with(plan, "a", |task| task.on_failure = OnFailure::Continue),
        "boot; a 1; b 0",
        "boot: booted 1, a#1 starts
         a 1: a fails exit, a failed, b#1 starts
         b 0: b ok, b completed, ended failed",
    );
}

#[test]
fn a_timeout_stops_the_attempt_and_counts_as_its_failure() {
    let plan = with(plan_of(&[("a", 1, &[])]), "a", |task| task.timeout = Some(Millis(500)));
    check(
        plan,
        "boot; +499; +1; a signal 15",
        "boot: booted 1, a#1 starts
         +1: a stop timeout politely
         a signal 15: a fails timeout, a failed, ended failed",
    );
}

#[test]
fn silence_is_noticed_first_and_ends_the_attempt_then() {
    let plan = with(plan_of(&[("a", 1, &[])]), "a", |task| task.stall = Some(Millis(100)));
    check(
        plan,
        "boot; a silent 50; a silent 50; a silent 100; a signal 15",
        "boot: booted 1, a#1 starts
         a silent 50: a is silent
         a silent 50: REFUSED known
         a silent 100: a stop stall politely
         a signal 15: a fails stall, a failed, ended failed",
    );
}

#[test]
fn another_agent_takes_over_once() {
    let plan = with(plan_of(&[("a", 1, &[])]), "a", |task| task.on_failure = OnFailure::RetryWith("bob".into()));
    check(
        plan,
        "boot; a 1; a 1",
        "boot: booted 1, a#1 starts
         a 1: a fails exit, a again in 0 by bob, a ready, a#2 starts by bob
         a 1: a fails exit, a failed, ended failed",
    );
}

#[test]
fn completed_work_is_undone_last_first() {
    let mut plan = plan_of(&[("a", 1, &[]), ("b", 1, &["a"]), ("c", 1, &["b"]), ("d", 1, &["c"])]);
    for task in ["a", "b"] {
        plan = with(plan, task, |task| task.compensate = Some("true".into()));
    }
    check(
        with(plan, "c", |task| task.on_failure = OnFailure::Compensate),
        "boot; a 0; b 0; c 1; b undone 0; a undone 0",
        "boot: booted 1, a#1 starts
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, c#1 starts
         c 1: c fails exit, c failed, c compensation_started, b undo
         b undone 0: b undo passed, a undo
         a undone 0: a undo passed, d cancelled, ended failed",
    );
}
