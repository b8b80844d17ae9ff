//! Changes of what is left of a run: all of one or nothing, and what each part of it brings about.

use super::agents::agents;
use super::scene::{change, check, run_after};
use super::with;
use crate::plan::tests::plan_of;
use crate::plan::{CheckIn, Choice, Group, GroupKind, Levels, Limits, Plan, Question, Work};
use crate::view::{Moved, Without, adjustment};
use crate::{By, GroupId, Millis, TaskId};

fn question() -> Question {
    let option = |id: &str| Choice { id: id.into(), name: id.into(), ..Choice::default() };
    let options = vec![option("continue"), option("adjust"), option("stop")];
    Question { text: "Go on?".into(), options, recommend: Some("continue".into()), ..Question::default() }
}

fn asks(plan: Plan, task: &str, check_in: Option<CheckIn>) -> Plan {
    with(plan, task, |task| {
        task.work = Work::Decision { question: Box::new(question()), check_in };
        task.uses.clear();
        task.estimate = None;
    })
}

#[test]
fn what_is_left_out_is_no_failure_and_what_needs_it_goes_on_without_it() {
    let plan = || plan_of(&[("a", 1, &[]), ("b", 1, &["a"]), ("c", 1, &["b"]), ("d", 1, &[])]);
    check(
        plan(),
        "boot; adjust skip=b; a 0; d 0; c 0; retry b",
        "boot: booted 1, a#1 starts, d#1 starts
         adjust skip=b: b skipped asked
         a 0: a ok, a completed, c#1 starts
         d 0: d ok, d completed
         c 0: c ok, c completed, ended succeeded
         retry b: REFUSED `b` was left out; `band adjust --bring-back b` does it after all",
    );
}

#[test]
fn people_put_tasks_before_and_behind_all_others_in_the_order_that_they_name() {
    let plan = || plan_of(&[("a", 5, &[]), ("b", 4, &[]), ("c", 3, &[]), ("d", 2, &[]), ("e", 1, &[])]);
    check(
        plan(),
        "boot; adjust first=e,d; a 0; b 0; e 0",
        "boot: booted 1, a#1 starts, b#1 starts
         adjust first=e,d: task moved, task moved
         a 0: a ok, a completed, e#1 starts
         b 0: b ok, b completed, d#1 starts
         e 0: e ok, e completed, c#1 starts",
    );
    check(
        plan(),
        "boot; adjust last=c,d; adjust first=d; a 0; b 0; d 0",
        "boot: booted 1, a#1 starts, b#1 starts
         adjust last=c,d: task moved, task moved
         adjust first=d: task moved
         a 0: a ok, a completed, d#1 starts
         b 0: b ok, b completed, e#1 starts
         d 0: d ok, d completed, c#1 starts",
    );
}

#[test]
fn nothing_is_changed_where_a_part_cannot_be_and_every_reason_is_said() {
    check(
        plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]),
        "boot; adjust skip=a,zz first=a,b,b level=3 tokens=5; adjust because=x; adjust level=9; a 0; b 0; adjust skip=b",
        "boot: booted 1, a#1 starts
         adjust skip=a,zz first=a,b,b level=3 tokens=5: REFUSED the level is 3 already; the limit of the run: there is no such budget; `a` is running; only what has not begun has a place in the order; `b` is named twice in the order; `a` is at work; `band cancel --task a` stops it; no task is called `zz`
         adjust because=x: REFUSED nothing is to be changed
         adjust level=9: REFUSED there is no level 9; levels are 1 to 5
         a 0: a ok, a completed, b#1 starts
         b 0: b ok, b completed, ended succeeded
         adjust skip=b: REFUSED `b` is completed already",
    );
}

#[test]
fn a_question_is_left_out_only_with_all_that_waits_for_its_answer() {
    let plan = || asks(plan_of(&[("b", 1, &[]), ("go", 1, &["b"]), ("ship", 1, &["go"])]), "go", None);
    check(
        plan(),
        "boot; adjust skip=go; adjust skip=go,ship; b 0; retry ship",
        "boot: booted 1, b#1 starts
         adjust skip=go: REFUSED `go` is a question that `ship` waits for; leave that out as well, or answer it
         adjust skip=go,ship: go skipped asked, ship skipped asked
         b 0: b ok, b completed, ended succeeded
         retry ship: REFUSED `ship` was left out; `band adjust --bring-back ship` does it after all",
    );
    // What was called off before could be taken up again.
    check(
        plan(),
        "boot; cancel ship; adjust skip=go",
        "boot: booted 1, b#1 starts
         cancel ship: ship cancelled
         adjust skip=go: REFUSED `go` is a question that `ship` waits for; leave that out as well, or answer it",
    );
}

#[test]
fn another_level_leaves_out_what_is_not_part_of_it_and_counts_for_the_time_to_answer() {
    let plan = plan_of(&[("a", 1, &[]), ("audit", 1, &["a"]), ("q", 1, &["a"])]);
    let plan = with(asks(plan, "q", None), "audit", |task| task.levels = Levels::range(3, 5));
    check(
        plan.clone(),
        "boot; adjust level=2; a 0; adjust level=4",
        "boot: booted 1, a#1 starts
         adjust level=2: level changed, audit skipped level
         a 0: a ok, a completed, question 1 until Some(180000)
         adjust level=4: level changed, audit back, audit#1 starts",
    );
    let (run, now) = run_after(plan, "boot; adjust level=2");
    let seen = adjustment(&run, &change(&["level=4"]), &By::Engine, now);
    assert_eq!(seen.unwrap_err().0, "only people change what is to be done");
    let seen = adjustment(&run, &change(&["level=4"]), &By::Person { name: "ada".into() }, now).unwrap();
    assert_eq!((seen.level, seen.back.len(), seen.not_added), (Some((2, 4)), 1, Vec::new()));
}

