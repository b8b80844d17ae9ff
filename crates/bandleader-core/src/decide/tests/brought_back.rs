//! What people or a level have left out is done after all; and another number of tasks at once.

use super::scene::{change, check, run_after};
use super::with;
use crate::plan::tests::plan_of;
use crate::plan::{Caps, Choice, Group, GroupKind, Levels, Plan, Question, Work};
use crate::view::{BroughtBack, Why, adjustment};
use crate::{By, GroupId, TaskId};

/// `audit` is part of the levels 4 and 5, and this plan is one of level 3.
fn left_out(plan: Plan, task: &str) -> Plan {
    with(plan, task, |task| {
        task.levels = Levels::range(4, 5);
        task.leave_out();
    })
}

/// `build` has `api` and `audit`; `ship` waits for all of it.
fn phased() -> Plan {
    let tasks: &[(&str, u64, &[&str])] = &[
        ("build.api", 4, &[]),
        ("build.audit", 2, &["build.api"]),
        ("build", 0, &["build.api", "build.audit"]),
        ("ship", 1, &["build"]),
        ("brag", 1, &["ship"]),
    ];
    let mut plan = with(plan_of(tasks), "build", |task| {
        task.work = Work::Join;
        task.uses.clear();
        task.estimate = None;
    });
    plan.groups.push(Group {
        path: "build".into(),
        title: "build".into(),
        kind: GroupKind::Phase,
        parent: None,
        end: TaskId(2),
        check_in: false,
        caps: Caps::default(),
    });
    for task in ["build.api", "build.audit", "build"] {
        plan = with(plan, task, |task| task.group = Some(GroupId(0)));
    }
    left_out(plan, "build.audit")
}

#[test]
fn a_higher_level_brings_its_tasks_and_what_has_not_begun_waits_for_them() {
    check(
        phased(),
        "boot; adjust level=4; build.api 0; build.audit 0; ship 0; brag 0",
        "boot: booted 1, build.api#1 starts
         adjust level=4: level changed, build.audit back
         build.api 0: build.api ok, build.api completed, build.audit#1 starts
         build.audit 0: build.audit ok, build.audit completed, build completed, ship#1 starts
         ship 0: ship ok, ship completed, brag#1 starts
         brag 0: brag ok, brag completed, ended succeeded",
    );
}

#[test]
fn what_has_gone_on_without_it_is_not_done_anew() {
    // The end of its group is taken back; `ship` runs on, and `brag` waits for `ship` alone.
    check(
        phased(),
        "boot; build.api 0; adjust back=audit; ship 0; brag 0; build.audit 0",
        "boot: booted 1, build.api#1 starts
         build.api 0: build.api ok, build.api completed, build completed, ship#1 starts
         adjust back=audit: build.audit back, build anew, build.audit#1 starts
         ship 0: ship ok, ship completed, brag#1 starts
         brag 0: brag ok, brag completed
         build.audit 0: build.audit ok, build.audit completed, build completed, ended succeeded",
    );
    let mut plan = phased();
    plan.resources[0].capacity = 1;
    check(
        plan,
        "boot; pause; build.api 0; adjust back=audit; resume; build.audit 0",
        "boot: booted 1, build.api#1 starts
         pause: run paused
         build.api 0: build.api ok, build.api completed, build completed
         adjust back=audit: build.audit back, build anew
         resume: run resumed, build.audit#1 starts
         build.audit 0: build.audit ok, build.audit completed, build completed, ship#1 starts",
    );
}

#[test]
fn what_people_left_out_comes_back_by_its_name_and_not_with_a_level() {
    let plan = || plan_of(&[("a", 1, &[]), ("b", 1, &["a"]), ("c", 1, &["b"])]);
    check(
        plan(),
        "boot; adjust skip=b; retry b; adjust level=4; adjust back=b first=b; a 0; b 0; c 0",
        "boot: booted 1, a#1 starts
         adjust skip=b: b skipped asked
         retry b: REFUSED `b` was left out; `band adjust --bring-back b` does it after all
         adjust level=4: level changed
         adjust back=b first=b: b back, task moved
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, c#1 starts
         c 0: c ok, c completed, ended succeeded",
    );
    // Named beside a level that has no place for it, it comes, or stays.
    check(
        left_out(plan(), "c"),
        "boot; adjust level=2 back=c; adjust level=1; adjust level=3 back=c; adjust level=1 back=c; a 0; b 0; c 0",
        "boot: booted 1, a#1 starts
         adjust level=2 back=c: level changed, c back
         adjust level=1: level changed, c skipped level
         adjust level=3 back=c: level changed, c back
         adjust level=1 back=c: level changed
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, c#1 starts
         c 0: c ok, c completed, ended succeeded",
    );
    // Part of the level, but not wanted: that is on record, and another level does not bring it.
    check(
        left_out(plan(), "c"),
        "boot; adjust level=4 skip=c; adjust level=5; a 0; b 0",
        "boot: booted 1, a#1 starts
         adjust level=4 skip=c: level changed, c back, c skipped asked
         adjust level=5: level changed
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, ended succeeded",
    );
}

