//! What people ask of a run as a whole, and what its engines and its time do to it.

use super::scene::check;
use super::with;
use crate::Millis;
use crate::plan::tests::plan_of;
use crate::plan::{Mode, OnFailure};

#[test]
fn a_pause_starts_nothing_and_loses_nothing() {
    check(
        plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]),
        "boot; pause; pause; a 0; resume; b 0",
        "boot: booted 1, a#1 starts
         pause: run paused
         pause: REFUSED the run is paused already
         a 0: a ok, a completed
         resume: run resumed, b#1 starts
         b 0: b ok, b completed, ended succeeded",
    );
}

#[test]
fn cancelling_stops_what_runs_then_kills_it_and_ends_when_all_are_gone() {
    check(
        plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]),
        "boot; cancel; cancel; kill; a signal 9; cancel",
        "boot: booted 1, a#1 starts
         cancel: run cancelled, a stop cancelled politely, b cancelled
         cancel: REFUSED the run is being cancelled already
         kill: a stop cancelled atonce
         a signal 9: a fails cancelled, a cancelled, ended cancelled
         cancel: REFUSED the run is over: cancelled",
    );
}

#[test]
fn work_that_had_ended_well_before_it_could_be_stopped_counts() {
    check(
        plan_of(&[("a", 1, &[])]),
        "boot; cancel; a 0",
        "boot: booted 1, a#1 starts
         cancel: run cancelled, a stop cancelled politely
         a 0: a ok, a completed, ended cancelled",
    );
}

#[test]
fn a_retry_by_a_person_takes_up_what_failed_and_what_was_skipped_for_it() {
    check(
        plan_of(&[("a", 1, &[]), ("b", 1, &["a"]), ("c", 1, &[])]),
        "boot; c 0; a 1; retry; retry b; a 0; b 0; retry",
        "boot: booted 1, a#1 starts, c#1 starts
         c 0: c ok, c completed
         a 1: a fails exit, a failed, b skipped upstream, ended failed
         retry: run reopened, a reset, b reset, a#2 starts
         retry b: REFUSED `b` is pending; only what failed, was cancelled, is blocked or runs can be tried again
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, ended succeeded
         retry: REFUSED nothing failed, was cancelled or is blocked",
    );
}

#[test]
fn a_task_that_asks_waits_for_a_person() {
    let plan = with(plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]), "a", |task| task.on_failure = OnFailure::Ask);
    check(
        plan.clone(),
        "boot; a 1; retry a; a 0; b 0",
        "boot: booted 1, a#1 starts
         a 1: a fails exit, a blocked, question 1 until None
         retry a: a reset, question 1 is nothing by withdrawn, a#2 starts
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, ended succeeded",
    );
    check(
        plan,
        "boot; a 1; accept a; b 0; accept b",
        "boot: booted 1, a#1 starts
         a 1: a fails exit, a blocked, question 1 until None
         accept a: a accepted, question 1 is nothing by withdrawn, b#1 starts
         b 0: b ok, b completed, ended succeededwithoverrides
         accept b: REFUSED `b` is completed; only what failed or is blocked can be accepted",
    );
}

#[test]
fn the_time_limit_gives_notice_then_starts_nothing_new() {
    let mut plan = plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]);
    plan.limits.time = Some(Millis(1_000));
    plan.mode = Mode::Autonomous;
    check(
        plan,
        "boot; +800; +200; a 0; limit 5000; b 0",
        "boot: booted 1, a#1 starts
         +800: 80 % of the time
         +200: 100 % of the time, question 1 until None, question 1 is finish by policy
         a 0: a ok, a completed, ended overbudget
         limit 5000: run reopened, time limit raised, b#1 starts
         b 0: b ok, b completed, ended succeeded",
    );
}

#[test]
fn a_later_engine_goes_on_where_the_earlier_one_was() {
    check(
        plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]),
        "boot; boot; a 0; a 0",
        "boot: booted 1, a#1 starts
         boot: booted 2
         a 0: a ok, a completed, b#1 starts
         a 0: REFUSED job 0.1 is not alive",
    );
}
