//! What starts, in which order, and beside what.

use super::scene::check;
use super::with;
use crate::plan::tests::plan_of;
use crate::plan::{Join, Use, Work};

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
