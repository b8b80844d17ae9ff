//! Rules of the core, each as a short script: a plan, what happens to it, and the events that follow.

mod adjust;
mod agents;
mod brought_back;
mod budgets;
mod into;
mod left_out;
mod lost;
mod merges;
mod people;
mod scene;

use scene::check;

use crate::Millis;
use crate::plan::tests::plan_of;
use crate::plan::{FailureClass, Gate, GateNumber, Join, Mode, OnFailure, Plan, Retry, Task, Use, Work};

/// The plan with one of its tasks changed.
fn with(mut plan: Plan, task: &str, change: impl FnOnce(&mut Task)) -> Plan {
    let id = plan.find(task).unwrap();
    change(&mut plan.tasks[id.index()]);
    plan
}

fn gate(number: Option<GateNumber>) -> Gate {
    Gate { name: "tests".into(), run: "true".into(), timeout: None, number }
}

#[test]
fn what_is_free_starts_and_what_needs_it_follows_at_once() {
    check(
        plan_of(&[("a", 1, &[]), ("b", 1, &["a"]), ("c", 1, &["a"])]),
        "boot; a 0; c 0; b 0",
        "boot: booted 1, a#1 starts
         a 0: a ok, a completed, b#1 starts, c#1 starts
         c 0: c ok, c completed
         b 0: b ok, b completed, ended succeeded",
    );
}

#[test]
fn the_longest_remaining_path_goes_first_then_priority_then_plan_order() {
    let plan =
        plan_of(&[("short", 1, &[]), ("also", 1, &[]), ("dear", 1, &[]), ("head", 1, &[]), ("tail", 9, &["head"])]);
    check(
        with(plan, "dear", |task| task.priority = 5),
        "boot; head 0; dear 0",
        "boot: booted 1, head#1 starts, dear#1 starts
         head 0: head ok, head completed, tail#1 starts
         dear 0: dear ok, dear completed, short#1 starts",
    );
}

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
fn joins_wait_for_all_successes_all_ends_or_any_success() {
    let plan = plan_of(&[("a", 1, &[]), ("b", 1, &[]), ("c", 1, &["a", "b"])]);
    check(
        with(plan.clone(), "c", |task| task.join = Join::AllDone),
        "boot; a 1; b 0; c 0",
        "boot: booted 1, a#1 starts, b#1 starts
         a 1: a fails exit, a failed
         b 0: b ok, b completed, c#1 starts
         c 0: c ok, c completed, ended failed",
    );
    check(
        with(plan, "c", |task| task.join = Join::AnySuccess),
        "boot; a 1; b 0",
        "boot: booted 1, a#1 starts, b#1 starts
         a 1: a fails exit, a failed
         b 0: b ok, b completed, c#1 starts",
    );
}

#[test]
fn a_false_condition_skips_and_lets_what_needs_it_go_on() {
    let plan = with(plan_of(&[("a", 1, &[]), ("b", 1, &["a"]), ("c", 1, &["b"])]), "b", |task| {
        task.when = Some("needs.a.state != 'completed'".into());
    });
    check(
        plan,
        "boot; a 0; c 0",
        "boot: booted 1, a#1 starts
         a 0: a ok, a completed, b skipped condition, c#1 starts
         c 0: c ok, c completed, ended succeeded",
    );
}

#[test]
fn the_end_of_a_group_completes_with_its_members() {
    let plan = with(plan_of(&[("a", 1, &[]), ("b", 1, &[]), ("g", 0, &["a", "b"]), ("c", 1, &["g"])]), "g", |task| {
        (task.work, task.uses) = (Work::Join, Vec::new());
    });
    check(
        plan,
        "boot; a 0; b 0",
        "boot: booted 1, a#1 starts, b#1 starts
         a 0: a ok, a completed
         b 0: b ok, b completed, g completed, c#1 starts",
    );
}

#[test]
fn a_task_takes_all_that_it_uses_at_once() {
    let mut plan = plan_of(&[("a", 1, &[]), ("b", 1, &[]), ("c", 1, &[])]);
    plan.resources.push(crate::plan::Resource { name: "db".into(), capacity: 1 });
    for task in ["a", "b"] {
        plan = with(plan, task, |task| task.uses.push(Use { resource: 1, units: 1 }));
    }
    check(
        plan,
        "boot; a 0; b 0; c 0",
        "boot: booted 1, a#1 starts, c#1 starts
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed
         c 0: c ok, c completed, ended succeeded",
    );
}

#[test]
fn writers_of_overlapping_paths_do_not_run_beside_each_other() {
    let mut plan = plan_of(&[("a", 1, &[]), ("b", 1, &[]), ("c", 1, &[])]);
    plan = with(plan, "a", |task| task.writes = vec!["src/**".into()].into());
    plan = with(plan, "b", |task| task.reads = vec!["src/main.rs".into()].into());
    check(
        plan,
        "boot; a 0",
        "boot: booted 1, a#1 starts, c#1 starts
         a 0: a ok, a completed, b#1 starts",
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
