//! Changes of a run that has ended: they take it up again where they leave something of it to do.

use super::scene::{change, check, run_after};
use super::with;
use crate::plan::tests::plan_of;
use crate::plan::{Levels, Limits, Plan};
use crate::view::adjustment;
use crate::{By, Millis};

/// `audit` is part of the levels 4 and 5; `ship` comes after it.
fn audited() -> Plan {
    with(plan_of(&[("api", 1, &[]), ("audit", 1, &["api"]), ("ship", 1, &["audit"])]), "audit", |task| {
        task.levels = Levels::range(4, 5);
        task.leave_out();
    })
}

#[test]
fn what_was_left_out_is_done_after_the_end_and_nothing_that_is_done_is_done_anew() {
    check(
        audited(),
        "boot; api 0; ship 0; retry audit; adjust back=audit; audit 0",
        "boot: booted 1, api#1 starts
         api 0: api ok, api completed, ship#1 starts
         ship 0: ship ok, ship completed, ended succeeded
         retry audit: REFUSED `audit` was left out; `band adjust --bring-back audit` does it after all
         adjust back=audit: run reopened, audit back, audit#1 starts
         audit 0: audit ok, audit completed, ended succeeded",
    );
}

#[test]
fn another_level_takes_a_run_up_again_where_it_brings_something() {
    check(
        audited(),
        "boot; api 0; ship 0; adjust level=2; adjust level=4; audit 0",
        "boot: booted 1, api#1 starts
         api 0: api ok, api completed, ship#1 starts
         ship 0: ship ok, ship completed, ended succeeded
         adjust level=2: REFUSED the run is succeeded, and this leaves nothing of it to do; `--bring-back TASK` does what was left out, \
         `band retry` what failed
         adjust level=4: run reopened, level changed, audit back, audit#1 starts
         audit 0: audit ok, audit completed, ended succeeded",
    );
}

#[test]
fn a_failed_run_stays_failed_and_still_does_what_comes_back() {
    let plan = with(plan_of(&[("a", 1, &[]), ("docs", 1, &[])]), "docs", |task| {
        task.levels = Levels::range(4, 5);
        task.leave_out();
    });
    check(
        plan,
        "boot; a 1; adjust skip=a; adjust parallel=1 first=docs; adjust back=docs first=docs because=late; docs 0; retry; a 0",
        "boot: booted 1, a#1 starts
         a 1: a fails exit, a failed, ended failed
         adjust skip=a: REFUSED `a` is failed already; `band retry a` does it anew, `band accept a` takes it as done
         adjust parallel=1 first=docs: REFUSED `docs` is skipped; only what has not begun has a place in the order
         adjust back=docs first=docs because=late: run reopened, docs back, task moved, docs#1 starts
         docs 0: docs ok, docs completed, ended failed
         retry: run reopened, a reset, a#2 starts
         a 0: a ok, a completed, ended succeeded",
    );
}

#[test]
fn a_limit_that_was_used_up_is_raised_and_until_then_the_rest_can_only_be_left_out() {
    let limited = || {
        let plan = plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]);
        Plan { limits: Limits { time: Some(Millis(1_000)), parallel: 2, ..Limits::default() }, ..plan }
    };
    check(
        limited(),
        "boot; +1000; answer 1 finish; a 0; adjust first=b; adjust time=5000; b 0",
        "boot: booted 1, a#1 starts
         +1000: 100 % of the time, question 1 until Some(600000)
         answer 1 finish: question 1 is finish by person
         a 0: a ok, a completed, ended overbudget
         adjust first=b: REFUSED the run is over_budget, and its limit is used up still; a larger `--time`, `--cost` or `--tokens` goes on with it
         adjust time=5000: run reopened, time limit raised, b#1 starts
         b 0: b ok, b completed, ended succeeded",
    );
    check(
        limited(),
        "boot; +1000; answer 1 finish; a 0; adjust skip=b",
        "boot: booted 1, a#1 starts
         +1000: 100 % of the time, question 1 until Some(600000)
         answer 1 finish: question 1 is finish by person
         a 0: a ok, a completed, ended overbudget
         adjust skip=b: run reopened, b skipped asked, ended succeeded",
    );
}

#[test]
fn the_preview_says_that_the_run_is_taken_up_again() {
    let by = By::Person { name: "ada".into() };
    let seen = |script: &str| {
        let (run, now) = run_after(audited(), script);
        adjustment(&run, &change(&["back=audit"]), &by, now).unwrap().reopens
    };
    assert!(seen("boot; api 0; ship 0") && !seen("boot; api 0"));
}