#[test]
fn limits_and_words_to_agents_are_part_of_it() {
    let mut plan = agents(plan_of(&[("a", 1, &[]), ("b", 1, &["a"]), ("c", 1, &["a"])]));
    plan.limits = Limits { tokens: Some(100), time: Some(Millis(9_000)), ..plan.limits };
    check(
        plan,
        "boot; adjust tokens=200 time=10000 tell=b:quick tell=a:now skip=c; adjust tokens=150 time=10; a 0",
        "boot: booted 1, a#1 starts
         adjust tokens=200 time=10000 tell=b:quick tell=a:now skip=c: budget raised, time limit raised, c skipped asked, message 1 for b, message 2 for a
         adjust tokens=150 time=10: REFUSED the limit of the run: the limit is 200 already; the limit of the run: the limit is 10 s already
         a 0: a ok, a completed, b#1 starts, b has message 1",
    );
}

/// `build` is a phase of `b` and `c`, behind the check-in.
fn phased() -> Plan {
    let plan = plan_of(&[
        ("a", 4, &[]),
        ("look", 1, &["a"]),
        ("build.b", 3, &["look"]),
        ("build.c", 2, &["look"]),
        ("d", 1, &["build.b"]),
    ]);
    let mut plan = asks(plan, "look", Some(CheckIn::After));
    plan.groups.push(Group {
        path: "build".into(),
        title: "build".into(),
        kind: GroupKind::Phase,
        parent: None,
        end: TaskId(3),
        check_in: false,
        caps: crate::plan::Caps::default(),
    });
    for task in ["build.b", "build.c"] {
        plan = with(plan, task, |task| task.group = Some(GroupId(0)));
    }
    plan.limits.parallel = 1;
    plan.resources[0].capacity = 1;
    plan
}

#[test]
fn at_a_check_in_the_clock_stands_still_while_things_are_changed_and_then_it_goes_on() {
    check(
        phased(),
        "boot; a 0; answer 1 adjust; +9000000; boot; adjust first=c; answer 1 continue; build.c 0; build.b 0",
        "boot: booted 1, a#1 starts
         a 0: a ok, a completed, question 1 until Some(300000)
         answer 1 adjust: question 1 held for None
         boot: booted 2
         adjust first=c: task moved
         answer 1 continue: question 1 is continue by person, look completed, build.c#1 starts
         build.c 0: build.c ok, build.c completed, build.b#1 starts
         build.b 0: build.b ok, build.b completed, d#1 starts",
    );
    check(
        phased(),
        "boot; a 0; answer 1 adjust; adjust skip=build because=later; answer 1 continue",
        "boot: booted 1, a#1 starts
         a 0: a ok, a completed, question 1 until Some(300000)
         answer 1 adjust: question 1 held for None
         adjust skip=build because=later: build.b skipped asked, build.c skipped asked
         answer 1 continue: question 1 is continue by person, look completed, d#1 starts",
    );
}

#[test]
fn what_it_would_bring_about_is_known_before_and_nothing_is_changed_by_looking() {
    let (run, now) = run_after(phased(), "boot; a 0; answer 1 adjust");
    let by = By::Person { name: "ada".into() };
    let seen = adjustment(&run, &change(&["skip=b", "first=d", "last=c"]), &by, now).unwrap();
    let names: Vec<&str> = seen.skipped.iter().map(|one| one.task.as_str()).collect();
    assert_eq!(names, ["build.b"]);
    let without = Without { task: "d".into(), needs: vec!["build.b".into()], reads_it: true };
    assert_eq!(seen.without, [without]);
    let moved = |task: &str, from, to, waits_for: &[&str]| Moved {
        task: task.into(),
        from,
        to,
        waits_for: waits_for.iter().map(|need| (*need).to_owned()).collect(),
    };
    assert_eq!(seen.moved, [moved("d", 2, 1, &["look"]), moved("build.c", 1, 2, &["look"])]);
    assert_eq!(seen.starts, Vec::<String>::new(), "the check-in is not over");
    assert_eq!(seen.remaining.0.least, Millis(6_000), "b, c and d, one after the other");
    assert_eq!(seen.remaining.1.least, Millis(3_000), "c and d");
    let (again, _) = run_after(phased(), "boot; a 0; answer 1 adjust");
    assert_eq!((run.last_seq(), run.counts()), (again.last_seq(), again.counts()));
}

#[test]
fn what_waits_for_a_budget_may_be_left_out_instead() {
    let mut plan = agents(plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]));
    plan.agents.insert("writer".into(), crate::plan::Agent { token_limit: Some(50), ..Default::default() });
    check(
        plan,
        "boot; a done 60 1; adjust skip=b",
        "boot: booted 1, a#1 starts
         a done 60 1: a ok, a completed, 100 % of tokens, question 1 until Some(600000), b blocked
         adjust skip=b: b skipped asked, question 1 is nothing by withdrawn, ended succeeded",
    );
}
