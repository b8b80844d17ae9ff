//! Attempts that are lost with their supervisor or their machine: forgiven a few times, then asked about.

use super::{check, with};
use crate::plan::tests::plan_of;
use crate::plan::{Mode, OnFailure, Plan};

#[test]
fn a_lost_attempt_is_repeated_whatever_the_limit_but_not_for_ever() {
    let again = |number: u32| format!("a lost: a fails lost, a again in 0, a ready, a#{number} starts\n");
    let tries: String = (2..=11).map(again).collect();
    let begin =
        format!("boot: booted 1, a#1 starts\n{tries}a lost: a fails lost, a blocked, question 1 until Some(600000)\n");
    let expect = |then: &str, expected: &str| {
        let script = format!("boot{}; {then}", "; a lost".repeat(11));
        check(plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]), &script, &format!("{begin}{expected}"));
    };
    expect("+600000", "+600000: question 1 is skip by timeout, a failed, b skipped upstream, ended failed");
    expect("answer 1 skip", "answer 1 skip: question 1 is skip by person, a failed, b skipped upstream, ended failed");
    expect("answer 1 accept", "answer 1 accept: question 1 is accept by person, a accepted, b#1 starts");
    // A person's word gives it all its tries again.
    expect(
        "answer 1 retry; a lost",
        "answer 1 retry: question 1 is retry by person, a reset, a#12 starts
         a lost: a fails lost, a again in 0, a ready, a#13 starts",
    );
}

#[test]
fn losses_that_are_not_forgiven_use_up_tries() {
    let plan = with(plan_of(&[("a", 1, &[])]), "a", |task| task.retry.limit = 2);
    let again = |number: u32| format!("a lost: a fails lost, a again in 0, a ready, a#{number} starts\n");
    let tries: String = (2..=13).map(again).collect();
    check(
        plan,
        &format!("boot{}", "; a lost".repeat(13)),
        &format!("boot: booted 1, a#1 starts\n{tries}a lost: a fails lost, a blocked, question 1 until Some(600000)"),
    );
}

#[test]
fn a_task_that_is_lost_too_often_fails_where_nobody_is_asked_and_follows_what_the_plan_declares() {
    let last = |change: fn(&mut Plan), expected: &str| {
        let mut plan = plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]);
        change(&mut plan);
        let again = |number: u32| format!("a lost: a fails lost, a again in 0, a ready, a#{number} starts\n");
        let tries: String = (2..=11).map(again).collect();
        let script = format!("boot{}", "; a lost".repeat(11));
        check(plan, &script, &format!("boot: booted 1, a#1 starts\n{tries}a lost: a fails lost, {expected}"));
    };
    let policy =
        "a blocked, question 1 until None, question 1 is skip by policy, a failed, b skipped upstream, ended failed";
    last(|plan| plan.mode = Mode::Autonomous, policy);
    last(|plan| plan.mode = Mode::Guided, "a blocked, question 1 until Some(600000)");
    last(|plan| plan.tasks[0].on_failure = OnFailure::Continue, "a failed, b#1 starts");
    last(|plan| plan.tasks[0].optional = true, "a failed, b#1 starts");
    last(|plan| plan.tasks[0].on_failure = OnFailure::Ask, "a blocked, question 1 until None");
}
