//! Rules of a run's branch that is merged into one of a person's, and of work that a person accepts.

use super::scene::check;
use super::{gate, with};
use crate::plan::tests::plan_of;
use crate::plan::{Isolation, Plan, Repository};

/// `a` in a worktree, `b` after it in none.
fn two() -> Plan {
    let mut plan = plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]);
    plan.repository = Some(Repository { base: "t0".into(), inside: String::new() });
    for task in plan.tasks.iter_mut().take(1) {
        task.isolation = Some(Isolation::Worktree);
    }
    plan
}

#[test]
fn a_run_that_ends_well_is_over_when_its_branch_is_merged() {
    check(
        two(),
        "boot; into main; a 0; b 0; pause; retry a; joined 1; joined 0; into next; unjoined 1; into other; lost 0.0.into2; joined 2; \
         joined 3",
        "boot: booted 1, a#1 starts
         into main: wanted in main
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, ended succeeded
         pause: REFUSED its work is being merged into `main`; ask again when that is over
         retry a: REFUSED its work is being merged into `main`; ask again when that is over
         joined 1: REFUSED job 0.0.into1 is not alive
         joined 0: into main passed
         into next: wanted in next
         unjoined 1: into next refused
         into other: wanted in other
         lost 0.0.into2: wanted in other once more
         joined 2: REFUSED job 0.0.into2 is not alive
         joined 3: into other passed",
    );
}

#[test]
fn a_run_that_fails_merges_nothing_until_it_went_well() {
    check(
        two(),
        "boot; into main; a 1; retry a; a 0; b 0; joined 0",
        "boot: booted 1, a#1 starts
         into main: wanted in main
         a 1: a fails exit, a failed, b skipped upstream, ended failed
         retry a: run reopened, a reset, b reset, a#2 starts
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, ended succeeded
         joined 0: into main passed",
    );
}

#[test]
fn a_merge_that_takes_too_long_or_is_cancelled_leaves_the_run_as_it_ended() {
    check(
        two(),
        "boot; a 0; b 0; into main; cancel; cancel; kill; unjoined 0; into main; +600000; go; lost 0.0.into1",
        "boot: booted 1, a#1 starts
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, ended succeeded
         into main: wanted in main
         cancel: a stop cancelled politely
         cancel: REFUSED it is being stopped already
         kill: a stop cancelled atonce
         unjoined 0: into main refused
         into main: wanted in main
         +600000: a stop timeout politely
         lost 0.0.into1: into main refused",
    );
}

#[test]
fn without_worktrees_there_is_nothing_to_merge() {
    check(
        plan_of(&[("a", 1, &[])]),
        "boot; into main",
        "boot: booted 1, a#1 starts
         into main: REFUSED no task of the run works in a git worktree, so it has no branch to merge",
    );
}

#[test]
fn work_that_is_accepted_is_merged_without_gates_and_counts_as_an_override() {
    let plan = with(two(), "a", |task| task.gates = vec![gate(None)].into());
    check(
        plan,
        "boot; a works t0; a gate 1; accept a; a works t0; a merged 0 m1 t0; a landed 0; b 0",
        "boot: booted 1, a#1 starts
         a works t0: a ok
         a gate 1: a gate refused: refused: exit code 1, a fails gate, a failed, b skipped upstream, ended failed
         accept a: run reopened, a accepted to merge, b reset, a#2 starts
         a works t0: a ok
         a merged 0 m1 t0: a merge passed
         a landed 0: a land passed, a completed, b#1 starts
         b 0: b ok, b completed, ended succeededwithoverrides",
    );
}

#[test]
fn work_that_is_accepted_needs_no_deliverable_and_is_accepted_no_more_when_it_clashes() {
    let plan = || with(two(), "a", |task| task.gates = vec![gate(None)].into());
    check(
        plan(),
        "boot; a works t0; a gate 1; accept a; a missing; b 0",
        "boot: booted 1, a#1 starts
         a works t0: a ok
         a gate 1: a gate refused: refused: exit code 1, a fails gate, a failed, b skipped upstream, ended failed
         accept a: run reopened, a accepted to merge, b reset, a#2 starts
         a missing: a ok, a completed, b#1 starts
         b 0: b ok, b completed, ended succeededwithoverrides",
    );
    check(
        plan(),
        "boot; a works t0; a gate 1; accept a; a works t0; a clashes 0 x; resolve a; a works t0; a gate 0; a merged 0 m1 t0; \
         a landed 0; b 0",
        "boot: booted 1, a#1 starts
         a works t0: a ok
         a gate 1: a gate refused: refused: exit code 1, a fails gate, a failed, b skipped upstream, ended failed
         accept a: run reopened, a accepted to merge, b reset, a#2 starts
         a works t0: a ok
         a clashes 0 x: a merge refused, a fails conflict, a blocked, question 1 until None
         resolve a: a resolved, question 1 is nothing by withdrawn, a#3 starts
         a works t0: a ok
         a gate 0: a gate passed: passed
         a merged 0 m1 t0: a merge passed
         a landed 0: a land passed, a completed, b#1 starts
         b 0: b ok, b completed, ended succeeded",
    );
}
