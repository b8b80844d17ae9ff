//! Rules of work that is merged: one at a time, gates again where the merge made something new, and conflicts for people.

use super::scene::check;
use super::{gate, with};
use crate::plan::tests::plan_of;
use crate::plan::{FailureClass, Isolation, OnFailure, Plan, Repository, Retry};

/// `a` and `b` side by side in worktrees, `c` after both in none.
fn three() -> Plan {
    let mut plan = plan_of(&[("a", 2, &[]), ("b", 1, &[]), ("c", 1, &["a", "b"])]);
    plan.repository = Some(Repository { base: "t0".into(), inside: String::new() });
    for task in plan.tasks.iter_mut().take(2) {
        task.isolation = Some(Isolation::Worktree);
    }
    plan
}

#[test]
fn work_is_merged_one_at_a_time_and_a_task_is_done_when_its_work_has_landed() {
    check(
        three(),
        "boot; b works t0; a works t0; a merged 0 x t0; b merged 0 m1 t0; b landed 0; a merged 0 m2 m1; a landed 0",
        "boot: booted 1, a#1 starts, b#1 starts
         b works t0: b ok
         a works t0: a ok
         a merged 0 x t0: REFUSED job 0.1.merge0 is not alive
         b merged 0 m1 t0: b merge passed
         b landed 0: b land passed, b completed
         a merged 0 m2 m1: a merge passed
         a landed 0: a land passed, a completed, c#1 starts",
    );
}

#[test]
fn an_attempt_that_changed_nothing_merges_nothing() {
    check(
        three(),
        "boot; b works b1; a 0",
        "boot: booted 1, a#1 starts, b#1 starts\n b works b1: b ok, b completed\n a 0: a ok, a completed, c#1 starts",
    );
}

#[test]
fn gates_run_again_only_where_the_merge_made_something_new() {
    let gated = || with(three(), "a", |task| task.gates = vec![gate(None), gate(None)].into());
    check(
        gated(),
        "boot; a works t0; a gate 0; a gate 0; a merged 0 m1 t0; a landed 0",
        "boot: booted 1, a#1 starts, b#1 starts
         a works t0: a ok
         a gate 0: a gate passed: passed
         a gate 0: a gate passed: passed
         a merged 0 m1 t0: a merge passed
         a landed 0: a land passed, a completed",
    );
    check(
        gated(),
        "boot; a works t0; a gate 0; a gate 0; a merged 0 m1 t9; a gate 0; a regate 0 0; a regate 1 0; a moved 0; \
         a merged 1 m2 t10; a regate 0 0; a regate 2 0; a regate 3 1",
        "boot: booted 1, a#1 starts, b#1 starts
         a works t0: a ok
         a gate 0: a gate passed: passed
         a gate 0: a gate passed: passed
         a merged 0 m1 t9: a merge passed
         a gate 0: REFUSED job 0.1.gate0 is not alive
         a regate 0 0: a gate passed: passed
         a regate 1 0: a gate passed: passed
         a moved 0: a land refused
         a merged 1 m2 t10: a merge passed
         a regate 0 0: REFUSED job 0.1.merged0 is not alive
         a regate 2 0: a gate passed: passed
         a regate 3 1: a gate refused: refused: exit code 1, a fails gate, a failed, c skipped upstream",
    );
}

#[test]
fn what_is_there_already_lands_without_gates() {
    let plan = with(three(), "a", |task| task.gates = vec![gate(None)].into());
    check(
        plan,
        "boot; a works t0; a gate 0; a merged 0 m1 t0; a lost land0; a merged 1 m1 m1; a landed 1",
        "boot: booted 1, a#1 starts, b#1 starts
         a works t0: a ok
         a gate 0: a gate passed: passed
         a merged 0 m1 t0: a merge passed
         a lost land0: a land refused
         a merged 1 m1 m1: a merge passed
         a landed 1: a land passed, a completed",
    );
}

#[test]
fn a_conflict_waits_for_a_person_whatever_a_failure_means_and_is_resolved_or_tried_again() {
    let plan = with(three(), "a", |task| task.on_failure = OnFailure::Continue);
    check(
        plan,
        "boot; b works t0; a works t0; b merged 0 m1 t0; b landed 0; a clashes 0 x; resolve c; resolve a; a works t0; \
         a clashes 0 x; retry a",
        "boot: booted 1, a#1 starts, b#1 starts
         b works t0: b ok
         a works t0: a ok
         b merged 0 m1 t0: b merge passed
         b landed 0: b land passed, b completed
         a clashes 0 x: a merge refused, a fails conflict, a blocked, question 1 until None
         resolve c: REFUSED `c` is pending; only what failed or is blocked is resolved
         resolve a: a resolved, question 1 is nothing by withdrawn, a#2 starts
         a works t0: a ok
         a clashes 0 x: a merge refused, a fails conflict, a blocked, question 2 until None
         retry a: a reset, question 2 is nothing by withdrawn, a#3 starts",
    );
}

#[test]
fn a_plan_may_have_a_conflict_tried_again_by_itself() {
    let retry = Retry { limit: 1, on: vec![FailureClass::Conflict], ..Retry::default() };
    let plan = with(three(), "a", |task| task.retry = retry.into());
    check(
        plan,
        "boot; a works t0; a clashes 0 x; a works t0; a clashes 0 x",
        "boot: booted 1, a#1 starts, b#1 starts
         a works t0: a ok
         a clashes 0 x: a merge refused, a fails conflict, a again in 0, a ready, a#2 starts
         a works t0: a ok
         a clashes 0 x: a merge refused, a fails conflict, a blocked, question 1 until None",
    );
}

#[test]
fn a_merge_that_is_lost_begins_again_and_what_waits_can_be_called_off() {
    check(
        three(),
        "boot; b works t0; a works t0; b lost merge0; cancel a; b merged 1 m1 t0; b landed 1",
        "boot: booted 1, a#1 starts, b#1 starts
         b works t0: b ok
         a works t0: a ok
         b lost merge0: b land refused
         cancel a: a cancelled, c skipped upstream
         b merged 1 m1 t0: b merge passed
         b landed 1: b land passed, b completed, ended failed",
    );
}