#[test]
fn only_what_was_left_out_comes_back_and_every_reason_is_said() {
    let plan = plan_of(&[("a", 1, &[]), ("b", 1, &["a"]), ("c", 1, &[]), ("d", 1, &["c"])]);
    let mut plan = left_out(plan, "d");
    plan.tasks[3].left = None;
    check(
        plan,
        "boot; adjust skip=b; c 1; adjust back=a,c,zz,d; adjust back=b skip=b; a 0",
        "boot: booted 1, a#1 starts, c#1 starts
         adjust skip=b: b skipped asked
         c 1: c fails exit, c failed
         adjust back=a,c,zz,d: REFUSED `a` is running, and was not left out; `c` is failed, and was not left out; `band retry c` does it anew; no task is called `zz`; what `d` would do was not kept when the run was made; a new run at that level has it
         adjust back=b skip=b: REFUSED `b` is to be left out and to be brought back
         a 0: a ok, a completed, ended failed",
    );
}

#[test]
fn nothing_comes_back_without_the_answer_that_it_waits_for() {
    let option = |id: &str| Choice { id: id.into(), name: id.into(), ..Choice::default() };
    let question = Question { text: "Go?".into(), options: vec![option("A"), option("B")], ..Question::default() };
    let plan = plan_of(&[("b", 1, &[]), ("go", 1, &["b"]), ("ship", 1, &["go"]), ("tell", 1, &["ship"])]);
    let plan = with(plan, "go", |task| {
        task.work = Work::Decision { question: Box::new(question.clone()), check_in: None };
        task.uses.clear();
    });
    check(
        plan,
        "boot; adjust skip=go,ship,tell; adjust back=tell; adjust back=tell,go; b 0; answer 1 A; tell 0",
        "boot: booted 1, b#1 starts
         adjust skip=go,ship,tell: go skipped asked, ship skipped asked, tell skipped asked
         adjust back=tell: REFUSED `tell` waits for the answer to `go`, which was left out; bring that back as well
         adjust back=tell,go: go back, tell back
         b 0: b ok, b completed, question 1 until Some(300000)
         answer 1 A: question 1 is A by person, go completed, tell#1 starts
         tell 0: tell ok, tell completed, ended succeeded",
    );
}

#[test]
fn what_comes_back_is_known_before_with_what_has_gone_on_without_it() {
    let (run, now) = run_after(phased(), "boot; build.api 0");
    let by = By::Person { name: "ada".into() };
    let seen = adjustment(&run, &change(&["level=4", "parallel=1"]), &by, now).unwrap();
    let back = BroughtBack {
        task: "build.audit".into(),
        why: Why::Level,
        waits_for: Vec::new(),
        gone_on: vec!["ship".into()],
    };
    assert_eq!((seen.back, seen.level, seen.parallel), (vec![back], Some((3, 4)), Some((2, 1))));
    assert_eq!((seen.starts, seen.not_added), (Vec::<String>::new(), Vec::<String>::new()));
    assert_eq!(run.parallel(), 2, "nothing is changed by looking");
    // A path grows by what comes back.
    let (before, _) = run_after(phased(), "boot");
    let (after, _) = run_after(phased(), "boot; adjust level=4");
    assert_eq!(after.tail(TaskId(0)).0 - before.tail(TaskId(0)).0, 2_000);
}

#[test]
fn fewer_at_once_start_nothing_until_so_many_have_ended_and_more_start_at_once() {
    let plan = || plan_of(&[("a", 4, &[]), ("b", 3, &[]), ("c", 2, &[]), ("d", 1, &[]), ("e", 1, &[])]);
    check(
        plan(),
        "boot; adjust parallel=4; adjust parallel=4; adjust parallel=1; a 0; b 0; c 0; adjust parallel=2; d 0; e 0",
        "boot: booted 1, a#1 starts, b#1 starts
         adjust parallel=4: parallel changed, c#1 starts, d#1 starts
         adjust parallel=4: REFUSED 4 tasks may run at once already
         adjust parallel=1: parallel changed
         a 0: a ok, a completed
         b 0: b ok, b completed
         c 0: c ok, c completed
         adjust parallel=2: parallel changed, e#1 starts
         d 0: d ok, d completed
         e 0: e ok, e completed, ended succeeded",
    );
    check(
        plan(),
        "boot; adjust parallel=0; adjust parallel=10001",
        "boot: booted 1, a#1 starts, b#1 starts
         adjust parallel=0: REFUSED 1 to 10000 tasks may run at once
         adjust parallel=10001: REFUSED 1 to 10000 tasks may run at once",
    );
}
